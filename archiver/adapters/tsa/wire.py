"""One question and its answer over HTTP: connections are kept, and every exchange ends when its time is up.

urllib3 bounds the silence between two octets; here the whole is bounded too, so that a server that trickles ends.
"""

import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from archiver.adapters.deadline import Deadline
from archiver.adapters.tsa.account import Account
from archiver.adapters.tsa.outcome import LARGEST, Answer
from archiver.adapters.tsa.trouble import cause, trouble
from archiver.errors import ConfigError

CONNECTIONS = 8
"""So many are kept for the threads of one process."""

_HEADERS = {
    "content-type": "application/timestamp-query",
    "accept": "application/timestamp-reply",
    "user-agent": "pec-archiver",
}


class Wire:
    """The way to one authority; any number of threads may ask.

    Raises ConfigError for certificates that cannot be read.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        context = _context(account)
        if account.proxy:
            self._pools: urllib3.PoolManager = urllib3.ProxyManager(
                account.proxy,
                proxy_headers=account.relay_authorization(),
                proxy_ssl_context=context,
                ssl_context=context,
                maxsize=CONNECTIONS,
            )
        else:
            self._pools = urllib3.PoolManager(ssl_context=context, maxsize=CONNECTIONS)
        self._pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def post(self, query: bytes, asked: Callable[[], None]) -> Answer:
        """Asks once; `asked` is called when there is a connection and the question is about to leave.

        Raises Passing, Refused, and what `asked` raises.
        """
        headers = _HEADERS | self._account.authorization()
        exchange = _Exchange(asked, self._account.timeout)
        _under_way.exchange = exchange
        try:
            with exchange:
                answer = self._sent(query, headers)
            if exchange.late:  # what the clock cut off may look like an end
                raise TimeoutError
            return answer
        except (HTTPError, OSError, ValueError) as error:  # ValueError: http.client's, of a server's nonsense
            raise trouble(error, self._account, late=exchange.late) from error
        finally:
            del _under_way.exchange

    def _sent(self, query: bytes, headers: Mapping[str, str]) -> Answer:
        response = self._pools.urlopen(
            "POST",
            self._account.url,
            body=query,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(total=self._account.timeout),
        )
        try:
            body = _read(response)
        except BaseException:  # whatever stops it: the rest of this answer must not be taken for the next one
            response.close()
            raise
        if len(body) > LARGEST:
            response.close()
        response.release_conn()
        return Answer(response.status, response.headers, body)


def _read(response: urllib3.BaseHTTPResponse) -> bytes:
    """The body, or as much of it as anybody wants; read to its end, where urllib3 sees what is missing."""
    body = b""
    while len(body) <= LARGEST and (piece := response.read(LARGEST + 1 - len(body))):
        body += piece
    return body


class _Exchange(Deadline):
    """One question under way in this thread: who counts it, and the clock that ends it."""

    def __init__(self, asked: Callable[[], None], seconds: float) -> None:
        super().__init__(seconds)
        self.asked = asked


_under_way = threading.local()


class _Plain(HTTPConnection):
    """Tells the exchange of its thread which connection carries it, and when the question is about to leave."""

    def connect(self) -> None:
        _under_way.exchange.watch(self, self.sock)
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.is_closed:
            self.connect()
        _under_way.exchange.watch(self, self.sock)
        _under_way.exchange.asked()
        super().request(*args, **kwargs)


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


def _context(account: Account) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(account.ca) if account.ca else None)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"TSA {account.id}: {account.ca}: certificati della CA non leggibili, atteso un file PEM (not a file of PEM"
            f" certificates): {cause(error)}"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if account.certificate:
        try:
            # without a function OpenSSL would ask at the terminal
            context.load_cert_chain(account.certificate, account.key, password=account.key_password or str)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"TSA {account.id}: certificato client {account.certificate}"
                f"{f' con chiave {account.key}' if account.key else ''} non utilizzabile: controllare che siano file"
                " PEM, che la chiave sia quella del certificato, e `key_password` (client certificate and key cannot"
                f" be used): {cause(error)}"
            ) from error
    return context

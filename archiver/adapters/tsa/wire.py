"""One question and its answer over HTTP: connections are kept, and every exchange ends when its time is up.

urllib3 bounds the silence between two octets; here the whole is bounded too, so that a server that trickles ends.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

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


class _Exchange:
    """One question under way in this thread: who counts it, and the clock that ends it."""

    def __init__(self, asked: Callable[[], None], seconds: float) -> None:
        self.asked = asked
        self.late = False
        self._connection: HTTPConnection | None = None
        self._socket: Any = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connection: HTTPConnection) -> None:
        """This connection carries it. Its socket is kept too: a connection may let go of it before the answer ends."""
        self._connection = connection
        self._socket = connection.sock
        if self.late:
            raise TimeoutError

    def _end(self) -> None:
        self.late = True
        for end in (getattr(self._connection, "sock", None), self._socket):
            with suppress(OSError, ValueError, AttributeError):
                _shut(end)


def _shut(end: Any) -> None:
    """Wakes up whoever reads or writes there; TLS's own shutdown is not for other threads."""
    if isinstance(end, socket.socket):
        socket.socket.shutdown(end, socket.SHUT_RDWR)
    else:
        _shut(end.socket)  # urllib3's TLS within TLS


_under_way = threading.local()


class _Plain(HTTPConnection):
    """Tells the exchange of its thread which connection carries it, and when the question is about to leave."""

    def connect(self) -> None:
        _under_way.exchange.watch(self)
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.is_closed:
            self.connect()
        _under_way.exchange.watch(self)
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

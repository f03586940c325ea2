"""One question over HTTP to a server that nobody knows: so many octets, so many seconds, to no forbidden address."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import connection as connecting

from archiver.adapters.deadline import Deadline
from archiver.adapters.revocation.address import refuse_inside, resolved

_HEADERS = {"accept-encoding": "identity", "user-agent": "pec-archiver"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: of `body` no more than was wanted, and one octet. Headers by name, in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire:
    """The way to all of them, by a proxy or not; any number of threads may ask."""

    def __init__(self, *, proxy: str, allow_private: bool) -> None:
        self._proxy = proxy
        self._guarded = not allow_private
        if proxy:
            self._pools: urllib3.PoolManager = urllib3.ProxyManager(proxy)
            self._pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        else:
            self._pools = urllib3.PoolManager()
            guarded = {"http": _GuardedPlainPool, "https": _GuardedSecurePool}
            open_to_all = {"http": _PlainPool, "https": _SecurePool}
            self._pools.pool_classes_by_scheme = guarded if self._guarded else open_to_all

    def ask(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, most: int, seconds: float
    ) -> Answer:
        """Asks once, and gives up after `seconds` in all; no redirect is followed.

        Raises Forbidden, TimeoutError, and what urllib3 and the system raise (HTTPError, OSError, ValueError).
        """
        if self._proxy and self._guarded:
            refuse_inside(urllib3.util.parse_url(url).host or "")
        clock = Deadline(seconds)
        _under_way.clock = clock
        try:
            with clock:
                answer = self._asked(method, url, body, _HEADERS | dict(headers), most, seconds)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if clock.late:
                raise TimeoutError from error
            raise
        finally:
            del _under_way.clock
        if clock.late:  # what the clock cut off may look like an end
            raise TimeoutError
        return answer

    def _asked(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], most: int, seconds: float
    ) -> Answer:
        response = self._pools.urlopen(
            method,
            url,
            body=body,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=urllib3.Timeout(total=seconds),
        )
        try:
            return Answer(response.status, response.headers, _read(response, most))
        finally:
            response.close()  # asked once a night: no connection is worth keeping


def _read(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """The body, or as much of it as anybody wants; read to its end, where urllib3 sees what is missing."""
    pieces, left = [], most + 1
    while left > 0 and (piece := response.read(min(left, 1 << 16))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


_under_way = threading.local()


class _Plain(HTTPConnection):
    """Tells the clock of its thread which socket carries the question."""

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        _under_way.clock.watch(self, made)
        return made


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS."""


class _Guarded(_Plain):
    """Connects to what was looked at, and only to what lies outside."""

    def _new_conn(self) -> socket.socket:
        made = _connected(self._dns_host, self.port, self.socket_options)
        _under_way.clock.watch(self, made)
        return made


class _GuardedSecure(_Guarded, HTTPSConnection):
    """The same over TLS."""


def _connected(host: str, port: int, options: Any) -> socket.socket:
    failure: OSError = OSError(f"{host}: no address")
    for number in resolved(host, port):
        try:
            return connecting.create_connection((number, port), _under_way.clock.left(), socket_options=options)
        except OSError as error:
            failure = error
    raise failure


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


class _GuardedPlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Guarded


class _GuardedSecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _GuardedSecure

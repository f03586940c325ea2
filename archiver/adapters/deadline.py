"""A clock that ends an exchange over HTTP when its time is up: urllib3 bounds only the silence between two octets."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

from urllib3.connection import HTTPConnection


class Deadline:
    """So many seconds for the exchange of this thread, from entering it; `late` once they are over."""

    def __init__(self, seconds: float) -> None:
        self.late = False
        self._connection: HTTPConnection | None = None
        self._socket: Any = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._until = time.monotonic() + seconds

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def left(self) -> float:
        """Seconds; at least a moment."""
        return max(0.01, self._until - time.monotonic())

    def watch(self, connection: HTTPConnection, raw: Any) -> None:
        """This connection carries it, over this socket. Raises TimeoutError when it is too late already.

        The socket is kept too: a connection may let go of it before the answer ends, or a handshake may never end.
        """
        self._connection, self._socket = connection, raw
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

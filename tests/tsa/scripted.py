"""An HTTP server that answers as a test tells it, and remembers what it was asked; on 127.0.0.1, with TLS if wanted.

with Scripted(lambda asked: Reply(200, body=b"...")) as server:
    server.url, server.asked
"""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADDRESS = "127.0.0.1"
REPLY = "application/timestamp-reply"


@dataclass(frozen=True)
class Asked:
    """One question; names of headers in lower case. `peer` tells connections apart."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    peer: tuple[str, int]


@dataclass(frozen=True)
class Reply:
    """What is said: a body, or its parts one after the other, with a `pause` in seconds after each."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    pause: float = 0.0
    length: bool = True
    """Whether Content-Length is said; without it the end of the connection is the end."""


@dataclass(frozen=True)
class Raw:
    """Octets on the line, headers and all, with a `pause` after each part; then the connection ends."""

    parts: Iterable[bytes] = ()
    pause: float = 0.0


Script = Callable[[Asked], Reply | Raw | bytes]
"""Octets alone are a time stamp reply."""


class Scripted:
    """Any number of questions at once."""

    def __init__(self, script: Script, *, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self._script = script
        self._tls = tls

    def __enter__(self) -> "Scripted":
        self._server = _Server((ADDRESS, 0), _handler(self))
        self.port = int(self._server.server_address[1])
        if self._tls:
            self._server.socket = self._tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{ADDRESS}:{self.port}/tsa"

    def answer(self, asked: Asked) -> Reply | Raw:
        self.asked.append(asked)
        said = self._script(asked)
        return Reply(headers={"content-type": REPLY}, body=said) if isinstance(said, bytes) else said


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no error of a test."""


def _handler(scripted: Scripted) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = scripted.answer(Asked(self.command, self.path, headers, body, self.client_address))
            with suppress(OSError):
                self._raw(said) if isinstance(said, Raw) else self._say(said)

        do_GET = do_POST

        def _say(self, reply: Reply) -> None:
            parts = [reply.body] if isinstance(reply.body, bytes) else reply.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.length and isinstance(reply.body, bytes):
                self.send_header("content-length", str(len(reply.body)))
            else:
                self.close_connection = True
            self.end_headers()
            self._parts(parts, reply.pause)

        def _raw(self, raw: Raw) -> None:
            self.close_connection = True
            self._parts(raw.parts, raw.pause)

        def _parts(self, parts: Iterable[bytes], pause: float) -> None:
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
                if pause:
                    time.sleep(pause)

        def log_message(self, *_: object) -> None:
            pass

    return Handler

"""Servers that refuse everybody, and say back what they were told, in every form: as careless servers really do."""

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

CREDENTIALS = ("authorization", "proxy-authorization")


class _Refuser(BaseHTTPRequestHandler):
    """403, with the credentials in the reason, in a header and in the body, and what base64 in them means."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        heard = [self.headers[name] for name in CREDENTIALS if name in self.headers]
        for value in [*heard]:
            with suppress(ValueError):
                heard.append(
                    base64.b64decode(value.partition(" ")[2], validate=True).decode("ascii", "backslashreplace")
                )
        text = " / ".join(reversed(heard)) or "nothing"
        body = f"<Error><Code>AccessDenied</Code><Message>not {text}</Message></Error>".encode()
        with suppress(OSError):
            self.send_response(403, f"Forbidden {text}"[:400])
            self.send_header("x-reason", text[:400])
            self.send_header("content-type", "application/xml")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

    def log_message(self, format: str, *values: object) -> None:
        """Nothing is logged."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no trouble of ours."""


@contextmanager
def http(folder: Path | None = None) -> Iterator[str]:
    """An HTTP server of that kind, over TLS with cert.pem and key.pem of a `folder`; its address."""
    with _Server(("127.0.0.1", 0), _Refuser) as server:
        if folder:
            server.socket = _context(folder).wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        place = "https://localhost" if folder else "http://127.0.0.1"
        yield f"{place}:{server.server_address[1]}"
        server.shutdown()


@contextmanager
def imap(folder: Path) -> Iterator[int]:
    """An IMAP server over TLS of that kind, with cert.pem and key.pem of `folder`; its port."""
    with _speaking(folder, _refuse) as port:
        yield port


@contextmanager
def smtp(folder: Path) -> Iterator[int]:
    """A mail server over TLS of that kind, with cert.pem and key.pem of `folder`; its port."""
    with _speaking(folder, _turn_away) as port:
        yield port


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@contextmanager
def _speaking(folder: Path, speak: Callable[[BinaryIO], None]) -> Iterator[int]:
    context = _context(folder)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    threading.Thread(target=hold, args=(client,), daemon=True).start()

        def hold(client: socket.socket) -> None:
            with suppress(OSError), context.wrap_socket(client, server_side=True) as session:
                speak(session.makefile("rwb", buffering=0))  # type: ignore[arg-type]  # (SocketIO is one)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def _turn_away(file: BinaryIO) -> None:
    """Quotes the login that it refuses, as it came and as it is meant."""
    file.write(b"220 hello\r\n")
    while line := file.readline().rstrip(b"\r\n"):
        verb = line[:4].upper()
        if verb == b"EHLO":
            file.write(b"250-localhost\r\n250 AUTH PLAIN\r\n")
        elif verb == b"AUTH":
            with suppress(ValueError):
                line += b" = " + base64.b64decode(line.split(b" ")[-1]).replace(b"\0", b" ")
            file.write(b"535 5.7.8 wrong: " + line + b"\r\n")
        elif verb == b"QUIT":
            file.write(b"221 bye\r\n")
            return
        else:
            file.write(b"250 ok\r\n")


def _refuse(file: BinaryIO) -> None:
    file.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n")
    while line := file.readline().rstrip(b"\r\n"):
        tag, _, rest = line.partition(b" ")
        if rest.upper().startswith(b"CAPABILITY"):
            file.write(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
        elif rest.upper().startswith(b"AUTHENTICATE"):
            if rest.count(b" ") < 2:
                file.write(b"+ \r\n")
                rest = file.readline().rstrip(b"\r\n")
            with suppress(ValueError):
                rest += b" = " + base64.b64decode(rest.split(b" ")[-1]).replace(b"\0", b" ")
            file.write(tag + b" NO wrong: " + rest + b"\r\n")
        else:
            file.write(tag + b" NO wrong: " + rest + b"\r\n")

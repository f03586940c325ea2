"""An address that takes JSON, for tests: HTTPS or HTTP on a free port of 127.0.0.1."""

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Hook:
    """What was posted, and with which Authorization; `status` is what it answers."""

    url: str = ""
    status: int = 204
    bodies: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


class HookServer:
    """Runs from entering to leaving; with a `folder` of cert.pem and key.pem over TLS."""

    def __init__(self, folder: Path | None = None, *, status: int = 204) -> None:
        hook = self.hook = Hook(status=status)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                octets = self.rfile.read(int(self.headers["content-length"]))
                hook.bodies.append(json.loads(octets))
                hook.tokens.append(self.headers.get("authorization", ""))
                self.send_response(hook.status)
                self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if folder:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        hook.url = f"{scheme}://localhost:{self.server.server_port}/pec"

    def __enter__(self) -> Hook:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self.hook

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

"""An imitation of S3 (moto) behind a real socket: quick, good for logic, and no proof of anything about locks.

It verifies no signature, so a lie can be told on either side of it: what the client asked for may be changed on the way
in, what the server answers on the way out.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from servers.ceph import OWNER, Keys, bucket, client
from servers.processes import ADDRESS


@dataclass(slots=True)
class Request:
    """What the client asked for; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Response:
    """What it is told; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Request], Response]
Lie = Callable[[Request, Answer], Response]
"""Gets the request and the honest server behind it; answers as it likes."""


@dataclass(slots=True)
class Imitation:
    """The server at `url`. All of one process share what is stored; buckets keep them apart."""

    lie: Lie | None = None
    owner: Keys = OWNER
    _server: ThreadingHTTPServer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lie = self.lie
        answer: Answer = _honest if lie is None else lambda request: lie(request, _honest)
        self._server = ThreadingHTTPServer((ADDRESS, 0), _handler(answer))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self._server.server_port}"

    def __enter__(self) -> "Imitation":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def client(self, *, keys: Keys | None = None) -> Any:
        """boto3's own client, for tests that go past the adapter."""
        return client(self.url, keys or self.owner)

    def bucket(self, *, lock: bool = True, versioned: bool = True) -> str:
        """A new bucket's name: with object lock (and so with versions), only with versions, or with neither."""
        return bucket(self.client(), lock=lock, versioned=versioned)

    def forget(self, name: str) -> None:
        """A bucket and all that is in it, which moto keeps in memory."""
        from moto.s3.models import s3_backends

        for backends in s3_backends.values():
            backends["global"].buckets.pop(name, None)


_RETENTION = """\
<?xml version="1.0" encoding="UTF-8"?>
<Retention xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Mode>{}</Mode><RetainUntilDate>{}</RetainUntilDate></Retention>
"""
_alone = threading.Lock()


def _honest(request: Request) -> Response:
    """What moto does, and the one question that it does not know: GetObjectRetention."""
    path, _, query = request.path.partition("?")
    if request.method != "GET" or "retention" not in query.split("&"):
        return _moto(request)
    rest = "&".join(item for item in query.split("&") if item != "retention")
    head = _moto(Request("HEAD", f"{path}?{rest}", request.headers, b""))
    mode, until = (head.headers.get(f"x-amz-object-lock-{name}", "") for name in ("mode", "retain-until-date"))
    if head.status != 200 or not mode:
        return Response(404, {}, b"<Error><Code>NoSuchObjectLockConfiguration</Code></Error>")
    return Response(200, {"content-type": "application/xml"}, _RETENTION.format(mode, until).encode())


def _moto(request: Request) -> Response:
    """Asked as one of its own clients would; one at a time, for it knows no concurrency."""
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders
    from moto.core.botocore_stubber import BotocoreStubber

    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value
    url = f"http://s3.amazonaws.com{request.path}"
    with _alone:
        answer = BotocoreStubber().process_request(
            AWSPreparedRequest(request.method, url, headers, request.body, stream_output=False)
        )
    if answer is None:
        return Response(501, {}, b"")
    status, found, body = answer
    return Response(
        int(status),
        {name.lower(): str(value) for name, value in dict(found).items()},
        body.encode() if isinstance(body, str) else bytes(body),
    )


def _handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        # headers and body in one segment, else every answer waits for the client's delayed acknowledgement
        wbufsize = -1

        def handle_expect_100(self) -> bool:
            super().handle_expect_100()
            self.wfile.flush()
            return True

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", 0)))
            self._send(answer(Request(self.command, self.path, headers, body)))

        def _send(self, response: Response) -> None:
            # no Server and no second Date: what a lie says is what arrives
            self.send_response_only(response.status)
            length = str(len(response.body))
            if self.command == "HEAD":
                length = response.headers.get("content-length", length)
            headers = {"date": self.date_time_string(), **response.headers, "content-length": length}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    return Handler

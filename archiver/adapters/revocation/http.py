"""A `ports.RevocationSource` over HTTP."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from archiver.adapters.revocation.address import Forbidden, checked
from archiver.errors import Unavailable

if TYPE_CHECKING:
    from archiver.adapters.revocation.wire import Answer, Wire

LARGEST = 20 << 20
"""Octets of a list; that of a large CA has some millions."""
LARGEST_ANSWER = 1 << 18
"""Octets of an answer about one certificate; a few thousand, with the responder's certificates."""
REDIRECTS = 3

_REQUEST, _RESPONSE = "application/ocsp-request", "application/ocsp-response"
_MOVED = frozenset((301, 302, 303, 307, 308))


class HttpRevocation:
    """Any number of threads may ask. One question takes at most `timeout` seconds, with its `attempts` and redirects.

    `proxy` is the address of a proxy; the environment's is never looked at. Addresses inside the house (loopback,
    private, link-local) are refused unless `allow_private`. What fails on the way, 429 and 5xx are asked again after a
    second; a redirect of a list is followed, never from https to http, an answer's never.
    """

    def __init__(
        self,
        *,
        proxy: str = "",
        allow_private: bool = False,
        timeout: float = 60.0,
        attempts: int = 2,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._proxy = proxy
        self._allow_private = allow_private
        self._timeout = timeout
        self._attempts = attempts
        self._pause = pause
        self._made: Wire | None = None

    def crl(self, url: str) -> bytes:
        """What lies at `url`, at most 20 MB. Raises Unavailable."""
        return self.document(url)

    def ocsp(self, url: str, request: bytes) -> bytes:
        """The answer to an OCSPRequest, by POST (RFC 6960, A.1). Raises Unavailable."""
        headers = {"content-type": _REQUEST, "accept": _RESPONSE}
        return self._body(self._persistent("POST", url, request, headers, LARGEST_ANSWER), LARGEST_ANSWER)

    def document(self, url: str) -> bytes:
        """The same as `crl`, whatever it is. Raises Unavailable."""
        return self._body(self._persistent("GET", url, None, {}, LARGEST), LARGEST)

    def _persistent(self, method: str, url: str, body: bytes | None, headers: dict[str, str], most: int) -> "Answer":
        until = time.monotonic() + self._timeout
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts or until - time.monotonic() < 1
            try:
                answer = self._followed(method, url, body, headers, most, until)
            except Forbidden as error:
                raise Unavailable(str(error)) from error
            except TimeoutError as error:
                raise Unavailable(f"nessuna risposta completa entro {self._timeout:g} s (timed out)") from error
            except OSError as error:
                if last:
                    raise Unavailable(f"non raggiungibile o interrotto (cannot be reached): {_said(error)}") from error
            else:
                if last or (answer.status < 500 and answer.status != 429):
                    return answer
            self._pause(1.0)
        raise AssertionError("the last attempt returns or raises")

    def _followed(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], most: int, until: float
    ) -> "Answer":
        for _ in range(REDIRECTS + 1):
            answer = self._asked(method, checked(url), body, headers, most, until)
            target = answer.headers.get("location", "")
            if method != "GET" or answer.status not in _MOVED or not target:
                return answer
            before, url = url, urljoin(url, target)
            if urlsplit(before).scheme == "https" and urlsplit(url).scheme != "https":
                raise Forbidden("rimanda da https ad altro schema, non seguito (redirect to another scheme)")
        raise Forbidden(f"più di {REDIRECTS} rinvii (too many redirects)")

    def _asked(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], most: int, until: float
    ) -> "Answer":
        """Raises Forbidden, TimeoutError, OSError."""
        from urllib3.exceptions import HTTPError

        seconds = until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        try:
            return self._wire().ask(method, url, body, headers, most=most, seconds=seconds)
        except (HTTPError, ValueError) as error:  # ValueError: http.client's, of a server's nonsense
            raise OSError(_said(error)) from error

    def _wire(self) -> "Wire":
        from archiver.adapters.revocation.wire import Wire  # urllib3 only for those who ask: it takes 40 ms

        if self._made is None:
            self._made = Wire(proxy=self._proxy, allow_private=self._allow_private)
        return self._made

    def _body(self, answer: "Answer", most: int) -> bytes:
        """The body of an answer that is one. Raises Unavailable."""
        if answer.status != 200:
            raise Unavailable(f"HTTP {answer.status}")
        if answer.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise Unavailable("risposta compressa, non richiesta (compressed answer)")
        if len(answer.body) > most:
            raise Unavailable(f"oltre {most} byte (too large)")
        if not answer.body:
            raise Unavailable("risposta vuota (empty answer)")
        return answer.body


def _said(error: BaseException) -> str:
    """What the system or a library said at first: urllib3 wraps it once or twice."""
    while True:
        below = error.__cause__ or next((item for item in error.args if isinstance(item, BaseException)), None)
        if below is None:
            break
        error = below
    said = str(getattr(error, "strerror", None) or error or type(error).__name__)
    return "".join(sign if sign.isprintable() else " " for sign in said)[:200]

"""Notices as JSON to an address (POST over https, its certificate verified; redirects are not followed)."""

import json
import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from archiver.errors import ConfigError, Unavailable
from archiver.ports import Letter

TIMEOUT = 30.0
"""Seconds of one attempt, of which there is one: who is told twice of one night may believe in two."""


class WebhookNotice:
    """A `ports.Notice`: `token` gives a secret that goes as a bearer's; `ca` stands in for the system's authorities."""

    id = "webhook"

    def __init__(self, url: str, *, token: Callable[[], str] | None = None, ca: Path | None = None) -> None:
        self._url = url
        self._token = token
        self._ca = ca

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Returns when the other side has answered 2xx."""
        body = {"subject": letter.subject, "text": letter.text, "at": at.isoformat()} | dict(letter.data)
        octets = json.dumps(body, ensure_ascii=False, default=str).encode()
        pools = urllib3.PoolManager(ssl_context=self._context())
        try:
            answer = pools.request(
                "POST",
                self._url,
                body=octets,
                headers=self._headers(),
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(total=TIMEOUT),
                preload_content=False,
            )
            status = answer.status
            answer.release_conn()
        except (HTTPError, OSError, ValueError) as error:
            raise Unavailable(
                f"{self._place}: avviso non consegnato: {_cause(error)} (not delivered; check url and ca)"
            ) from error
        finally:
            pools.clear()
        if status in (401, 403):
            raise ConfigError(f"{self._place}: HTTP {status}: controllare `token` di [notify.webhook] (refused)")
        if 300 <= status < 500 and status not in (408, 429):
            raise ConfigError(f"{self._place}: HTTP {status}: controllare `url` di [notify.webhook] (not taken)")
        if not 200 <= status < 300:
            raise Unavailable(f"{self._place}: HTTP {status}: riprovare più tardi (try again later)")

    @property
    def _place(self) -> str:
        """For messages: paths of hooks are secrets as a rule."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}"

    def _headers(self) -> dict[str, str]:
        headers = {"content-type": "application/json", "user-agent": "pec-archiver"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token()}"
        return headers

    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=str(self._ca) if self._ca else None)
        except (OSError, ValueError) as error:
            text = f"{self._ca}: certificati della CA non leggibili (not a file of PEM certificates)"
            raise ConfigError(text) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def _cause(error: BaseException) -> str:
    """The innermost kind of what went wrong: the texts of libraries repeat addresses."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return getattr(error, "verify_message", None) or getattr(error, "strerror", None) or type(error).__name__

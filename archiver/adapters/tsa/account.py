"""An account with a time stamping authority: where it is, and how it knows us."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archiver.errors import ConfigError

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Account:
    """An authority that is asked over HTTP or HTTPS.

    `password` (basic authentication, when there is a `user`) and `key_password` give a secret and are asked each time.
    `certificate` and `key` (PEM; the key may stand in the certificate's file) are what we show to the server; `ca` is
    a file of PEM certificates that stands in for the system's own. `proxy` is the address of a proxy, its user and
    password in it if it wants them; the environment's is never looked at. One question is answered in whole within
    `timeout` seconds, or given up; it is asked at most `attempts` times.
    Raises ConfigError for an address that is none.
    """

    id: str
    url: str = field(repr=False)
    user: str = ""
    password: Callable[[], str] | None = field(default=None, repr=False)
    certificate: Path | None = None
    key: Path | None = None
    key_password: Callable[[], str] | None = field(default=None, repr=False)
    ca: Path | None = None
    proxy: str = field(default="", repr=False)
    timeout: float = 30.0
    attempts: int = 3

    def __post_init__(self) -> None:
        for name, url in (("url", self.url), ("proxy", self.proxy)):
            if (url or name == "url") and not _reachable(url):
                raise ConfigError(
                    f"TSA {self.id}: `{name}`: indirizzo non valido, atteso http://... o https://... (no such address)"
                )
        if urlsplit(self.url).username is not None:
            raise ConfigError(
                f"TSA {self.id}: `url` contiene un utente: indicarlo in `user` e `password` (a user within the address)"
            )

    @property
    def place(self) -> str:
        """The server, for messages: never what may be a secret."""
        return shown_url(self.url, path=False)

    @property
    def relay(self) -> str:
        """The proxy, for messages."""
        return shown_url(self.proxy, path=False)

    def authorization(self) -> dict[str, str]:
        """The header that says who asks (RFC 7617), if somebody does."""
        if not self.user:
            return {}
        secret = self.password() if self.password else ""
        return {"authorization": f"Basic {_basic(self.user, secret)}"}

    def relay_authorization(self) -> dict[str, str]:
        """The same for the proxy."""
        parts = urlsplit(self.proxy)
        if parts.username is None:
            return {}
        return {"proxy-authorization": f"Basic {_basic(unquote(parts.username), unquote(parts.password or ''))}"}

    def hidden(self, said: str) -> str:
        """What somebody said, without any secret of ours in it."""
        sent = [self.password() if self.password else "", unquote(urlsplit(self.proxy).password or "")]
        headers = (*self.authorization().values(), *self.relay_authorization().values())
        for secret in filter(None, (*sent, *(header.removeprefix("Basic ") for header in headers))):
            said = said.replace(secret, "***")
        return said


def shown_url(url: str, *, path: bool = True) -> str:
    """An address without its user and its query, which may hold secrets; without `path` the server alone."""
    try:
        parts = urlsplit(url)
        place = f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
    except ValueError:
        return "?"
    if not path:
        return place
    whole = f"{parts.scheme}://{place}{parts.path}" if parts.hostname else parts.path
    return "".join(sign for sign in whole if sign.isprintable())[:_LONGEST]


def _reachable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and url.isprintable()
    except ValueError:
        return False


def _basic(user: str, secret: str) -> str:
    return b64encode(f"{user}:{secret}".encode("utf-8", "surrogateescape")).decode("ascii")

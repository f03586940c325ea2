"""An account on a mail server: where it is, who logs in, and what of it is to be read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox on a server, reached over TLS and in no other way.

    `secret` gives the password, or with `oauth` the access token, and is asked at each login: tokens get renewed.
    With `starttls` the connection begins in the clear and is protected before anything else; without, TLS is there
    from the first byte (RFC 8314, 3). `ca` is a file of PEM certificates that stands in for the system's own.
    `folders` are read and no others; when there are none, all but Drafts and Junk. `skip` is left out.
    """

    host: str
    port: int
    user: str
    secret: Callable[[], str] = field(repr=False)
    oauth: bool = False
    starttls: bool = False
    ca: Path | None = None
    folders: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The server, for messages."""
        return f"{self.host}:{self.port}"

"""Archives that are old enough to be purged: made, filled and sealed months ago, on two stores, and their servers."""

import imaplib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.dovecot import Dovecot

from archiver import compose
from archiver.evidence.cms import open_signed
from archiver.package.layout import Kind, parse
from support.connected import connected
from support.imap import Server

AGE = timedelta(days=100)
"""How long ago everything came in."""

ALLOWED = "purge = true"


def then() -> datetime:
    """When everything came in."""
    return datetime.now(UTC) - AGE


@dataclass(frozen=True)
class Aged:
    """An archive with its two stores."""

    config: Path

    @property
    def stores(self) -> tuple[Path, Path]:
        """The primary and the replica."""
        return self.config.parent / "store", self.config.parent / "replica"

    def archive(self, *, ago: timedelta = timedelta(0)) -> compose.Archive:
        """The archive as it is opened, by a clock that is behind."""
        return compose.open_archive(self.config, environ=os.environ, clock=lambda: datetime.now(UTC) - ago)

    def taken_in(self) -> None:
        """All that is new on the server comes in, months ago."""
        archive = self.archive(ago=AGE)
        compose.ingest(archive, clock=archive.clock)

    def sealed(self) -> None:
        """All that is pending is closed, months ago."""
        archive = self.archive(ago=AGE)
        done = compose.seal(
            archive,
            everything=True,
            to_sign=None,
            signed=None,
            clock=archive.clock,
            progress=lambda done, total: None,
        )
        assert not done.failures, done.failures

    def replicated(self) -> None:
        """The replica is what the primary is."""
        primary, replica = self.stores
        shutil.rmtree(replica, ignore_errors=True)
        shutil.copytree(primary, replica)

    def reports(self, store: int = 0) -> list[dict[str, Any]]:
        """What purges left in a store, the oldest first."""
        root = self.stores[store]
        names = sorted(path for path in root.rglob("*") if _is_report(path.relative_to(root).as_posix()))
        return [json.loads(_opened(path)) for path in names]


def aged(
    folder: Path, dovecot: Dovecot, user: str, *, port: int | None = None, allowed: str = ALLOWED, copies: int = 2
) -> Aged:
    """An empty archive of one mailbox, made months ago."""
    config = connected(folder, dovecot, user, port=port, more=allowed, made=_made)
    text = config.read_text(encoding="utf-8").replace("[archive]\n", f"[archive]\ncopies = {copies}\n", 1)
    replica = f'\n[[store]]\nid = "replica"\nkind = "filesystem"\npath = "{folder / "replica"}"\n'
    config.write_text(f'{text}{replica}country = "IT"\noperator = "un altro"\n', encoding="utf-8")
    made = Aged(config)
    made.replicated()
    return made


def whole(folder: Path, server: Server, mail: Iterable[bytes]) -> Aged:
    """An archive with this mail, taken in, sealed and on both stores months ago, and still on the server."""
    old(server, mail)
    made = aged(folder, server.dovecot, server.user)
    made.taken_in()
    made.sealed()
    made.replicated()
    return made


def old(server: Server, mail: Iterable[bytes], folder: str = "INBOX") -> list[bytes]:
    """Mail that came in to the server months ago; its files say so."""
    held = server.put(mail, folder)
    for path in (server.dovecot.maildir(server.user, folder) / "cur").iterdir():
        os.utime(path, (then().timestamp(),) * 2)
    return held


def left(server: Server, folder: str = "INBOX") -> list[int]:
    """The UIDs that are on the server."""
    client = server.client()
    client.select(folder, readonly=True)
    _, [found] = client.uid("SEARCH", "ALL")
    client.logout()
    return [int(uid) for uid in found.split()]


def remade(server: Server, folder: str, *mail: bytes) -> None:
    """Another program deletes a folder, and makes one of that name with this mail: the same UIDs, other messages."""
    client = server.client()
    client.delete(folder)
    client.create(folder)
    for raw in mail:
        client.append(folder, r"(\Seen)", imaplib.Time2Internaldate(then()), raw)
    client.logout()


def _made(folder: Path) -> Path:
    return compose.init(folder, demo=True, environ=os.environ, clock=then).config


def _is_report(name: str) -> bool:
    parsed = parse(name)
    return parsed is not None and parsed.kind is Kind.REPORT


def _opened(path: Path) -> bytes:
    octets = path.read_bytes()
    return open_signed(octets).content or b"" if path.suffix == ".p7m" else octets

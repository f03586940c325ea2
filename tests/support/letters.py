"""Small mailboxes, ready made: simulated PEC, and mail as odd as it comes."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.serialization import Encoding
from simulator import pki
from simulator.cli import Plan, messages
from simulator.truth import Truth

from archiver.pec.providers import Providers
from archiver.ports import Fetched, Folder, Gone, Unfetched
from archiver.uids import Uids

ADDRESS = "studio@pec.esempio-legale.it"
AUTUMN = datetime(2025, 10, 1, tzinfo=UTC)


class Watched:
    """A mailbox on a server with one folder: each message has a UID, its place in the list."""

    def __init__(self, mail: Sequence[bytes], *, validity: int = 7) -> None:
        self.mail: dict[int, bytes] = dict(enumerate(mail, 1))
        self.validity = validity

    def folders(self) -> tuple[str, ...]:
        return ("INBOX",)

    def look(self, folder: str) -> Folder:
        return Folder(folder, self.validity, max(self.mail, default=0) + 1, Uids.of(self.mail))

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        for uid in uids:
            yield Fetched(self.mail[uid], folder.name, folder.name, AUTUMN + timedelta(days=uid), uid=uid)

    def close(self) -> None:
        pass


class HandedIn:
    """Files that somebody brings: no UID, no date of arrival, and every reading sees them all."""

    def __init__(self, mail: Sequence[bytes]) -> None:
        self._mail = mail

    def read(self) -> Iterator[Fetched | Unfetched]:
        for number, raw in enumerate(self._mail, 1):
            yield Fetched(raw, f"{number:08}.eml")


@cache
def simulated(number: int, *, seed: int = 1, start: datetime = AUTUMN) -> tuple[bytes, ...]:
    """So many simulated messages, signed by simulated providers; the first ones are of 2025, later ones of 2026."""
    plan = Plan(number, seed, 100, 1, ADDRESS, start)
    return tuple(message.raw for message in messages(plan, Truth(ADDRESS)))


@cache
def providers() -> Providers:
    """The CA of the simulated providers."""
    return Providers.load([pki.root().public_bytes(Encoding.PEM)])


def plain(number: int, *, year: int = 2026) -> bytes:
    """A message of ordinary mail, none like the other."""
    return (
        f"From: Mario <mario@example.it>\r\nTo: {ADDRESS}\r\nSubject: lettera {number}\r\n"
        f"Date: Mon, 02 Feb {year} 10:00:{number % 60:02} +0100\r\nMessage-ID: <{number}.{year}@example.it>\r\n\r\n"
        f"Lettera numero {number}.\r\n"
    ).encode()

"""A mail server with one mailbox: UIDs, folders made anew, users who delete, and a line that breaks.

Certified mail comes from the simulated providers; each copy gets a header of its own, outside of what is signed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from simulator import pki
from simulator.cli import Plan, messages
from simulator.truth import Truth

from archiver.errors import Absent, Unavailable
from archiver.pec.providers import Providers
from archiver.ports import Fetched, Folder, Gone, Unfetched
from archiver.uids import Uids
from simulation.fate import Fate

ADDRESS = "studio@pec.esempio-legale.it"


@cache
def pool() -> tuple[bytes, ...]:
    """A few small certified messages of several kinds."""
    plan = Plan(40, 1, 100, 1, ADDRESS, datetime(2026, 11, 1, tzinfo=UTC))
    found = sorted((message.raw for message in messages(plan, Truth(ADDRESS))), key=len)
    return tuple(found[:12])


@cache
def providers() -> Providers:
    """Whom the simulated providers' signatures lead to."""
    return Providers.load([pki.root().public_bytes(Encoding.PEM)])


@dataclass
class Server:
    """The mailbox on its server; `away`: it does not answer, `breaks`: after so many messages."""

    fate: Fate
    boxes: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}, "Inviata": {}})
    validity: dict[str, int] = field(default_factory=lambda: {"INBOX": 1, "Inviata": 1})
    next: dict[str, int] = field(default_factory=lambda: {"INBOX": 1, "Inviata": 1})
    away: bool = False
    breaks: int | None = None
    stubborn: set[bytes] = field(default_factory=set)
    made: int = 0

    def come(self, now: datetime, count: int) -> None:
        """So much new mail."""
        dice = self.fate.dice("mail")
        for _ in range(count):
            self.made += 1
            if dice.random() < 0.35:
                raw = b"X-Simulazione: %d\r\n" % self.made + dice.choice(pool())
            elif dice.random() < 0.05:
                raw = b"%d " % self.made + dice.randbytes(dice.randrange(40))
            else:
                raw = _letter(self.made, now, dice.randrange(400))
            self._deliver(dice.choice(("INBOX", "INBOX", "INBOX", "Inviata")), raw)

    def come_again(self) -> None:
        """A message that was there before, once more."""
        dice = self.fate.dice("mail")
        folder = dice.choice(sorted(self.boxes))
        if self.boxes[folder]:
            self._deliver(dice.choice(sorted(self.boxes)), dice.choice(sorted(self.boxes[folder].values())))

    def lose(self, part: float) -> int:
        """A user tidies up; how many messages went."""
        dice, gone = self.fate.dice("mail"), 0
        for folder in sorted(self.boxes):
            for uid in sorted(self.boxes[folder]):
                if dice.random() < part:
                    del self.boxes[folder][uid]
                    gone += 1
        return gone

    def remake(self) -> None:
        """A folder is made anew on the server: same mail, other UIDs, another UIDVALIDITY."""
        folder = self.fate.dice("mail").choice(sorted(self.boxes))
        mail = [self.boxes[folder][uid] for uid in sorted(self.boxes[folder])]
        self.fate.dice("mail").shuffle(mail)
        self.validity[folder] += 1
        self.boxes[folder] = dict(enumerate(mail, 1))
        self.next[folder] = len(mail) + 1

    def folders(self) -> tuple[str, ...]:
        self._answer()
        return tuple(sorted(self.boxes))

    def look(self, folder: str) -> Folder:
        self._answer()
        return Folder(folder, self.validity[folder], self.next[folder], Uids.of(self.boxes[folder]))

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        for uid in uids:
            self._answer()
            if folder.validity != self.validity[folder.name]:
                raise Absent(f"{folder.name}: UIDVALIDITY {folder.validity} -> {self.validity[folder.name]}")
            if self.breaks is not None:
                self.breaks -= 1
                if self.breaks < 0:
                    self.away = True
                    self._answer()
            raw = self.boxes[folder.name].get(uid)
            if raw is None:
                yield Gone(uid)
            elif raw in self.stubborn:
                yield Unfetched(folder.name, "does not come (simulated)", folder.name, uid)
            else:
                yield Fetched(raw, folder.name, folder.name, self.arrived(uid), uid=uid)

    def close(self) -> None:
        pass

    def arrived(self, uid: int) -> datetime:
        """INTERNALDATE."""
        return datetime(2026, 11, 1, tzinfo=UTC).replace(minute=uid % 60)

    def _deliver(self, folder: str, raw: bytes) -> None:
        self.boxes[folder][self.next[folder]] = raw
        self.next[folder] += 1

    def _answer(self) -> None:
        if self.away:
            raise Unavailable("mail server: does not answer (simulated)")


def certificates(folder: Path) -> None:
    """The providers' CA, as a file."""
    folder.mkdir(exist_ok=True)
    (folder / "ca-pec-simulata.pem").write_bytes(pki.root().public_bytes(Encoding.PEM))


def _letter(number: int, now: datetime, size: int) -> bytes:
    return (
        (
            f"From: Mario <mario@example.it>\r\nTo: {ADDRESS}\r\nSubject: lettera {number}\r\n"
            f"Date: {now:%a, %d %b %Y %H:%M:%S} +0000\r\nMessage-ID: <{number}@example.it>\r\n\r\nLettera {number}. "
        ).encode()
        + b"x" * size
        + b"\r\n"
    )

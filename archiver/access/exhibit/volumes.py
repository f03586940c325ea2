"""What is told of the volumes in an exhibit: who sealed them, and each evidence record with its tokens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, datetime
from typing import Any

from asn1crypto import x509

from archiver.access.exhibit.collect import Taken
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.policy import Policy
from archiver.evidence.record.judge import Examined, examine
from archiver.package import layout as archive
from archiver.package.exhibit import layout
from archiver.verify import Files


@dataclass(frozen=True, slots=True)
class Recorded:
    """One evidence record: whose lineage, its number in it, and what it holds."""

    path: str
    tsa: str
    number: int
    examined: Examined

    @property
    def at(self) -> datetime | None:
        """The time of its newest token: that which this record added."""
        return self.examined.stamps[-1].token.gen_time if self.examined.stamps else None

    @property
    def algorithm(self) -> str:
        """The digest of its newest tree."""
        return self.examined.stamps[-1].algorithm if self.examined.stamps else ""

    def as_json(self) -> dict[str, Any]:
        """For page and report."""
        until = self.examined.until
        return {
            "path": self.path,
            "tsa": self.tsa,
            "number": self.number,
            "at": self.at.isoformat() if self.at else None,
            "until": until.isoformat() if until and until.year < MAXYEAR else None,
            "algorithm": self.algorithm,
        }


@dataclass(frozen=True, slots=True)
class Told:
    """A volume with its records, by authority and number."""

    taken: Taken
    signer: str
    level: str
    records: tuple[Recorded, ...]

    @property
    def since(self) -> datetime | None:
        """The first time stamp over it."""
        return min((record.at for record in self.records if record.number == 1 and record.at), default=None)

    @property
    def until(self) -> datetime | None:
        """How long its last lineage holds: the newest record of each authority ends, unless it is renewed."""
        newest = {record.tsa: record.examined.until for record in self.records}
        return max((until for until in newest.values() if until), default=None)

    def as_json(self) -> dict[str, Any]:
        """For page and report."""
        volume = self.taken.index.volume
        return {
            "id": self.taken.id,
            "path": self.taken.path,
            "messages": sum(segment.messages for segment in volume.segments),
            "shown": self.taken.shown,
            "mailbox": volume.mailbox,
            "year": volume.year,
            "sealed_at": self.taken.index.at.isoformat(),
            "signer": self.signer,
            "level": self.level,
            "records": [record.as_json() for record in self.records],
        }


def read(files: Files, taken: Taken, policy: Policy, *, at: datetime) -> Told:
    """What the files of an exhibit tell of a volume."""
    signer, level = _seal(files.get(taken.path + archive.PINDEX))
    return Told(taken, signer, level, tuple(_records(files, taken, policy, at)))


def _records(files: Files, taken: Taken, policy: Policy, at: datetime) -> Iterator[Recorded]:
    for path in taken.records:
        parsed = layout.parse(path)
        if parsed:
            examined = examine(files.get(path), policy, at=at, subject=path)
            yield Recorded(path, parsed.tsa, int(parsed.number), examined)


def _seal(p7m: bytes) -> tuple[str, str]:
    try:
        signed = open_signed(p7m)
    except Malformed:
        return "", ""
    called = x509.Certificate.load(signed.certificate).subject.human_friendly if signed.certificate else ""
    return str(called), "B-T" if signed.tokens else "B-B"

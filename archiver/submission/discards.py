"""What the catalog keeps of records of destructions: the same, noted tonight or made again years later."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.digest import Sha256, sha256
from archiver.package.discard.values import Discard
from archiver.package.rdv.values import Rdv


@dataclass(frozen=True, slots=True)
class DiscardRow:
    """One record of a destruction, where it lies and what it is; `at`: when, as it says itself."""

    holder: str
    id: str
    name: str
    sha256: Sha256
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DestroyedRow:
    """A segment, a metadata.zip (by its digest) or a volume (by its id) that is gone; `became`: what took its place."""

    holder: str
    sha256: Sha256
    became: str
    discard: str


@dataclass(frozen=True, slots=True)
class TombstoneRow:
    """A message of one mailbox that was discarded, and the rapporto that had brought it."""

    sha256: Sha256
    mailbox: str
    holder: str
    pdv: str
    discard: str


def rows_of(record: Discard, name: str, octets: bytes) -> tuple[DiscardRow, list[DestroyedRow]]:
    """A record, called so, itself, and everything that it says was destroyed."""
    row = DiscardRow(record.holder, record.id, name, sha256(octets), len(octets), record.at)
    became = {Sha256(volume): "" for volume in record.volumes}
    became |= {old: new or "" for old, new in record.replaced.items()}
    return row, [DestroyedRow(record.holder, old, new, record.id) for old, new in sorted(became.items())]


def tombstones(rapporto: Rdv, records: Iterable[Discard]) -> Iterator[TombstoneRow]:
    """The messages that a rapporto brought and that these records say were discarded, as the catalog keeps them."""
    by: dict[Sha256, tuple[Discard, Sha256 | None]] = {}
    for record in records:
        by |= {old: (record, new) for old, new in record.replaced.items()}
    for record in records:
        by |= {Sha256(volume): (record, None) for volume in record.volumes if Sha256(volume) not in by}
    members = {(member.sha256, old): record for record in records for member in record.members for old in _old(record)}
    for item in rapporto.accepted:
        if item.segment is None or item.sha256 is None or item.segment not in by:
            continue
        if (discard := _discard(item.sha256, item.segment, by, members)) is not None:
            yield TombstoneRow(item.sha256, rapporto.mailbox, rapporto.holder_id, rapporto.id, discard)


def _old(record: Discard) -> Iterator[Sha256]:
    return (change.old for change in record.segments)


def _discard(
    digest: Sha256,
    segment: Sha256,
    by: dict[Sha256, tuple[Discard, Sha256 | None]],
    members: dict[tuple[Sha256, Sha256], Discard],
) -> str | None:
    """Which discard destroyed a message: the first on the way from its segment that lists it, or the last of all."""
    current: Sha256 | None = segment
    seen: set[Sha256] = set()
    while current is not None and current in by and current not in seen:
        seen.add(current)
        record, new = by[current]
        if (digest, current) in members or new is None:
            return record.id
        current = new
    return None

"""What a destruction works with, and the catalog that was put back and must forget again what was destroyed since."""

from collections.abc import Callable
from datetime import datetime

from archiver.compose.archive import Archive
from archiver.compose.decided import decided
from archiver.discard import Discarding, begun, forget
from archiver.package import layout
from archiver.package.act import DISCARDS
from archiver.submission.steps import steps
from archiver.verify.discards import Discards, read_discards

Clock = Callable[[], datetime]


def discarding(
    archive: Archive,
    holder: str,
    *,
    seal: Callable[[bytes, str], bytes | None] = lambda octets, name: None,
    known: Discards | None = None,
    clock: Clock,
) -> Discarding:
    """What it works with; without a `seal` nothing new can be destroyed."""
    records = known or read_discards(archive.store, holder, trust=archive.trust, at=clock())
    return Discarding(
        holder=holder,
        stores=archive.erasing,
        catalog=archive.catalog,
        trust=archive.trust,
        successor=records.successor,
        seal=seal,
        clock=clock,
    )


def forget_destroyed(archive: Archive, clock: Clock) -> list[str]:
    """A catalog that was put back forgets again what was destroyed since; the ids of these discards.

    Only where the register says that it was destroyed, and the judge believes the record.
    """
    done = []
    for (holder, discard), one in steps(decided(archive, DISCARDS)).items():
        if "primary" not in one.destroyed or discard in {row.id for row in archive.catalog.discards(holder)}:
            continue
        known = read_discards(archive.store, holder, trust=archive.trust, at=clock())
        work = discarding(archive, holder, known=known, clock=clock)
        there = begun(discard, work)
        if there and discard in {record.id for record in known.records}:
            forget(there[0], layout.discard(holder, discard, sealed=True), there[1], work)
            done.append(discard)
    return done

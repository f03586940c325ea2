"""Which messages a question means: found segment by segment, so that a large archive needs no more memory.

Filters that only a search can answer are asked first, and their digests kept (32 bytes each); all others are conditions
on a message's row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archiver.access.export.asked import Asked, Filters
from archiver.digest import Sha256
from archiver.submission.rows import KeptRow, MessageRow, SegmentRow

PAGE = 1000


class Catalog(Protocol):
    """What an export asks the catalog."""

    def segments_in(self, mailbox: str) -> list[SegmentRow]:
        """All segments of a mailbox, volume by volume, those without a volume last."""

    def kept_in(self, segment: Sha256, *, mailbox: str) -> list[KeptRow]:
        """The messages in a segment of a mailbox, by digest."""


class Search(Protocol):
    """Answers the filters that need a search, page by page; all but the state, which is folded from receipts."""

    def __call__(self, filters: Filters, mailbox: str, after: tuple[datetime, Sha256] | None) -> list[MessageRow]: ...


States = Callable[[Sequence[MessageRow]], Mapping[tuple[str, Sha256], str]]
"""The state of the dossier of each message, by holder and digest."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The messages of one segment that are meant: their rows by digest, and the volume (None: not sealed yet)."""

    segment: SegmentRow
    rows: tuple[KeptRow, ...]

    @property
    def volume(self) -> str | None:
        """Where the segment belongs."""
        return self.segment.volume

    @property
    def octets(self) -> int:
        """Bytes of the messages."""
        return sum(row.size for row in self.rows)

    @property
    def whole(self) -> bool:
        """Whether all messages of the segment are meant."""
        return len(self.rows) == self.segment.messages


def meant(asked: Asked, catalog: Catalog, named: Mapping[str, frozenset[bytes]] | None) -> Iterator[Piece]:
    """The pieces with something in them, mailbox by mailbox and volume by volume.

    `named` has, for each mailbox, the digests that `searched` found; None when no filter needs it.
    """
    for mailbox in asked.mailboxes:
        for segment in catalog.segments_in(mailbox):
            piece = of_segment(asked.filters, segment, catalog, named)
            if piece.rows:
                yield piece


def of_segment(
    filters: Filters, segment: SegmentRow, catalog: Catalog, named: Mapping[str, frozenset[bytes]] | None
) -> Piece:
    """The messages of one segment that are meant."""
    rows = catalog.kept_in(segment.sha256, mailbox=segment.mailbox)
    wanted = None if named is None else named.get(segment.mailbox, frozenset())
    return Piece(segment, tuple(row for row in rows if holds(filters, row) and _named(row, wanted)))


def holds(filters: Filters, row: KeptRow) -> bool:
    """Whether the conditions on the row itself hold."""
    return (
        (filters.since is None or row.date >= filters.since)
        and (filters.until is None or row.date < filters.until)
        and (not filters.kind or row.kind == filters.kind)
    )


def searched(filters: Filters, mailbox: str, search: Search, states: States) -> frozenset[bytes]:
    """The digests (32 bytes) of all messages of a mailbox for which the search holds."""
    found: set[bytes] = set()
    after: tuple[datetime, Sha256] | None = None
    while rows := search(filters, mailbox, after):
        known = states(rows) if filters.state else {}
        kept = (row for row in rows if known.get((row.holder, row.sha256), "") == filters.state)
        found.update(bytes.fromhex(row.sha256) for row in kept)
        after = rows[-1].date, rows[-1].sha256
    return frozenset(found)


def _named(row: KeptRow, wanted: frozenset[bytes] | None) -> bool:
    return wanted is None or bytes.fromhex(row.sha256) in wanted

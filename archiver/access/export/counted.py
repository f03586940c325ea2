"""A first look at all that is meant: the figures of the period, the plan, and what a sample is drawn from."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archiver.access.export.asked import Asked
from archiver.access.export.chosen import Catalog, Piece, meant
from archiver.access.export.plan import Planned
from archiver.access.export.statistics import Figures
from archiver.access.question import Catalog as Readings
from archiver.access.sendings import sendings
from archiver.digest import Sha256

SECOND = timedelta(seconds=1)
"""The catalog's order of time has no finer parts."""

Named = Mapping[str, frozenset[bytes]]
"""The digests (32 bytes) that are meant, by mailbox."""


@dataclass(slots=True)
class Counted:
    """The plan, the figures, and (for a draw) the digests of all messages, 32 bytes each.

    `restricted`: messages that were asked for and are not meant, since their processing is restricted (GDPR, art. 18).
    """

    planned: list[Planned] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    digests: set[bytes] = field(default_factory=set)
    messages: int = 0
    first: datetime | None = None
    last: datetime | None = None
    restricted: int = 0

    def add(self, piece: Piece, *, drawing: bool) -> None:
        """One piece more."""
        self.planned.append(Planned.of(piece))
        self.figures.rows(piece.rows)
        self.messages += len(piece.rows)
        dates = [row.date for row in piece.rows]
        self.first = min((*dates, *((self.first,) if self.first else ())))
        self.last = max((*dates, *((self.last,) if self.last else ())))
        if drawing:
            self.digests.update(bytes.fromhex(row.sha256) for row in piece.rows)

    @property
    def population(self) -> Iterable[Sha256]:
        """The digests, ascending."""
        return (Sha256(digest.hex()) for digest in sorted(self.digests))

    @property
    def population_sha256(self) -> str:
        """SHA-256 of `popolazione.txt`: a digest a line, ascending, each line ends in a line feed."""
        found = hashlib.sha256()
        for digest in self.population:
            found.update(f"{digest}\n".encode())
        return found.hexdigest()


def count(asked: Asked, catalog: Catalog, named: Named | None) -> Counted:
    """All pieces, once."""
    found = Counted()
    for piece in meant(asked, catalog, named):
        found.add(piece, drawing=asked.sample is not None)
    return found


def told(found: Counted, asked: Asked, catalog: Readings, named: Named | None) -> Figures:
    """The figures, with the sendings of the period that begin in one of the mailboxes.

    `catalog` is as whoever asks may see it.
    """
    if found.first is None or found.last is None:
        return found.figures
    mine = frozenset(asked.mailboxes)
    for sending in sendings(catalog, since=found.first, until=found.last + SECOND):
        if any(mailbox in mine and _meant(digest, mailbox, named) for mailbox, digest in sending.places):
            found.figures.sending(sending.dossier)
    return found.figures


def _meant(digest: Sha256, mailbox: str, named: Named | None) -> bool:
    return named is None or bytes.fromhex(digest) in named.get(mailbox, frozenset())

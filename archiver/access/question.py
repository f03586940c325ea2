"""What readers ask of the catalog, and how its rows become the pieces of a dossier."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.pec import daticert, notice
from archiver.pec.dossier import Dossier, fold
from archiver.pec.kind import Kind
from archiver.pec.matching import group
from archiver.pec.piece import Piece, is_intact
from archiver.pec.signature import read_outcomes
from archiver.submission.rows import EvidenceRow, MessageRow, PdvRow, SegmentRow
from archiver.verdict import Indication

CC = "cc:"


class Catalog(Protocol):
    """The questions."""

    def message(self, sha256: str) -> list[MessageRow]:
        """Messages whose digest begins so."""

    def segment_of(self, sha256: Sha256, *, mailbox: str | None = None) -> SegmentRow | None:
        """One segment."""

    def find(
        self,
        terms: Sequence[str] = (),
        *,
        sender: str = "",
        recipient: str = "",
        name: str = "",
        attachment: str = "",
        provider: str = "",
        protocol: str = "",
        invoice: str = "",
        tax: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        kind: str = "",
        mailbox: str = "",
        mailboxes: Collection[str] | None = None,
        limit: int = 50,
        after: tuple[datetime, Sha256] | None = None,
    ) -> list[MessageRow]:
        """Messages with all of these in their headers or texts, the newest first."""

    def same_transaction(
        self, *, mailbox: str | None = None, identificativi: Collection[str] = (), msgids: Collection[str] = ()
    ) -> list[MessageRow]:
        """All messages with one of these identifiers."""

    def linked(self, links: Collection[str], *, mailbox: str | None = None) -> list[MessageRow]:
        """All messages with one of these links."""

    def spent(self, since: date) -> dict[str, tuple[int, int]]:
        """Questions to each time stamping authority and tokens from it, in the nights from `since` on."""

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]:
        """The records over a volume or a rapporto."""

    def pdvs_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[PdvRow]:
        """The rapporti that brought these segments."""

    def counts(self) -> Mapping[str, Any]:
        """Totals."""


def piece(row: MessageRow) -> Piece:
    """A row of the catalog as a dossier needs it."""
    integrity, origin, *_ = read_outcomes(row.content) if row.content else (None, None)
    kind = Kind(row.kind)
    return Piece(
        sha256=row.sha256,
        kind=kind,
        date=stated(row),
        message_id=row.message_id,
        reference=row.reference,
        subject=row.subject,
        sender=bare(row.sender),
        to=tuple(bare(item) for item in row.recipients if not item.startswith(CC)),
        cc=tuple(bare(item.removeprefix(CC)) for item in row.recipients if item.startswith(CC)),
        daticert=daticert.from_json(row.daticert) if row.daticert else None,
        has_original=row.has_original,
        intact=is_intact(kind, integrity),
        trusted=origin is Indication.PASSED,
        names_24=notice.SECOND in row.findings,
    )


def stated(row: MessageRow) -> datetime:
    """The document's date with the offset that its own clock stated."""
    return row.date.astimezone(timezone(timedelta(minutes=row.offset_minutes)))


def bare(shown: str) -> str:
    """The address of `Name <address>`."""
    _, bracket, rest = shown.rpartition("<")
    return rest.removesuffix(">") if bracket and shown.endswith(">") else shown


def dossier_of(row: MessageRow, catalog: Catalog) -> tuple[Dossier, tuple[MessageRow, ...]]:
    """A message's dossier, and its rows in order; receipts may lie in another mailbox of the same holder."""
    read = _Read(row.holder, catalog)
    rows = sorted(read.transaction(row), key=lambda item: (item.mailbox != row.mailbox, item.mailbox))
    by_digest: dict[Sha256, MessageRow] = {}
    for item in rows:
        by_digest.setdefault(item.sha256, item)
    groups = group(map(read.piece, by_digest.values()))
    members = next(found for found in groups if any(item.sha256 == row.sha256 for item in found))
    folded = fold(members)
    return folded, tuple(by_digest[item.sha256] for item in folded.pieces)


@dataclass(slots=True)
class _Read:
    """What was read for one dossier: each row becomes a piece once, be its list of recipients ever so long."""

    holder: str
    catalog: Catalog
    pieces: dict[Sha256, Piece] = field(default_factory=dict)

    def piece(self, row: MessageRow) -> Piece:
        if row.sha256 not in self.pieces:
            self.pieces[row.sha256] = piece(row)
        return self.pieces[row.sha256]

    def transaction(self, row: MessageRow) -> list[MessageRow]:
        """Everything within two steps: the acceptance joins a sent copy's Message-ID to the provider's name of it."""
        names, claims = self.known([row])
        near = self.asked(names, claims)
        more_names, more_claims = self.known([row, *near])
        found = near if (more_names, more_claims) == (names, claims) else self.asked(more_names, more_claims)
        return [row, *(item for item in found if (item.sha256, item.mailbox) != (row.sha256, row.mailbox))]

    def known(self, rows: Iterable[MessageRow]) -> tuple[frozenset[str], frozenset[str]]:
        """The identificativi and the Message-IDs by which these messages know their transaction."""
        pieces = [self.piece(row) for row in rows]
        return frozenset(item.identificativo for item in pieces) - {""}, frozenset(item.msgid for item in pieces) - {""}

    def asked(self, names: frozenset[str], claims: frozenset[str]) -> list[MessageRow]:
        rows = self.catalog.same_transaction(identificativi=names, msgids=claims)
        return [row for row in rows if row.holder == self.holder]

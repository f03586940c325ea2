"""What readers ask of the catalog, and how its rows become the pieces of a dossier."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.pec import daticert
from archiver.pec.dossier import Dossier, Piece, fold, identificativo, msgid
from archiver.pec.kind import Kind
from archiver.pec.matching import group
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
        terms: Sequence[str],
        *,
        sender: str = "",
        recipient: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        kind: str = "",
        mailbox: str = "",
        limit: int = 50,
        after: tuple[datetime, Sha256] | None = None,
    ) -> list[MessageRow]:
        """Messages with all of these in their headers, the newest first."""

    def same_transaction(
        self, *, mailbox: str | None = None, identificativi: Collection[str] = (), msgids: Collection[str] = ()
    ) -> list[MessageRow]:
        """All messages with one of these identifiers."""

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]:
        """The records over a volume or a rapporto."""

    def pdvs_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[PdvRow]:
        """The rapporti that brought these segments."""

    def counts(self) -> Mapping[str, Any]:
        """Totals."""


def piece(row: MessageRow) -> Piece:
    """A row of the catalog as a dossier needs it."""
    copies = tuple(item.removeprefix(CC) for item in row.recipients if item.startswith(CC))
    return Piece(
        sha256=row.sha256,
        kind=Kind(row.kind),
        date=stated(row),
        message_id=row.message_id,
        reference=row.reference,
        subject=row.subject,
        sender=bare(row.sender),
        to=tuple(bare(item) for item in row.recipients if not item.startswith(CC)),
        cc=tuple(map(bare, copies)),
        daticert=daticert.from_json(row.daticert) if row.daticert else None,
        has_original=row.has_original,
        intact=not row.content.startswith(Indication.FAILED),
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
    rows = {(item.sha256, item.mailbox): item for item in _related(row, catalog) if item.holder == row.holder}
    rows[row.sha256, row.mailbox] = row
    by_digest: dict[Sha256, MessageRow] = {}
    for item in sorted(rows.values(), key=lambda item: (item.mailbox != row.mailbox, item.mailbox)):
        by_digest.setdefault(item.sha256, item)
    groups = group(piece(item) for item in by_digest.values())
    members = next(found for found in groups if any(item.sha256 == row.sha256 for item in found))
    folded = fold(members)
    return folded, tuple(by_digest[item.sha256] for item in folded.pieces)


def _related(row: MessageRow, catalog: Catalog) -> Iterable[MessageRow]:
    """Everything within two steps: the acceptance joins a sent copy's Message-ID to the provider's identificativo."""
    first = piece(row)
    found = catalog.same_transaction(identificativi=_known(identificativo(first)), msgids=_known(msgid(first)))
    pieces = [piece(item) for item in found]
    names = {identificativo(item) for item in pieces} | {identificativo(first)}
    claims = {msgid(item) for item in pieces} | {msgid(first)}
    return catalog.same_transaction(identificativi=names - {""}, msgids=claims - {""})


def _known(name: str) -> tuple[str, ...]:
    return (name,) if name else ()

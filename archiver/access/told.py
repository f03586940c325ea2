"""What only the bytes of a dossier's messages tell; read from the store for the few that have something to tell.

A `breve` receipt is compared with the sent copy, the message in a receipt stands in for a sent copy that is not there,
and a REM message names its evidences. All else the catalog knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from archiver.digest import Sha256, sha256
from archiver.errors import ArchiverError
from archiver.package import layout
from archiver.pec import breve, original, provider
from archiver.pec.breve import Checked, Rule
from archiver.pec.dossier import Dossier, fold
from archiver.pec.kind import Kind
from archiver.pec.original import Original
from archiver.pec.outcome import Content, Receipt
from archiver.pec.piece import Piece
from archiver.ports import ObjectStore
from archiver.submission.rows import MessageRow
from archiver.verdict import Finding, finding


@dataclass(frozen=True, slots=True)
class Told:
    """The dossier with what its bytes told. `original` is the message where no sent copy came, `carrier` the receipt
    that holds it.
    """

    dossier: Dossier
    original: Original | None = None
    carrier: Sha256 | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads messages of one dossier, each for one purpose; notes those that cannot be had."""

    store: ObjectStore
    rows: dict[Sha256, MessageRow]
    findings: list[Finding] = field(default_factory=list)

    def octets(self, piece: Piece) -> bytes | None:
        row = self.rows[piece.sha256]
        try:
            raw = self.store.read(layout.segment(row.holder, row.segment), row.offset, row.size)
        except ArchiverError as error:
            self.findings.append(finding("MESSAGE_NOT_READ", piece.sha256, reason=error))
            return None
        if sha256(raw) == piece.sha256:
            return raw
        self.findings.append(finding("MESSAGE_NOT_READ", piece.sha256, reason=f"sha256 {sha256(raw)}"))
        return None


def tell(dossier: Dossier, rows: tuple[MessageRow, ...], store: ObjectStore) -> Told:
    """Asks the store; a message that cannot be had is a finding, and the rest is shown all the same."""
    reader = _Reader(store, {row.sha256: row for row in rows})
    carrier = None if dossier.message_itself else _carrier(dossier)
    raw = reader.octets(carrier) if carrier else None
    inner = original.read(raw) if raw else None
    contents = dict(_contents(dossier, reader))
    _name_evidences(dossier, reader)
    folded = fold(dossier.pieces, original=inner, contents=contents)
    return Told(folded, inner, carrier.sha256 if carrier and inner else None, tuple(reader.findings))


def _carrier(dossier: Dossier) -> Piece | None:
    """A receipt that holds the whole message, by a known provider if there is one."""
    whole = {item.proof for item in dossier.recipients if item.content is Content.WHOLE}
    return min(
        (piece for piece in dossier.pieces if piece.sha256 in whole), key=lambda it: not it.trusted, default=None
    )


def _contents(dossier: Dossier, reader: _Reader) -> Iterator[tuple[Sha256, Content]]:
    """What each `breve` receipt proves."""
    brief = [piece for piece in dossier.pieces if _is_brief(piece)]
    copies = [piece for piece in dossier.pieces if piece.kind is Kind.INVIATO] if brief else []
    sent = [(piece, breve.read_sent(raw)) for piece in copies if (raw := reader.octets(piece)) is not None]
    for piece in brief:
        receipt = reader.octets(piece)
        if receipt is None:
            continue
        if breve.is_whole(receipt):
            yield piece.sha256, Content.WHOLE
        elif not copies:
            reader.findings.append(finding("BREVE_WITHOUT_SENT_COPY", piece.sha256))
        elif sent:
            checked = [(breve.check(receipt, there), copy) for copy, there in sent]
            best, copy = next((item for item in checked if item[0].holds), checked[0])
            reader.findings.append(_compared(piece, best, copy))
            yield piece.sha256, Content.HASHES if best.holds else Content.NONE


def _is_brief(piece: Piece) -> bool:
    stated = piece.daticert.ricevuta if piece.daticert else ""
    return piece.intact and piece.has_original and stated == Receipt.BREVE and piece.kind is Kind.AVVENUTA_CONSEGNA


def _compared(piece: Piece, checked: Checked, copy: Piece) -> Finding:
    sent = copy.sha256[:16]
    if checked.holds:
        agreed = [rule for _, rule in checked.agreed] + [Rule.KEPT] * checked.kept
        rules = ", ".join(dict.fromkeys(agreed)) or "-"
        return finding("BREVE_AGREES", piece.sha256, number=len(agreed), sent=sent, rules=rules)
    lists = {name: ", ".join(getattr(checked, name)) or "-" for name in ("differing", "unproven", "foreign", "altered")}
    return finding("BREVE_DIFFERS", piece.sha256, sent=sent, **lists)


def _name_evidences(dossier: Dossier, reader: _Reader) -> None:
    for piece in dossier.pieces:
        raw = reader.octets(piece) if piece.kind is Kind.REM else None
        names = ", ".join(provider.parts_of(raw).evidences) if raw else ""
        if names:
            reader.findings.append(finding("REM_EVIDENCES", piece.sha256, names=names))

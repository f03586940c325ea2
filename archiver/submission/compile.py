"""From the messages of a volume to its index: one fact sheet and one metadata document each, grouped by transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.digest import Sha256, digests
from archiver.package.index import values as index
from archiver.package.index.values import (
    Application,
    File,
    FileGroup,
    Index,
    Metadata,
    MetadataSchema,
    MetadataZip,
    Relation,
    RelationType,
    Segment,
    Volume,
)
from archiver.package.metadata import builder
from archiver.package.metadata.values import Registration
from archiver.pec import certificate, matching, segnatura
from archiver.pec.kind import RECEIPTS, Kind
from archiver.pec.message import Message, read
from archiver.pec.piece import Piece
from archiver.pec.providers import Providers
from archiver.plain import Plain
from archiver.submission.box import Box
from archiver.submission.describe import Kept, describe
from archiver.submission.intake import piece_of
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow

LAWS = (
    "D.Lgs. 82/2005 (CAD) artt. 43, 44, 48; DPR 68/2005; Linee guida AgID sulla formazione, gestione e conservazione"
    " dei documenti informatici (Determinazione 407/2020, come modificata dalla 371/2021); UNI 11386:2020"
)
PRODUCER = "pec-archiver, free software (EUPL-1.2)"
_NOTICES = frozenset((Kind.NON_ACCETTAZIONE, Kind.ERRORE_CONSEGNA, Kind.PREAVVISO_ERRORE_CONSEGNA))


@dataclass(frozen=True, slots=True)
class Sheet(Plain):
    """What a volume needs to know of one message: its digests, the facts of the index, its piece of a dossier.

    `hashes` are digests for the evidence by algorithm, `path` the certificates (DER) from the
    provider's to an anchor, as far as there is a path; empty without a signature.
    """

    sha256: Sha256
    hashes: Mapping[str, bytes]
    size: int
    kind: Kind
    date: datetime
    piece: Piece
    document: bytes
    administrative: bool
    path: tuple[bytes, ...]


def sheet(raw: bytes, row: MessageRow, *, box: Box, year: int, providers: Providers, own: Registration | None) -> Sheet:
    """Reads a kept message again: everything that the volume says comes from the bytes that are kept."""
    named = digests(raw)
    message = read(
        raw, own=box.own, providers=providers, proof=row.received, received=row.received, subject=named.sha256
    )
    # what intake saw stands in the rapporto: an address that was added since does not make a letter another kind
    message = replace(message, kind=Kind(row.kind))
    kept = Kept(named.sha256, box.retention, year)
    document = builder.build(describe(message, kept, box, own, _note(raw, message)))
    return Sheet(
        sha256=named.sha256,
        hashes={"sha512": bytes.fromhex(named.sha512)},
        size=named.size,
        kind=message.kind,
        date=message.date,
        piece=piece_of(message, named.sha256),
        document=document,
        administrative=own is not None,
        path=_path(message.signature.certificate, message.signature.certificates, providers)
        if message.signature
        else (),
    )


def compile_index(
    sheets: Sequence[Sheet],
    *,
    segments: Sequence[SegmentRow],
    metadata: MetadataZip,
    documents: Mapping[Sha256, Sha256],
    pdvs: Iterable[PdvRow],
    records: Iterable[tuple[str, Sha256]] = (),
    trust: Iterable[tuple[Sha256, str]],
    box: Box,
    at: datetime,
    stamped: bool,
) -> Index:
    """The index of one volume; `documents` gives the SHA-256 of each message's metadata document.

    `records` are the paths and digests of the rapporti's own evidence records.
    """
    return Index(
        application=Application(box.software, box.version, PRODUCER),
        volume=Volume(
            mailbox=box.mailbox,
            retention=box.retention,
            year=segments[0].year,
            segments=tuple(Segment(row.sha256, row.size, row.messages, row.first, row.last) for row in segments),
            metadata=metadata,
        ),
        groups=_groups(sheets, documents),
        rdvs=tuple(index.rdv(pdv.id, pdv.sha256, sealed=pdv.name.endswith(".p7m")) for pdv in pdvs),
        records=tuple(index.record(path, digest) for path, digest in records),
        trust=tuple(index.trust(digest, extension) for digest, extension in trust),
        parties=box.parties,
        at=at,
        stamped=stamped,
        laws=LAWS,
    )


def _note(raw: bytes, message: Message) -> str:
    """The sender's protocol number: a fact about the sender, never the holder's registration."""
    if segnatura.NAME not in (name.lower() for name in message.attachments):
        return ""
    found = segnatura.find(raw)
    return f"Segnatura di protocollo del mittente: {found}" if found else ""


def _path(signer: bytes | None, others: tuple[bytes, ...], providers: Providers) -> tuple[bytes, ...]:
    """The provider's certificate and those above it; it alone when nothing leads to an anchor."""
    known = certificate.read(signer) if signer else None
    if known is None:
        return ()
    return providers.origin(known, tuple(der for der in others if der != known.der)).path or (known.der,)


def _groups(sheets: Sequence[Sheet], documents: Mapping[Sha256, Sha256]) -> tuple[FileGroup, ...]:
    """One group a transaction, oldest first; in a group, oldest first. The evidence follows the same order."""
    by_digest = {item.sha256: item for item in sheets}
    transactions = [
        sorted((by_digest[piece.sha256] for piece in pieces), key=lambda item: (item.date, item.sha256))
        for pieces in matching.group([item.piece for item in sheets])
    ]
    transactions.sort(key=lambda items: (items[0].date, items[0].sha256))
    return tuple(_group(items, documents) for items in transactions)


def _group(items: Sequence[Sheet], documents: Mapping[Sha256, Sha256]) -> FileGroup:
    sent = tuple(item.sha256 for item in items if item.kind is Kind.INVIATO)
    envelopes = tuple(item.sha256 for item in items if item.kind is Kind.POSTA_CERTIFICATA)
    return FileGroup(items[0].sha256, tuple(_file(item, sent, envelopes, documents[item.sha256]) for item in items))


def _file(item: Sheet, sent: tuple[Sha256, ...], envelopes: tuple[Sha256, ...], document: Sha256) -> File:
    schema = MetadataSchema.AMMINISTRATIVO if item.administrative else MetadataSchema.INFORMATICO
    facts = index.Message(item.kind, item.date, item.size, Metadata(document, schema))
    return index.message(item.sha256, facts, *_relations(item, sent, envelopes))


def _relations(item: Sheet, sent: tuple[Sha256, ...], envelopes: tuple[Sha256, ...]) -> tuple[Relation, ...]:
    if item.kind in RECEIPTS:
        kind = RelationType.AVVISO_DI if item.kind in _NOTICES else RelationType.RICEVUTA_DI
        targets = sent or envelopes
    elif item.kind is Kind.POSTA_CERTIFICATA:
        kind, targets = RelationType.BUSTA_DI, sent
    else:
        return ()
    return (Relation(kind, tuple(index.message_id(target) for target in targets)),) if targets else ()

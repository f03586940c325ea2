"""A volume on its way to the seal: its messages read again, its metadata put, its index written.

Whatever an earlier run of the same volume left in the store is adopted as it stands.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from archiver.collect import NOTHING, Need
from archiver.collect.shelf import Shelf
from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.policy import NOBODY
from archiver.evidence.record import reader as record_reader
from archiver.evidence.record.judge import judge
from archiver.evidence.record.members import Hashes
from archiver.package import layout
from archiver.package.agents import Retention
from archiver.package.index import builder
from archiver.package.index.values import File, Index, MetadataZip
from archiver.package.metadata import reader as metadata_reader
from archiver.package.segment import reader, writer
from archiver.seal.plan import Cut
from archiver.seal.values import Report, Sealing
from archiver.submission.annotations import registration_of, registrations
from archiver.submission.box import Box
from archiver.submission.compile import Sheet, compile_index, sheet
from archiver.submission.rows import PdvRow, SegmentRow
from archiver.verdict import Severity

CERTIFICATE, LIST, ANSWER = "cer", "crl", "ocsp"

TREES = ("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512")
"""Digests that a record's trees may be made with."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A volume's messages as they are kept, and their metadata documents as they stand in its metadata.zip.

    `fresh` is that file, still to be put; empty when an earlier run left it in the store.
    """

    id: str
    cut: Cut
    box: Box
    sheets: tuple[Sheet, ...]
    metadata: MetadataZip
    documents: Mapping[Sha256, bytes]
    fresh: bytes

    @property
    def name(self) -> str:
        """Where the sealed index lies in the store."""
        return layout.index(self.box.holder, self.id)

    @property
    def messages(self) -> int:
        """How many messages the volume holds."""
        return len(self.sheets)


def begun(first: SegmentRow, work: Sealing) -> frozenset[Sha256] | None:
    """The messages of a volume that an earlier run began: those of its metadata.zip; None without one.

    One that cannot be this volume's gives the first segment alone: `draft` then says what is wrong with it.
    """
    name = layout.metadata(first.holder, layout.volume_id(first.sha256))
    if not work.store.has(name):
        return None
    alone = frozenset({first.first})
    with work.store.open(name) as file:
        try:
            found = frozenset(member.sha256 for member in reader.members(file, prefix="metadata/", suffix=".xml"))
        except Malformed:
            return alone
    return found if alone <= found else alone


def draft(cut: Cut, work: Sealing) -> Draft:
    """The volume of these segments; nothing is written. Raises Malformed or Absent for what cannot be one."""
    box, volume = _box(cut, work), layout.volume_id(cut[0].sha256)
    sheets = tuple(_sheets(cut, box, work))
    metadata, documents, fresh = _metadata(volume, sheets, box, work)
    return Draft(volume, cut, box, _as_described(sheets, documents), metadata, documents, fresh)


def put_metadata(made: Draft, work: Sealing) -> None:
    """The volume's metadata.zip, where it is not in the store yet."""
    if made.fresh:
        work.store.put(layout.metadata(made.box.holder, made.id), made.fresh)


def _box(cut: Cut, work: Sealing) -> Box:
    """The mailbox's box, under the rule that the rapporti stated; where the years changed, the longest hold."""
    longest = max(cut, key=lambda row: row.years)
    rule = Retention(longest.retention, longest.years, longest.event, longest.basis)
    return replace(work.boxes[cut[0].mailbox], retention=rule)


def write_index(made: Draft, work: Sealing, report: Report, *, at: datetime) -> bytes:
    """The index of a draft, not sealed yet, with the trust material that it lists in the store."""
    trust = _trust(made, work, report)
    shelf = Shelf(work.store, work.catalog)
    for (digest, extension), octets in trust.items():
        work.store.put(layout.trust(made.box.holder, digest, extension), octets)
        shelf.keep(octets, extension, (made.box.holder,), at=at)
    compiled = compile_index(
        made.sheets,
        segments=made.cut,
        metadata=made.metadata,
        documents={key: sha256(document) for key, document in made.documents.items()},
        pdvs=(pdvs := _pdvs(made.cut, work)),
        records=tuple(_records(pdvs, work)),
        trust=trust,
        box=made.box,
        at=at,
        stamped=work.seals.stamped,
    )
    return builder.build(compiled)


def group(made: Draft, p7m: bytes, index: Index, work: Sealing) -> tuple[Hashes, ...]:
    """The digests of every file of a sealed volume: the index itself, then all that it lists, in its order.

    Raises Malformed for one that is not as it was listed: once it is repaired, evidence over it would be against it.
    """
    messages = {item.sha256: item.hashes for item in made.sheets}
    holder, mailbox = made.box.holder, made.box.mailbox
    digests = [_hashes(p7m, work)]
    for file in index.messages:
        digests += [messages[file.sha256], _hashes(made.documents[file.sha256], work)]
    rapporti = (
        (layout.rdv(holder, mailbox, pdv_of(file), sealed=file.extension != "xml"), file) for file in index.rdvs
    )
    records = ((layout.listed(holder, mailbox, file.path), file) for file in index.records)
    trust = ((layout.trust(holder, file.sha256, file.extension), file) for file in index.trust)
    return (*digests, *(_hashes(_listed(name, file, work), work) for name, file in (*rapporti, *records, *trust)))


def _listed(name: str, file: File, work: Sealing) -> bytes:
    octets = work.store.get(name)
    if sha256(octets) != file.sha256:
        raise Malformed(f"{name}: expected SHA-256 {file.sha256}, found {sha256(octets)}: archiver sweep --repair")
    return octets


def pdv_of(file: File) -> str:
    """The id of the rapporto that an index lists at `pdv/<id>.xml`."""
    return file.path.removeprefix("pdv/").removesuffix(f".{file.extension}")


def _sheets(cut: Cut, box: Box, work: Sealing) -> Iterator[Sheet]:
    known = registrations(work.catalog.annotations(box.mailbox)) if box.public else {}
    for segment in cut:
        rows = {row.sha256: row for row in work.catalog.messages_of([segment.sha256], mailbox=segment.mailbox)}
        name = layout.segment(segment.holder, segment.sha256)
        with work.store.open(name) as file:
            for member in reader.members(file, prefix="messages/", suffix=".eml"):
                raw = member.read()
                row = rows.get(member.sha256)
                if row is None:
                    raise Malformed(f"{name}: {member.name} is none of its messages: archiver sweep --repair")
                own = registration_of(row, known)
                read = sheet(raw, row, box=box, year=segment.year, providers=work.providers, own=own)
                read = replace(read, hashes=_hashes(raw, work, {"sha256": bytes.fromhex(read.sha256), **read.hashes}))
                if read.sha256 != member.sha256:
                    raise Malformed(f"{name}: {member.name} holds bytes of SHA-256 {read.sha256}")
                yield read


def _metadata(
    volume: str, sheets: tuple[Sheet, ...], box: Box, work: Sealing
) -> tuple[MetadataZip, dict[Sha256, bytes], bytes]:
    """The volume's metadata.zip, made, or as an earlier run left it."""
    name = layout.metadata(box.holder, volume)
    documents, fresh = {item.sha256: item.document for item in sheets}, b""
    if work.store.has(name):
        octets = work.store.get(name)
        try:
            found = reader.members(BytesIO(octets), prefix="metadata/", suffix=".xml")
            adopted = {member.sha256: member.read() for member in found}
        except Malformed as error:
            raise Malformed(f"{name}: is there, and cannot be read: {error}") from error
        if adopted.keys() != documents.keys():
            raise Malformed(f"{name}: is there, and describes other messages than the volume holds")
        documents = adopted
    else:
        sink = BytesIO()
        writer.write([(layout.metadata_path(digest), document) for digest, document in documents.items()], sink)
        octets = fresh = sink.getvalue()
    first, last = min(documents), max(documents)
    return MetadataZip(sha256(octets), len(octets), len(documents), first, last), documents, fresh


def _as_described(sheets: tuple[Sheet, ...], documents: Mapping[Sha256, bytes]) -> tuple[Sheet, ...]:
    """What an adopted document says counts, not what the holder's register has said since."""
    return tuple(
        item
        if documents[item.sha256] == item.document
        else replace(item, administrative=metadata_reader.read(documents[item.sha256]).administrative)
        for item in sheets
    )


def _pdvs(cut: Cut, work: Sealing) -> tuple[PdvRow, ...]:
    """The rapporti that brought these messages, and those of only duplicates that wait for a volume."""
    brought = work.catalog.pdvs_of([segment.sha256 for segment in cut], mailbox=cut[0].mailbox)
    waiting = work.catalog.pdvs_without_volume(cut[0].mailbox)
    return tuple({pdv.id: pdv for pdv in (*brought, *waiting)}.values())


def _trust(made: Draft, work: Sealing, report: Report) -> dict[tuple[Sha256, str], bytes]:
    """What proves the signatures: certificates of the providers, of the seal and of the authorities, up to their CAs,
    with the lists and OCSP answers of the day.
    """
    signer, holder = work.seals.signer, made.box.holder
    paths = {item.path: Need(item.path, (holder,), "provider") for item in made.sheets if item.path}
    sealer = (signer.certificate, *signer.chain) if signer else ()
    needs = (*paths.values(), *((Need(sealer, (holder,), "signer", work.seals.crls),) if sealer else ()))
    found = work.collector.collect(needs) if work.collector else NOTHING
    said = (item for item in found.findings if item.severity is Severity.WARNING)
    report.warnings += [item for item in said if item not in report.warnings]
    certificates = {octets for path in paths for octets in path}
    certificates |= {*work.seals.anchors, *sealer}
    lists = {*work.seals.crls, *found.crls}
    for authority in (*work.authorities, *work.former):
        certificates |= set(authority.anchors)
        lists |= set(authority.trusted.material.crls)
    kinds = ((CERTIFICATE, certificates), (LIST, lists), (ANSWER, set(found.ocsps)))
    return dict(sorted(((sha256(octets), kind), octets) for kind, some in kinds for octets in some))


def _records(pdvs: Iterable[PdvRow], work: Sealing) -> Iterator[tuple[str, Sha256]]:
    """The evidence that rapporti of earlier nights have of their own, which from here on this volume's carries."""
    for pdv in pdvs:
        stem = layout.rdv(pdv.holder, pdv.mailbox, pdv.id).removesuffix("xml")
        for item in work.store.list(stem):
            found = layout.parse(item.name)
            if found and found.kind is layout.Kind.RDV_RECORD:
                path = layout.pdv_record_path(pdv.id, tsa=found.tsa, number=found.number)
                yield path, sha256(_whole(item.name, found.tsa, pdv, work))


def _whole(name: str, tsa: str, pdv: PdvRow, work: Sealing) -> bytes:
    """A rapporto's record, to be listed. Raises Malformed for one that is altered: nothing would repair that list."""
    octets, rapporto = work.store.get(name), work.store.get(pdv.name)
    known = {authority.id: authority.trusted for authority in (*work.former, *work.authorities)}
    members = {pdv.name: {algorithm: hashlib.new(algorithm, rapporto).digest() for algorithm in TREES}}
    judged = judge(octets, known.get(tsa, NOBODY), members=members, at=work.clock(), subject=name).verdict
    for found in judged.findings:
        if found.altered:
            raise Malformed(f"{name}: {found.text('en')}: archiver sweep --repair")
    noted = {row.name: row.token for row in work.catalog.evidence_of("pdv", pdv.id)}.get(name)
    token = sha256(record_reader.read(octets).chains[-1][-1].token)
    if noted and noted != token:
        raise Malformed(f"{name}: expected a token of SHA-256 {noted}, found {token}: archiver sweep --repair")
    return octets


def _hashes(octets: bytes, work: Sealing, known: Hashes | None = None) -> Hashes:
    there = known or {}
    return {name: there.get(name) or hashlib.new(name, octets).digest() for name in work.algorithms}

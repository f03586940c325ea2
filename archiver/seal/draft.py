"""A volume on its way to the seal: its messages read again, its metadata put, its index written.

Whatever an earlier run of the same volume left in the store is adopted as it stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO

from archiver.digest import Sha256, sha256, sha512
from archiver.errors import Malformed
from archiver.package import layout
from archiver.package.agents import Retention
from archiver.package.index import builder
from archiver.package.index.values import File, Index, MetadataZip
from archiver.package.metadata import reader as metadata_reader
from archiver.package.segment import reader, writer
from archiver.seal.plan import Cut
from archiver.seal.values import Sealing
from archiver.submission.annotations import registration_of, registrations
from archiver.submission.box import Box
from archiver.submission.compile import Sheet, compile_index, sheet
from archiver.submission.rows import PdvRow, SegmentRow

CERTIFICATE, LIST = "cer", "crl"


@dataclass(frozen=True, slots=True)
class Draft:
    """A volume's messages as they are kept, and their metadata documents as they stand in its metadata.zip."""

    id: str
    cut: Cut
    box: Box
    sheets: tuple[Sheet, ...]
    metadata: MetadataZip
    documents: Mapping[Sha256, bytes]

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
    """The volume of these segments, with its metadata.zip in the store."""
    box, volume = _box(cut, work), layout.volume_id(cut[0].sha256)
    sheets = tuple(_sheets(cut, box, work))
    metadata, documents = _metadata(volume, sheets, box, work)
    return Draft(volume, cut, box, _as_described(sheets, documents), metadata, documents)


def _box(cut: Cut, work: Sealing) -> Box:
    """The mailbox's box, under the rule that the rapporti stated; where the years changed, the longest hold."""
    longest = max(cut, key=lambda row: row.years)
    rule = Retention(longest.retention, longest.years, longest.event, longest.basis)
    return replace(work.boxes[cut[0].mailbox], retention=rule)


def write_index(made: Draft, work: Sealing, *, at: datetime) -> bytes:
    """The index of a draft, not sealed yet, with the trust material that it lists in the store."""
    trust = _trust(made.sheets, work)
    for (digest, extension), octets in trust.items():
        work.store.put(layout.trust(made.box.holder, digest, extension), octets)
    compiled = compile_index(
        made.sheets,
        segments=made.cut,
        metadata=made.metadata,
        documents={key: sha256(document) for key, document in made.documents.items()},
        pdvs=_pdvs(made.cut, work),
        trust=trust,
        box=made.box,
        at=at,
        stamped=work.seals.stamped,
    )
    return builder.build(compiled)


def group(made: Draft, p7m: bytes, index: Index, work: Sealing) -> tuple[bytes, ...]:
    """The SHA-512 digests of every file of a sealed volume: the index itself, then all that it lists, in its order."""
    messages = {item.sha256: item.sha512 for item in made.sheets}
    holder, mailbox = made.box.holder, made.box.mailbox
    digests = [_digest(p7m)]
    for file in index.messages:
        digests += [messages[file.sha256], _digest(made.documents[file.sha256])]
    rapporti = (layout.rdv(holder, mailbox, pdv_of(file), sealed=file.extension != "xml") for file in index.rdvs)
    digests += [_digest(work.store.get(name)) for name in rapporti]
    digests += [_digest(work.store.get(layout.trust(holder, file.sha256, file.extension))) for file in index.trust]
    return tuple(digests)


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
                row = rows[member.sha256]
                own = registration_of(row, known)
                read = sheet(member.read(), row, box=box, year=segment.year, providers=work.providers, own=own)
                if read.sha256 != member.sha256:
                    raise Malformed(f"{name}: {member.name} holds bytes of SHA-256 {read.sha256}")
                yield read


def _metadata(
    volume: str, sheets: tuple[Sheet, ...], box: Box, work: Sealing
) -> tuple[MetadataZip, dict[Sha256, bytes]]:
    """The volume's metadata.zip, made and put, or as an earlier run left it."""
    name = layout.metadata(box.holder, volume)
    documents = {item.sha256: item.document for item in sheets}
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
        octets = sink.getvalue()
        work.store.put(name, octets)
    first, last = min(documents), max(documents)
    return MetadataZip(sha256(octets), len(octets), len(documents), first, last), documents


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


def _trust(sheets: tuple[Sheet, ...], work: Sealing) -> dict[tuple[Sha256, str], bytes]:
    """What proves the signatures: CAs of the providers, of the seal and of the authorities, and their lists."""
    signer = work.seals.signer
    certificates = {octets for item in sheets for octets in item.trust}
    certificates |= {*work.seals.anchors, *(signer.chain if signer else ())}
    lists = set(work.seals.crls)
    for authority in (*work.authorities, *work.former):
        certificates |= set(authority.anchors)
        lists |= set(authority.crls)
    found = {(sha256(octets), CERTIFICATE): octets for octets in certificates}
    found |= {(sha256(octets), LIST): octets for octets in lists}
    return dict(sorted(found.items()))


def _digest(octets: bytes) -> bytes:
    return bytes.fromhex(sha512(octets))

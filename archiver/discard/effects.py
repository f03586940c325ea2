"""What a discard does to the store, worked out before anything is destroyed: which objects go, what takes their place.

The record lists effects by digests only. Of a volume that goes whole its messages are told by the rapporti, which stay.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from archiver.digest import Sha256, sha256, sha512
from archiver.discard.rewrite import Rewriting, without
from archiver.discard.values import Discarding, Order
from archiver.errors import Absent, Conflict, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.discard.values import Discard, Member, MetadataChange, MetadataDigests, SegmentChange
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.ports import Erasable
from archiver.submission.rows import VolumeRow


@dataclass(frozen=True, slots=True)
class Plan:
    """The objects of a discard, by name: all below `folders`, the `segments`; `metadata` gets other bytes."""

    folders: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()

    def doomed(self, store: Erasable) -> list[str]:
        """What is to go from one store, as it is listed there now."""
        below = [item.name for folder in self.folders for item in store.inventory(folder)]
        return [*self.segments, *below]


@dataclass(slots=True)
class Effects:
    """What the record will list, and the octets of metadata.zip that are to take the old ones' place, by name."""

    volumes: list[str] = field(default_factory=list)
    segments: list[SegmentChange] = field(default_factory=list)
    metadata: list[MetadataChange] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    replaced: dict[str, bytes] = field(default_factory=dict)


def plan(order: Order, work: Discarding) -> Plan:
    """The objects that the order is about, before anything of it was written."""
    touched = _touched(order)
    whole = [_known(volume, work) for volume in order.volumes]
    segments = [row.sha256 for volume in whole for row in work.catalog.segments_of(volume.id)]
    gone = {digest for digests in touched.values() for digest in digests}
    placed = work.catalog.placed(work.holder, sorted(gone))
    segments += {row.sha256 for message, row in placed if message.sha256 in touched.get(row.volume or "", ())}
    return Plan(
        folders=tuple(_folder(work.holder, volume.id) for volume in whole),
        segments=tuple(sorted({layout.segment(work.holder, digest) for digest in segments})),
        metadata=tuple(layout.metadata(work.holder, volume) for volume in sorted(touched)),
    )


def plan_of(record: Discard) -> Plan:
    """The same, as the record of a destruction that was begun tells it."""
    segments = {layout.segment(record.holder, change.old) for change in record.segments}
    segments |= {layout.segment(record.holder, Sha256(volume)) for volume in record.volumes}
    return Plan(
        folders=tuple(_folder(record.holder, volume) for volume in record.volumes),
        segments=tuple(sorted(segments)),
        metadata=tuple(layout.metadata(record.holder, change.volume) for change in record.metadata),
    )


def effects(order: Order, work: Discarding, put: Callable[[str, bytes], None]) -> Effects:
    """Works everything out from the primary; `put` is given each new segment by name.

    Raises Malformed or Absent for what is not in the store as it must be.
    """
    found = Effects()
    for volume in order.volumes:
        _whole(_known(volume, work), work, found)
    for volume, digests in sorted(_touched(order).items()):
        _part(_known(volume, work), digests, work, found, put)
    return found


def rewritten_metadata(change: MetadataChange, members: Iterable[Member], store: Erasable, holder: str) -> bytes | None:
    """The metadata.zip of a volume as the record says it is to be, from a store that has the old one, or the new.

    None when neither is there, or nothing is to be left.
    """
    if change.new is None:
        return None
    name = layout.metadata(holder, change.volume)
    try:
        octets = store.get(name)
    except Absent:
        return None
    if sha256(octets) == change.new:
        return octets
    gone = {member.sha256 for member in members if member.volume == change.volume}
    with store.open(name) as file:
        made = without(file, gone, expected=change.old, name=name, prefix="metadata/", suffix=".xml")
    if made.sha256 != change.new:
        raise Malformed(f"{name}: expected SHA-256 {change.new} without what was discarded, found {made.sha256}")
    return made.octets


def _touched(order: Order) -> dict[str, set[Sha256]]:
    found: dict[str, set[Sha256]] = {}
    for digest, volume in order.messages:
        found.setdefault(volume, set()).add(digest)
    return found


def _known(volume: str, work: Discarding) -> VolumeRow:
    row = work.catalog.volume(volume)
    if row is None:
        raise Conflict(
            f"volume {volume}: non è nel catalogo: scartato già? Respingere la proposta e farne un'altra (the catalog"
            " does not know it: discarded already?)"
        )
    return row


def _folder(holder: str, volume: str) -> str:
    return layout.index(holder, volume).removesuffix(layout.PINDEX)


def _index(volume: VolumeRow, work: Discarding) -> Index:
    """The sealed index, exactly as it was closed."""
    name = layout.index(volume.holder, volume.id)
    octets = work.primary.get(name)
    if sha256(octets) != volume.sha256:
        raise Malformed(f"{name}: expected SHA-256 {volume.sha256}, found {sha256(octets)}: archiver sweep --repair")
    return index_reader.read(open_signed(octets).content or b"")


def _whole(volume: VolumeRow, work: Discarding, found: Effects) -> None:
    """The volume's id stands for its first segment too; every other one is listed."""
    _index(volume, work)
    found.volumes.append(volume.id)
    segments = {row.sha256 for row in work.catalog.segments_of(volume.id)} - {Sha256(volume.id)}
    found.segments += [SegmentChange(digest) for digest in sorted(segments)]


def _part(
    volume: VolumeRow, digests: set[Sha256], work: Discarding, found: Effects, put: Callable[[str, bytes], None]
) -> None:
    index = _index(volume, work)
    listed = {file.sha256: file.message for file in index.messages}
    documents = _metadata(volume, digests, index, work, found)
    for row in work.catalog.segments_of(volume.id):
        name = layout.segment(volume.holder, row.sha256)
        with work.primary.open(name) as file:
            made = without(file, digests, expected=row.sha256, name=name, prefix="messages/", suffix=".eml")
        if not made.gone:
            continue
        if made.octets is not None and made.sha256 is not None:
            put(layout.segment(volume.holder, made.sha256), made.octets)
        found.segments.append(SegmentChange(row.sha256, made.sha256))
        for digest, octets in sorted(made.gone.items()):
            if digest not in listed:
                raise Malformed(f"{name}: {digest} is none of the messages of volume {volume.id}")
            found.members.append(Member(digest, sha512(octets), volume.id, documents.get(digest)))
    missing = digests - {member.sha256 for member in found.members if member.volume == volume.id}
    if missing:
        raise Absent(f"volume {volume.id}: {', '.join(sorted(missing))}: in nessun segmento (in no segment of it)")


def _metadata(
    volume: VolumeRow, digests: set[Sha256], index: Index, work: Discarding, found: Effects
) -> Mapping[Sha256, MetadataDigests]:
    name = layout.metadata(volume.holder, volume.id)
    expected = _current(index.volume.metadata.sha256, name, work)
    with work.primary.open(name) as file:
        made: Rewriting = without(file, digests, expected=expected, name=name, prefix="metadata/", suffix=".xml")
    found.metadata.append(MetadataChange(volume.id, expected, made.sha256))
    if made.octets is not None:
        found.replaced[name] = made.octets
    return {digest: MetadataDigests(sha256(octets), sha512(octets)) for digest, octets in made.gone.items()}


def _current(listed: Sha256, name: str, work: Discarding) -> Sha256:
    """The digest that metadata.zip must have today: another than the index lists, after earlier discards."""
    known = work.successor(listed)
    if known is None:
        raise Conflict(f"{name}: già distrutto da uno scarto precedente (destroyed by an earlier discard)")
    return known

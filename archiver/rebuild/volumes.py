"""The volumes: what each sealed index says of its rows, and what others say of one that is lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.agents import Retention
from archiver.package.index import reader
from archiver.package.index.values import File, Index, Segment
from archiver.package.segment import reader as segment_reader
from archiver.ports import ObjectStore
from archiver.rebuild.listing import Listing
from archiver.submission.keeping import kept_until
from archiver.submission.rows import SegmentRow, VolumeRow
from archiver.verdict import Finding, finding


@dataclass(frozen=True, slots=True)
class Volume:
    """What one index says: the volume's row, its segments, the digests of the rapporti and trust that it lists.

    `records` are the names of the rapporti's own evidence; `signer` is the digest of the seal's certificate.
    """

    row: VolumeRow
    retention: Retention
    segments: tuple[Segment, ...]
    pdvs: dict[str, Sha256]
    records: tuple[str, ...]
    trust: tuple[tuple[Sha256, str], ...]
    signer: Sha256 | None


def read_volumes(listing: Listing, store: ObjectStore, wrong: list[Finding]) -> Iterator[Volume]:
    """The holder's volumes whose index is there and can be read; of the others a finding. Raises Unavailable."""
    for volume in sorted(listing.indexes):
        name = layout.index(listing.holder, volume)
        try:
            octets = store.get(name)
            signed = open_signed(octets)
            index = reader.read(signed.content or b"")
            if index.volume.id != volume:
                raise Malformed(f"expected the index of volume {volume}, found that of {index.volume.id}")
        except (Absent, Malformed) as error:
            wrong.append(finding("REBUILD_UNREADABLE", name, reason=error))
            continue
        yield _volume(listing.holder, octets, index, signed.certificate)


def pdv_of(file: File) -> str:
    """The id of the rapporto that an index lists at `pdv/<id>.xml`."""
    return file.path.removeprefix("pdv/").removesuffix(f".{file.extension}")


def _volume(holder: str, octets: bytes, index: Index, certificate: bytes | None) -> Volume:
    volume = index.volume
    return Volume(
        row=VolumeRow(
            id=volume.id,
            sha256=sha256(octets),
            holder=holder,
            mailbox=volume.mailbox,
            retention=volume.retention.name,
            year=volume.year,
            messages=volume.metadata.documents,
            size=sum(segment.size for segment in volume.segments),
            at=index.at,
        ),
        retention=volume.retention,
        segments=volume.segments,
        pdvs={pdv_of(file): file.sha256 for file in index.rdvs},
        records=tuple(layout.listed(holder, volume.mailbox, file.path) for file in index.records),
        trust=tuple((file.sha256, file.extension) for file in index.trust),
        signer=sha256(certificate) if certificate else None,
    )


def closed(volume: Volume, listing: Listing, lines: Iterable[frozenset[str]], store: ObjectStore) -> bool:
    """Whether sealing came to its end though no rapporto says so yet: evidence of every line, and the lock of its term.

    What is not is taken up by the next run of `seal`, as after any power cut.
    """
    if not sufficient(listing.lineages("volume", volume.row.id), lines):
        return False
    # the last of a volume's objects to be locked
    return kept(layout.metadata(volume.row.holder, volume.row.id), end(volume, now=volume.row.at), store)


def sufficient(tsas: Iterable[str], lines: Iterable[frozenset[str]]) -> bool:
    """Whether every line is among them, as sealing asks; an authority asked no more stands for one of today's."""
    noted, lines = set(tsas), tuple(lines)
    lacking = sum(line.isdisjoint(noted) for line in lines)
    return bool(noted) and lacking <= len(noted.difference(*lines))


def kept(name: str, end: datetime, store: ObjectStore) -> bool:
    """Whether the object's lock reaches `end`; a store without locks promises nothing, and lacks nothing."""
    if not store.locks:
        return True
    try:
        until = store.locked_until(name)
    except Absent:
        return True  # it is lost, and somebody says so: its lock is not what is wrong with it
    return until is not None and until >= end


def end(volume: Volume, *, now: datetime) -> datetime:
    """The end of the volume's term, as its index states it; for ever is counted from `now`."""
    return kept_until(volume.retention.term(volume.row.year), now=now)


def told(
    volume: str,
    digest: Sha256,
    listing: Listing,
    pending: Iterable[SegmentRow],
    store: ObjectStore,
    *,
    at: datetime | None,
) -> tuple[VolumeRow, tuple[SegmentRow, ...]] | None:
    """A volume whose index is lost: the row, as far as its segments tell it, and these; None without any.

    Its segments must not be taken for pending ones: a second seal of the same name would be a second truth.
    """
    rows = tuple(pending)
    first = next((row for row in rows if layout.volume_id(row.sha256) == volume), None)
    if first is None:
        return None
    members = _members(volume, listing, store)
    mine = tuple(row for row in rows if row == first or (row.mailbox == first.mailbox and row.first in members))
    row = VolumeRow(
        id=volume,
        sha256=digest,
        holder=listing.holder,
        mailbox=first.mailbox,
        retention=first.retention,
        year=first.year,
        messages=sum(segment.messages for segment in mine),
        size=sum(segment.size for segment in mine),
        at=at or max(segment.at for segment in mine),
    )
    return row, mine


def _members(volume: str, listing: Listing, store: ObjectStore) -> frozenset[Sha256]:
    """The messages that its metadata.zip describes."""
    try:
        with store.open(layout.metadata(listing.holder, volume)) as file:
            found = segment_reader.members(file, prefix="metadata/", suffix=".xml")
            return frozenset(member.sha256 for member in found)
    except (Absent, Malformed):
        return frozenset()

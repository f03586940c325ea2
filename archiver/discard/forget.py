"""The catalog forgets what a record says was destroyed, and remembers that it was: rows, full text, evidence, locks."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from archiver.digest import Sha256, sha256
from archiver.discard.rewrite import offsets
from archiver.discard.values import Discarding
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.discard.values import Discard, SegmentChange
from archiver.package.index import reader as index_reader
from archiver.submission.discards import TombstoneRow, rows_of
from archiver.submission.oblivion import Oblivion, Rewritten
from archiver.submission.rows import MessageRow, SegmentRow

_PAGE = 1000


def forget(record: Discard, name: str, octets: bytes, work: Discarding) -> int:
    """Notes the record, called so, and forgets what it lists; how many messages that were.

    What proved certificates through the evidence of a volume that is gone is proven by another that lists them, or by
    none: then the next night makes a batch of them.
    """
    lost = work.catalog.covered_by(record.volumes)
    gone = work.catalog.forget_discarded(_oblivion(record, name, octets, work))
    _cover_again(lost, work)
    return gone


def _oblivion(record: Discard, name: str, octets: bytes, work: Discarding) -> Oblivion:
    row, destroyed = rows_of(record, name, octets)
    messages = [*_of_volumes(record, work), *_of_members(record, work)]
    tombstones = {
        (one.sha256, one.mailbox): TombstoneRow(one.sha256, one.mailbox, one.holder, one.pdv, record.id)
        for one in messages
    }
    segments = [layout.segment(record.holder, change.old) for change in record.segments]
    emptied = [layout.metadata(record.holder, one.volume) for one in record.metadata if one.new is None]
    return Oblivion(
        record=row,
        destroyed=tuple(destroyed),
        tombstones=tuple(tombstones.values()),
        volumes=record.volumes,
        rewritten=tuple(_rewritten(record, work)),
        touched=tuple(change.volume for change in record.metadata),
        objects=(*segments, *(layout.segment(record.holder, Sha256(one)) for one in record.volumes), *emptied),
        folders=tuple(layout.index(record.holder, one).removesuffix(layout.PINDEX) for one in record.volumes),
        changed=tuple(_changed(record, work)),
    )


def _of_volumes(record: Discard, work: Discarding) -> Iterator[MessageRow]:
    after = ("", "")
    while record.volumes and (page := work.catalog.messages_in(record.volumes, after=after, limit=_PAGE)):
        yield from page
        after = (page[-1].sha256, page[-1].mailbox)


def _of_members(record: Discard, work: Discarding) -> Iterator[MessageRow]:
    members = {(member.sha256, member.volume) for member in record.members}
    placed = work.catalog.placed(record.holder, [digest for digest, _ in members])
    return (message for message, segment in placed if (message.sha256, segment.volume) in members)


def _rewritten(record: Discard, work: Discarding) -> Iterator[Rewritten]:
    changes = {change.old: change for change in record.segments}
    for volume in sorted({change.volume for change in record.metadata}):
        for row in work.catalog.segments_of(volume):
            if row.sha256 in changes:
                yield _moved(row, changes[row.sha256], work)


def _moved(row: SegmentRow, change: SegmentChange, work: Discarding) -> Rewritten:
    if change.new is None:
        return Rewritten(row.sha256, row.mailbox, None)
    octets = work.primary.get(layout.segment(row.holder, change.new))
    if sha256(octets) != change.new:
        raise Malformed(f"segment {change.new}: found SHA-256 {sha256(octets)}: archiver sweep --repair")
    places = offsets(octets)
    new = replace(
        row,
        sha256=change.new,
        messages=len(places),
        size=len(octets),
        first=min(places),
        last=max(places),
    )
    return Rewritten(row.sha256, row.mailbox, new, {digest: place[0] for digest, place in places.items()})


def _changed(record: Discard, work: Discarding) -> Iterator[tuple[str, Sha256, int]]:
    for change in record.metadata:
        if change.new is not None:
            name = layout.metadata(record.holder, change.volume)
            yield name, change.new, len(work.primary.get(name))


def _cover_again(lost: Iterable[Sha256], work: Discarding) -> None:
    """The earliest of the volumes that are left and list it covers what lost its cover."""
    left = set(lost)
    for volume in sorted(work.catalog.closed(work.holder), key=lambda row: (row.at, row.id)):
        if not left:
            return
        try:
            octets = work.primary.get(layout.index(volume.holder, volume.id))
            listed = {file.sha256 for file in index_reader.read(open_signed(octets).content or b"").trust}
        except (Absent, Malformed):
            continue  # whoever sweeps says so
        if mine := left & listed:
            work.catalog.cover(work.holder, sorted(mine), volume.id, volume.at)
            left -= mine

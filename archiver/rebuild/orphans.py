"""Segments whose rapporto is lost: the index of their volume proves them, their own bytes tell the rest."""

from collections.abc import Iterable, Iterator

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader
from archiver.package.index.values import Message, Segment
from archiver.rebuild.segments import Reader
from archiver.rebuild.values import Ask, Place, Rebuilding, Report
from archiver.rebuild.volumes import Volume
from archiver.submission.rows import PdvRow, SegmentRow
from archiver.verify.discards import Discards


def adopt(known: Iterable[Volume], work: Rebuilding, report: Report, discards: Discards) -> None:
    """Notes the segments of these volumes of one mailbox that no rapporto names any more."""
    for volume in known:
        mailbox = volume.row.mailbox
        lost = [row for row in work.catalog.pdvs_lost(mailbox) if row.id in volume.pdvs]
        there = work.catalog.segments_known(mailbox)
        bare = [one for one in volume.segments if discards.successor(one.sha256) not in (None, *there)]
        if lost and bare:
            for segment in bare:
                _adopt(segment, volume, lost[0], work, report, discards)


def _adopt(segment: Segment, volume: Volume, pdv: PdvRow, work: Rebuilding, report: Report, discards: Discards) -> None:
    holder, mailbox, rule = volume.row.holder, volume.row.mailbox, volume.retention
    current = discards.successor(segment.sha256) or segment.sha256
    place = Place(holder, mailbox, work.own.get(mailbox, frozenset()))
    ask = Ask(place, pdv.id, pdv.at, segment.sha256, current, ())
    read = Reader(work.store, work.trust.providers, None).adopt(ask, dict(_facts(volume, work)))
    row = SegmentRow(
        sha256=current,
        holder=holder,
        mailbox=mailbox,
        pdv=pdv.id,
        retention=rule.name,
        years=rule.years,
        event=rule.event,
        basis=rule.basis,
        year=volume.row.year,
        messages=segment.messages,
        size=segment.size,
        first=segment.first,
        last=segment.last,
        at=pdv.at,
    )
    work.catalog.adopt([row], read.rows)
    report.lost += read.wrong
    report.messages += len(read.rows)


def _facts(volume: Volume, work: Rebuilding) -> Iterator[tuple[Sha256, Message]]:
    """What the index says of each message."""
    try:
        octets = work.store.get(layout.index(volume.row.holder, volume.row.id))
        if sha256(octets) == volume.row.sha256:
            for file in reader.read(open_signed(octets).content or b"").messages:
                if file.message:
                    yield file.sha256, file.message
    except (Absent, Malformed):
        return  # it was read a moment ago: whatever happened to it, the next sweep says so

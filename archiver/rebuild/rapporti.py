"""The rapporti of a mailbox become rows, with their messages: several in one transaction, segments read ahead."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from archiver.collect.describe import described
from archiver.digest import Sha256
from archiver.package.rdv.values import Item
from archiver.rebuild.chain import Link
from archiver.rebuild.values import Ask, Place, Read, Rebuilding, Report
from archiver.submission import ledger
from archiver.submission.certificates import CERTIFICATE
from archiver.submission.discards import tombstones
from archiver.submission.ledger import Note
from archiver.submission.rapporti import Brought, gone, outcomes, segment_row
from archiver.submission.rows import SegmentRow, TrustRow
from archiver.uids import Uids
from archiver.verdict import finding
from archiver.verify.discards import Discards

MESSAGES = 4_000
"""Messages in one transaction, or a few more."""

RAPPORTI = 200
"""Rapporti in one transaction."""


@dataclass(slots=True)
class _Step:
    """One rapporto, the segments that it asks for, and what came of them."""

    link: Link
    asks: tuple[Ask, ...]
    segments: tuple[SegmentRow, ...]
    read: list[Read] = field(default_factory=list)

    @property
    def messages(self) -> int:
        return sum(len(read.rows) for read in self.read)


@dataclass(slots=True)
class Mailbox:
    """One mailbox under way. `trust`: the holder's certificates in the store; `sights`: when each was first met."""

    work: Rebuilding
    report: Report
    holder: str
    mailbox: str
    discards: Discards
    trust: frozenset[Sha256]
    sights: dict[Sha256, datetime] = field(default_factory=dict)
    done: int = 0

    def restore(self, links: Iterable[Link]) -> None:
        """Notes every rapporto, in order. Raises what store and catalog raise."""
        known = ledger.accounted(self.work.catalog.ledger(self.mailbox))
        ready: list[Brought] = []
        met: list[TrustRow] = []
        messages = 0
        for step in self._read(links):
            if (
                step.link.rapporto and self.discards.records
            ):  # first: what is noted of a rapporto is not looked at again
                gone = list(tombstones(step.link.rapporto, self.discards.records))
                self.work.catalog.note_discards(tombstones=gone)
            notes = self._notes(step.link, known)
            for place, uids in ledger.accounted_by(notes).items():
                known[place] = known.get(place, Uids()) | uids
            ready.append(self._brought(step, notes))
            met += self._met(step)
            messages += step.messages
            if messages >= MESSAGES or len(ready) >= RAPPORTI:
                self.work.catalog.restore(ready, met)
                ready, met, messages = [], [], 0
        self.work.catalog.restore(ready, met)

    def _met(self, step: _Step) -> Iterator[TrustRow]:
        """Certificates that no rapporto before has met, as intake noted them."""
        found = [(met, step.link.row.at) for read in step.read for met in read.met]
        found += [(met, self.work.clock()) for read in step.read for met in read.unvouched]
        for met, at in found:
            before = self.sights.get(met.sha256)
            if met.sha256 in self.trust and (before is None or at < before):
                self.sights[met.sha256] = at
                yield described(self.holder, met.octets, CERTIFICATE, kind=met.kind, at=at)

    def _read(self, links: Iterable[Link]) -> Iterator[_Step]:
        """Every rapporto with what was read of its segments, which are asked for ahead."""
        waiting: deque[_Step] = deque()

        def asked() -> Iterator[Ask]:
            for link in links:
                step = self._step(link)
                waiting.append(step)
                yield from step.asks

        for read in self.work.mapped(asked()):
            while len(waiting[0].read) == len(waiting[0].asks):
                yield waiting.popleft()
            waiting[0].read.append(read)
            self.done += 1
            self.work.progress(self.done, None)
        yield from waiting

    def _step(self, link: Link) -> _Step:
        rapporto = link.rapporto
        if rapporto is None:
            return _Step(link, (), ())
        own = self.work.own.get(self.mailbox, frozenset((rapporto.address,)))
        place = Place(self.holder, self.mailbox, own)
        items: dict[Sha256, list[Item]] = {segment.sha256: [] for segment in rapporto.segments}
        for item in rapporto.accepted:
            if item.segment:
                items[item.segment].append(item)
        asks, segments = [], []
        for segment in rapporto.segments:
            current = self.discards.successor(segment.sha256)
            if current is None:
                continue  # it was destroyed whole, and somebody answers for that
            mine = tuple(items[segment.sha256])
            if current != segment.sha256:
                mine = tuple(item for item in mine if item.sha256 and not self._destroyed(item.sha256))
            asks.append(Ask(place, rapporto.id, rapporto.at, segment.sha256, current, mine))
            segments.append(segment_row(segment, rapporto))
        return _Step(link, tuple(asks), tuple(segments))

    def _destroyed(self, digest: Sha256) -> bool:
        return any(digest == member.sha256 for record in self.discards.records for member in record.members)

    def _brought(self, step: _Step, notes: list[Note]) -> Brought:
        rapporto, report = step.link.rapporto, self.report
        report.rapporti += 1
        report.messages += step.messages
        for read in step.read:
            report.lost += read.wrong
        volumes = tuple(volume.id for volume in rapporto.volumes) if rapporto else ()
        segments = tuple(
            _as_it_is(row, ask, read) for row, ask, read in zip(step.segments, step.asks, step.read, strict=True)
        )
        messages = tuple(row for read in step.read for row in read.rows)
        return Brought(step.link.row, segments, messages, volumes, tuple(notes))

    def _notes(self, link: Link, known: dict[ledger.Place, Uids]) -> list[Note]:
        if link.rapporto is None:
            return []
        try:
            passed = gone(link.rapporto, known)
        except ValueError as error:
            self.report.lost.append(finding("REBUILD_UNREADABLE", link.row.name, reason=error))
            passed = []
        return [*outcomes(link.rapporto.items), *passed]


def _as_it_is(row: SegmentRow, ask: Ask, read: Read) -> SegmentRow:
    """The segment's row; of one that took its place after a discard, what is true of that."""
    if ask.sha256 == ask.named:
        return row
    digests = sorted(message.sha256 for message in read.rows)
    ends = (digests[0], digests[-1]) if digests else (row.first, row.last)
    size = row.size if read.size is None else read.size
    return replace(row, sha256=ask.sha256, messages=len(digests), size=size, first=ends[0], last=ends[1])

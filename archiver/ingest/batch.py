"""One PdV in the making: segments fill and are put, a rapporto names them, and only then the catalog hears of it."""

from dataclasses import dataclass, field
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from archiver.digest import Digests, Sha256, digests
from archiver.ingest.values import Intake, Report
from archiver.package import layout
from archiver.package.rdv import builder
from archiver.package.rdv.values import ClosedVolume, Item, Previous, Provenienza, Rdv, Segment, System
from archiver.package.segment import writer
from archiver.ports import Fetched, Unfetched
from archiver.submission import intake
from archiver.submission.intake import Taken
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow

SEGMENT_BYTES = 16 << 20
SEGMENT_MESSAGES = 2_000
OPEN_BYTES = 48 << 20
"""All that waits in memory for its segment to fill, over all calendar years."""
PDV_MESSAGES = 5_000
PDV_BYTES = 1 << 30


def next_id(into: Intake, head: PdvRow | None) -> str:
    """The id of the mailbox's next rapporto: the same, however often the poll is begun again."""
    box = into.box
    return layout.pdv_id(box.holder, box.mailbox, head.id if head else None, head.cursor if head else "")


@dataclass(slots=True)
class _Open:
    """A segment that fills: messages of one calendar year."""

    taken: list[Taken] = field(default_factory=list)
    size: int = 0

    def add(self, taken: Taken) -> None:
        self.taken.append(taken)
        self.size += taken.digests.size


class Batch:
    """The PdV that follows `head`. Nothing of it is in the archive until `close`."""

    def __init__(self, into: Intake, head: PdvRow | None, *, observed: bool) -> None:
        self.before = head.cursor if head else ""
        self._into = into
        self._head = head
        self._observed = observed
        self._id = next_id(into, head)
        self._at = into.clock().replace(microsecond=0)
        self._cursor = self.before
        self._open: dict[int, _Open] = {}
        self._messages: dict[Sha256, MessageRow] = {}
        self._items: list[Item | None] = []  # in order of arrival; None until the message's segment is written
        self._seen: dict[Sha256, int] = {}  # where each message stands in that order
        self._segments: list[Segment] = []
        self._size = 0
        self._known = 0
        self._repeats = 0
        self._refused: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._seen) + self._known

    @property
    def full(self) -> bool:
        """Whether its rapporto should name no more messages."""
        return len(self._seen) + self._repeats >= PDV_MESSAGES or self._size >= PDV_BYTES

    def following(self, report: Report) -> "Batch":
        """The batch after this one, which is closed."""
        return Batch(self._into, self.close(report), observed=self._observed)

    def add(self, fetched: Fetched, named: Digests) -> None:
        """Takes one message in charge; one that this batch has already is a duplicate."""
        if named.sha256 in self._seen:
            self.repeat(fetched, named, known=False)
            return
        taken = intake.take(fetched, box=self._into.box, providers=self._into.providers, at=self._at, known=named)
        self._cursor = fetched.cursor or self._cursor
        self._seen[named.sha256] = len(self._items)
        self._items.append(None)
        self._size += named.size
        self._place(taken)

    def repeat(self, fetched: Fetched, named: Digests, *, known: bool) -> None:
        """A message that is there already: noted for a mailbox that we watch, and within one hand-in.

        Files without a UID that came in earlier are only counted: handing a folder in again brings nothing new.
        """
        self._cursor = fetched.cursor or self._cursor
        self._known += 1
        if self._observed or not known:
            self._repeats += 1
            self._items.append(intake.duplicate(fetched, named))

    def refuse(self, unfetched: Unfetched) -> None:
        """A message that could not be read."""
        self._cursor = unfetched.cursor or self._cursor
        self._refused.append((unfetched.origin, unfetched.reason))
        self._items.append(intake.refused(unfetched))

    def close(self, report: Report) -> PdvRow | None:
        """Puts what is left, writes the rapporto, then notes it; a batch without news leaves no trace.

        Returns the mailbox's last rapporto, this one or the one before.
        """
        report.known += self._known
        report.refused += self._refused
        if not self._seen and not self._repeats:
            return self._head
        for year in sorted(self._open):
            self._flush(year)
        rapporto = self._rapporto()
        octets = builder.build(rapporto)
        sign = self._into.sign
        octets = sign(octets) if sign else octets
        name = layout.rdv(rapporto.holder_id, rapporto.mailbox, self._id, sealed=bool(sign))
        self._into.store.put(name, octets)
        row = pdv_row(rapporto, octets, name, number=self._head.number + 1 if self._head else 1)
        segments = [segment_row(segment, rapporto) for segment in self._segments]
        closed = [volume.id for volume in rapporto.volumes]
        self._into.catalog.record_pdv(row, segments, list(self._messages.values()), closed)
        report.new += len(self._messages)
        report.bytes += self._size
        report.pdvs.append(self._id)
        report.findings.update(code for row in self._messages.values() for code in row.findings)
        return row

    def _place(self, taken: Taken) -> None:
        if taken.digests.size > SEGMENT_BYTES:
            self._write(taken.year, _Open([taken], taken.digests.size))  # a giant is never kept waiting in memory
            return
        segment = self._open.setdefault(taken.year, _Open())
        if segment.size + taken.digests.size > SEGMENT_BYTES or len(segment.taken) >= SEGMENT_MESSAGES:
            self._flush(taken.year)
            segment = self._open.setdefault(taken.year, _Open())
        segment.add(taken)
        if sum(item.size for item in self._open.values()) > OPEN_BYTES:
            self._flush(max(self._open, key=lambda year: (self._open[year].size, year)))

    def _flush(self, year: int) -> None:
        self._write(year, self._open.pop(year))

    def _write(self, year: int, filled: _Open) -> None:
        """One segment into the store, and the rows that say where each of its messages lies."""
        by_digest = {taken.digests.sha256: taken for taken in filled.taken}
        entries = [(layout.message_path(digest), taken.fetched.raw) for digest, taken in by_digest.items()]
        with _sink(filled.size) as sink:
            written = writer.write(entries, sink, label=self._label(year))
            sink.seek(0)
            self._into.store.put(layout.segment(self._into.box.holder, written.digests.sha256), sink)
        offsets = {entry.name: entry.offset for entry in written.entries}
        for digest, taken in by_digest.items():
            self._keep(taken, written.digests.sha256, offsets[layout.message_path(digest)])
        segment = Segment(
            sha256=written.digests.sha256,
            size=written.digests.size,
            messages=len(by_digest),
            first=min(by_digest),
            last=max(by_digest),
            retention=self._into.box.retention,
            year=year,
        )
        self._segments.append(segment)

    def _label(self, year: int) -> str:
        return writer.label(self._into.box.mailbox, self._into.box.retention.name, year)

    def _keep(self, taken: Taken, segment: Sha256, offset: int) -> None:
        """Forgets the bytes of a message that is in the store, and remembers what is to be said of it."""
        digest = taken.digests.sha256
        self._messages[digest] = intake.row(
            taken, box=self._into.box, pdv=self._id, segment=segment, offset=offset, at=self._at
        )
        self._items[self._seen[digest]] = intake.item(taken, segment)

    def _rapporto(self) -> Rdv:
        box, head = self._into.box, self._head
        items = tuple(item for item in self._items if item is not None)
        return Rdv(
            id=self._id,
            previous=Previous(head.id, head.sha256) if head else None,
            at=self._at,
            system=System(box.software, box.version, box.manual),
            holder_id=box.holder,
            holder=box.owner,
            producer=box.parties.submitter,
            mailbox=box.mailbox,
            address=box.address,
            provenance=Provenienza.OSSERVATA if self._observed else Provenienza.DICHIARATA,
            folders=tuple(dict.fromkeys(item.folder for item in items if item.folder)),
            before=self.before,
            after=self._cursor,
            segments=tuple(self._segments),
            items=items,
            volumes=tuple(ClosedVolume(row.id, row.sha256) for row in self._into.catalog.volumes_to_name(box.mailbox)),
        )


def pdv_row(rapporto: Rdv, octets: bytes, name: str, *, number: int) -> PdvRow:
    """What the catalog keeps of a rapporto."""
    named = digests(octets)
    return PdvRow(
        id=rapporto.id,
        holder=rapporto.holder_id,
        mailbox=rapporto.mailbox,
        number=number,
        at=rapporto.at,
        sha256=named.sha256,
        sha512=named.sha512,
        size=named.size,
        name=name,
        cursor=rapporto.after,
    )


def segment_row(segment: Segment, rapporto: Rdv) -> SegmentRow:
    """What the catalog keeps of a segment."""
    return SegmentRow(
        sha256=segment.sha256,
        holder=rapporto.holder_id,
        mailbox=rapporto.mailbox,
        pdv=rapporto.id,
        retention=segment.retention.name,
        years=segment.retention.years,
        event=segment.retention.event,
        basis=segment.retention.basis,
        year=segment.year,
        messages=segment.messages,
        size=segment.size,
        first=segment.first,
        last=segment.last,
        at=rapporto.at,
    )


def _sink(size: int) -> BinaryIO:
    """Memory for a segment of ordinary size, a temporary file for a giant."""
    return BytesIO() if size <= SEGMENT_BYTES else cast(BinaryIO, TemporaryFile())

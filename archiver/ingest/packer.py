"""Packs messages into segments, by calendar year; a segment that is full goes into the store."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from archiver.digest import Digests, Sha256
from archiver.ingest.met import certificates_of
from archiver.package import layout
from archiver.package.rdv.values import Item, Segment
from archiver.package.segment import writer
from archiver.pec.providers import Providers
from archiver.plain import Plain
from archiver.ports import Fetched, ObjectStore
from archiver.submission import intake
from archiver.submission.attachments import Inspector
from archiver.submission.box import Box
from archiver.submission.certificates import Met
from archiver.submission.intake import Taken
from archiver.submission.rows import MessageRow

SEGMENT_BYTES = 16 << 20
SEGMENT_MESSAGES = 2_000
OPEN_BYTES = 48 << 20
"""All that waits in memory for its segment to fill, over all calendar years."""


@dataclass(frozen=True, slots=True)
class Kept(Plain):
    """One message that is in the store: what its rapporto will say of it, and the catalog (`pdv` is still empty)."""

    item: Item
    row: MessageRow


@dataclass(frozen=True, slots=True)
class Packed:
    """One segment that is in the store, what is in it, and certificates in it that this packer has not met before."""

    segment: Segment
    kept: tuple[Kept, ...]
    met: tuple[Met, ...] = ()


@dataclass(slots=True)
class _Open:
    """A segment that fills: messages of one calendar year."""

    taken: list[Taken] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    size: int = 0

    def add(self, taken: Taken, met: Iterable[Met]) -> None:
        self.taken.append(taken)
        self.met += met
        self.size += taken.digests.size


class Packer:
    """Reads the messages that are to be kept, and packs them. `at` is the moment of the poll.

    With an `inspector` it also looks at the signatures of attachments.
    """

    def __init__(
        self, box: Box, store: ObjectStore, providers: Providers, at: datetime, inspector: Inspector | None = None
    ) -> None:
        self._box = box
        self._store = store
        self._providers = providers
        self._at = at
        self._inspector = inspector
        self._open: dict[int, _Open] = {}
        self._signers: set[bytes] = set()
        self._met: set[Sha256] = set()

    def read(self, fetched: Fetched, named: Digests) -> Taken:
        """One message, read; nothing is packed yet."""
        return intake.take(
            fetched, box=self._box, providers=self._providers, at=self._at, known=named, inspector=self._inspector
        )

    def add(self, taken: Taken) -> Iterator[Packed]:
        """Takes one message in charge; gives the segments that are full with it."""
        met, size = self._meet(taken), taken.digests.size
        if size > SEGMENT_BYTES:
            giant = _Open()
            giant.add(taken, met)
            yield self._write(taken.year, giant)  # is never kept waiting in memory
            return
        segment = self._open.setdefault(taken.year, _Open())
        if segment.size + size > SEGMENT_BYTES or len(segment.taken) >= SEGMENT_MESSAGES:
            yield self._flush(taken.year)
            segment = self._open.setdefault(taken.year, _Open())
        segment.add(taken, met)
        if sum(item.size for item in self._open.values()) > OPEN_BYTES:
            yield self._flush(max(self._open, key=lambda year: (self._open[year].size, year)))

    def flush(self) -> Iterator[Packed]:
        """Gives all that is left."""
        for year in sorted(self._open):
            yield self._flush(year)

    def _flush(self, year: int) -> Packed:
        return self._write(year, self._open.pop(year))

    def _write(self, year: int, filled: _Open) -> Packed:
        """One segment into the store, and where each of its messages lies."""
        box = self._box
        by_path = {layout.message_path(taken.digests.sha256): taken for taken in filled.taken}
        label = writer.label(box.mailbox, box.retention.name, year)
        with _sink(filled.size) as sink:
            written = writer.write([(path, taken.fetched.raw) for path, taken in by_path.items()], sink, label=label)
            sink.seek(0)
            self._store.put(layout.segment(box.holder, written.sha256), sink)
        ordered = [by_path[entry.name] for entry in written.entries]
        segment = Segment(
            sha256=written.sha256,
            size=written.size,
            messages=len(ordered),
            first=ordered[0].digests.sha256,
            last=ordered[-1].digests.sha256,
            retention=box.retention,
            year=year,
        )
        offsets = {entry.name: entry.offset for entry in written.entries}
        kept = (self._kept(taken, written.sha256, offsets[path]) for path, taken in by_path.items())
        return Packed(segment, tuple(kept), tuple(filled.met))

    def _meet(self, taken: Taken) -> list[Met]:
        """Certificates that are new here: for a provider's, one look-up a message."""
        found = certificates_of(taken, self._providers, self._signers)
        new = {met.sha256: met for met in found if met.sha256 not in self._met}
        self._met.update(new)
        return list(new.values())

    def _kept(self, taken: Taken, segment: Sha256, offset: int) -> Kept:
        row = intake.row(taken, box=self._box, pdv="", segment=segment, offset=offset, at=self._at)
        return Kept(intake.item(taken, segment), row)


def _sink(size: int) -> BinaryIO:
    """Memory for a segment of ordinary size, a temporary file for a giant."""
    return BytesIO() if size <= SEGMENT_BYTES else cast(BinaryIO, TemporaryFile())

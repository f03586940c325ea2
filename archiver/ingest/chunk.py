"""What was read, a handful at a time: memory stays flat, and the catalog is asked once a handful."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from archiver.digest import Digests, digests
from archiver.errors import Absent, Unavailable
from archiver.ingest.packer import Packed, Packer
from archiver.ports import Fetched, Gone, Unfetched
from archiver.submission.intake import Taken

CHUNK_MESSAGES = 128
CHUNK_BYTES = 4 << 20
SOME = 8
"""Messages that are read between two looks at the line."""


class Arrival(NamedTuple):
    """A message as whoever decides needs to hear of it; its bytes stay with whoever read them."""

    digests: Digests
    origin: str
    folder: str
    received: datetime | None
    uid: int


class Heard(NamedTuple):
    """What whoever decides hears of a chunk."""

    arrivals: list[Arrival]
    unread: list[Unfetched]
    gone: list[Gone]

    @property
    def total(self) -> int:
        """How many in all."""
        return len(self.arrivals) + len(self.unread) + len(self.gone)


@dataclass(slots=True)
class Chunk:
    """Some messages with their digests, and what could not be had among them. `taken`: the first of them, read."""

    messages: list[tuple[Fetched, Digests]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    unread: list[Unfetched] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    size: int = 0

    @property
    def heard(self) -> Heard:
        """All of it but the bytes."""
        arrivals = [Arrival(named, item.origin, item.folder, item.received, item.uid) for item, named in self.messages]
        return Heard(arrivals, self.unread, self.gone)

    def add(self, item: Fetched | Unfetched | Gone) -> None:
        """One more."""
        if isinstance(item, Fetched):
            self.messages.append((item, digests(item.raw)))
            self.size += len(item.raw)
        elif isinstance(item, Unfetched):
            self.unread.append(item)
        else:
            self.gone.append(item)

    def read_on(self, packer: Packer) -> bool:
        """Reads some more messages before anybody has said that they are wanted; False when there is none left."""
        some = self.messages[len(self.taken) :][:SOME]
        self.taken += [packer.read(*message) for message in some]
        return bool(some)

    @property
    def full(self) -> bool:
        """Whether nothing more should be added."""
        count = len(self.messages) + len(self.unread) + len(self.gone)
        return count >= CHUNK_MESSAGES or self.size >= CHUNK_BYTES


class Stream:
    """All of `found`, in chunks and in order, until it fails: then `failure` is set, and what came before stands."""

    def __init__(self, found: Iterable[Fetched | Unfetched | Gone]) -> None:
        self.failure: Absent | Unavailable | None = None
        self._found = found

    def __iter__(self) -> Iterator[Chunk]:
        chunk = Chunk()
        try:
            for item in self._found:
                chunk.add(item)
                del item  # of a giant no second copy is kept alive
                if chunk.full:
                    whole, chunk = chunk, Chunk()
                    yield whole
                    del whole
        except (Absent, Unavailable) as error:
            self.failure = error
        yield chunk


def pack(chunk: Chunk, wanted: Sequence[bool], packer: Packer) -> Iterator[Packed]:
    """Packs those of the chunk that are wanted, and forgets the others."""
    read = [*chunk.taken, *[None] * (len(chunk.messages) - len(chunk.taken))]
    kept = [(message, taken) for message, taken, wants in zip(chunk.messages, read, wanted, strict=True) if wants]
    chunk.messages.clear()
    chunk.taken.clear()
    read.clear()
    kept.reverse()
    while kept:
        message, taken = kept.pop()
        yield from packer.add(taken or packer.read(*message))

"""Ingest: what a mailbox brings is made safe, then noted; a power cut anywhere is healed by the next run."""

from collections.abc import Callable, Iterator

from archiver.digest import Digests, Sha256, digests
from archiver.errors import Unavailable
from archiver.ingest.batch import Batch
from archiver.ingest.heal import heal
from archiver.ingest.values import Catalog, Intake, Report
from archiver.ports import Fetched, Mailbox, Unfetched

__all__ = ["Catalog", "Intake", "Report", "heal", "ingest"]

CHUNK_MESSAGES = 128
CHUNK_BYTES = 4 << 20

Chunk = list[tuple[Fetched, Digests] | Unfetched]


def ingest(
    source: Mailbox,
    into: Intake,
    *,
    report: Report,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> None:
    """Takes in all that `source` has and the archive has not; `report` grows as things become safe.

    Raises Unavailable when the source or the store fails under way. What was fetched from a source that then failed
    is kept before that is said.
    """
    batch = Batch(into, heal(into), observed=source.observed)
    poll = _Poll(source, batch.before)
    for chunk in poll:
        known = _known(chunk, into)
        for item in chunk:
            if batch.full:
                batch = batch.following(report)
                known = _known(chunk, into)  # what it held may come again in the same chunk
            if isinstance(item, Unfetched):
                batch.refuse(item)
            elif item[1].sha256 in known:
                batch.repeat(*item, known=True)
            else:
                batch.add(*item)
        progress(report.new + report.known + len(batch), None)
    batch.close(report)
    if poll.failure:
        raise poll.failure


def _known(chunk: Chunk, into: Intake) -> frozenset[Sha256]:
    return into.catalog.known(into.box.mailbox, [item[1].sha256 for item in chunk if isinstance(item, tuple)])


class _Poll:
    """A poll in chunks bounded by number and bytes, so that the catalog is asked once a chunk and memory stays flat."""

    def __init__(self, source: Mailbox, cursor: str) -> None:
        self.failure: Unavailable | None = None
        self._source = source
        self._cursor = cursor

    def __iter__(self) -> Iterator[Chunk]:
        chunk: Chunk = []
        size = 0
        try:
            for item in self._source.poll(self._cursor):
                chunk.append(item if isinstance(item, Unfetched) else (item, digests(item.raw)))
                size += 0 if isinstance(item, Unfetched) else len(item.raw)
                if len(chunk) >= CHUNK_MESSAGES or size >= CHUNK_BYTES:
                    yield chunk
                    chunk, size = [], 0
        except Unavailable as error:
            self.failure = error
        if chunk:
            yield chunk

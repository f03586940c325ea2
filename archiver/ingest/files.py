"""Takes in files that somebody hands in. They have no UID: identity is the digest alone."""

from collections.abc import Callable

from archiver.ingest.chunk import Stream, pack
from archiver.ingest.desk import Desk
from archiver.ingest.packer import Packer
from archiver.ingest.values import Intake, Report
from archiver.ports import Files


def hand_in(
    files: Files,
    into: Intake,
    *,
    report: Report,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> None:
    """Takes in all that `files` have and the archive has not; `report` grows as things become safe.

    Raises Unavailable when the files or the store fail under way. What was read from files that then failed is kept
    before that is said.
    """
    at = into.clock().replace(microsecond=0)
    desk = Desk(into, report, observed=False, at=at)
    packer = Packer(into.box, into.store, into.providers, at, into.inspector)
    stream = Stream(files.read())
    done = 0
    for chunk in stream:
        done += len(chunk.messages)
        for packed in pack(chunk, desk.sift(chunk.heard.arrivals), packer):
            desk.accept(packed)
        for unread in chunk.unread:
            report.refused.append((unread.origin, unread.reason))
            desk.refuse(unread)
        if desk.turn():
            desk.close(packer.flush())
        progress(done, None)
    desk.close(packer.flush())
    if stream.failure:
        raise stream.failure

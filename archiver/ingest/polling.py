"""Polls a mailbox on a server: looks, fetches with one pair of hands or several, and compares the counts."""

from collections.abc import Callable
from dataclasses import replace

from archiver.errors import Absent
from archiver.ingest.chunk import Stream, pack
from archiver.ingest.crew import Crew
from archiver.ingest.packer import Packer
from archiver.ingest.values import Intake, Report
from archiver.ingest.watch import Share, Watch
from archiver.ports import Mailbox

Progress = Callable[[int, int | None], None]

SHARE = 500
"""Messages that one process of a crew is given at a time; below two of them a crew is not worth its start."""


def poll(
    mailbox: Mailbox,
    into: Intake,
    *,
    report: Report,
    crew: Crew | None = None,
    again: bool = False,
    progress: Progress = lambda done, total: None,
) -> None:
    """Takes in what is new in all folders; `report` grows as things become safe.

    A folder that cannot be read is reported, the others are read. `crew`: processes that share the work when there is
    much of it. `again`: what was given up after three nights is tried once more. Raises Unavailable when the server is
    not there, or goes under way; what came before is kept first.
    """
    at = into.clock().replace(microsecond=0)
    watch = Watch(into, report, at=at, again=again)
    try:
        found = watch.look(mailbox)
        total = sum(len(uids) for _, uids in found)
        if crew and total >= 2 * SHARE:
            mailbox.close()
            shares = [Share(replace(where, uids=part), part) for where, uids in found for part in uids.portions(SHARE)]
            crew.fetch(shares, watch, lambda done: progress(done, total))
        else:
            packer = Packer(into.box, into.store, into.providers, at, into.inspector)
            _fetch([Share(folder, uids) for folder, uids in found if uids], mailbox, packer, watch, progress, total)
        if watch.failure:
            raise watch.failure
        watch.reckon(mailbox)
    finally:
        mailbox.close()


def _fetch(shares: list[Share], mailbox: Mailbox, packer: Packer, watch: Watch, progress: Progress, total: int) -> None:
    """All of it with one pair of hands."""
    done = 0
    for share in shares:
        stream = Stream(share.fetch(mailbox))
        for chunk in stream:
            heard = chunk.heard
            done += heard.total
            for packed in pack(chunk, watch.hear(share.folder, heard), packer):
                watch.accept(packed)
            if watch.desk.turn():
                watch.desk.close(packer.flush())
            progress(done, total)
        if isinstance(stream.failure, Absent):
            watch.broken(share.folder.name, stream.failure)
        elif stream.failure:
            watch.failure = stream.failure
            break
    watch.desk.close(packer.flush())

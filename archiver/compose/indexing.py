"""Searching, and reading for that what the messages hold: the catalog's full text, with the configuration's names."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, cast

from archiver.access import Found, Query
from archiver.access import search as search_catalog
from archiver.access.text import VERSION, Read, read_text
from archiver.access.unrestricted import Unrestricted
from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.searching import FIRST, LAST, Unread
from archiver.adapters.catalog.sharded import OfShard
from archiver.adapters.extract import PdfProcess
from archiver.compose.archive import Archive
from archiver.compose.looking import admitted, searched
from archiver.digest import sha256
from archiver.errors import Absent, Malformed
from archiver.package import layout
from archiver.ports import Lack, ObjectStore, PdfReader
from archiver.submission.searched import Told
from archiver.submission.shard import Shard

PORTION = 200
"""Messages of one question to the catalog."""

NOTED = 8_000_000
"""Characters of text that wait to be noted."""

TOGETHER = 8 << 20
"""Octets that are read from the store at once, of messages that lie together."""

Progress = Callable[[int, int | None], None]


@dataclass(slots=True)
class Indexed:
    """What was read: messages, those whose bytes could not be had (they are asked for again next time), and how many
    things within messages were not read, by reason.
    """

    read: int = 0
    failed: list[str] = field(default_factory=list)
    lacking: Counter[Lack] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        lacks = {lack.value: self.lacking[lack] for lack in Lack}
        return {"read": self.read, "failed": self.failed, "lacking": lacks, "version": VERSION}


def search(
    archive: Archive, query: Query, *, mailbox: str | None, limit: int, after: str | None, reason: str = ""
) -> Found:
    """One page of results in the mailbox called so, once it is in the register who asked, and why. Raises as
    `register`.
    """
    admitted(archive, mailbox, reason)
    if mailbox:
        query = replace(query, mailbox=archive.mailbox(mailbox).id)
    names = {one.id: one.name for one in archive.config.mailboxes}
    catalog = Unrestricted(archive.own)
    found = search_catalog(catalog, query, names=names, limit=limit, after=after)
    question = {_CALLED.get(name, name): value for name, value in query.asked().items()}
    question |= {"state": query.state, "mailbox": mailbox, "after": after}
    told = searched(archive, found, question, reason=reason)
    return replace(
        told,
        unread=archive.catalog.unread_count(VERSION, mailboxes=archive.who.mailboxes),
        restricted=len({row.sha256 for row in catalog.found}),
    )


_CALLED = {"sender": "from", "recipient": "to", "tax": "tax-code"}


def index(
    archive: Archive,
    *,
    again: bool,
    oldest: bool,
    progress: Progress = lambda done, total: None,
    shard: Shard | None = None,
) -> Indexed:
    """Reads the messages that no search has read yet, the newest first; with `again` all of them anew.

    With `shard`, those of that part. Cut short, it goes on when it is run again. Raises Unavailable, and Busy while
    another one is at work.
    """
    done = Indexed()
    catalog = archive.catalog if shard is None else cast(Catalog, OfShard(archive.catalog, shard))
    with archive.alone("index", part=shard.name if shard else None), PdfProcess() as pdf:
        if again:
            catalog.read_again()
        total = catalog.unread_count(VERSION, most=LAST)
        waiting: list[tuple[Unread, Told, int]] = []
        for item, read in _all(archive.store, catalog, oldest=oldest, pdf=pdf, failed=done.failed):
            waiting.append((item, read.told, read.lacking.total()))
            done.read += 1
            done.lacking += read.lacking
            progress(done.read, total)
            if len(waiting) >= PORTION or sum(len(told.body) for _, told, _ in waiting) > NOTED:
                done.lacking[Lack.BOUND] += catalog.note_told(waiting, VERSION)
                waiting = []
        done.lacking[Lack.BOUND] += catalog.note_told(waiting, VERSION)
    return done


def _all(
    store: ObjectStore, catalog: Catalog, *, oldest: bool, pdf: PdfReader, failed: list[str]
) -> Iterator[tuple[Unread, Read]]:
    before, after = LAST, FIRST - 1
    while portion := catalog.unread(VERSION, oldest=oldest, limit=PORTION, before=before, after=after):
        before, after = (before, portion[-1].number) if oldest else (portion[-1].number, after)
        for item, raw in _octets(store, portion):
            if raw is None or sha256(raw) != item.row.sha256:
                failed.append(item.row.sha256)
            else:
                yield item, read_text(raw, pdf)


def _octets(store: ObjectStore, items: Iterable[Unread]) -> Iterator[tuple[Unread, bytes | None]]:
    """Each with the bytes of its message, None when they cannot be had; those that lie together are read together."""
    placed = sorted(items, key=lambda item: (item.row.holder, item.row.segment, item.row.offset))
    for (holder, segment), mine in groupby(placed, key=lambda item: (item.row.holder, item.row.segment)):
        for run in _runs(list(mine)):
            first, last = run[0].row, run[-1].row
            try:
                octets = store.read(
                    layout.segment(holder, segment), first.offset, last.offset + last.size - first.offset
                )
            except (Absent, Malformed):
                yield from ((item, None) for item in run)
                continue
            for item in run:
                start = item.row.offset - first.offset
                yield item, octets if len(run) == 1 else octets[start : start + item.row.size]


def _runs(items: Sequence[Unread]) -> Iterator[list[Unread]]:
    """Messages of one segment, by place, cut where they lie too far from the first of a run."""
    run: list[Unread] = []
    for item in items:
        if run and item.row.offset + item.row.size - run[0].row.offset > TOGETHER:
            yield run
            run = []
        run.append(item)
    if run:
        yield run

"""The proof that a message is not needed on its server, step by step; the first step that fails is why it stays.

1. it is old enough there, has been read, is not marked (`fitting`)
2. a poll has accounted for it, so that its going leaves no gap
3. its bytes, fetched now, are those of a message of this mailbox that the archive has
4. the archive has had it long enough
5. its volume is closed, covered, judged and undamaged (`volumes`)
6. so many stores as configured have the volume, and give the message back now, with both digests
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from archiver.digest import Digests, digests, digests_of
from archiver.errors import Absent, ConfigError, Unavailable
from archiver.package import layout
from archiver.ports import Fetched, Folder, Gone, Marks, ObjectStore
from archiver.purge.values import Proven, Purging, Reason, Report, Wish
from archiver.purge.volumes import Volumes
from archiver.submission.ledger import union
from archiver.submission.rows import MessageRow, Outcome, SegmentRow
from archiver.uids import Uids

PORTION = 500
"""Messages that are proven together."""
AT_ONCE = 8
"""Messages that are read back at one time."""
PIECE = 4 << 20
"""Octets of a message that are read back at once."""


class _Candidate(NamedTuple):
    uid: int
    message: MessageRow
    segment: SegmentRow
    stores: tuple[str, ...]


class Proof:
    """The proof of one run."""

    def __init__(self, work: Purging, wish: Wish, report: Report) -> None:
        self._work, self._wish, self._report = work, wish, report
        self._volumes = Volumes(work, report)
        self._kept: dict[tuple[str, int], list[Uids]] = {}
        for row in work.catalog.ledger(work.mailbox):
            if row.outcome in (Outcome.ARCHIVED, Outcome.KNOWN):
                place = self._kept.setdefault((row.folder, row.validity), [])
                place.append(Uids.span(row.first, row.last))

    def fitting(self, folder: Folder) -> Uids:
        """Those of a folder that may be proven at all; the others are counted."""
        polled = folder.uids & union(self._kept.get((folder.name, folder.validity), []))
        self._report.skip(Reason.UNPOLLED, count=len(folder.uids - polled))
        found: list[int] = []
        for portion in polled.portions(PORTION):
            marks = self._work.server.marks(folder, portion)
            for uid in portion:
                if (reason := unfit(marks.get(uid), self._wish)) is None:
                    found.append(uid)
                else:
                    self._report.skip(reason, folder.name, uid)
        return Uids.of(found)

    def of(self, folder: Folder, uids: Uids) -> Iterator[Proven]:
        """Those of `uids`, at most `PORTION`, that are proven. Raises Absent, Unavailable."""
        fetched = self._fetched(folder, uids)
        places = self._work.catalog.places(self._work.mailbox, {named.sha256 for named in fetched.values()})
        damaged = {row.name for row in self._work.catalog.damages() if row.store in self._work.stores}
        candidates = []
        for uid, named in fetched.items():
            found = self._candidate(uid, named, places.get(named.sha256), damaged)
            if isinstance(found, _Candidate):
                candidates.append(found)
            else:
                self._report.skip(found, folder.name, uid)
        candidates.sort(key=lambda one: (one.segment.sha256, one.message.offset))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for one, stores in zip(candidates, pool.map(self._read_back, candidates), strict=True):
                if len(stores) >= self._work.copies and one.segment.volume:
                    volume, row = one.segment.volume, one.message
                    yield Proven(folder, one.uid, row.sha256, row.size, volume, stores, self._work.clock())
                else:
                    self._report.skip(Reason.COPIES, folder.name, one.uid)

    def _fetched(self, folder: Folder, uids: Uids) -> dict[int, Digests]:
        """The digests of what the server gives."""
        found: dict[int, Digests] = {}
        for item in self._work.server.fetch(folder, uids):
            if isinstance(item, Fetched):
                found[item.uid] = digests(item.raw)
            else:
                reason = Reason.VANISHED if isinstance(item, Gone) else Reason.UNFETCHED
                self._report.skip(reason, folder.name, item.uid)
            del item  # it may be large
        return found

    def _candidate(
        self, uid: int, named: Digests, place: tuple[MessageRow, SegmentRow] | None, damaged: set[str]
    ) -> _Candidate | Reason:
        if place is None or (place[0].sha512, place[0].size) != (named.sha512, named.size):
            return Reason.UNKNOWN
        message, segment = place
        if segment.at >= self._wish.before:
            return Reason.YOUNG
        if segment.volume is None:
            return Reason.OPEN
        if layout.segment(segment.holder, segment.sha256) in damaged:
            return Reason.DAMAGED
        standing = self._volumes.standing(segment.volume)
        if standing.reason is not None:
            return standing.reason
        if bytes.fromhex(message.sha256) not in standing.members:
            return Reason.UNPROVEN
        # a legal hold on the message, or on its mailbox, stands here as soon as there are holds
        if len(standing.stores) < self._work.copies:
            return Reason.COPIES
        return _Candidate(uid, message, segment, standing.stores)

    def _read_back(self, one: _Candidate) -> tuple[str, ...]:
        """The stores that give the message back now, whole."""
        return tuple(store for store in one.stores if self._gives(store, one))

    def _gives(self, store: str, one: _Candidate) -> bool:
        if store in self._report.stores:
            return False
        name = layout.segment(one.segment.holder, one.segment.sha256)
        expected = Digests(one.message.sha256, one.message.sha512, one.message.size)
        try:
            held = self._work.stores[store]
            return digests_of(_pieces(held, name, one.message.offset, one.message.size)) == expected
        except Absent:
            return False
        except (Unavailable, ConfigError) as error:
            self._report.stores[store] = str(error)
            return False


def unfit(marks: Marks | None, wish: Wish) -> Reason | None:
    """Why a message that looks so on its server stays there, before anything is proven; None when it may go."""
    if marks is None:
        return Reason.VANISHED
    if marks.received is None:
        return Reason.UNDATED
    if marks.received >= wish.before:
        return Reason.YOUNG
    if "\\flagged" in marks.flags:
        return Reason.FLAGGED
    if "\\seen" not in marks.flags and not wish.unread:
        return Reason.UNREAD
    return None


def still(marks: Mapping[int, Marks], wish: Wish, uids: Uids) -> Uids:
    """Those of `uids` that may go still."""
    return Uids.of(uid for uid in uids if unfit(marks.get(uid), wish) is None)


def _pieces(store: ObjectStore, name: str, offset: int, size: int) -> Iterator[bytes]:
    for at in range(0, size, PIECE):
        yield store.read(name, offset + at, min(PIECE, size - at))

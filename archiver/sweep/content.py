"""The content: every byte of every copy is read in rotation, what was not read for longest first, within a budget.

Each object's SHA-256 is compared with what it must be. The reading is the threads' work, the deciding is not.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from archiver.digest import Sha256
from archiver.errors import Absent, ArchiverError, ConfigError, Unavailable
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow
from archiver.sweep.members import Members
from archiver.sweep.values import DIGEST, GRAVE, MEMBERS, MISSING, UNREADABLE, Budget, Failure, Report, Sweeping

PIECE = 1 << 20
_PAGE = 200
_INSTANT = timedelta(microseconds=1)
"""What was listed in the very moment in which reading begins is read too."""
_UNREAD = "UNREAD"
"""Instead of the code of a damage: nobody has looked, as the store does not answer or time was over."""

Pair = tuple[ObjectRow, CopyRow]


def read_content(budget: Budget, work: Sweeping, report: Report, step: Callable[[int], None]) -> None:
    """Reads the oldest copies, notes those that are right and what is wrong with the others."""
    reading = _Reading(budget, work, report)
    with ThreadPoolExecutor(work.threads) as pool:
        pairs = reading.pairs()
        while page := list(islice(pairs, _PAGE)):
            for pair, found in zip(page, pool.map(lambda pair: reading.read(*pair), page), strict=True):
                reading.judge(pair, found)
                step(report.bytes)
            reading.note()
    reading.members.open_due(
        reading.begun if budget.deep else budget.opened,
        spent=lambda: reading.spent,
        there=lambda: answers(work.stores[work.primary]),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What reading one copy came to: its digest and size, or the code of what is wrong and why."""

    digest: str = ""
    size: int = 0
    code: str = ""
    reason: str = ""


class _Reading:
    def __init__(self, budget: Budget, work: Sweeping, report: Report) -> None:
        self.budget, self.work, self.report = budget, work, report
        self.begun = work.clock()
        self.members = Members(work, report)
        self._wrong: list[DamageRow] = []
        self._right: list[CopyRow] = []
        # what could not even be listed is left alone
        self._silent = {failure.store for failure in report.failures}
        self._damaged = grave(work.catalog.damages())

    @property
    def spent(self) -> bool:
        """Whether the run has read all that it may."""
        budget = self.budget
        return self._late or (budget.bytes is not None and self.report.bytes >= budget.bytes)

    @property
    def _late(self) -> bool:
        time = self.budget.time
        return time is not None and self.work.clock() - self.begun >= time

    def pairs(self) -> Iterator[Pair]:
        """Copies to be read, the oldest first, as far as the budget goes; small pages, so that a cut costs little."""
        damaged: list[Pair] = []
        ahead = 0
        for row, copy in self._due():
            if self.spent or (self.budget.bytes is not None and ahead >= self.budget.bytes):
                return
            if (copy.store, copy.name) in self._damaged:
                # known to be wrong, and never read again: it must not stand before all others for ever
                if len(damaged) < _PAGE:
                    damaged.append((row, copy))
                continue
            ahead += max(0, row.size)
            yield row, copy
        for pair in damaged:
            if self.spent:
                return
            yield pair

    def _due(self) -> Iterator[Pair]:
        after = None
        before = self.budget.before or self.begun + _INSTANT
        while rows := self.work.catalog.oldest(before=before, after=after, limit=_PAGE):
            for row, copy in rows:
                after = (copy.read or copy.at, copy.store, copy.name)
                ours = copy.store in self.work.stores and copy.store not in self._silent
                if ours and not (copy.read and copy.read >= self.begun):  # by this run
                    yield row, copy

    def read(self, row: ObjectRow, copy: CopyRow) -> Found:
        """One copy, to its end; in a thread."""
        if copy.store in self._silent or self._late:
            return Found(code=_UNREAD)
        try:
            return digested(self.work.stores[copy.store], row.name)
        except Absent:
            return Found(code=MISSING)
        except (Unavailable, ConfigError) as error:
            return Found(code=UNREADABLE, reason=str(error))

    def judge(self, pair: Pair, found: Found) -> None:
        """What is to be noted of it."""
        row, copy = pair
        if found.code == _UNREAD or (found.code == UNREADABLE and not self._answers(copy.store, found.reason)):
            return
        self.report.objects += 1
        self.report.bytes += found.size
        if found.code:
            self._note_wrong(copy, found.code, found.reason)
        elif found.digest != row.sha256:
            self._note_wrong(copy, DIGEST, found.digest)
        else:
            self._right.append(replace(copy, read=self.work.clock()))
            # a segment in a volume is looked into with its index
            if self.budget.deep and (row.kind == Kind.INDEX or (row.kind == Kind.SEGMENT and not row.subject)):
                self._note_members(row, copy)

    def note(self) -> None:
        """Writes down what the page brought: the wrong first."""
        catalog = self.work.catalog
        catalog.note_damages(self._wrong)
        catalog.note_copies(self._right)
        catalog.resolve([row for copy in self._right for row in self._damaged.get((copy.store, copy.name), ())])
        self._wrong, self._right = [], []

    def _note_wrong(self, copy: CopyRow, code: str, found: str) -> None:
        now = self.work.clock()
        self._wrong.append(DamageRow(copy.store, copy.name, code, now, now, found[:500]))

    def _note_members(self, row: ObjectRow, copy: CopyRow) -> None:
        try:
            reason = self.members.wrong(row, self.work.stores[copy.store])
        except (Unavailable, ConfigError) as error:
            if not self._answers(copy.store, str(error)):
                return
            reason = str(error)
        damage = DamageRow(copy.store, copy.name, MEMBERS, self.work.clock(), self.work.clock(), reason[:500])
        if reason:
            self._wrong.append(damage)
        else:
            self.work.catalog.resolve([damage])

    def _answers(self, store: str, reason: str) -> bool:
        """Whether the store answers at all: then one object is damaged; else the store is left alone for this run."""
        if store in self._silent:
            return False
        if answers(self.work.stores[store]):
            return True
        self._silent.add(store)
        self.report.failures.append(Failure(store, reason, passing=True))
        return False


def grave(damages: Iterable[DamageRow]) -> dict[tuple[str, str], list[DamageRow]]:
    """Those after which a store does not have an object any more, by store and name."""
    found: dict[tuple[str, str], list[DamageRow]] = {}
    for row in damages:
        if row.code in GRAVE:
            found.setdefault((row.store, row.name), []).append(row)
    return found


def answers(store: ObjectStore) -> bool:
    """Whether a store that could not read one object can be asked about the others."""
    try:
        next(store.inventory(), None)
    except ArchiverError:
        return False
    return True


def digested(store: ObjectStore, name: str) -> Found:
    """SHA-256 and size of an object as it is read now. Raises Absent, Unavailable."""
    made, size = hashlib.sha256(), 0
    with store.open(name) as file:
        while piece := file.read(PIECE):
            made.update(piece)
            size += len(piece)
    return Found(Sha256(made.hexdigest()), size)

"""Locks, delete markers and versions: what a store that keeps objects locked shows, and what is done about it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.estates import DAY, PRIMARY, SECOND, Estate, kinds

from archiver.package.layout import Kind
from archiver.ports import Held, ObjectStore
from archiver.submission.keeping import PERMANENT, WAITING
from archiver.sweep import Budget, Report, Sweeping, replicate, sweep

END = datetime(2036, 12, 31, 23, tzinfo=UTC)
"""The end of the later volume's term; of the earlier one a year before."""


class Locked:
    """A store that locks, as one sees it through the port; over a folder, which does not."""

    locks = True

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.until: dict[str, datetime] = {}
        self.shown: dict[str, dict[str, Any]] = {}

    def retain(self, name: str, *, until: datetime) -> None:
        self._store.retain(name, until=until)
        self.until[name] = max(until, self.until.get(name, until))

    def locked_until(self, name: str) -> datetime | None:
        self._store.locked_until(name)
        return self.until.get(name)

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        return (replace(held, **self.shown.get(held.name, {})) for held in self._store.inventory(prefix))

    def repair(self, name: str, data: Any) -> None:
        self._store.repair(name, data)
        self.shown.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def locked(estate: Estate) -> Iterator[tuple[Sweeping, Locked]]:
    """The estate whose second store locks, and has locked everything as it must."""
    with estate.work() as work:
        store = Locked(work.stores[SECOND])
        work = replace(work, stores={**work.stores, SECOND: store})
        for copy in work.catalog.copies(SECOND, estate.promised()).values():
            work.catalog.note_copies([replace(copy, kept="-")])
        assert replicate(work).failures == []
        yield work, store


def listed(work: Sweeping, *, repair: bool = False) -> Report:
    return sweep(work, Budget(work.clock() - 90 * DAY, work.clock() - 2000 * DAY), days=90, repair=repair)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(row.store, row.name, row.code) for row in report.open}


def test_copies_are_locked_to_the_end_of_the_term_of_the_longest_user(
    estate: Estate, locked: tuple[Sweeping, Locked]
) -> None:
    work, store = locked
    ends = {kind: {store.until[name] for name, row in estate.promised().items() if row.kind == kind} for kind in Kind}
    earlier, now = END.replace(year=2035), work.clock()
    assert ends[Kind.INDEX] == ends[Kind.METADATA] == ends[Kind.VOLUME_RECORD] == {earlier, END}
    assert ends[Kind.RDV] == ends[Kind.RDV_RECORD] == {END}
    assert ends[Kind.ACT] == ends[Kind.REPORT] == ends[Kind.BATCH] == {now + PERMANENT}
    assert listed(work).passed


def test_a_lock_that_is_too_short_is_an_error_and_repaired(locked: tuple[Sweeping, Locked]) -> None:
    work, store = locked
    name = kinds(store.until)[Kind.SEGMENT]
    before, store.until[name] = store.until[name], datetime(2030, 1, 1, tzinfo=UTC)
    gone = kinds(store.until)[Kind.ACT]
    del store.until[gone]
    seen = listed(work)
    assert found(seen) == {(SECOND, name, "LOCK"), (SECOND, gone, "LOCK")}
    assert (seen.as_json()["locks"], seen.passed) == (2, False)
    seen = listed(work, repair=True)
    assert (found(seen), seen.passed, store.until[name]) == (set(), True, before)
    assert store.until[gone] == work.clock() + PERMANENT
    assert {(repair.damage.name, repair.before, repair.after) for repair in seen.repairs} >= {
        (name, f"2030-01-01 < {before:%Y-%m-%d}", f"{before:%Y-%m-%d}")
    }


@pytest.mark.parametrize(("left", "extended"), [(PERMANENT / 2 + DAY, 0), (PERMANENT / 2 - DAY, 1), (DAY, 1)])
def test_a_lock_for_ever_is_made_longer_when_half_of_it_is_over(
    locked: tuple[Sweeping, Locked], left: timedelta, extended: int
) -> None:
    work, store = locked
    name, now = kinds(store.until)[Kind.ACT], work.clock()
    store.until[name] = now + left
    seen = listed(work)
    assert (seen.extended, found(seen), seen.passed) == (extended, set(), True)
    assert store.until[name] == (now + PERMANENT if extended else now + left)


def test_what_waits_for_its_volume_is_locked_for_a_while_again(estate: Estate, locked: tuple[Sweeping, Locked]) -> None:
    work, store = locked
    name = kinds(store.until)[Kind.SEGMENT]
    work.catalog.assign("", [name])
    store.until[name] = estate.at - DAY
    seen = listed(work)
    assert (seen.extended, found(seen), store.until[name]) == (1, set(), estate.at + WAITING)


def test_locks_follow_the_object_to_its_volume(estate: Estate, locked: tuple[Sweeping, Locked]) -> None:
    work, store = locked
    (name, row) = next((name, row) for name, row in estate.promised().items() if row.kind == Kind.SEGMENT)
    store.until[name] = estate.at + WAITING
    (copy,) = work.catalog.copies(SECOND, [name]).values()
    work.catalog.note_copies([replace(copy, kept="")])
    done = replicate(work)
    assert (done.locked, done.copied) == (1, 0)
    assert store.until[name] == work.term(row.subject).wanted
    assert replicate(work).locked == 0


def test_an_object_under_a_delete_marker_is_an_error_and_comes_back(locked: tuple[Sweeping, Locked]) -> None:
    work, store = locked
    name = kinds(store.until)[Kind.INDEX]
    store.shown[name] = {"hidden": True}
    seen = listed(work)
    assert (found(seen), seen.passed) == ({(SECOND, name, "HIDDEN")}, False)
    seen = listed(work, repair=True)
    assert (found(seen), seen.passed) == (set(), True)
    assert [repair.damage.code for repair in seen.repairs] == ["HIDDEN"]


def test_versions_that_no_repair_accounts_for_are_a_warning_while_they_are_there(
    locked: tuple[Sweeping, Locked], estate: Estate
) -> None:
    work, store = locked
    name = kinds(store.until)[Kind.INDEX]
    store.shown[name] = {"others": 2}
    seen = listed(work, repair=True)
    assert (found(seen), seen.passed) == ({(SECOND, name, "OTHERS")}, True)
    assert "2" in seen.findings[0].text("en")
    store.shown.clear()
    estate.at += DAY
    assert found(listed(work)) == set()


def test_a_repaired_object_is_locked_again(locked: tuple[Sweeping, Locked], estate: Estate) -> None:
    work, store = locked
    name = kinds(store.until)[Kind.SEGMENT]
    before = store.until.pop(name)
    estate.rot(SECOND).destroy(name)
    assert listed(work, repair=True).passed
    assert store.until[name] == before
    assert PRIMARY != SECOND

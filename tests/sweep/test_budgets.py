"""Rotation: the oldest first, within a budget, resumed by the next run; and a promise that is kept or broken."""

import hashlib
import io
import itertools
import tracemalloc
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import pytest
from support.estates import DAY, NIGHT, PRIMARY, SECOND, STORES, THIRD, Estate, kinds

from archiver.digest import Sha256
from archiver.package.layout import Kind
from archiver.submission.rows import CopyRow, ObjectRow
from archiver.sweep import Budget, Report
from archiver.sweep.content import read_content

SECOND_OF_TIME = timedelta(seconds=1)
EVERYTHING = 3 * 32
"""Copies: so many objects in each of three stores."""


def read(estate: Estate) -> dict[tuple[str, str], datetime]:
    """When each copy was read last."""
    with estate.work() as work:
        return {
            (store, name): copy.read
            for store in STORES
            for name, copy in work.catalog.copies(store, estate.promised()).items()
            if copy.read
        }


def test_runs_with_a_budget_go_round_the_oldest_first_and_come_to_the_end(estate: Estate) -> None:
    before = read(estate)
    objects = {store: estate.objects(store) for store in STORES}
    total = sum(len(octets) for found in objects.values() for octets in found.values())
    seen: list[tuple[str, str]] = []
    runs = 0
    while len(seen) < len(before):
        runs += 1
        estate.at += DAY
        report = estate.sweep(budget=total // 4)
        largest = max(len(octets) for octets in objects[PRIMARY].values())
        assert 0 < report.bytes < total // 4 + largest, "a budget is overstepped by one object at most"
        now = [key for key, at in read(estate).items() if at == estate.at]
        assert len(now) == report.objects
        waiting = [before[key] for key in before if key not in {*seen, *now}]
        oldest = [before[key] for key in now if key in before and key not in seen]
        assert max(oldest) <= min(waiting, default=estate.at)
        twice = {*seen} & {*now}
        assert not twice or before.keys() <= {*seen, *now}, "nothing is read twice before everything was read once"
        seen += [key for key in now if key in before and key not in twice]
    assert runs in (4, 5, 6)


def test_without_a_budget_what_was_read_less_than_half_the_promise_ago_is_left(estate: Estate) -> None:
    estate.at = NIGHT + 44 * DAY
    assert estate.sweep().objects == 0
    estate.replicate()
    estate.at = NIGHT + 46 * DAY
    report = estate.sweep()
    assert report.objects == len(read(estate)) - 3  # all but the report of the sweep before
    assert report.oldest_unread_days == 2


@pytest.mark.parametrize(("days", "kept"), [(90, True), (91, False)])
def test_the_promise_is_kept_to_the_day(estate: Estate, days: int, kept: bool) -> None:
    estate.at = NIGHT + timedelta(days=days)
    report = estate.sweep(budget=timedelta(0))
    assert (report.oldest_unread_days, report.kept, report.passed) == (days, kept, kept)
    assert (report.as_json()["oldest_unread_days"], report.as_json()["promise_kept"]) == (days, kept)


def test_one_replica_that_nobody_reads_breaks_it_for_all(estate: Estate) -> None:
    estate.root(THIRD).rename(estate.folder / "away")
    estate.at = NIGHT + 60 * DAY
    estate.sweep(everything=True)
    estate.at = NIGHT + 100 * DAY
    report = estate.sweep(budget=timedelta(0))
    assert (report.oldest_unread_days, report.kept) == (100, False)
    assert {store: (estate.at - since).days for store, since in report.unread_since.items()} == {
        PRIMARY: 40,
        SECOND: 40,
        THIRD: 100,
    }


def test_when_time_is_over_nothing_more_is_read(estate: Estate) -> None:
    ticks = itertools.count()
    with estate.work() as work:
        slow = replace(work, clock=lambda: estate.at + next(ticks) * SECOND_OF_TIME, threads=1)
        report = Report(days=90)
        budget = Budget(before=estate.at + DAY, opened=estate.at - DAY, time=150 * SECOND_OF_TIME)
        read_content(budget, slow, report, lambda done: None)
    assert 0 < report.objects < EVERYTHING - 30


class Vast:
    """A store whose every object is a hundred million zeros."""

    locks = False
    size = 100_000_000

    def open(self, name: str) -> BinaryIO:
        return Zeros(self.size)  # type: ignore[return-value]


class Zeros(io.RawIOBase):
    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, size: int = -1) -> bytes:
        found = self.left if size < 0 else min(size, self.left)
        self.left -= found
        return bytes(found)


def test_an_object_of_any_size_is_read_in_little_memory(estate: Estate) -> None:
    digest = hashlib.sha256(bytes(Vast.size)).hexdigest()
    name = f"h-prova/segments/{digest[:2]}/{digest}.zip"
    with estate.work() as work:
        work.catalog.promise([ObjectRow(name, "h-prova", Kind.METADATA, Sha256(digest), Vast.size, "*", estate.at)])
        work.catalog.note_copies([CopyRow("vast", name, NIGHT - DAY)])
        stores: dict[str, Any] = {"vast": Vast()}
        report = Report()
        tracemalloc.start()
        read_content(Budget(NIGHT, NIGHT - DAY), replace(work, stores=stores), report, lambda done: None)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (report.objects, report.bytes, work.catalog.damages()) == (1, Vast.size, [])
    assert peak < 30_000_000


def test_messages_are_opened_when_nobody_has_for_years_and_counted(estate: Estate) -> None:
    report = estate.sweep()
    assert (report.opened, report.readable.messages) == (0, 0)
    estate.at += 1461 * DAY
    report = estate.sweep(everything=True)
    segments = sum("/segments/" in name for name in estate.objects())
    assert report.opened == segments
    assert report.as_json()["readable"]["messages"] == 12
    estate.at += DAY
    assert estate.sweep(everything=True).opened == 0
    assert kinds(estate.objects())[Kind.SEGMENT]

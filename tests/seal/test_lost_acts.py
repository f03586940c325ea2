"""Acts that are gone or damaged: said every night, and no other act waits for its evidence because of them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support import acting
from support.embedded import HOLDER, TSA, Disk, Embedded
from support.revoking import NOW

from archiver.package import layout
from archiver.package.act import Act, ActKind
from archiver.pec.providers import Providers
from archiver.seal import Report
from archiver.submission.acts import caught_up

ACTS = acting.register(*[ActKind.SHOW] * 6, holder=HOLDER)
DAY = timedelta(days=1)

Start = Callable[[int], Embedded]


@pytest.fixture
def process(tmp_path: Path, ca: Path) -> Embedded:
    """A register of three acts, and the night after them."""
    disk = Disk.made(tmp_path / "one")
    acting.stored(ACTS[:3], disk.store)
    process = Embedded(disk, ca, Providers(), lambda: NOW)
    report = process.seal()
    assert (report.others, report.tokens, report.failures) == (1, 1, [])
    return process


def write(process: Embedded, *acts: Act) -> None:
    """Into the store and the catalog, as whoever does something writes them."""
    acting.stored(acts, process.disk.store)
    with process.disk.catalog() as catalog:
        caught_up(process.disk.store, catalog, HOLDER, at=NOW)


def night(process: Embedded, number: int, *more: Act) -> Report:
    """These acts are written, and a night comes."""
    acting.stored(more, process.disk.store)
    process.clock = lambda: NOW + number * DAY
    return process.seal()


def heads(process: Embedded) -> list[int]:
    """The numbers of the acts of which a record is noted; and all records in the store are."""
    with process.disk.catalog() as catalog:
        names = catalog.act_records(HOLDER)
    assert names == [name for name in process.disk.objects() if "/acts/" in name and name.endswith(".ers")]
    ids = {parsed.id for name in names if (parsed := layout.parse(name))}
    return [item.number for item in ACTS if item.id in ids]


def lose(process: Embedded, *acts: Act, evidence: bool = False) -> None:
    for item in acts:
        del process.disk.store._objects[item.name]
        if evidence:
            process.disk.store._objects.pop(layout.act_record(HOLDER, item.id, tsa=TSA, number=1), None)


def failed(report: Report) -> list[str]:
    return [failure.subject for failure in report.failures]


GONE = {"the first": (0, False), "one behind the head": (1, False), "the head with its evidence": (2, True)}


@pytest.mark.parametrize("gone", GONE)
def test_a_covered_act_that_is_gone_is_said_every_night_and_later_ones_are_covered_all_the_same(
    process: Embedded, gone: str
) -> None:
    number, evidence = GONE[gone]
    lose(process, ACTS[number], evidence=evidence)
    assert failed(night(process, 1)) == [ACTS[number].name]
    report = night(process, 2, ACTS[3])
    assert (failed(report), report.others, report.tokens) == ([ACTS[number].name], 1, 1)
    again = night(process, 3)
    assert (failed(again), again.others, again.tokens) == ([ACTS[number].name], 0, 0)


def test_an_act_that_is_lost_before_its_night_does_not_stop_the_evidence_of_the_next(process: Embedded) -> None:
    write(process, *ACTS[3:5])
    lose(process, ACTS[3])
    report = night(process, 1)
    assert (failed(report), report.others, report.tokens) == ([ACTS[3].name], 1, 1)
    assert heads(process) == [3, 5]
    again = night(process, 2)
    assert (again.others, again.tokens) == (0, 0)


def test_many_that_are_gone_are_one_failure_that_counts_them(process: Embedded) -> None:
    lose(process, *ACTS[:3], evidence=True)
    (failure,) = night(process, 1).failures
    assert failure.subject == ACTS[0].name
    assert "and 2 more" in failure.reason


def test_the_newest_whole_act_stands_in_for_a_damaged_last_one_and_no_token_is_wasted(process: Embedded) -> None:
    write(process, *ACTS[3:5])
    lose(process, ACTS[4])
    process.disk.store.put(ACTS[4].name, b"x")
    report = night(process, 1)
    assert (failed(report), report.others, report.tokens) == ([ACTS[4].name], 1, 1)
    assert heads(process) == [3, 4]
    again = night(process, 2)
    assert (failed(again), again.others, again.tokens) == ([ACTS[4].name], 0, 0)
    after = night(process, 3, ACTS[5])
    assert (failed(after), after.others, after.tokens) == ([], 1, 1), "behind a head it is for sweep and judge"
    assert heads(process) == [3, 4, 6]
    assert night(process, 4).tokens == 0

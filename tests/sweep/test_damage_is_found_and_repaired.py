"""Every kind of object, harmed in every way, on the primary and on a replica: found, named, repaired."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, BinaryIO

import pytest
from support.estates import DAY, PRIMARY, SECOND, STORES, THIRD, Estate, kinds

from archiver.errors import Unavailable
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.sweep import Budget, Report, sweep
from archiver.verdict import Indication

Harm = Callable[[Estate, str, str], None]
Found = set[tuple[str, str, str]]

HARMS: dict[str, tuple[Harm, frozenset[str], frozenset[str]]] = {
    "flip": (lambda estate, store, name: estate.rot(store).flip(name, 9), frozenset(), frozenset({"DIGEST"})),
    "truncate": (
        lambda estate, store, name: estate.rot(store).truncate(name, 11),
        frozenset({"SIZE"}),
        frozenset({"SIZE", "DIGEST"}),
    ),
    "empty": (
        lambda estate, store, name: estate.rot(store).truncate(name),
        frozenset({"SIZE"}),
        frozenset({"SIZE", "DIGEST"}),
    ),
    "destroy": (
        lambda estate, store, name: estate.rot(store).destroy(name),
        frozenset({"MISSING"}),
        frozenset({"MISSING"}),
    ),
    "another": (
        lambda estate, store, name: estate.rot(store).change(name, lambda octets: another(estate, octets)),
        frozenset({"SIZE"}),
        frozenset({"SIZE", "DIGEST"}),
    ),
}
"""How, and what a listing finds of it, and what reading everything does."""

NOTHING = timedelta(0)


def another(estate: Estate, octets: bytes) -> bytes:
    """What lies in another place of the archive, of another size."""
    return next(other for other in estate.objects(THIRD).values() if len(other) != len(octets))


def found(report: Report) -> Found:
    """What is wrong; the replicas lag behind by the report of the last sweep."""
    return {(row.store, row.name, row.code) for row in report.open if row.code != "BEHIND"}


def harmed(estate: Estate, turn: int) -> tuple[Found, Found, dict[tuple[str, str], bytes | None]]:
    """One object of each kind harmed in its own way, otherwise on the primary than on a replica."""
    listed, read, bytes_then = Found(), Found(), {}
    for place, (_, name) in enumerate(sorted(kinds(estate.objects()).items())):
        for shift, store in enumerate((PRIMARY, SECOND)):
            harm, by_listing, by_reading = HARMS[list(HARMS)[(place + turn + shift) % len(HARMS)]]
            harm(estate, store, name)
            path = estate.root(store) / name
            bytes_then[store, name] = path.read_bytes() if path.exists() else None
            listed |= {(store, name, code) for code in by_listing}
            read |= {(store, name, code) for code in by_reading}
    return listed, read, bytes_then


@pytest.mark.parametrize("turn", range(len(HARMS)))
def test_what_is_harmed_is_named_and_repaired_and_what_was_there_lies_aside(estate: Estate, turn: int) -> None:
    good = {store: estate.objects(store) for store in STORES}
    elsewhere = {Kind.DISCARD, Kind.DISCARD_RECORD, Kind.REPORT_RECORD, Kind.TAKEOVER, Kind.TAKEOVER_RECORD}
    assert set(kinds(good[PRIMARY])) == set(Kind) - elsewhere
    listed, read, bytes_then = harmed(estate, turn)

    seen = estate.sweep(budget=NOTHING)
    assert (found(seen) ^ listed, seen.objects, seen.passed) == (set(), 0, False)
    estate.at += DAY
    seen = estate.sweep(everything=True)
    assert (found(seen) ^ read, seen.passed) == (set(), False)
    assert all("since" in finding.text("en") for finding in seen.findings)
    since = {(row.store, row.name, row.code): row.since for row in seen.open if row.code != "BEHIND"}

    estate.at += DAY
    done = estate.sweep(budget=NOTHING, repair=True)
    assert found(done) == set()
    assert done.passed, (done.open, done.failures)
    for store in STORES:
        now = estate.objects(store)
        assert {name: now.get(name) for name in good[store]} == good[store]
    told = {(repair.damage.store, repair.damage.name, repair.damage.code): repair for repair in done.repairs}
    assert set(told) == read
    assert {key: repair.damage.since for key, repair in told.items()} == since
    for (store, name), octets in bytes_then.items():
        aside = estate.rot(store).replaced(name)
        assert aside == ([] if octets is None else [octets])
    assert done.as_json()["repaired"] == len(bytes_then)
    assert estate.judged().indication is Indication.PASSED


@pytest.mark.parametrize("store", [PRIMARY, SECOND])
def test_what_no_store_has_right_stays_open_and_loud(estate: Estate, store: str) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    for place, id in enumerate(STORES):
        estate.rot(id).flip(name, place + 3)
    seen = estate.sweep(everything=True)
    first = {row.since for row in seen.open if row.name == name}
    wrong = estate.objects(store)[name]
    for _ in range(2):
        estate.at += DAY
        seen = estate.sweep(budget=NOTHING, repair=True)
        assert found(seen) == {(id, name, "DIGEST") for id in STORES}
        assert {row.since for row in seen.open if row.name == name} == first
        assert (seen.repairs, seen.passed) == ([], False)
    assert estate.objects(store)[name] == wrong


def test_a_right_copy_that_comes_back_by_hand_is_noticed_without_repair(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.INDEX]
    good = estate.objects()[name]
    estate.rot().flip(name)
    assert found(estate.sweep(everything=True)) == {(PRIMARY, name, "DIGEST")}
    estate.rot().change(name, lambda _: good)
    estate.at += DAY
    seen = estate.sweep(everything=True)
    assert (found(seen), seen.repairs, seen.passed) == (set(), [], True)


def test_a_folder_in_the_place_of_an_object_is_said_and_the_rest_is_repaired(estate: Estate) -> None:
    names = kinds(estate.objects())
    folder, other = names[Kind.SEGMENT], names[Kind.METADATA]
    estate.rot().destroy(folder)
    (estate.root() / folder).mkdir()
    (estate.root() / folder / "letter.txt").write_bytes(b"somebody's")
    estate.rot().destroy(other)
    wanted = {(PRIMARY, folder, "MISSING"), (PRIMARY, f"{folder}/letter.txt", "UNEXPECTED")}
    assert found(estate.sweep(everything=True)) == wanted | {(PRIMARY, other, "MISSING")}
    estate.at += DAY
    seen = estate.sweep(budget=NOTHING, repair=True)
    assert found(seen) == wanted
    assert [failure.store for failure in seen.failures] == [PRIMARY]
    assert folder in seen.failures[0].reason
    (estate.root() / folder).rename(estate.folder / "taken out")
    estate.at += DAY
    assert estate.sweep(budget=NOTHING, repair=True).passed


def test_a_repair_never_takes_bytes_from_a_copy_that_is_not_right(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    good = estate.objects(THIRD)[name]
    estate.rot().destroy(name)
    estate.rot(SECOND).flip(name)  # nobody has noticed yet
    seen = estate.sweep(budget=NOTHING, repair=True)
    assert [(repair.damage.store, repair.source) for repair in seen.repairs] == [(PRIMARY, THIRD)]
    assert estate.objects()[name] == good


def test_an_object_that_the_disk_cannot_read_is_one_damage_and_not_a_dead_store(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.METADATA]
    with estate.work() as work:
        bad = Unreadable(work.stores[SECOND], name)
        stores = {**work.stores, SECOND: bad}
        report = sweep(replace(work, stores=stores), Budget(before=estate.at, opened=estate.at - DAY), days=90)
        assert found(report) == {(SECOND, name, "UNREADABLE")}
        assert report.failures == []
        assert {copy.read for copy in work.catalog.copies(SECOND, [name]).values()} != {estate.at}
        assert report.objects == sum(len(estate.objects(id)) for id in STORES)


class Unreadable:
    """A store on a disk with a bad sector under one object."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        self._store, self._name = store, name

    def open(self, name: str) -> BinaryIO:
        if name == self._name:
            raise Unavailable(f"{name}: Input/output error")
        return self._store.open(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

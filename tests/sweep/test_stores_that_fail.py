"""One object, or one store, that fails: the others are judged, brought and counted all the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.archives import letter
from support.estates import DAY, PRIMARY, SECOND, THIRD, Estate, kinds
from support.shadows import Busy, Dropping, Fickle, Mute, Picky
from support.small import ingest

from archiver import compose
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.adapters.stores.memory import MemoryStore
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.submission.rows import DamageRow
from archiver.sweep import Budget, Report, Sweeping, census, replicate, sweep
from archiver.sweep.repair import repair

MESSAGES = 12


def everything(work: Sweeping, *, deep: bool = False) -> Report:
    return sweep(work, Budget(before=None, opened=work.clock() - 3000 * DAY, deep=deep), days=90)


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(row.store, row.name, row.code) for row in report.open}


def test_one_object_whose_lock_cannot_be_told_hides_nothing_of_the_others(estate: Estate) -> None:
    mute, lost, rotten = sorted(estate.promised())[5::10][:3]
    estate.rot().destroy(lost)
    estate.rot().flip(rotten)
    with estate.work() as work:
        seen = everything(replace(work, stores={PRIMARY: Mute(work.stores[PRIMARY], mute)}))
    assert found(seen) == {(PRIMARY, mute, "LOCK"), (PRIMARY, lost, "MISSING"), (PRIMARY, rotten, "DIGEST")}
    assert (seen.failures, seen.objects) == ([], len(estate.promised()))


def test_a_folder_that_nobody_may_read_and_links_in_a_circle_hide_nothing_of_the_others(estate: Estate) -> None:
    (estate.root() / "lost+found").mkdir()
    (estate.root() / "lost+found" / "#1234").write_bytes(b"")
    (estate.root() / "h-prova" / "round").symlink_to("..")
    (estate.root() / "itself").symlink_to("itself")
    lost = kinds(estate.objects())[Kind.SEGMENT]
    estate.rot().destroy(lost)
    seen = estate.sweep(everything=True)
    assert (found(seen), seen.failures) == ({(PRIMARY, lost, "MISSING")}, [])


@pytest.mark.parametrize(("away", "copies", "safe"), [(1, 2, MESSAGES), (1, 3, 0), (2, 2, 0), (2, 1, MESSAGES)])
def test_only_stores_that_answered_make_a_message_safe(estate: Estate, away: int, copies: int, safe: int) -> None:
    text = estate.config.read_text(encoding="utf-8")
    estate.config.write_text(text.replace("[archive]\n", f"[archive]\ncopies = {copies}\n", 1), encoding="utf-8")
    stores = (THIRD, SECOND)[:away]
    for store in stores:
        estate.root(store).rename(estate.folder / f"away-{store}")
    brought, seen = estate.replicate(), estate.sweep()
    assert {failure.store for failure in seen.failures} == set(stores)
    assert (brought.safe, brought.unsafe) == (seen.safe, seen.unsafe) == (safe, MESSAGES - safe)
    assert compose.status(estate.open(), at=estate.at, lang="it").safe == safe


def test_an_object_that_a_replica_refuses_stops_none_of_those_behind_it(estate: Estate) -> None:
    refused, unlocked = sorted(estate.promised())[:2]
    store = MemoryStore()
    with estate.work() as work:
        replica = Picky(store, put=refused, retain=unlocked)
        work = replace(work, stores={PRIMARY: work.stores[PRIMARY], "nuovo": replica}, copies=2)
        for _ in range(2):
            done = replicate(work)
            names = {failure.reason.partition(":")[0] for failure in done.failures}
            assert {failure.store for failure in done.failures} == {"nuovo"}
        assert names == {refused, unlocked}
        assert {held.name for held in store.list()} == estate.promised().keys() - {refused}
        assert replica.locked == estate.promised().keys() - {refused, unlocked}
        assert done.safe == MESSAGES, "a store that refuses something is not away"


def test_a_lock_that_is_refused_for_one_is_given_to_those_behind_it(estate: Estate) -> None:
    """When their volume has closed, and everything was there before."""
    stubborn = sorted(estate.promised())[0]
    with estate.work() as work:
        replica = Picky(work.stores[SECOND], retain=stubborn)
        copies = work.catalog.copies(SECOND, estate.promised()).values()
        work.catalog.note_copies([replace(copy, kept="-") for copy in copies])
        work = replace(work, stores={PRIMARY: work.stores[PRIMARY], SECOND: replica})
        for _ in range(2):
            done = replicate(work)
            ((store, reason),) = [(failure.store, failure.reason) for failure in done.failures]
            assert (store, stubborn in reason) == (SECOND, True)
        assert replica.locked == estate.promised().keys() - {stubborn}
        assert [row.name for row, _ in work.catalog.to_lock(SECOND)] == [stubborn]


def test_a_store_that_cannot_be_repaired_in_one_place_still_has_all_the_rest(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.METADATA]
    estate.rot(SECOND).destroy(name)
    (estate.root(SECOND) / name).mkdir()
    seen = estate.sweep(repair=True)
    assert [failure.store for failure in seen.failures] == [SECOND]
    assert (seen.safe, seen.unsafe) == (MESSAGES, 0)


def test_a_store_that_drops_while_volumes_are_judged_is_a_failure_and_no_damage(estate: Estate) -> None:
    with estate.work() as work:
        dropping = Dropping(work.stores[SECOND], "has", "get")
        seen = everything(replace(work, stores={PRIMARY: work.stores[PRIMARY], SECOND: dropping}), deep=True)
        assert dropping.down
        assert found(seen) == set()
        assert [failure.store for failure in seen.failures] == [SECOND]
        assert everything(work).passed


@pytest.mark.parametrize("gone", [True, False], ids=["the primary is away", "one segment cannot be read"])
def test_opening_messages_stops_when_the_primary_is_away_and_else_goes_on(estate: Estate, gone: bool) -> None:
    segments = sorted((row.at, name) for name, row in estate.promised().items() if row.kind == Kind.SEGMENT)
    first, *others = (name for _, name in segments)
    assert others
    with estate.work() as work:
        shadow = Dropping(work.stores[PRIMARY], "open", about=first)
        if not gone:
            shadow.__class__ = OneSector
        budget = Budget(before=work.clock() - 3000 * DAY, opened=work.clock() + DAY)
        seen = sweep(replace(work, stores={PRIMARY: shadow}), budget, days=90)
        assert shadow.refused.count("open") == 1
        assert seen.opened == (0 if gone else len(others))


class OneSector(Dropping):
    """Cannot open one object, and answers all else."""

    def __getattr__(self, call: str) -> object:
        self.down = False
        return super().__getattr__(call)


TARGETS: dict[str, Callable[[Path], ObjectStore]] = {
    "memory": lambda _: MemoryStore(),
    "folder": lambda folder: FilesystemStore.create(folder / "new"),
}


@pytest.mark.parametrize("target", TARGETS)
def test_bytes_that_change_between_proof_and_copy_are_brought_nowhere(estate: Estate, target: str) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    store = TARGETS[target](estate.folder)
    with estate.work() as work:
        source = Fickle(work.stores[PRIMARY], name)
        work.catalog.note_copies(work.catalog.copies(PRIMARY, [name]).values())
        stores = {PRIMARY: source, "nuovo": store}
        done = replicate(replace(work, stores=stores))
        assert source.opened == 2
        assert not store.has(name)
        assert [(failure.store, name in failure.reason) for failure in done.failures] == [("nuovo", True)]
        assert {held.name for held in store.list()} == estate.promised().keys() - {name}
        assert replicate(replace(work, stores={**stores, PRIMARY: work.stores[PRIMARY]})).failures == []
        assert store.get(name) == estate.objects()[name]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("there", [True, False], ids=["altered", "missing"])
def test_bytes_that_change_between_proof_and_repair_replace_nothing(estate: Estate, target: str, there: bool) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    store = TARGETS[target](estate.folder)
    if there:
        store.put(name, b"rotten")
    with estate.work() as work:
        damage = DamageRow("nuovo", name, "DIGEST" if there else "MISSING", estate.at, estate.at, "")
        work.catalog.note_damages([damage])
        source = Fickle(work.stores[PRIMARY], name)
        seen = Report()
        repair(replace(work, stores={PRIMARY: source, "nuovo": store}), seen, lambda done: None)
        assert (source.opened, seen.repairs, work.catalog.damages("nuovo")) == (2, [], [damage])
        assert [(failure.store, name in failure.reason) for failure in seen.failures] == [("nuovo", True)]
        assert [store.get(held.name) for held in store.list()] == ([b"rotten"] if there else [])
        assert (estate.folder / "new" / ".replaced").exists() is False
        repair(replace(work, stores={PRIMARY: work.stores[PRIMARY], "nuovo": store}), seen, lambda done: None)
        assert store.get(name) == estate.objects()[name]


def test_what_was_put_while_a_store_was_listed_is_not_missing(estate: Estate) -> None:
    def meanwhile() -> None:
        ingest(estate.folder, [letter("nuova")], at=estate.at + timedelta(hours=1))
        with estate.work() as other:
            census(other)

    before = estate.objects()
    with estate.work() as work:
        seen = everything(replace(work, stores={PRIMARY: Busy(work.stores[PRIMARY], meanwhile)}))
    new = estate.objects().keys() - before.keys()
    assert len(new) >= 2
    assert (found(seen), seen.failures) == (set(), [])

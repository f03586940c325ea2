"""Power cuts at every call of replicate, sweep and repair: the next run ends where a run without a cut ends."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from support.estates import DAY, PRIMARY, SECOND, STORES, THIRD, Estate, kinds
from support.power import Mains, PowerCut, wired

from archiver.package.layout import Kind
from archiver.sweep import Budget, Sweeping, replicate, sweep

Errand = Callable[[Sweeping], object]
TABLES = ("object", "copy", "damage")


def errand_of_repair(work: Sweeping) -> object:
    return sweep(work, Budget(before=work.clock(), opened=work.clock() - 2000 * DAY), days=90, repair=True)


def rows(estate: Estate) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(estate.folder / "catalog.db")) as database:
        return {table: sorted(database.execute(f"select * from {table}"), key=repr) for table in TABLES}


def state(estate: Estate) -> tuple[object, ...]:
    return rows(estate), {store: estate.objects(store) for store in STORES}


def wiring(work: Sweeping, mains: Mains) -> Sweeping:
    stores = {id: Plain(wired(store, mains), store.locks) for id, store in work.stores.items()}
    return replace(work, stores=stores, catalog=wired(work.catalog, mains), threads=1)


class Plain:
    """A store on the mains, of which one may ask without a call whether it locks."""

    def __init__(self, store: object, locks: bool) -> None:
        self._store = store
        self.locks = locks

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def every_cut(before: Estate, folder: Path, errand: Errand, *, step: int) -> int:
    """Cuts the errand at every `step`th moment, runs it again, and compares with a run without a cut; how many."""
    whole = before.copied(folder / "whole")
    with whole.work() as work:
        errand(work)
    wanted, cuts, moment, finished = state(whole), 0, 0, False
    while not finished:
        estate = before.copied(folder / "cut")
        mains = Mains(moment)
        with estate.work() as work:
            try:
                errand(wiring(work, mains))
                finished = True
            except PowerCut:
                cuts += 1
        with estate.work() as work:
            errand(work)
        assert state(estate) == wanted, (moment, mains.last)
        shutil.rmtree(estate.folder)
        moment += step
    return cuts


def test_a_replication_cut_anywhere_is_finished_by_the_next(estate: Estate, tmp_path: Path) -> None:
    names = kinds(estate.objects())
    for store in (SECOND, THIRD):
        for kind in (Kind.SEGMENT, Kind.TRUST, Kind.ACT):
            estate.rot(store).destroy(names[kind])
    with closing(sqlite3.connect(estate.folder / "catalog.db")) as database:
        forgotten = [names[kind] for kind in (Kind.SEGMENT, Kind.TRUST, Kind.ACT)]
        database.execute("delete from copy where name in (?, ?, ?)", forgotten)
        database.execute("update object set stores = '' where name in (?, ?, ?)", forgotten)
        database.commit()
    assert every_cut(estate, tmp_path, replicate, step=29) > 3


def test_a_sweep_with_repairs_cut_anywhere_is_finished_by_the_next(estate: Estate, tmp_path: Path) -> None:
    names = kinds(estate.objects())
    good = estate.objects(THIRD)
    estate.rot().destroy(names[Kind.SEGMENT])
    estate.rot(SECOND).flip(names[Kind.METADATA])
    estate.rot(PRIMARY).truncate(names[Kind.INDEX], 7)
    assert every_cut(estate, tmp_path, errand_of_repair, step=113) > 3
    with estate.work() as work:
        errand_of_repair(work)
    assert estate.objects() == good

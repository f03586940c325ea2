"""Whose turn it is: a store that lost much keeps no other waiting, and what came back is read at once."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

from support.estates import DAY, PRIMARY, SECOND, STORES, THIRD, Estate, kinds

from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.submission.rows import CopyRow, ObjectRow
from archiver.sweep import Report
from archiver.sweep.listing import list_store

PAGE = 500


def unread(estate: Estate, store: str, names: Iterable[str], since: datetime) -> list[str]:
    """Of these objects in a store, those that were not read since then."""
    with estate.work() as work:
        copies = work.catalog.copies(store, names).values()
        return [copy.name for copy in copies if copy.read is None or copy.read < since]


def test_an_emptied_replica_takes_nothing_from_the_budget_of_the_others(estate: Estate) -> None:
    lost = estate.objects(SECOND)
    total = sum(map(len, lost.values()))
    for name in lost:
        estate.rot(SECOND).destroy(name)
    begun, share = estate.at, total * 3 // 4
    largest = max(map(len, lost.values()))
    for _ in range(ceil(2 * total / (share - largest)) + 1):
        seen = estate.sweep(budget=share)
        assert seen.count("MISSING") == len(lost)
        estate.at += DAY
    assert (unread(estate, PRIMARY, lost, begun), unread(estate, THIRD, lost, begun)) == ([], [])


def test_what_was_missing_and_is_there_again_is_read_by_the_sweep_that_sees_it(estate: Estate) -> None:
    names = kinds(estate.objects())
    gone, cut = names[Kind.SEGMENT], names[Kind.METADATA]
    size = {name: len(estate.objects()[name]) for name in (gone, cut)}
    estate.rot().destroy(gone)
    estate.rot().truncate(cut, 3)
    seen = estate.sweep(budget=timedelta(0))
    assert {(row.name, row.code) for row in seen.open} >= {(gone, "MISSING"), (cut, "SIZE")}
    for name in (gone, cut):
        (estate.root() / name).unlink(missing_ok=True)
        (estate.root() / name).write_bytes(bytes(size[name]))
    estate.at += DAY
    seen = estate.sweep()
    assert {(row.name, row.code) for row in seen.open if row.code != "BEHIND"} == {(gone, "DIGEST"), (cut, "DIGEST")}
    assert (seen.objects, seen.passed, seen.safe < 12) == (3, False, True), "these two, and the report"


def altered_with_the_catalog(estate: Estate, name: str) -> None:
    for store in STORES:
        estate.rot(store).flip(name, 60)
    with closing(sqlite3.connect(estate.folder / "catalog.db")) as database:
        database.execute("update object set sha256 = ? where name = ?", (sha256(estate.objects()[name]), name))
        database.commit()


def test_a_deep_look_without_a_budget_looks_at_everything_however_lately_it_was_read(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.RDV]
    copies = sum(len(estate.objects(store)) for store in STORES)
    altered_with_the_catalog(estate, name)
    assert estate.sweep().objects == 0
    seen = estate.sweep(deep=True)
    assert seen.objects >= copies
    assert {row.store for row in seen.open if row.code == "MEMBERS"} == set(STORES)


def test_the_listing_of_an_emptied_replica_notes_page_by_page(estate: Estate) -> None:
    """So that a cut loses one page, and no memory holds the whole."""
    digests = [sha256(str(number).encode()) for number in range(2 * PAGE)]
    rows = [
        ObjectRow(layout.segment("h-prova", digest), "h-prova", Kind.SEGMENT, digest, 9, "*", estate.at)
        for digest in digests
    ]
    with estate.work() as work:
        work.catalog.promise(rows)
        work.catalog.note_copies([CopyRow("vuoto", row.name, estate.at - DAY, estate.at) for row in rows])
        noted: list[int] = []
        seen = Report()
        stores = {PRIMARY: work.stores[PRIMARY], "vuoto": MemoryStore()}

        def step(done: int) -> None:
            noted.append(len(work.catalog.damages("vuoto")))

        list_store("vuoto", replace(work, stores=stores), seen, step)
    promised = len(estate.promised())
    assert noted == [*range(PAGE, promised, PAGE), promised]

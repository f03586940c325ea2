"""What rotted before anybody learned its digest: it is never laid over the good copies of other stores."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing

import pytest
from support.damage import flipped
from support.estates import DAY, PRIMARY, SECOND, STORES, THIRD, Estate, kinds

from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.record import reader as record_reader
from archiver.package.layout import Kind

PROVEN_BY_NO_DIGEST = (
    Kind.VOLUME_RECORD, Kind.RDV_RECORD, Kind.BATCH_RECORD, Kind.ACT_RECORD, Kind.REPORT,
)  # fmt: skip


def forgotten(estate: Estate, names: Iterable[str]) -> None:
    """As it is before the first census: what these objects are nobody knows, nor where they lie."""
    with closing(sqlite3.connect(estate.folder / "catalog.db")) as database:
        for name in names:
            database.execute("update object set sha256 = '', size = -1, stores = '' where name = ?", (name,))
            database.execute("delete from copy where name = ?", (name,))
        database.commit()


def outside(octets: bytes) -> list[int]:
    """The places of a record that its last token does not cover by itself, or of a report that its name does not."""
    try:
        covered = record_reader.read(octets).chains[-1][-1].token
    except Malformed:
        covered = open_signed(octets).content or b""
    begin = octets.index(covered)
    return [*range(begin), *range(begin + len(covered), len(octets))]


def part(share: float) -> Callable[[list[int]], int]:
    return lambda places: places[min(len(places) - 1, int(len(places) * share))]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3, 0.5, 0.8, 1.0])
def test_one_bit_that_turned_before_the_first_census_never_comes_over_a_good_copy(estate: Estate, share: float) -> None:
    names = kinds(estate.objects())
    good = {names[kind]: estate.objects()[names[kind]] for kind in PROVEN_BY_NO_DIGEST}
    for name, octets in good.items():
        estate.rot().flip(name, part(share)(outside(octets)))
    forgotten(estate, good)
    estate.replicate()
    seen = estate.sweep(everything=True, repair=True)
    for store in (SECOND, THIRD):
        assert {name: estate.objects(store)[name] for name in good} == good
    promised, mended = estate.promised(), {repair.damage.name for repair in seen.repairs}
    for name, octets in good.items():
        learned = promised[name].sha256
        assert learned in ("", sha256(octets)), name
        assert (estate.objects()[name] == octets) == (name in mended) == bool(learned), name
        open_ = {row.store for row in seen.open if (row.name, row.code) == (name, "DIGEST")}
        assert open_ == (set() if learned else set(STORES)), name
    assert seen.passed == (len(mended) == len(good))


def test_two_that_differ_and_are_both_in_order_stay_open_whatever_the_majority(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.REPORT]
    good = estate.objects()[name]
    text = open_signed(good).content or b""
    again = estate.open().signer.sign(text, at=estate.at, stamp=None)
    assert again != good
    estate.rot().change(name, lambda _: again)
    forgotten(estate, [name])
    for _ in range(2):
        seen = estate.sweep(everything=True, repair=True)
        assert {row.store for row in seen.open if (row.name, row.code) == (name, "DIGEST")} == set(STORES)
        assert (seen.repairs, seen.passed, estate.promised()[name].sha256) == ([], False, "")
        assert [estate.objects(store)[name] for store in STORES] == [again, good, good]
        estate.at += DAY
    estate.rot().change(name, lambda _: good)
    estate.at += DAY
    assert estate.sweep(everything=True).passed, "once they agree nothing is left of it"
    assert estate.promised()[name].sha256 == sha256(good)


def test_what_nobody_has_whole_is_open_and_not_repaired(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.VOLUME_RECORD]
    for store in STORES:
        estate.rot(store).change(name, lambda octets: flipped(octets, len(octets) // 2))
    forgotten(estate, [name])
    before = estate.objects()[name]
    seen = estate.sweep(everything=True, repair=True)
    assert {row.store for row in seen.open if (row.name, row.code) == (name, "DIGEST")} == set(STORES)
    assert (seen.repairs, estate.objects()[name], PRIMARY in STORES) == ([], before, True)

"""The deep look: members that are wrong where every object has the digest that the catalog says."""

import sqlite3
from contextlib import closing

import pytest
from support.archives import letter
from support.damage import flipped
from support.estates import DAY, PRIMARY, SECOND, STORES, Estate, kinds
from support.small import ingest

from archiver.digest import sha256
from archiver.package.layout import Kind
from archiver.sweep import Report


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(row.store, row.name, row.code) for row in report.open if row.code != "BEHIND"}


def altered(estate: Estate, name: str, place: int) -> None:
    """The object is another one in every store, and the catalog says that this is right."""
    for store in STORES:
        if estate.store(store).has(name):
            estate.rot(store).flip(name, place)
    with closing(sqlite3.connect(estate.folder / "catalog.db")) as database:
        digest = sha256(estate.objects()[name])
        assert database.execute("update object set sha256 = ? where name = ?", (digest, name)).rowcount == 1
        database.commit()


@pytest.mark.parametrize("kind", [Kind.SEGMENT, Kind.RDV, Kind.VOLUME_RECORD])
def test_what_was_altered_together_with_the_catalog_is_found_by_the_volume(estate: Estate, kind: Kind) -> None:
    name = kinds(estate.objects())[kind]
    place = estate.objects()[name].find(b"Subject") if kind is Kind.SEGMENT else 60
    altered(estate, name, place)
    assert found(estate.sweep(everything=True)) == set()
    estate.at += DAY
    seen = estate.sweep(everything=True, deep=True)
    assert {(store, code) for store, _, code in found(seen)} == {(store, "MEMBERS") for store in STORES}
    assert {row.name.rpartition("/")[2] for row in seen.open if row.code == "MEMBERS"} == {"PIndex.xml.p7m"}
    assert seen.as_json()["corrupt"] > 0
    assert not seen.passed
    estate.at += DAY
    seen = estate.sweep(everything=True, repair=True)
    assert {code for _, _, code in found(seen)} == {"MEMBERS"}, "nothing makes it right"


def test_a_sound_archive_passes_the_deep_look_and_every_message_is_opened(estate: Estate) -> None:
    seen = estate.sweep(everything=True, deep=True)
    assert (found(seen), seen.passed) == (set(), True)
    assert seen.readable.messages == 12
    assert sum(seen.as_json()["readable"]["classes"].values()) > 0


def test_members_are_right_again_when_their_object_is_repaired(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.METADATA]
    estate.rot(SECOND).flip(name, 60)
    seen = estate.sweep(everything=True, deep=True, repair=True)
    assert {(repair.damage.name.rpartition("/")[2], repair.damage.code) for repair in seen.repairs} == {
        ("metadata.zip", "DIGEST"),
        ("PIndex.xml.p7m", "MEMBERS"),
    }
    assert (found(seen), seen.passed) == (set(), True)


def test_a_segment_that_waits_for_its_volume_is_looked_into_too(estate: Estate) -> None:
    before = estate.objects()
    ingest(estate.folder, [letter("attende")], at=estate.at)
    (name,) = [name for name in estate.objects() if name not in before and "/segments/" in name]
    estate.replicate()
    estate.at += DAY
    assert estate.sweep(everything=True, deep=True).passed
    altered(estate, name, estate.objects()[name].find(b"attende"))
    estate.at += DAY
    assert found(estate.sweep(everything=True, deep=True)) >= {(PRIMARY, name, "MEMBERS")}
    assert flipped(before[kinds(before)[Kind.SEGMENT]])

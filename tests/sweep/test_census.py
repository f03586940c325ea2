"""The census: what the catalog promises is the store's listing, name for name, whatever happened before."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from support.archives import add_mailbox, letter
from support.estates import DAY, PRIMARY, SECOND, THIRD, Estate, kinds, renew
from support.power import Mains, PowerCut, wired
from support.small import HOLDER, HOUR, seal

from archiver import compose
from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind
from archiver.sweep import census


def told(estate: Estate) -> dict[str, tuple[str, int, str]]:
    """What the catalog promises: digest, size and kind by name."""
    return {name: (row.sha256, row.size, row.kind) for name, row in estate.promised().items()}


def there(estate: Estate, store: str = PRIMARY) -> dict[str, tuple[str, int, str]]:
    """What lies in a store."""
    found = {}
    for name, octets in estate.objects(store).items():
        parsed = layout.parse(name)
        assert parsed, name
        found[name] = (str(sha256(octets)), len(octets), str(parsed.kind))
    return found


def counted(estate: Estate) -> None:
    with estate.work() as work:
        census(work)


def test_every_object_of_a_long_history_is_promised_as_it_lies_there(original: Estate) -> None:
    assert told(original) == there(original)
    assert {row.holder for row in original.promised().values()} == {HOLDER}


def test_what_comes_later_is_promised_too(estate: Estate) -> None:
    add_mailbox(estate.config, "seconda")
    archive = estate.open()
    source = estate.folder / "posta"
    source.mkdir()
    (source / "1.eml").write_bytes(letter("per la seconda"))
    compose.ingest(archive, (), source=source, target="seconda", annotations=None, clock=archive.clock)
    with estate.work() as work:
        census(work)
        waiting = {row.kind for row in work.catalog.objects(there(estate)).values() if row.subject == ""}
    assert told(estate) == there(estate)
    assert waiting >= {Kind.SEGMENT, Kind.RDV}
    seal(estate.folder, at=estate.at + HOUR)
    renew(estate, at=estate.at + 3300 * DAY)
    estate.at += 3300 * DAY
    estate.sweep()
    assert told(estate) == there(estate)
    volumes = {row.subject for row in estate.promised().values() if row.kind == Kind.INDEX}
    assert len(volumes) == 3


def test_what_a_volume_lists_is_kept_for_its_sake_and_what_two_share_for_the_later_one(original: Estate) -> None:
    promised, objects = original.promised(), original.objects()
    early, late = sorted(
        (
            index_reader.read(open_signed(octets).content or b"").volume
            for name, octets in objects.items()
            if (parsed := layout.parse(name)) and parsed.kind is Kind.INDEX
        ),
        key=lambda volume: volume.year,
    )
    assert (early.year, late.year) == (2025, 2026)
    for volume in (early, late):
        for segment in volume.segments:
            assert promised[layout.segment(HOLDER, segment.sha256)].subject == volume.id
        assert promised[layout.metadata(HOLDER, volume.id)].subject == volume.id
    subjects = {kind: {row.subject for row in promised.values() if row.kind == kind} for kind in Kind}
    assert subjects[Kind.RDV] == subjects[Kind.RDV_RECORD] == {late.id}
    assert subjects[Kind.BATCH] == subjects[Kind.ACT] == subjects[Kind.REPORT] == {"*"}
    assert subjects[Kind.BATCH_RECORD] == subjects[Kind.ACT_RECORD] == {"*"}
    assert subjects[Kind.TRUST] <= {late.id, early.id, "*"}


def emptied(estate: Estate) -> None:
    """As a catalog is that comes from an older schema: what is promised was never written down."""
    with closing(sqlite3.connect(estate.folder / "catalog.db")) as database:
        for table in ("object", "copy", "damage"):
            database.execute(f"delete from {table}")
        for table in ("segment", "pdv", "volume", "trust", "act", "evidence"):
            database.execute(f"update {table} set promised = 0")
        database.commit()


def test_an_older_catalog_learns_everything_from_the_store(estate: Estate) -> None:
    before = estate.promised()
    emptied(estate)
    assert estate.sweep(everything=True).as_json()["missing"] == 0
    after = estate.promised()
    reports = {name for name in after if name not in before}
    assert told(estate) == there(estate)
    assert {name: row.subject for name, row in after.items() if name not in reports} == {
        name: row.subject for name, row in before.items()
    }


def test_the_first_sweep_of_everything_reads_everything(estate: Estate) -> None:
    emptied(estate)
    estate.at += DAY
    wanted = {store: estate.objects(store) for store in (PRIMARY, SECOND, THIRD)}
    report = estate.sweep(everything=True)
    assert report.objects == sum(map(len, wanted.values()))
    assert report.bytes >= sum(len(octets) for objects in wanted.values() for octets in objects.values())


def test_a_census_cut_anywhere_is_finished_by_the_next(estate: Estate) -> None:
    wanted = {name: (row.sha256, row.subject) for name, row in estate.promised().items() if row.kind != Kind.REPORT}
    emptied(estate)
    pristine = (estate.folder / "catalog.db").read_bytes()
    moment, complete = 0, False
    while not complete:
        for path in estate.folder.glob("catalog.db*"):
            path.unlink()
        (estate.folder / "catalog.db").write_bytes(pristine)
        with estate.work() as work:
            wires = Mains(moment)
            try:
                census(replace(work, catalog=wired(work.catalog, wires)))
                complete = True
            except PowerCut:
                pass
            census(work)
            found = {row.name: (row.sha256, row.subject) for row in work.catalog.expected()}
        assert found == wanted, wires.last
        moment += 31
    assert moment > 100


def test_what_nobody_can_read_yet_is_promised_all_the_same_and_missing(estate: Estate) -> None:
    names = kinds(estate.objects())
    emptied(estate)
    for store in (PRIMARY, SECOND, THIRD):
        estate.rot(store).destroy(names[Kind.INDEX])
    report = estate.sweep()
    assert (PRIMARY, names[Kind.INDEX], "MISSING") in {(row.store, row.name, row.code) for row in report.open}
    assert estate.promised()[names[Kind.INDEX]].size < 0


@pytest.mark.parametrize("kind", [Kind.VOLUME_RECORD, Kind.INDEX, Kind.TRUST, Kind.ACT, Kind.BATCH])
def test_nothing_is_learned_from_a_copy_that_is_damaged(estate: Estate, kind: Kind) -> None:
    name = kinds(estate.objects())[kind]
    good = estate.objects()[name]
    emptied(estate)
    estate.rot().change(name, lambda octets: octets[:-40] + bytes(40) if kind is not Kind.ACT else octets + b" ")
    counted(estate)
    assert estate.promised()[name].sha256 == sha256(good)

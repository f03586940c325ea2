"""The report of a sweep: filed with the holder, signed, canonical; what was open can be read back out of it."""

import json

from support.archives import letter
from support.estates import DAY, PRIMARY, SECOND, STORES, Estate, kinds
from support.small import HOLDER, ingest

from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report import reader
from archiver.sweep import damages_of
from archiver.verdict import Indication


def test_every_sweep_leaves_a_signed_report_that_the_judge_passes(estate: Estate) -> None:
    seen = estate.sweep(everything=True)
    (name,) = seen.reports
    octets = estate.objects()[name]
    told = reader.read(open_signed(octets).content or b"")
    assert (told.holder, told.content["listed"], told.content["read"]) == (
        HOLDER,
        seen.listed,
        {"objects": seen.objects, "bytes": seen.bytes},
    )
    assert told.content["safe"] == {"copies": 3, "messages": 12, "others": 0}
    assert told.content["promise"]["kept"] is True
    assert set(told.content["promise"]["oldest"]) == set(STORES)
    assert estate.promised()[name].sha256 == sha256(octets), "the next listing looks for it"
    assert estate.judged().indication is Indication.PASSED


def test_what_was_open_can_be_read_back_out_of_it(estate: Estate) -> None:
    names = kinds(estate.objects())
    estate.rot().destroy(names[Kind.SEGMENT])
    estate.rot(SECOND).flip(names[Kind.INDEX])
    estate.rot(SECOND).foreign("Lettera di Mario Rossi.txt")
    estate.sweep(everything=True)
    estate.at += DAY
    seen = estate.sweep(everything=True)
    content = reader.read(open_signed(estate.objects()[seen.reports[0]]).content or b"").content
    again = list(damages_of(json.loads(json.dumps(content))))
    own = [row for row in seen.open if layout.parse(row.name)]
    assert [row for row in again if layout.parse(row.name)] == own
    (stranger,) = [row for row in again if not layout.parse(row.name)]
    assert stranger.code == "UNEXPECTED"
    assert "Rossi" not in json.dumps(content, ensure_ascii=False)
    assert stranger.name == f"sha256:{sha256(b'Lettera di Mario Rossi.txt')}"


def test_a_repair_is_told_with_what_was_there_before_and_after(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.METADATA]
    good = sha256(estate.objects()[name])
    estate.rot().flip(name)
    bad = sha256(estate.objects()[name])
    seen = estate.sweep(everything=True, repair=True)
    content = reader.read(open_signed(estate.objects()[seen.reports[0]]).content or b"").content
    (repair,) = content["repairs"]
    assert {key: repair[key] for key in ("store", "name", "code", "before", "after", "from")} == {
        "store": PRIMARY,
        "name": name,
        "code": "DIGEST",
        "before": bad,
        "after": good,
        "from": SECOND,
    }


def test_reports_follow_one_another_though_the_last_one_is_missing_for_a_while(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.REPORT]
    estate.rot().destroy(name)
    seen = estate.sweep()
    assert (PRIMARY, name, "MISSING") in {(row.store, row.name, row.code) for row in seen.open}
    estate.at += DAY
    assert estate.sweep(repair=True).passed
    assert estate.judged().indication is Indication.PASSED


def test_a_night_without_the_primary_is_told_and_changes_no_finding(estate: Estate) -> None:
    name = kinds(estate.objects())[Kind.SEGMENT]
    ingest(estate.folder, [letter("prima della notte")], at=estate.at)
    estate.rot().destroy(name)
    before = {(row.store, row.name, row.code, row.since) for row in estate.sweep().open if row.store == PRIMARY}
    away = estate.root().rename(estate.folder / "away")
    estate.at += DAY
    seen = estate.sweep(everything=True, repair=True)
    assert {failure.store for failure in seen.failures} == {PRIMARY}
    assert before <= {(row.store, row.name, row.code, row.since) for row in seen.open}
    assert (seen.reports, seen.passed) == ([], False)
    away.rename(estate.root())
    estate.at += DAY
    estate.replicate()
    healed = estate.sweep(repair=True)
    assert healed.passed, (healed.open, healed.failures)

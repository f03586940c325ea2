"""What nobody promised: strangers are said until they are gone, work cut short is said to be that and finished."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.archives import letter
from support.estates import DAY, PRIMARY, SECOND, THIRD, Estate, kinds, renew
from support.small import HOLDER, MAILBOX, ingest, seal

from archiver.digest import sha256
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.sweep import Report

NOTHING = timedelta(0)
ZEROS = "0" * 64
Plant = Callable[[Estate], tuple[str, bytes]]


def found(report: Report) -> set[tuple[str, str, str]]:
    return {(row.store, row.name, row.code) for row in report.open if row.code != "BEHIND"}


def other_record(estate: Estate) -> tuple[str, bytes]:
    """The next record of one thing, which is the first record of another."""
    records = [
        name for name in estate.objects() if (parsed := layout.parse(name)) and parsed.kind is Kind.VOLUME_RECORD
    ]
    volumes = sorted({name.rpartition("/")[0] for name in records})
    last = max(name for name in records if name.startswith(volumes[0]))
    parsed = layout.parse(last)
    assert parsed
    name = layout.volume_record(HOLDER, parsed.id, tsa=parsed.tsa, number=parsed.number + 1)
    return name, estate.objects()[min(name for name in records if name.startswith(volumes[1]))]


def skipped_record(estate: Estate) -> tuple[str, bytes]:
    """A good record under a number that is not the next."""
    name = kinds(estate.objects())[Kind.ACT_RECORD]
    return name.replace("000001", "000003"), estate.objects()[name]


PLANTS: dict[str, Plant] = {
    "a file": lambda _: ("letters.txt", b"x"),
    "a file beside segments": lambda _: (f"{HOLDER}/segments/note.txt", b"x"),
    "a rapporto": lambda estate: (
        layout.rdv(HOLDER, MAILBOX, ZEROS),
        estate.objects()[kinds(estate.objects())[Kind.RDV]],
    ),
    "an index": lambda estate: (layout.index(HOLDER, ZEROS), estate.objects()[kinds(estate.objects())[Kind.INDEX]]),
    "metadata": lambda _: (layout.metadata(HOLDER, ZEROS), b"x"),
    "a first record of nothing": lambda _: (layout.volume_record(HOLDER, ZEROS, tsa="local", number=1), b"x"),
    "a next record that continues nothing": other_record,
    "a record too far": skipped_record,
    "a record that is none": lambda estate: (
        kinds(estate.objects())[Kind.ACT_RECORD].replace("000001", "000002"),
        b"x",
    ),
    "a segment with another digest": lambda _: (layout.segment(HOLDER, sha256(b"y")), b"x"),
    "an act with another digest": lambda _: (layout.act(HOLDER, "20260220t220000z-" + "0" * 32), b"{}"),
    "trust material with another digest": lambda _: (layout.trust(HOLDER, sha256(b"y"), "cer"), b"x"),
    "another holder's": lambda _: (layout.segment("h-other", sha256(b"y")), b"x"),
    "a discard": lambda _: (layout.discard(HOLDER, "d-1"), b"x"),
}


def test_every_stranger_is_unexpected_wherever_it_lies_and_until_it_is_gone(estate: Estate) -> None:
    planted = {}
    for place, (what, plant) in enumerate(PLANTS.items()):
        name, octets = plant(estate)
        store = (PRIMARY, SECOND)[place % 2]
        estate.rot(store).foreign(name, octets)
        planted[store, name] = what
    wanted = {(store, name, "UNEXPECTED") for store, name in planted}
    seen = estate.sweep(budget=NOTHING)
    assert {planted.get(item[:2], item) for item in found(seen) ^ wanted} == set()
    assert (seen.as_json()["unexpected"], seen.passed) == (len(PLANTS), False)
    since = {row.name: row.since for row in seen.open}

    estate.at += DAY
    seen = estate.sweep(everything=True, repair=True)
    assert found(seen) == wanted
    assert {row.name: row.since for row in seen.open if row.code == "UNEXPECTED"}.items() <= since.items()
    for store, name in planted:
        assert (estate.root(store) / name).exists()
        estate.rot(store).destroy(name)
    estate.at += DAY
    assert found(estate.sweep(budget=NOTHING)) == set()


@pytest.mark.parametrize("name", [b"lettera \xe8.txt", b"a\nb", b"x" * 250 + b"/" + b"y" * 250 + b"/" + b"z" * 200])
def test_names_of_any_kind_are_noted_and_stay_noted(estate: Estate, name: bytes) -> None:
    path = str(estate.root()).encode() + b"/" + name
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Path(os.fsdecode(path)).write_bytes(b"x")
    for _ in range(2):
        (row,) = [row for row in estate.sweep(budget=NOTHING).open if row.code == "UNEXPECTED"]
        estate.at += DAY
    assert row.since < row.seen
    assert row.store == PRIMARY
    assert row in estate.open().catalog.damages()


@pytest.mark.parametrize("kind", [Kind.ACT, Kind.TRUST])
def test_what_proves_itself_is_taken_in_from_the_primary_and_from_no_replica(estate: Estate, kind: Kind) -> None:
    octets = b"anything at all"
    name = layout.trust(HOLDER, sha256(octets), "cer")
    if kind is Kind.ACT:
        name = layout.act(HOLDER, f"20260220t220000z-{sha256(octets)[:32]}")
    estate.rot(THIRD).foreign(name, octets)
    seen = estate.sweep(budget=NOTHING, repair=True)
    assert found(seen) == {(THIRD, name, "UNEXPECTED")}
    assert name not in estate.objects()
    estate.rot().foreign(name, octets)
    estate.at += DAY
    assert found(estate.sweep(budget=NOTHING)) == set()
    assert estate.promised()[name].sha256 == sha256(octets)


def test_a_segment_without_a_rapporto_and_a_volume_that_is_not_closed_are_unfinished_work(estate: Estate) -> None:
    ingest(estate.folder, [letter("attende")], at=estate.at)
    (segment,) = [
        row for row in estate.promised_after_census().values() if row.kind == Kind.SEGMENT and not row.subject
    ]
    orphan = layout.segment(HOLDER, sha256(b"orphan"))
    estate.rot().foreign(orphan, b"orphan")
    metadata = layout.metadata(HOLDER, segment.sha256)
    estate.rot().foreign(metadata, b"cut short")
    seen = estate.sweep(budget=NOTHING)
    assert found(seen) == {(PRIMARY, name, "UNFINISHED") for name in (orphan, metadata)}
    assert seen.passed
    assert seen.as_json()["open"] == sum(row.code == "BEHIND" for row in seen.open)


def test_a_sealing_cut_short_is_unfinished_until_the_next_one(estate: Estate) -> None:
    ingest(estate.folder, [letter("attende")], at=estate.at)
    before = estate.objects()
    ahead = estate.copied(estate.folder.parent / "ahead")
    seal(ahead.folder, at=ahead.at + DAY)
    left = [name for name in ahead.objects() if name not in before and "/volumes/" in name]
    assert len(left) == 3
    for name in [*left, *(name for name in ahead.objects() if name not in before and "/trust/" in name)]:
        estate.rot().foreign(name, ahead.objects()[name])
    estate.at += 2 * DAY
    seen = estate.sweep(budget=NOTHING)
    assert found(seen) == {(PRIMARY, name, "UNFINISHED") for name in left}
    assert seen.passed
    seal(estate.folder, at=estate.at)
    estate.at += DAY
    assert found(estate.sweep(budget=NOTHING)) == set()
    assert estate.promised().keys() >= set(left)


def test_a_renewal_that_is_not_noted_is_unfinished_also_where_the_record_before_it_is_damaged(estate: Estate) -> None:
    before = estate.objects()
    ahead = estate.copied(estate.folder.parent / "ahead")
    renew(ahead, at=ahead.at + 3300 * DAY)
    (name, *_) = [
        name
        for name in ahead.objects()
        if name not in before and (parsed := layout.parse(name)) and parsed.kind is Kind.VOLUME_RECORD
    ]
    estate.replicate()
    for store in (PRIMARY, SECOND):
        estate.rot(store).foreign(name, ahead.objects()[name])
    last = max(item for item in before if item.rpartition("/")[0] == name.rpartition("/")[0])
    estate.rot(SECOND).change(last, lambda octets: bytes(len(octets)))
    seen = estate.sweep(budget=NOTHING)
    assert found(seen) == {(store, name, "UNFINISHED") for store in (PRIMARY, SECOND)}

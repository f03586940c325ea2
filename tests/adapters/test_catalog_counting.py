"""What is counted as it comes, and the marks beside rows: as many as there are, whatever came and went."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.catalogs import AT, HOLDER, MAILBOX, brought, digest, message, opened, pdv, segment, volume

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.nights import KEPT, Kept
from archiver.night import NightRow
from archiver.submission.discards import DiscardRow, TombstoneRow
from archiver.submission.oblivion import Oblivion
from archiver.submission.rows import AttemptRow, CopyRow, ObjectRow, ReckoningRow

DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


def test_totals_are_those_of_the_rows_by_mailbox_kind_and_finding(catalog: Catalog) -> None:
    for number in (1, 2):
        brought(catalog, number)
    report = pdv(mailbox="altra")
    into = segment("double", report, messages=2)
    rows = [message(name, report, into) for name in "xy"]
    rows[0] = replace(rows[0], kind="ordinario", findings=("A", "B", "A"))
    catalog.record_pdv(report, [into], rows)
    catalog.record_volume(volume(), [digest(f"segment {MAILBOX}-1")], [])
    counts = catalog.counts()
    assert (counts["messages"], counts["pending"], counts["volumes"], counts["pdvs"]) == (4, 3, 1, 3)
    assert (counts["bytes"], counts["kinds"]) == (80_000, {"ordinario": 1, "posta-certificata": 3})
    assert catalog.findings_by_code() == {"A": 4, "B": 1}
    assert catalog.kept_by_mailbox() == [
        Kept("altra", HOLDER, 2, 1000, 2, AT),
        Kept(MAILBOX, HOLDER, 2, 2000, 1, AT),
    ]


def test_the_same_rapporto_and_volume_again_count_once(catalog: Catalog) -> None:
    for _ in range(2):
        brought(catalog)
        catalog.record_volume(volume(), [digest(f"segment {MAILBOX}-1")], [f"{MAILBOX}-1"])
    assert (catalog.counts()["messages"], catalog.counts()["volumes"], catalog.counts()["pdvs"]) == (1, 1, 1)


def test_what_is_discarded_counts_no_more_and_its_rapporto_of_duplicates_waits_again(catalog: Catalog) -> None:
    brought(catalog)
    alone = pdv(2)
    catalog.record_pdv(alone, [], [])
    assert catalog.pdvs_without_volume(MAILBOX) == [alone]
    catalog.record_volume(volume(), [digest(f"segment {MAILBOX}-1")], [f"{MAILBOX}-1", alone.id])
    assert catalog.pdvs_without_volume(MAILBOX) == []
    name = f"{HOLDER}/segments/x.zip"
    catalog.promise([ObjectRow(name, HOLDER, "segment", digest(f"segment {MAILBOX}-1"), 1, "v1", AT)])
    catalog.promise([ObjectRow("kept", HOLDER, "rdv", digest("kept"), 1, "v1", AT)])
    catalog.note_copies([CopyRow("s", "kept", AT, AT, None, "v1")])
    assert catalog.kept_for("v1") == ["kept", name]
    record = DiscardRow(HOLDER, "d1", f"{HOLDER}/discards/d1/discard.xml.p7m", digest("d1"), 9, AT)
    gone = TombstoneRow(digest(f"message {MAILBOX}-1"), MAILBOX, HOLDER, f"{MAILBOX}-1", "d1")
    catalog.forget_discarded(Oblivion(record, (), (gone,), volumes=("v1",), objects=(name,)))
    counts = catalog.counts()
    assert (counts["messages"], counts["bytes"], counts["kinds"], counts["volumes"]) == (0, 0, {}, 0)
    assert (catalog.findings_by_code(), catalog.kept_by_mailbox()) == ({}, [])
    assert catalog.pdvs_without_volume(MAILBOX) == [alone], "its volume is gone"
    assert [row.name for row, _ in catalog.to_lock("s")] == ["kept"], "for ever now"
    assert catalog.unpromised_discards() == [record]
    catalog.promise([ObjectRow(record.name, HOLDER, "discard", record.sha256, 9, "*", AT)])
    assert catalog.unpromised_discards() == []
    catalog.note_discards([record])
    assert catalog.discards(HOLDER) == [record]


def test_of_a_store_only_what_it_lacks_is_told_as_long_as_it_lacks_it(catalog: Catalog) -> None:
    rows = [ObjectRow(name, HOLDER, "segment", digest(name), 1, "", AT) for name in "abc"]
    catalog.promise(rows)
    copy = CopyRow("s", "a", AT, AT)
    catalog.note_copies([copy, CopyRow("t", "a", AT, AT), CopyRow("s", "b", AT)])
    assert [row.name for row in catalog.uncopied("s")] == ["b", "c"]
    assert [row.name for row in catalog.uncopied("t", after="b")] == ["c"]
    assert [row.name for row in catalog.uncopied("st")] == ["a", "b", "c"], "no store whose id another's contains"
    catalog.note_copies([replace(copy, read=None)])
    assert [row.name for row in catalog.uncopied("s", limit=2)] == ["a", "b"], "it was missing meanwhile"
    assert [row.name for row in catalog.uncopied("t")] == ["b", "c"]


def test_only_the_last_reckoning_of_a_mailbox_says_what_is_missing(catalog: Catalog) -> None:
    for day, missing in ((0, 5), (1, 2)):
        at = AT + day * DAY
        rows = [ReckoningRow(MAILBOX, name, 7, at, 9, 8, 1, 8, 5, 1, missing) for name in ("INBOX", "Sent")]
        catalog.note_poll(AttemptRow(MAILBOX, at, True, ("INBOX", "Sent"), ()), rows)
    catalog.note_poll(AttemptRow("vuota", AT, True, (), ()), [])
    assert catalog.unaccounted() == {MAILBOX: 6}


def test_nights_are_told_the_last_first_and_those_of_long_ago_are_forgotten(catalog: Catalog) -> None:
    for number in range(KEPT + 3):
        catalog.begin_night(NightRow(f"n{number:04}", AT + number * DAY, "host", 7))
    assert len(catalog.nights(KEPT + 9)) == KEPT
    last = NightRow(f"n{KEPT + 2:04}", AT + (KEPT + 2) * DAY, "host", 7, AT + 900 * DAY, 0, "{}")
    catalog.end_night(last)
    assert catalog.nights(1) == catalog.nights(ended=True) == [last]

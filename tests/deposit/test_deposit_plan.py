"""The deposit for a court: which message goes into which send, under names that give nobody away, within the limits."""

import re
from dataclasses import replace
from typing import Any

import pytest
from support.told_reports import told

from archiver.access.exhibit.courts import Court, courts
from archiver.access.exhibit.deposit import plan
from archiver.errors import Malformed

PCT, PTT = courts()["pct"], courts()["ptt"]
REPORT = 200_000


def sized(count: int, size: int) -> dict[str, Any]:
    """One message to many; each receipt has `size` bytes."""
    report = told(count)
    for item in report["dossiers"][0]["messages"][2:]:
        item["size"] = size
    return report


def codes(report: dict[str, Any], court: Court = PCT) -> list[str]:
    return [found.code for found in plan(report, court, report=REPORT).findings]


def test_names_say_what_and_when_and_nothing_else():
    names = [item.name for item in plan(told(), PCT, report=REPORT).filed]
    assert names == [
        "01_inviato_20260302-1015.eml",
        "02_accettazione_20260302-1015.eml",
        "03_consegna_20260302-1015.eml",
    ]


def test_a_failure_is_called_a_failure():
    assert any(re.fullmatch(r"\d\d_mancata-consegna_20260302-1015.eml", item.name)
               for item in plan(told(7), PCT, report=REPORT).filed)  # fmt: skip


@pytest.mark.parametrize("court", courts().values(), ids=courts())
def test_no_name_holds_an_address_or_a_subject_or_is_too_long_or_double(court):
    filed = plan(told(150), court, report=REPORT).filed
    assert all(re.fullmatch(r"\d{3}_[a-z-]+_\d{8}-\d{4}\.eml", item.name) for item in filed)
    assert max(len(item.name) for item in filed) <= court.name_length
    assert len({item.name for item in filed}) == 152


@pytest.mark.parametrize("court", courts().values(), ids=courts())
@pytest.mark.parametrize("count", [1, 43, 44, 45, 120])
@pytest.mark.parametrize("size", [1_000, 2_000_000])
def test_no_send_is_over_its_limits_and_nothing_is_lost(court, count, size):
    planned = plan(sized(count, size), court, report=REPORT)
    assert len(planned.filed) == count + 2
    for send in range(1, planned.sends + 1):
        mine = [item for item in planned.filed if item.send == send]
        extra = 1 if send == 1 else 0
        assert sum(item.size for item in mine) + extra * REPORT <= court.send - court.keep
        assert not court.files or len(mine) + extra <= court.files - court.keep_files
        assert mine


def test_a_send_that_is_exactly_full_is_one_send_and_a_byte_more_makes_two():
    court = replace(PTT, send=1_000_000, keep=100_000, file=0)
    report = told()
    sizes = [item["size"] for item in report["dossiers"][0]["messages"]]
    report["dossiers"][0]["messages"][2]["size"] = 900_000 - REPORT - sum(sizes[:2])
    assert plan(report, court, report=REPORT).sends == 1
    report["dossiers"][0]["messages"][2]["size"] += 1
    assert plan(report, court, report=REPORT).sends == 2
    assert codes(report, court) == ["DEPOSIT_SPLIT"]


def test_one_send_is_the_folder_itself_and_several_are_folders_in_it():
    one, several = plan(told(), PTT, report=REPORT), plan(told(100), PTT, report=REPORT)
    assert one.folder(1) == ""
    assert [several.folder(send) for send in range(1, several.sends + 1)] == ["busta-1", "busta-2", "busta-3"]


@pytest.mark.parametrize(("size", "fits"), [(10_000_000, True), (10_000_001, False)])
def test_a_message_over_the_limit_of_a_file_is_left_out_and_said(size, fits):
    report = told()
    report["dossiers"][0]["messages"][0]["size"] = size
    planned = plan(report, PTT, report=REPORT)
    assert ("DEPOSIT_TOO_LARGE" in [found.code for found in planned.findings]) is not fits
    assert len(planned.filed) == 2 + fits
    assert len(planned.told(name="x.zip", size=1, sha256="0")["left"]) == (not fits)


def test_a_report_that_no_send_can_hold_is_refused():
    with pytest.raises(Malformed, match=r"rapporto\.pdf"):
        plan(told(), PTT, report=10_000_001)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("atto.pdf", []),
        ("Atto.PDF.p7m", []),
        ("fattura.xml.p7m", []),
        ("smime.p7s", []),
        ("contratto.docx", ["DEPOSIT_FORMAT"]),
        ("contratto.docx.p7m", ["DEPOSIT_FORMAT"]),
        ("Atto.enc", ["DEPOSIT_FORMAT"]),
        ("senza estensione", ["DEPOSIT_FORMAT"]),
    ],
)
def test_an_attachment_in_a_format_that_the_system_does_not_list_is_said(name, found):
    report = told()
    report["dossiers"][0]["messages"][0]["attachments"][0]["name"] = name
    assert codes(report) == found
    assert codes(report, PTT) == [], "the PTT does not look into an .eml"


def test_attachments_of_the_message_inside_are_looked_at_too():
    report = told()
    inner = {"headers": [], "text": "", "html": "", "attachments": [{"name": "virus.exe"}], "inner": None}
    report["dossiers"][0]["messages"][2]["inner"] = inner
    assert codes(report) == ["DEPOSIT_FORMAT"]


def test_a_message_in_two_dossiers_is_filed_once():
    report = told()
    report["dossiers"] *= 2
    assert len(plan(report, PCT, report=REPORT).filed) == 3


def test_every_court_names_its_source_and_the_day_it_was_read():
    for court in courts().values():
        assert court.source
        assert court.since <= court.read
        assert {"pdf", "eml"} <= court.formats

"""The largest that proves itself by its name is taken in; more damages than one report holds are told in several."""

import pytest
from support.estates import DAY, PRIMARY, SECOND, Estate
from support.small import HOLDER

from archiver.digest import sha256
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report import reader
from archiver.package.report.builder import build, printable
from archiver.package.report.values import LARGEST, ReportKind
from archiver.package.report.values import Report as Told
from archiver.submission.reports import filed
from archiver.submission.rows import DamageRow
from archiver.sweep import Repair, Report, recalled, told
from archiver.sweep.told import PART

MOMENT = "20260220t220000z"


@pytest.mark.parametrize("kind", [Kind.ACT, Kind.REPORT])
def test_an_act_or_a_report_of_the_largest_size_is_taken_in(estate: Estate, kind: Kind) -> None:
    octets = bytes(LARGEST)
    short = sha256(octets)[:32]
    name = layout.act(HOLDER, f"{MOMENT}-{short}")
    if kind is Kind.REPORT:
        name = layout.report(HOLDER, f"{MOMENT}-sweep-{short}")
    estate.rot().foreign(name, octets)
    seen = estate.sweep()
    assert name not in {row.name for row in seen.open if row.code != "BEHIND"}
    assert (estate.promised()[name].sha256, estate.promised()[name].size) == (sha256(octets), LARGEST)


def test_a_sealed_report_of_the_largest_size_is_taken_in(estate: Estate) -> None:
    content = {"padding": ["x" * 990] * (LARGEST // 993 - 1)}
    text = build(Told(ReportKind.SWEEP, HOLDER, estate.at.replace(microsecond=0), "x", None, content))
    assert LARGEST - 2000 < len(text) <= LARGEST
    moment = f"{estate.at:%Y%m%dt%H%M%Sz}"
    name = layout.report(HOLDER, f"{moment}-sweep-{sha256(text)[:32]}", sealed=True)
    octets = estate.open().signer.sign(text, at=estate.at, stamp=None)
    estate.rot().foreign(name, octets)
    estate.at += DAY
    seen = estate.sweep()
    assert name not in {row.name for row in seen.open if row.code != "BEHIND"}
    assert estate.promised()[name].sha256 == sha256(octets)


def damages(estate: Estate, count: int, found: str) -> list[DamageRow]:
    names = (layout.segment(HOLDER, sha256(str(number).encode())) for number in range(count))
    return [DamageRow(SECOND, name, "UNREADABLE", estate.at, estate.at, found) for name in names]


def test_more_damages_than_one_report_holds_are_told_in_several_and_all_recalled(estate: Estate) -> None:
    wrong = damages(estate, PART + 1, "Input/output error")
    with estate.work() as work:
        work.catalog.note_damages(wrong)
    before = {report.id for report in filed(estate.store(), HOLDER)}
    seen = estate.sweep()
    parts = [report for report in filed(estate.store(), HOLDER) if report.id not in before]
    assert [report.name for report in parts] == seen.reports
    assert seen.failures == []
    texts = [reader.read(open_signed(estate.store().get(report.name)).content or b"") for report in parts]
    assert [text.content["part"] for text in texts] == [1, 2]
    again = {(row.name, row.code) for row in recalled(estate.store(), HOLDER) if row.store == SECOND}
    assert again >= {(row.name, row.code) for row in wrong}
    assert not [row for row in seen.open if row.store == PRIMARY]


def test_a_report_of_the_longest_reasons_is_not_too_large(estate: Estate) -> None:
    wrong = damages(estate, PART, "è" * 500)
    seen = Report(open=tuple(wrong), repairs=[Repair(row, row.found, "2036-12-31", SECOND) for row in wrong], days=90)
    with estate.work() as work:
        ((holder, parts),) = told(seen, [HOLDER], work)
        at = estate.at.replace(microsecond=0)
        sizes = [len(build(Told(ReportKind.SWEEP, holder, at, "x", None, printable(part)))) for part in parts]
    assert len(sizes) == 1
    assert LARGEST / 2 < sizes[0] <= LARGEST

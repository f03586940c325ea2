"""The judge on reports: whole, signed, covered, and none missing; nothing altered passes, and nothing sound is hurt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from support.embedded import _signer as house_signer
from support.filing import id_of, told, unsigned
from support.small import EVENING, HOLDER, HOUR, Files, Small, said

from archiver.digest import sha256
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report.builder import build
from archiver.package.report.values import ReportKind, identifier
from archiver.verdict import Indication
from archiver.verify import judge_group, judge_report


def sweeps(small: Small) -> list[str]:
    """The three sweeps, the oldest first; the last has no evidence yet."""
    return [name for name in small.files.kind(Kind.REPORT) if "-sweep-" in name]


def records(small: Small, name: str) -> list[str]:
    return [record for record in small.files.kind(Kind.REPORT_RECORD) if id_of(record) == id_of(name)]


def plain(name: str) -> str:
    return name.removesuffix(".p7m")


def flipped(octets: bytes, place: int) -> bytes:
    return octets[:place] + bytes((octets[place] ^ 4,)) + octets[place + 1 :]


def signed(small: Small, octets: bytes) -> bytes:
    """Signed by the archive's own key, without a timestamp."""
    return house_signer(small.folder / "ca").sign(octets, at=EVENING, stamp=None)


def rewritten(small: Small, name: str, **changes: object) -> tuple[str, bytes]:
    """Another report in the place of one, rightly called, unsigned."""
    report = replace(told(small.files, name), **changes)  # type: ignore[arg-type]
    octets = build(report)
    return layout.report(HOLDER, identifier(report.kind, report.at, octets)), octets


def test_sound_reports_pass_and_only_the_last_waits_for_evidence(reported: Small) -> None:
    first, second, third = sweeps(reported)
    assert [len(records(reported, name)) for name in (first, second, third)] == [1, 1, 0]
    judged = reported.judge()
    assert judged.indication is Indication.PASSED
    assert not [item for item in said(judged) if "reports/" in item[1]]
    assert len(judged.signers) == 1


def test_a_report_that_nothing_proves_yet_is_a_warning(reported: Small) -> None:
    last = sweeps(reported)[-1]
    octets = unsigned(reported.files[last], last)
    without = reported.files.but({last: signed(reported, octets)})
    assert ("REPORT_NOT_COVERED", last) in said(reported.judge(without))
    bare = reported.judge(reported.files.but({last: None, plain(last): octets}))
    assert {("REPORT_NOT_COVERED", plain(last)), ("REPORTS_UNSEALED", f"{HOLDER}/reports/")} <= said(bare)
    assert bare.indication is Indication.PASSED


Bend = Callable[[Small, Files], dict[str, bytes | None]]


def taken_away(small: Small, files: Files) -> dict[str, bytes | None]:
    return {sweeps(small)[0]: None}


def taken_away_with_its_evidence(small: Small, files: Files) -> dict[str, bytes | None]:
    return dict.fromkeys([sweeps(small)[1], *records(small, sweeps(small)[1])])


def without_its_seal(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[0]
    return {name: None, plain(name): unsigned(files[name], name)}


def without_its_seal_beside_it(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[0]
    return {plain(name): unsigned(files[name], name)}


def signed_again(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[0]
    return {name: signed(small, unsigned(files[name], name))}


def of_another_time(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[2]
    return {name: None, name.replace("20260220t2030", "20260220t2031"): files[name]}


def of_another_holder(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[2]
    return {name.replace(HOLDER, "h-altro"): files[name]}


def in_the_place_of_another(small: Small, files: Files) -> dict[str, bytes | None]:
    one, two, _ = sweeps(small)
    return {one: files[two], two: files[one]}


def changed_and_rightly_called(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[1]
    other, octets = rewritten(small, name, content={"objects": 0})
    return {name: None, f"{other}.p7m": signed(small, octets), **dict.fromkeys(records(small, name))}


def a_second_first(small: Small, files: Files) -> dict[str, bytes | None]:
    other, octets = rewritten(small, sweeps(small)[0], content={"objects": 0})
    return {f"{other}.p7m": signed(small, octets)}


def a_second_follower(small: Small, files: Files) -> dict[str, bytes | None]:
    other, octets = rewritten(small, sweeps(small)[2], content={"objects": 0})
    return {f"{other}.p7m": signed(small, octets)}


def no_report_at_all(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[2]
    return {name: None, plain(name): b"{}\n"}


def signed_and_no_report(small: Small, files: Files) -> dict[str, bytes | None]:
    return {sweeps(small)[2]: signed(small, b"{}\n")}


def an_id_without_a_day(small: Small, files: Files) -> dict[str, bytes | None]:
    name = sweeps(small)[2]
    return {f"{HOLDER}/reports/20261399t000000z{name[name.index('-sweep') :]}": files[name]}


BENDS: dict[Bend, str] = {
    taken_away: "MISSING",
    taken_away_with_its_evidence: "REPORT_MISSING",
    without_its_seal: "EVIDENCE_MEMBER",
    without_its_seal_beside_it: "REPORT_TWICE",
    signed_again: "EVIDENCE_MEMBER",
    of_another_time: "REPORT_ELSEWHERE",
    of_another_holder: "REPORT_ELSEWHERE",
    in_the_place_of_another: "REPORT_ELSEWHERE",
    changed_and_rightly_called: "REPORT_MISSING",
    a_second_first: "REPORT_FORKED",
    a_second_follower: "REPORT_FORKED",
    no_report_at_all: "REPORT_UNREADABLE",
    signed_and_no_report: "REPORT_UNREADABLE",
    an_id_without_a_day: "REPORT_ELSEWHERE",
}


@pytest.mark.parametrize("bend", BENDS, ids=lambda bend: bend.__name__)
def test_whatever_is_done_to_reports_fails_the_store(reported: Small, bend: Bend) -> None:
    judged = reported.judge(reported.files.but(bend(reported, reported.files)))
    assert judged.indication is Indication.FAILED
    found = {item.code for item in judged.verdict.findings if "/reports/" in item.subject}
    assert BENDS[bend] in found, found


def test_beside_a_sealed_report_only_the_one_without_its_seal_is_wrong(reported: Small) -> None:
    bent = without_its_seal_beside_it(reported, reported.files)
    judged = reported.judge(reported.files.but(bent))
    assert {item for item in said(judged) if "/reports/" in item[1]} == {("REPORT_TWICE", name) for name in bent}


def test_any_bit_of_a_report_or_its_record_counts(reported: Small) -> None:
    name = sweeps(reported)[0]
    for which in (name, *records(reported, name)):
        octets = reported.files[which]
        for place in range(0, len(octets), 199):
            files = reported.files.but({which: flipped(octets, place)})
            judged = judge_report(files, name, trust=reported.trust, at=EVENING + HOUR)
            assert judged.indication is not Indication.PASSED, (which, place)


def test_any_bit_of_what_a_report_that_waits_for_evidence_says_counts(reported: Small) -> None:
    name = sweeps(reported)[2]
    octets = reported.files[name]
    start = octets.index(content := unsigned(octets, name))
    for place in range(start, start + len(content), 7):
        judged = judge_report(
            reported.files.but({name: flipped(octets, place)}), name, trust=reported.trust, at=EVENING + HOUR
        )
        assert judged.indication is Indication.FAILED, place


def test_one_report_alone_says_what_it_says_and_whether_the_one_before_it_is_there(reported: Small) -> None:
    name = sweeps(reported)[1]
    judged = judge_report(reported.files, name, trust=reported.trust, at=EVENING + HOUR)
    assert (judged.indication, judged.verdict.findings) == (Indication.PASSED, ())
    assert judged.told is not None
    assert (judged.told.kind, judged.told.content) == (ReportKind.SWEEP, {"objects": 1})
    assert judged.proven_at == EVENING
    assert judged.until is not None
    before = sweeps(reported)[0]
    alone = judge_report(reported.files.but({before: None}), name, trust=reported.trust, at=EVENING + HOUR)
    assert ("REPORT_MISSING", name) in said(alone)
    bare = reported.files.but({before: None, plain(before): b""})
    assert judge_report(bare, name, trust=reported.trust, at=EVENING + HOUR).indication is Indication.PASSED


def test_what_a_report_says_of_damage_is_no_verdict(reported: Small) -> None:
    name = sweeps(reported)[2]
    other, octets = rewritten(reported, name, content={"missing": 3, "findings": ["MISSING"]})
    files = reported.files.but({name: None, f"{other}.p7m": signed(reported, octets)})
    assert reported.judge(files).indication is Indication.PASSED


def test_a_seal_of_somebody_else_is_a_doubt(reported: Small, ca: object) -> None:
    name = sweeps(reported)[2]
    p7m = house_signer(ca).sign(unsigned(reported.files[name], name), at=EVENING, stamp=None)  # type: ignore[arg-type]
    judged = judge_report(reported.files.but({name: p7m}), name, trust=reported.trust, at=EVENING + HOUR)
    assert judged.indication is Indication.INDETERMINATE


def test_a_report_outlives_its_seal_by_its_evidence(reported: Small) -> None:
    covered, waiting = sweeps(reported)[1:]
    files = reported.files
    # the seal's own certificate has ended, and with it that of the stamp in the signature; evidence is what is left
    later = EVENING + timedelta(days=12 * 365)
    assert judge_report(files, waiting, trust=reported.trust, at=later).indication is Indication.INDETERMINATE
    soon = EVENING + timedelta(days=5 * 365)
    assert judge_report(files, covered, trust=reported.trust, at=soon).indication is Indication.PASSED


@pytest.mark.parametrize("sealed", [True, False])
def test_the_group_of_a_report_is_the_report_as_it_lies_there(reported: Small, sealed: bool) -> None:
    name = sweeps(reported)[0]
    (record,) = records(reported, name)
    changed = {} if sealed else without_its_seal(reported, reported.files)
    findings, members = judge_group(reported.files.but(changed), record, trust=reported.trust, at=EVENING + HOUR)
    assert (findings == ()) is sealed
    expected = name if sealed else plain(name)
    assert list(members) == [expected]
    octets = reported.files[name]
    assert sha256(octets if sealed else unsigned(octets, name)) == sha256(reported.files.but(changed)[expected])

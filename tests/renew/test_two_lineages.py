"""Two lineages are two proofs: what one may lose, what must never pass, and what the judge learns from `trust/`."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509 import ReasonFlags
from support import letters
from support.ages import Clock, authority, day
from support.embedded import HOLDER, Disk, Embedded
from support.quick_tsa import QuickCA, QuickTSA
from support.small import Files

from archiver.chain import NOTHING
from archiver.digest import sha256
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication
from archiver.verify import Report, Trust, informed, judge_store, judge_volume

FIRST, SECOND = QuickCA("Radice prima"), QuickCA("Radice seconda")
LOST = day("2027-06-01")


@pytest.fixture
def process(tmp_path: Path, ca: Path) -> Embedded:
    clock = Clock(day("2026-11-22"))
    made = Embedded(Disk.made(tmp_path / "disk"), ca, Providers(), clock)
    made.lines = lines(clock)
    made.ingest(letters.HandedIn((letters.plain(1),)))
    made.seal()
    clock.now = day("2027-12-01")
    return made


def lines(clock: Clock, year: int = 2026):  # type: ignore[no-untyped-def]
    start, end = day(f"{year}-01-01"), day(f"{year + 10}-01-01")
    return tuple(
        (authority(name, QuickTSA(f"TSA {name} {year}", start, end, serial=year, ca=ca), clock),)
        for name, ca in (("prima", FIRST), ("seconda", SECOND))
    )


def judged(process: Embedded, files: Files, **changed: object) -> Report:
    return judge_store(files, trust=replace(process.trust(), **changed), at=process.clock())  # type: ignore[arg-type]


def evidence(files: Files, tsa: str) -> str:
    (name,) = [item for item in files.kind(Kind.VOLUME_RECORD) if f"/{tsa}/" in item]
    return name


def objects(process: Embedded) -> Files:
    return Files(process.disk.objects())


def codes(report: Report) -> set[str]:
    return {found.code for found in report.verdict.findings}


def test_a_copy_of_a_record_is_no_second_proof(process: Embedded) -> None:
    files = objects(process)
    for one, other in (("prima", "seconda"), ("seconda", "prima")):
        copied = files.but({evidence(files, other): files[evidence(files, one)]})
        report = judged(process, copied)
        assert report.indication is Indication.FAILED
        assert "EVIDENCE_COPIED" in codes(report)


@pytest.mark.parametrize("spoilt", [b"<", b"", b"<?xml version='1.0'?><EvidenceRecord/>"])
@pytest.mark.parametrize("tsa", ["prima", "seconda"])
def test_an_altered_record_fails_the_package_whatever_the_other_proves(
    process: Embedded, tsa: str, spoilt: bytes
) -> None:
    files = objects(process)
    name = evidence(files, tsa)
    for octets in (spoilt, spoilt + files[name][1:]):
        assert judged(process, files.but({name: octets})).indication is Indication.FAILED


def test_an_authority_set_aside_takes_with_it_what_it_began_and_what_it_gave(process: Embedded) -> None:
    files = objects(process)
    for aside in ({"prima"}, {"TSA prima 2026"}):
        report = judged(process, files, without=frozenset(aside))
        assert report.indication is Indication.PASSED
        assert "EVIDENCE_SET_ASIDE" in codes(report)
    report = judged(process, files, without=frozenset({"prima", "seconda"}))
    assert report.indication is Indication.INDETERMINATE
    assert "EVIDENCE_NONE_LEFT" in codes(report)


def test_a_compromise_fells_one_lineage_and_both_are_too_many(process: Embedded) -> None:
    one = FIRST.crl({2026: (LOST, ReasonFlags.key_compromise)}, day("2027-11-30"))
    two = SECOND.crl({2026: (LOST, ReasonFlags.key_compromise)}, day("2027-11-30"))
    report = judged(process, objects(process), policy=process.trust().policy.plus(crls=(one,)))
    assert (report.indication, "EVIDENCE_FELL" in codes(report)) == (Indication.PASSED, True)
    report = judged(process, objects(process), policy=process.trust().policy.plus(crls=(one, two)))
    assert report.indication is Indication.INDETERMINATE


def kept(files: Files, octets: bytes, extension: str) -> Files:
    return files.but({layout.trust(HOLDER, sha256(octets), extension): octets})


def test_a_list_that_came_later_is_heeded_and_no_other_pushes_it_aside(process: Embedded) -> None:
    files = objects(process)
    for ca in (FIRST, SECOND):
        tsa = QuickTSA(
            f"TSA {'prima' if ca is FIRST else 'seconda'} 2026",
            day("2026-01-01"),
            day("2036-01-01"),
            serial=2026,
            ca=ca,
        )
        files = kept(files, tsa.der, "cer")
        files = kept(files, ca.crl({2026: (LOST, ReasonFlags.key_compromise)}, day("2027-10-01")), "crl")
    assert judged(process, files).indication is Indication.INDETERMINATE
    for ca in (FIRST, SECOND):
        files = kept(files, QuickCA(ca.name + " ").crl({}, day("2027-11-20")), "crl")  # a stranger's
        files = kept(files, ca.crl({}, day("2027-11-25")), "crl")  # the CA's own, when the entry had left it
    assert judged(process, files).indication is Indication.INDETERMINATE
    (volume,) = {name.split("/")[2] for name in files.kind(Kind.INDEX)}
    trust: Trust = informed(files, HOLDER, trust=process.trust())
    assert judge_volume(files, HOLDER, volume, trust=trust, at=process.clock()).indication is Indication.INDETERMINATE


def test_a_day_before_the_last_renewal_is_judged_by_the_record_of_that_day(process: Embedded) -> None:
    process.clock.now = day("2035-11-01")  # type: ignore[attr-defined]
    process.lines = lines(process.clock, 2035)  # type: ignore[arg-type]
    process.gather = lambda path: (NOTHING, ())
    assert process.renew().renewed == 2
    process.former = tuple(item for line in lines(process.clock) for item in line)  # type: ignore[arg-type]
    for moment in ("2026-11-23", "2030-01-01", "2036-06-01"):
        process.clock.now = day(moment)  # type: ignore[attr-defined]
        assert process.verify().indication is Indication.PASSED, moment

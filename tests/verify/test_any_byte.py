"""The contract of the archive: whatever is altered, taken away, exchanged or added, the judge says FAILED and where."""

import io
import zipfile
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.small import EVENING, HOLDER, HOUR, ORDINARY, Files, Small, ingest, look, make, said

from archiver.digest import sha256, sha512
from archiver.evidence.cms import open_signed
from archiver.evidence.policy import NOBODY
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind
from archiver.verdict import Finding, Indication, Severity
from archiver.verify import Report, judge_volume
from archiver.verify.evidence import standing

AT = EVENING + HOUR
READ_ONLY = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_the_archive_as_it_was_sealed_is_passed(small: Small) -> None:
    report = small.judge()
    assert (report.indication, said(report)) == (Indication.PASSED, set())
    assert sum(report.content.values()) == 12


@READ_ONLY
@given(st.integers(0), st.integers(0), st.integers(0, 7))
@example(0, 0, 0)
def test_any_flipped_bit_of_any_file_fails_the_archive_and_names_the_file(
    small: Small, which: int, offset: int, bit: int
) -> None:
    name = sorted(small.files)[which % len(small.files)]
    place = offset % len(small.files[name])
    report = judged(small, small.files.but({name: flipped(small.files[name], place, bit)}), name)
    assert report.indication is Indication.FAILED
    assert named(report, name), [(found.code, found.subject) for found in report.verdict.findings]


def test_the_ends_and_the_middle_of_every_file_are_looked_at(small: Small) -> None:
    unnoticed = []
    for name, octets in small.files.items():
        for place in (0, len(octets) // 2, len(octets) - 1):
            report = judged(small, small.files.but({name: flipped(octets, place, place % 8)}), name)
            if report.indication is not Indication.FAILED or not named(report, name):
                unnoticed.append((name, place, report.indication))
    assert not unnoticed


def test_every_byte_of_an_evidence_record_counts(small: Small) -> None:
    """Exhaustive: one bit of each byte of a record."""
    name = small.files.kind(Kind.RDV_RECORD)[0]
    octets, subject = small.files[name], name.replace(".local.000001.ers", ".xml")
    members = {subject: {"sha512": bytes.fromhex(sha512(small.files[subject]))}}

    def survives(place: int, bit: int) -> bool:
        files = Files({name: flipped(octets, place, bit)})
        judged = standing(files, [name], policy=NOBODY, at=AT).over(members)  # no trust: errors count
        failed = [item for item in judged.findings if item.severity is Severity.ERROR]
        assert all(item.subject == name for item in failed)
        return not failed

    assert not {place for place in range(len(octets)) if survives(place, place % 8)}


def test_every_file_taken_away_fails_the_archive_and_is_named(small: Small) -> None:
    for name in small.files.keys() - awaiting(small):
        report = small.judge(small.files.but({name: None}))
        assert report.indication is Indication.FAILED, name
        assert named(report, name), (name, report.verdict.findings)


def test_every_file_emptied_or_cut_short_fails_the_archive_and_is_named(small: Small) -> None:
    for name, octets in small.files.items():
        for left in (b"", octets[:-1]):
            report = judged(small, small.files.but({name: left}), name)
            assert report.indication is Indication.FAILED, name
            assert named(report, name), (name, report.verdict.findings)


@pytest.mark.parametrize(
    "kind", [Kind.SEGMENT, Kind.RDV, Kind.RDV_RECORD, Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD]
)
def test_two_valid_files_exchanged_fail_the_archive_and_are_both_named(small: Small, kind: Kind) -> None:
    for one, two in combinations(small.files.kind(kind), 2):
        report = small.judge(small.files.but({one: small.files[two], two: small.files[one]}))
        assert report.indication is Indication.FAILED
        assert named(report, one), one
        assert named(report, two), two


@pytest.mark.parametrize("path", ["note.txt", "PIndex.xml", "evidence/local/000001.ers.bak", "messages/x.eml"])
def test_a_file_added_to_a_volume_fails_it(small: Small, path: str) -> None:
    added = f"{HOLDER}/volumes/{small.volumes[0]}/{path}"
    report = small.judge(small.files.but({added: b"added"}))
    assert report.indication is Indication.FAILED
    assert named(report, added)


def test_a_record_of_another_volume_beside_its_own_fails_it(small: Small) -> None:
    one, two = (layout.volume_record(HOLDER, volume, tsa="local", number=1) for volume in small.volumes)
    added = layout.volume_record(HOLDER, small.volumes[0], tsa="other", number=1)
    assert one != two
    report = small.judge(small.files.but({added: small.files[two]}))
    assert (report.indication, named(report, added)) == (Indication.FAILED, True)


def test_a_second_record_without_the_first_fails_the_volume(small: Small) -> None:
    first, second = (layout.volume_record(HOLDER, small.volumes[0], tsa="local", number=number) for number in (1, 2))
    report = small.judge(small.files.but({first: None, second: small.files[first]}))
    assert (report.indication, named(report, first)) == (Indication.FAILED, True)


@pytest.mark.parametrize("kind", [Kind.SEGMENT, Kind.METADATA])
def test_an_entry_added_to_a_zip_fails_the_volume_and_names_the_zip(small: Small, kind: Kind) -> None:
    name = small.files.kind(kind)[0]
    path = layout.message_path(sha256(b"x")) if kind is Kind.SEGMENT else layout.metadata_path(sha256(b"x"))
    report = judged(small, small.files.but({name: with_entry(small.files[name], path, b"x")}), name)
    assert (report.indication, named(report, name)) == (Indication.FAILED, True)


def test_a_message_smuggled_into_a_segment_under_its_new_digest_is_no_part_of_the_archive(small: Small) -> None:
    name = small.files.kind(Kind.SEGMENT)[0]
    grown = with_entry(small.files[name], layout.message_path(sha256(b"x")), b"x")
    renamed = layout.segment(HOLDER, sha256(grown))
    report = small.judge(small.files.but({name: None, renamed: grown}))
    assert (report.indication, named(report, name)) == (Indication.FAILED, True)
    beside = small.judge(small.files.but({renamed: grown}))
    assert said(beside) == {("ORPHAN", renamed)}
    assert sum(beside.content.values()) == 12


def test_a_trust_file_that_no_index_lists_must_still_be_what_its_name_says(small: Small) -> None:
    octets = small.files[small.files.kind(Kind.TRUST)[0]]
    other = octets[:-1]
    good, bad = layout.trust(HOLDER, sha256(other), "cer"), layout.trust(HOLDER, sha256(other), "crl")
    assert small.judge(small.files.but({good: other})).indication is Indication.PASSED
    report = small.judge(small.files.but({bad: octets}))
    assert (report.indication, named(report, bad)) == (Indication.FAILED, True)


def test_a_rapporto_under_way_is_covered_by_the_one_after_it(small: Small) -> None:
    """Without index and evidence: the chain of rapporti alone notices."""
    kept = small.files.kind(Kind.RDV) + small.files.kind(Kind.SEGMENT)
    waiting = Files((name, small.files[name]) for name in kept)
    assert small.judge(waiting).indication is Indication.PASSED
    first = next(name for name in small.files.kind(Kind.RDV) if b"<Precedente" not in waiting[name])
    altered = waiting[first].replace(b"Manuale dimostrativo", b"Manuale altro, falso")
    assert altered != waiting[first]
    report = small.judge(waiting.but({first: altered}))
    assert report.verdict.sub_indication == "HASH_FAILURE"
    assert {code for code, _ in said(report)} == {"RDV_CHAIN", "RDV_NOT_COVERED"}
    assert "RDV_MISSING" in {code for code, _ in said(small.judge(waiting.but({first: None})))}


def test_a_volume_that_vanished_with_all_that_is_in_it_is_missed_by_the_rapporto_after_it(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    make(folder, [ORDINARY])
    ingest(folder, [b"one more"], at=EVENING + HOUR)
    later = look(folder)
    (volume,), (index,) = later.volumes, later.files.kind(Kind.INDEX)
    assert later.judge(at=AT + HOUR).indication is Indication.PASSED
    kept = Files((name, octets) for name, octets in later.files.items() if f"/volumes/{volume}/" not in name)
    report = later.judge(kept, at=AT + HOUR)
    assert (report.indication, named(report, index)) == (Indication.FAILED, True)
    other = later.judge(later.files.but({index: later.files[index] + b"\0"}), at=AT + HOUR)
    assert ("DIGEST", index) in said(other)


def test_what_the_judge_is_given_by_a_forger_raises_nothing(small: Small) -> None:
    """Names and digests are right, the contents are nonsense."""
    for octets in (b"", b"\0", b"0\x03\x02\x01", b"<a/>", b"PK\5\6" + bytes(18), ORDINARY):
        forged = {layout.segment(HOLDER, sha256(octets)): octets, layout.trust(HOLDER, sha256(octets), "cer"): octets}
        forged[layout.discard(HOLDER, "d-1", sealed=True)] = octets
        forged |= {name: octets for name in small.files if not name.endswith(".zip")}
        assert small.judge(small.files.but(forged)).indication is Indication.FAILED


def judged(small: Small, files: Files, name: str) -> Report:
    """The verdict on the volume that holds the object `name`, which is quicker than that on the store."""
    for volume in small.volumes:
        if name in part_of(small, volume):
            return judge_volume(files, HOLDER, volume, trust=small.trust, at=AT, contents=False)
    assert name in awaiting(small), f"{name} is part of nothing"
    return small.judge(files, at=AT)


def awaiting(small: Small) -> set[str]:
    """What was collected after the last sealing: until the next night covers it, its name alone tells."""
    listed = frozenset[str]().union(*(part_of(small, volume) for volume in small.volumes))
    return {name for name in small.files.kind(Kind.TRUST) if name not in listed}


def part_of(small: Small, volume: str) -> frozenset[str]:
    """Every object that a volume rests on."""
    index = index_reader.read(open_signed(small.files[layout.index(HOLDER, volume)]).content or b"")
    stems = tuple(f"{HOLDER}/pdv/m-prova/{file.path.removeprefix('pdv/').removesuffix('xml')}" for file in index.rdvs)
    trust = {f"{HOLDER}/{file.path}" for file in index.trust}
    segments = {layout.segment(HOLDER, segment.sha256) for segment in index.volume.segments}
    own = {name for name in small.files if name.startswith((f"{HOLDER}/volumes/{volume}/", *stems))}
    return frozenset(own | trust | segments)


def named(report: Report, name: str) -> bool:
    """Whether an error is about this file: as its subject, as the file that a record does not cover, or its folder."""
    return any(_about(found, name) for found in report.verdict.findings if found.severity is Severity.ERROR)


def _about(found: Finding, name: str) -> bool:
    folder = found.subject.endswith("/") and name.startswith(found.subject)
    return found.subject == name or folder or dict(found.values).get("member") == name


def flipped(octets: bytes, place: int, bit: int) -> bytes:
    """The same with one bit turned."""
    return octets[:place] + bytes([octets[place] ^ 1 << bit]) + octets[place + 1 :]


def with_entry(octets: bytes, path: str, content: bytes) -> bytes:
    """A ZIP with one entry more, as any archiver would add it."""
    file = io.BytesIO(octets)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(zipfile.ZipInfo(path), content)
    return file.getvalue()

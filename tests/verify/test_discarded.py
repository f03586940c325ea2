"""What was destroyed with leave is told apart from what is missing: a record in discards/ explains it, and only it."""

import io
from dataclasses import replace

import pytest
from support.discarding import Destruction, destroy, record_name, seal_of
from support.small import EVENING, HOLDER, HOUR, ORDINARY, Files, Small, said, two_years

from archiver.adapters.authority import LocalAuthority
from archiver.digest import Sha256, sha256, sha512
from archiver.evidence.record import builder as record_builder
from archiver.evidence.timestamp import query, token_of
from archiver.package import layout
from archiver.package.discard.values import SegmentChange
from archiver.package.layout import Kind
from archiver.package.segment import reader
from archiver.verdict import Indication
from archiver.verify import Report, judge_volume

GONE, EMPTY = sha256(ORDINARY), sha256(b"")
NEXT_DAY = EVENING + 24 * HOUR


@pytest.fixture
def volume(small: Small) -> str:
    """The volume that holds the message to be destroyed."""
    return small.volumes[1]


@pytest.fixture
def done(small: Small, volume: str) -> Destruction:
    """That message destroyed."""
    return destroy(small.files, [GONE], volume=volume)


def test_the_rest_of_a_volume_is_passed_and_the_discard_is_said(small: Small, volume: str, done: Destruction) -> None:
    report = judged(small, small.files.but({**done.changed, record_name(): done.record()}))
    assert report.indication is Indication.PASSED
    assert said(report) == {
        ("DISCARD_UNSEALED", record_name()),
        ("DISCARDED", layout.message_path(GONE)),
        ("DISCARDED", layout.metadata_path(GONE)),
        ("GROUP_PARTIAL", layout.volume_record(HOLDER, volume, tsa="local", number=1)),
    }
    assert sum(report.content.values()) == 11


def test_a_sealed_record_counts_without_a_warning(small: Small, done: Destruction) -> None:
    sealed = record_name(sealed=True)
    report = judged(small, small.files.but({**done.changed, sealed: seal_of(small, done.record())}))
    assert (report.indication, "DISCARD_UNSEALED" in codes(report)) == (Indication.PASSED, False)


def test_the_evidence_of_a_sealed_record_carries_it_beyond_its_seal(small: Small, done: Destruction) -> None:
    sealed, later = record_name(sealed=True), EVENING + 4 * 366 * 24 * HOUR
    files = small.files.but({**done.changed, sealed: seal_of(small, done.record())})
    bare = small.judge(files, at=later)
    assert ("CERTIFICATE_EXPIRED", sealed) in said(bare)
    name = layout.discard_record(HOLDER, "d-1", tsa="local", number=1)
    record = evidence(small, files[sealed])
    assert small.judge(files.but({name: record}), at=later).indication is Indication.PASSED
    foreign = small.judge(files.but({name: evidence(small, b"another")}), at=later)
    assert (foreign.indication, ("EVIDENCE_MEMBER", name) in said(foreign)) == (Indication.FAILED, True)


def test_without_the_record_the_same_absence_fails(small: Small, volume: str, done: Destruction) -> None:
    report = judged(small, small.files.but(done.changed))
    assert report.indication is Indication.FAILED
    old = layout.segment(HOLDER, done.segments[0].old)
    assert {("MISSING", old), ("MISSING", layout.message_path(GONE)), ("MISSING", layout.metadata_path(GONE))} <= said(
        report
    )


@pytest.mark.parametrize("forgotten", ["members", "segments", "metadata"])
def test_a_record_that_does_not_cover_what_is_missing_explains_nothing_of_it(
    small: Small, done: Destruction, forgotten: str
) -> None:
    if forgotten == "members":  # it speaks of another message
        done.members = destroy(small.files, [EMPTY], volume=None).members
    else:
        getattr(done, forgotten).clear()
    report = judged(small, small.files.but({**done.changed, record_name(): done.record()}))
    assert report.indication is Indication.FAILED


def test_a_message_missing_beside_the_discarded_one_fails(small: Small, volume: str, done: Destruction) -> None:
    """The new segment lacks one message more than the record says."""
    old = layout.segment(HOLDER, done.segments[0].old)
    other = next(digest for digest in messages(small.files, old) if digest != GONE)
    both = destroy(small.files, [GONE, other], volume=volume)
    both.members = [member for member in both.members if member.sha256 == GONE]
    report = judged(small, small.files.but({**both.changed, record_name(): both.record()}))
    assert report.indication is Indication.FAILED
    missing = {subject for code, subject in said(report) if code == "MISSING"}
    assert missing == {layout.message_path(other), layout.metadata_path(other)}


def test_the_record_of_another_holder_explains_nothing(small: Small, done: Destruction) -> None:
    report = judged(small, small.files.but({**done.changed, record_name(): done.record(holder="h-altro")}))
    assert report.indication is Indication.FAILED
    assert {("DISCARD_ELSEWHERE", record_name()), ("MISSING", layout.message_path(GONE))} <= said(report)


def test_a_record_under_another_ones_id_explains_nothing(small: Small, done: Destruction) -> None:
    report = judged(small, small.files.but({**done.changed, record_name("d-2"): done.record(name="d-1")}))
    assert (report.indication, "DISCARD_ELSEWHERE" in codes(report)) == (Indication.FAILED, True)


def test_a_discard_from_another_volume_explains_no_absence_here(small: Small, volume: str, done: Destruction) -> None:
    """The same message may be kept for another mailbox, under another rule."""
    other = small.volumes[0]
    done.members = [type(member)(member.sha256, member.sha512, other, member.metadata) for member in done.members]
    report = judged(small, small.files.but({**done.changed, record_name(): done.record()}))
    assert (report.indication, ("MISSING", layout.message_path(GONE)) in said(report)) == (Indication.FAILED, True)


def test_an_altered_seal_of_a_record_explains_nothing(small: Small, done: Destruction) -> None:
    sealed = bytearray(seal_of(small, done.record()))
    place = sealed.index(b"provvedimento")
    sealed[place] ^= 1
    report = judged(small, small.files.but({**done.changed, record_name(sealed=True): bytes(sealed)}))
    assert (report.indication, ("MISSING", layout.message_path(GONE)) in said(report)) == (Indication.FAILED, True)


def test_a_record_that_cannot_be_read_fails_what_it_might_have_explained(small: Small, done: Destruction) -> None:
    report = judged(small, small.files.but({**done.changed, record_name(): done.record()[:-3]}))
    assert (report.indication, ("DISCARD_UNREADABLE", record_name()) in said(report)) == (Indication.FAILED, True)


def test_two_discards_one_after_the_other_are_followed(small: Small, volume: str, done: Destruction) -> None:
    once = small.files.but({**done.changed, record_name(): done.record()})
    new = done.segments[0].new
    assert new
    other = messages(once, layout.segment(HOLDER, new))[0]
    again = destroy(once, [other], volume=volume)
    report = judged(small, once.but({**again.changed, record_name("d-2"): again.record(name="d-2")}))
    assert report.indication is Indication.PASSED
    assert sum(report.content.values()) == 10


def test_what_is_said_to_be_destroyed_and_is_still_there_is_said(small: Small, done: Destruction) -> None:
    """A power cut between the record and the last deletion."""
    old = layout.segment(HOLDER, done.segments[0].old)
    kept = {name: octets for name, octets in done.changed.items() if name != old}
    report = judged(small, small.files.but({**kept, record_name(): done.record()}))
    assert (report.indication, ("DISCARD_UNFINISHED", old) in said(report)) == (Indication.PASSED, True)


def test_a_volume_destroyed_whole_is_said_and_fails_nothing(small: Small, volume: str) -> None:
    whole = whole_volume(small, volume)
    files = destroyed(small, whole, volume)
    report = judged(small, files)
    assert report.indication is Indication.PASSED
    segments = {("DISCARDED", layout.segment(HOLDER, change.old)) for change in whole.segments}
    assert {item for item in said(report) if item[0] == "DISCARDED"} == segments | {("DISCARDED", folder_of(volume))}
    assert 0 < sum(report.content.values()) < 12
    other = judge_volume(files, HOLDER, small.volumes[0], trust=small.trust, at=NEXT_DAY)
    assert other.indication is Indication.PASSED


def test_a_volumes_first_segment_goes_with_its_id_and_the_others_are_to_be_listed(small: Small, volume: str) -> None:
    whole = whole_volume(small, volume)
    whole.segments = [change for change in whole.segments if change.old != volume]
    assert judged(small, destroyed(small, whole, volume)).indication is Indication.PASSED
    whole.segments = []
    assert judged(small, destroyed(small, whole, volume)).indication is Indication.FAILED


def test_a_record_without_a_seal_is_not_enough_for_a_whole_volume_nor_for_a_strict_judge(
    small: Small, volume: str, done: Destruction
) -> None:
    whole = whole_volume(small, volume)
    report = judged(small, small.files.but({**whole.changed, record_name(): whole.record(volumes=(volume,))}))
    assert (report.indication, report.verdict.sub_indication) == (Indication.INDETERMINATE, "NO_SIGNATURE")
    files = small.files.but({**done.changed, record_name(): done.record()})
    strict = small.judge(files, at=NEXT_DAY, trust=replace(small.trust, strict=True))
    assert (strict.indication, strict.verdict.sub_indication) == (Indication.INDETERMINATE, "NO_SIGNATURE")


def test_a_volume_that_is_gone_without_a_record_is_missed_by_its_rapporti(small: Small, volume: str) -> None:
    whole = whole_volume(small, volume)
    report = judged(small, small.files.but(whole.changed))
    expected = {("MISSING", layout.segment(HOLDER, change.old)) for change in whole.segments}
    assert (report.indication, expected <= said(report)) == (Indication.FAILED, True)


def test_a_volume_half_destroyed_is_not_judged_and_said(small: Small, volume: str) -> None:
    whole = whole_volume(small, volume)
    del whole.changed[layout.index(HOLDER, volume)]
    report = judged(small, destroyed(small, whole, volume))
    assert report.indication is Indication.PASSED
    assert ("DISCARD_UNFINISHED", folder_of(volume)) in said(report)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """The same mail, taken in and not sealed."""
    return two_years(tmp_path_factory.mktemp("waiting") / "archive", sealed=False)


def test_a_message_destroyed_before_it_was_sealed(waiting: Small) -> None:
    assert waiting.judge().indication is Indication.PASSED
    done = destroy(waiting.files, [GONE], volume=None)
    assert judged(waiting, waiting.files.but(done.changed)).indication is Indication.FAILED
    report = judged(waiting, waiting.files.but({**done.changed, record_name(): done.record()}))
    assert report.indication is Indication.PASSED
    assert ("DISCARDED", layout.message_path(GONE)) in said(report)
    assert sum(report.content.values()) == 11
    done.members = destroy(waiting.files, [EMPTY], volume=None).members
    report = judged(waiting, waiting.files.but({**done.changed, record_name(): done.record()}))
    assert (report.indication, ("MISSING", layout.message_path(GONE)) in said(report)) == (Indication.FAILED, True)


def test_a_whole_segment_destroyed_before_it_was_sealed(waiting: Small) -> None:
    name = waiting.files.kind(Kind.SEGMENT)[0]
    done = destroy(waiting.files, messages(waiting.files, name), volume=None)
    assert done.segments == [SegmentChange(sha256(waiting.files[name]))]
    report = judged(waiting, waiting.files.but({**done.changed, record_name(): done.record()}))
    assert (report.indication, ("DISCARDED", name) in said(report)) == (Indication.PASSED, True)


def judged(small: Small, files: Files) -> Report:
    return small.judge(files, at=NEXT_DAY)


def codes(report: Report) -> set[str]:
    return {code for code, _ in said(report)}


def messages(files: Files, name: str) -> list[Sha256]:
    """The digests of a segment's messages."""
    return [item.sha256 for item in reader.members(io.BytesIO(files[name]), prefix="messages/", suffix=".eml")]


def whole_volume(small: Small, volume: str) -> Destruction:
    """Every object of a volume taken away, and its segments listed."""
    year = small.year(volume)
    segments = [
        name for name in small.files.kind(Kind.SEGMENT) if small.files[name].endswith(f" {year}".encode("ascii"))
    ]
    assert len(segments) == 2
    gone = Destruction(segments=[SegmentChange(sha256(small.files[name])) for name in segments])
    names = [name for name in small.files if name.startswith(f"{HOLDER}/volumes/{volume}/")]
    gone.changed = dict.fromkeys([*segments, *names])
    return gone


def destroyed(small: Small, whole: Destruction, volume: str) -> Files:
    """What is left of a store, and the sealed record."""
    sealed = seal_of(small, whole.record(volumes=(volume,)))
    return small.files.but({**whole.changed, record_name(sealed=True): sealed})


def folder_of(volume: str) -> str:
    return f"{HOLDER}/volumes/{volume}/"


def evidence(small: Small, octets: bytes) -> bytes:
    """An evidence record over one object, by the archive's own authority."""
    digest = bytes.fromhex(sha512(octets))
    reply = LocalAuthority(small.ca.parent, lambda: NEXT_DAY).answer(query("sha512", digest, 1))
    token = token_of(reply, algorithm="sha512", imprint=digest, nonce=1, at=NEXT_DAY)
    return record_builder.initial([digest], (), token)

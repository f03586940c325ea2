"""The judge on a register: evidence of one act proves all behind it; a gap, a fork, an altered act are said."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support import acting
from support.embedded import HOLDER, Disk, Embedded, made_authority
from support.revoking import NOW
from support.small import Files

from archiver.digest import sha256
from archiver.package import layout
from archiver.package.act import Act, ActKind, Link, build
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.verdict import Indication
from archiver.verify import Trust, judge_register
from archiver.verify.acts import Registered

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=30)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")


def acts(count: int) -> list[Act]:
    made: list[Act] = []
    for number in range(count):
        kind = ActKind.SHOW if number else ActKind.TRUST_REVOKED
        at = NOW - HOUR + timedelta(minutes=number)
        made.append(acting.act(kind, after=made[-1] if made else None, at=at, holder=HOLDER))
    return made


ACTS = acts(7)


@pytest.fixture(scope="module")
def lived(ca: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, Trust]:
    """A register of seven acts: a night after the third, a night after the fifth, two that nothing covers yet."""
    disk = Disk.made(tmp_path_factory.mktemp("disk") / "one")
    process = Embedded(disk, ca, Providers(), lambda: NOW)
    for night, some in enumerate((ACTS[:3], ACTS[3:5])):
        acting.stored(some, disk.store)
        process.clock = lambda night=night: NOW + night * HOUR  # type: ignore[misc]
        report = process.seal()
        assert (report.others, report.tokens, report.failures) == (1, 1, [])
    acting.stored(ACTS[5:], disk.store)
    return Files(disk.objects()), process.trust()


def judged(lived: tuple[Files, Trust], changed: dict[str, bytes | None] | None = None) -> Registered:
    files, trust = lived
    return judge_register(files.but(changed or {}), HOLDER, trust=trust, at=LATER)


def said(report: Registered) -> list[tuple[str, str]]:
    return [(item.code, item.subject) for item in report.verdict.findings]


def records(lived: tuple[Files, Trust]) -> list[str]:
    return lived[0].kind(Kind.ACT_RECORD)


def test_one_record_a_night_proves_all_acts_before_it(lived: tuple[Files, Trust]) -> None:
    assert [name.rpartition("/")[2][:26] for name in records(lived)] == [ACTS[2].id[:26], ACTS[4].id[:26]]
    report = judged(lived)
    assert report.indication is Indication.PASSED
    assert said(report) == [("ACT_NOT_COVERED", f"{HOLDER}/acts/")]
    assert (report.acts.count, report.acts.covered, report.acts.heads) == (7, 5, 2)
    assert report.proven_at is not None
    assert abs(report.proven_at - NOW) < timedelta(minutes=1)
    assert dict(report.verdict.findings[0].values) == {"found": "2"}
    assert report.acts.distrusted == {sha256(b"c")}


def test_a_covered_act_is_proven_by_a_later_night_when_its_own_record_is_gone(lived: tuple[Files, Trust]) -> None:
    report = judged(lived, {records(lived)[0]: None})
    assert report.indication is Indication.PASSED
    assert (report.acts.covered, report.acts.heads) == (5, 1)
    assert report.proven_at is not None
    assert abs(report.proven_at - NOW - HOUR) < timedelta(minutes=1), "and not earlier than that night"


def forged(number: int, **changes: object) -> Act:
    """Another act in the place of one, behind the same."""
    before = ACTS[number - 1]
    return acting.act(ActKind.SHOW, after=before, at=ACTS[number].at, holder=HOLDER, **changes)  # type: ignore[arg-type]


FORGED = forged(3, who="verdi")
FOLLOWED = acting.act(ActKind.SHOW, after=ACTS[4], at=ACTS[5].at, holder=HOLDER)
LYING = Act(
    ActKind.SHOW,
    HOLDER,
    6,
    ACTS[5].at,
    "rossi",
    "auditor",
    "",
    {},
    Link(ACTS[4].id, "0" * 128),  # type: ignore[arg-type]
)
ORPHAN = Act(
    ActKind.SHOW,
    HOLDER,
    9,
    ACTS[6].at,
    "rossi",
    "auditor",
    "",
    {},
    Link(f"{ACTS[6].at:%Y%m%dt%H%M%Sz}-000000008-{'0' * 32}", "0" * 128),  # type: ignore[arg-type]
)

Change = Callable[[], dict[str, bytes | None]]
CHANGES: dict[str, tuple[dict[str, bytes | None], Indication, set[str]]] = {
    "an act behind a covered one is gone": ({ACTS[1].name: None}, Indication.FAILED, {"ACT_MISSING"}),
    "the first act is gone": ({ACTS[0].name: None}, Indication.FAILED, {"ACT_MISSING"}),
    "the covered act is gone": ({ACTS[4].name: None}, Indication.FAILED, {"MISSING", "ACT_MISSING_UNPROVEN"}),
    "an act is gone that only one without evidence follows": (
        {ACTS[5].name: None},
        Indication.INDETERMINATE,
        {"ACT_MISSING_UNPROVEN"},
    ),
    "the last act is gone, which nothing tells": ({ACTS[6].name: None}, Indication.PASSED, set()),
    "a covered act is altered": (
        {ACTS[2].name: build(ACTS[2]).replace(b"rossi", b"verdi")},
        Indication.FAILED,
        {"ACT_UNREADABLE", "EVIDENCE_MEMBER", "EVIDENCE_UNLISTED"},
    ),
    "an act behind a covered one is altered": (
        {ACTS[1].name: build(ACTS[1]).replace(b"rossi", b"verdi")},
        Indication.FAILED,
        {"ACT_UNREADABLE"},
    ),
    "an act is exchanged for another, name and all": (
        {ACTS[3].name: None, FORGED.name: build(FORGED)},
        Indication.FAILED,
        {"ACT_MISSING"},
    ),
    "a second act behind the same": ({FORGED.name: build(FORGED)}, Indication.FAILED, {"ACT_FORKED"}),
    "an act in the place of one that follows it": (
        {LYING.name: build(LYING), ACTS[5].name: None, ACTS[6].name: None},
        Indication.FAILED,
        {"ACT_ALTERED"},
    ),
    "an act behind nothing": ({ORPHAN.name: build(ORPHAN)}, Indication.INDETERMINATE, {"ACT_MISSING_UNPROVEN"}),
    "something that is no act": (
        {layout.act(HOLDER, "20260101t000000z-x"): b"{}"},
        Indication.FAILED,
        {"ACT_UNREADABLE"},
    ),
    "the whole register": (
        {item.name: None for item in ACTS},
        Indication.FAILED,
        {"MISSING"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_done_to_a_register_is_said(lived: tuple[Files, Trust], change: str) -> None:
    changed, indication, codes = CHANGES[change]
    report = judged(lived, changed)
    assert report.indication is indication, said(report)
    assert {code for code, _ in said(report)} - {"ACT_NOT_COVERED"} == codes


def test_a_register_without_a_single_act_is_no_proof_of_anything(lived: tuple[Files, Trust]) -> None:
    files, trust = lived
    report = judge_register(Files(), HOLDER, trust=trust, at=LATER)
    assert (report.indication, said(report)) == (
        Indication.INDETERMINATE,
        [("REGISTER_EMPTY", f"{HOLDER}/acts/")],
    )
    assert files


def test_a_revocation_that_is_proven_is_not_undone_by_an_act_without_evidence(lived: tuple[Files, Trust]) -> None:
    undone = acting.act(ActKind.TRUST_CONFIRMED, after=ACTS[6], at=NOW, holder=HOLDER)
    assert judged(lived, {undone.name: build(undone)}).acts.distrusted == {sha256(b"c")}


def test_evidence_of_an_act_proves_nothing_behind_it_that_is_not_what_it_names(ca: Path, tmp_path: Path) -> None:
    first = ACTS[0]
    link = Link(first.id, "0" * 128)  # type: ignore[arg-type]
    liar = Act(ActKind.SHOW, HOLDER, 2, ACTS[1].at, "rossi", "auditor", "", {}, link)
    disk = Disk.made(tmp_path / "disk")
    process = Embedded(disk, ca, Providers(), lambda: NOW)
    acting.stored([first, liar], disk.store)
    assert process.seal().failures == []
    report = judged((Files(disk.objects()), process.trust()))
    assert (report.acts.count, report.acts.covered) == (2, 1)
    assert "ACT_ALTERED" in {code for code, _ in said(report)}

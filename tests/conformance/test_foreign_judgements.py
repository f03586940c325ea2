"""Judges that are not ours say of our seals, tokens and records what ours says; or the table says why not."""

import re
from collections.abc import Iterator

import pytest
from conformances.artefact import Answer, Artefact, Judge, Kind
from conformances.artefacts import artefacts
from conformances.cli import JUDGES, PAGE
from conformances.history import FIRST, World
from conformances.java import Missing, build
from conformances.judging import Line, Standing, table
from conformances.page import markdown
from conformances.reasons import REASONS
from conformances.theirs import bouncy_records
from support.tools import absent, tool

MAY_STAND = {Standing.AS_EXPECTED, Standing.EXPLAINED}
PROGRAMS = {"openssl": "openssl", "DSS": "java", "BouncyCastle": "java"}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> list[Artefact]:
    """What the archive makes, and the same altered."""
    return artefacts(World.made(tmp_path_factory.mktemp("conformance")))


@pytest.fixture(scope="module")
def java_judges() -> None:
    """They are built, or this is not the place for them."""
    for program in ("java", "javac", "mvn"):
        tool(program)
    try:
        build()
    except Missing as error:
        absent(str(error))


@pytest.fixture(scope="module")
def theirs(java_judges: None) -> list[Artefact]:
    """What BouncyCastle makes, and the same altered."""
    return bouncy_records()


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.name)
def test_every_judge_says_what_he_should_of_ours_or_the_table_says_why_not(
    judge: Judge, ours: list[Artefact], request: pytest.FixtureRequest
) -> None:
    if program := PROGRAMS.get(judge.name):
        tool(program)
    if program == "java":
        request.getfixturevalue("java_judges")
    stands(table(ours, [judge]))


@pytest.mark.parametrize(
    "judge", [judge for judge in JUDGES if Kind.RECORD in judge.kinds], ids=lambda judge: judge.name
)
def test_what_bouncycastle_makes_and_renews_is_judged_alike_by_all(judge: Judge, theirs: list[Artefact]) -> None:
    stands(table(theirs, [judge]))


def test_the_page_has_every_line_and_every_verdict(ours: list[Artefact], theirs: list[Artefact]) -> None:
    """Verdicts are in REASONS or as expected: what the judges say is tested above, so here nobody is asked again."""
    lines = list(foreseen([*ours, *theirs]))
    written = PAGE.read_text(encoding="utf-8")
    again = markdown(lines, [], FIRST.date())
    assert rows(written) == rows(again), "scripts/conformance --write"
    assert written.partition("## Reasons")[2] == again.partition("## Reasons")[2]


def test_every_reason_belongs_to_a_line(ours: list[Artefact], theirs: list[Artefact]) -> None:
    names = {artefact.name for artefact in (*ours, *theirs)}
    assert {name for name, _ in REASONS} <= names
    assert {judge for _, judge in REASONS} <= {judge.name for judge in JUDGES}


@pytest.mark.parametrize(
    ("good", "accepted", "reason", "standing"),
    [
        (True, True, "", Standing.AS_EXPECTED),
        (False, False, "", Standing.AS_EXPECTED),
        (True, False, "", Standing.WRONG),
        (False, True, "", Standing.WRONG),
        (True, False, "because", Standing.EXPLAINED),
        (False, True, "because", Standing.EXPLAINED),
        (True, True, "because", Standing.STALE),
        (False, False, "because", Standing.STALE),
    ],
)
def test_a_line_stands_only_as_expected_or_with_a_reason_that_is_needed(
    good: bool, accepted: bool, reason: str, standing: Standing
) -> None:
    artefact = Artefact("x", "", Kind.TOKEN, b"", FIRST, (), good=good)
    assert Line(artefact, "somebody", Answer(accepted, ""), reason).standing is standing


def stands(lines: list[Line]) -> None:
    """No line is wrong without a reason, and no reason is without a use."""
    wrong = [
        (line.artefact.name, line.standing.value, line.answer.words) for line in lines if line.standing not in MAY_STAND
    ]
    assert lines
    assert not wrong


def foreseen(asked: list[Artefact]) -> Iterator[Line]:
    """The lines as they must come out."""
    for artefact in asked:
        for judge in JUDGES:
            if artefact.kind in judge.kinds and (not artefact.only or judge.name in artefact.only):
                reason = REASONS.get((artefact.name, judge.name), "")
                yield Line(artefact, judge.name, Answer(artefact.good != bool(reason), ""), reason)


def rows(page: str) -> list[str]:
    """The rows of all tables."""
    return re.findall(r"^\|.*\|$", page, flags=re.MULTILINE)

"""The file in the exhibit and the archive's own judge, which share no code, say the same of every exhibit."""

from collections.abc import Callable
from datetime import datetime
from random import Random
from types import ModuleType
from typing import Any

import pytest
from altered_exhibits import COVERS, Case, Exhibit
from forgeries import CASES

from archiver.pec.providers import Providers
from archiver.verdict import Severity
from archiver.verify import Trust
from archiver.verify.exhibit import judge_exhibit
from archiver.verify.report import Report

REVOCATION = ("CERTIFICATE_REVOKED", "CERTIFICATE_COMPROMISED", "REVOCATION_")
GRAVE = (Severity.ERROR, Severity.DOUBT)


def by_the_archive(exhibit: Exhibit, at: datetime) -> Report:
    return judge_exhibit(exhibit, trust=Trust(Providers()), at=at)


def by_the_file(verifier: ModuleType, exhibit: Exhibit, at: datetime) -> Any:
    class Held(verifier.Tree):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            self.wrong, self.archive, self.places, self.sums = [], None, dict(exhibit), {}

        def size(self, name: str) -> int:
            return len(exhibit[name])

        def read(self, name: str) -> bytes:
            return exhibit[name]

    return verifier.judge(Held(), at)


def compared(verifier: ModuleType, exhibit: Exhibit, at: datetime) -> tuple[set[str], str]:
    """The grave findings and the indication that both of them give."""
    theirs, mine = by_the_archive(exhibit, at), by_the_file(verifier, exhibit, at)
    codes = {
        one.code for one in theirs.verdict.findings if one.severity in GRAVE and not one.code.startswith(REVOCATION)
    }
    found = {one.code for one in mine.findings if one.severity in GRAVE}
    assert found == codes, sorted(map(str, mine.findings))
    assert verifier.indication(mine.findings) == theirs.indication
    assert mine.content == {str(outcome): count for outcome, count in theirs.content.items()}
    return found, str(theirs.indication)


@pytest.mark.parametrize(
    ("name", "indication"),
    [
        ("plain", "PASSED"),
        ("full", "PASSED"),
        ("unsigned", "INDETERMINATE"),
        ("english", "PASSED"),
        ("pending", "INDETERMINATE"),
        ("waiting", "INDETERMINATE"),
        ("grown", "INDETERMINATE"),
        ("renewed", "INDETERMINATE"),
        ("export", "PASSED"),
        ("discarded", "PASSED"),
    ],
)
def test_untouched_exhibits_get_the_same_verdict_and_the_same_findings_from_both(
    name: str, indication: str, exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType
) -> None:
    exhibit, at = exhibits[name], moments[name]
    assert compared(verifier, exhibit, at)[1] == indication
    theirs, mine = by_the_archive(exhibit, at), by_the_file(verifier, exhibit, at)
    left_out = ("DISCARDED", "REVOCATION_", "SIGNER_UNNAMED", "TOKEN_UNQUALIFIED")
    said = {(one.code, one.subject) for one in theirs.verdict.findings if not one.code.startswith(left_out)}
    assert {(one.code, one.subject) for one in mine.findings} == said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_altered_exhibits_get_the_same_verdict_and_the_same_grave_findings_from_both(
    case: Case, exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType
) -> None:
    exhibit = exhibits[case.of]
    forged = case.forged(exhibit)
    assert forged != exhibit
    found, indication = compared(verifier, forged, moments[case.of])
    assert indication != "PASSED"
    assert found & set(case.said.split("|")), found


def test_there_are_at_least_fifty_of_them() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 50


@pytest.mark.parametrize("seed", range(12))
def test_any_single_bit_of_a_proof_gets_the_same_verdict_from_both(
    seed: int, exhibits: dict[str, Exhibit], moments: dict[str, datetime], verifier: ModuleType
) -> None:
    chance = Random(seed)
    which = chance.choice(("plain", "full", "waiting", "renewed"))
    exhibit = exhibits[which]
    name = chance.choice([one for one in exhibit.below("data/") if one.endswith((".p7m", ".ers", ".xml", ".eml"))])
    octets = bytearray(exhibit[name] or b"\0")
    octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
    forged = COVERS["list"](exhibit.but({name: bytes(octets)}))
    theirs, mine = (judge(forged) for judge in _both(verifier, moments[which]))
    assert mine == theirs, name


def _both(verifier: ModuleType, at: datetime) -> tuple[Callable[[Exhibit], str], Callable[[Exhibit], str]]:
    return (
        lambda exhibit: str(by_the_archive(exhibit, at).indication),
        lambda exhibit: str(verifier.indication(by_the_file(verifier, exhibit, at).findings)),
    )

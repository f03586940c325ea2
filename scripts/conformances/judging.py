"""The table: each artefact before each judge of its kind, what should be said, what was said, and why not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from conformances.artefact import Answer, Artefact, Judge
from conformances.reasons import REASONS


class Standing(Enum):
    """What a line is worth: only the first two may stand."""

    AS_EXPECTED = "as expected"
    EXPLAINED = "explained"
    WRONG = "wrong, and nobody says why"
    STALE = "as expected, but a reason why not stands in reasons.py"


@dataclass(frozen=True, slots=True)
class Line:
    """One artefact before one judge."""

    artefact: Artefact
    judge: str
    answer: Answer
    reason: str = ""

    @property
    def expected(self) -> str:
        """What should be said."""
        return _word(self.artefact.good)

    @property
    def given(self) -> str:
        """What was said."""
        return _word(self.answer.accepted)

    @property
    def standing(self) -> Standing:
        """Whether the line may stand."""
        if self.expected == self.given:
            return Standing.STALE if self.reason else Standing.AS_EXPECTED
        return Standing.EXPLAINED if self.reason else Standing.WRONG


def table(
    artefacts: Sequence[Artefact], judges: Sequence[Judge], progress: Callable[[str], None] = lambda text: None
) -> list[Line]:
    """All lines, artefact by artefact; each judge is asked once."""
    lines: dict[tuple[str, str], Line] = {}
    for judge in judges:
        mine = [
            artefact
            for artefact in artefacts
            if artefact.kind in judge.kinds and (not artefact.only or judge.name in artefact.only)
        ]
        progress(f"{judge.name}: {len(mine)} artefacts")
        for artefact, answer in zip(mine, judge.judge(mine), strict=True):
            key = (artefact.name, judge.name)
            lines[key] = Line(artefact, judge.name, answer, REASONS.get(key, ""))
    names = [judge.name for judge in judges]
    return [lines[key] for artefact in artefacts for name in names if (key := (artefact.name, name)) in lines]


def _word(accepted: bool) -> str:
    return "accepted" if accepted else "refused"

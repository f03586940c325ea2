"""What a night came to: its steps, what failed in each, and one exit code for all of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from archiver.errors import ArchiverError, ConfigError, Conflict, Unavailable

UNITS, CONFIGURATION, UNAVAILABLE, CONFLICT = 1, 2, 3, 4
"""The exit codes of the house: some units failed, somebody must mend the configuration, try again, stop and look."""


class Result(StrEnum):
    """What became of a step; one that is skipped is one that an interruption left to the next night."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that failed: a mailbox, a store, a volume, or a whole step.

    `reason` is fit to leave the house; `code` is what the program would end with if nothing else had failed, `next` the
    command to type.
    """

    subject: str
    reason: str
    code: int = UNITS
    next: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"subject": self.subject, "reason": self.reason, "code": self.code, "next": self.next}


@dataclass(frozen=True, slots=True)
class Done:
    """What a step's work came to: its figures, the units of it that failed, and what people are told of it.

    `code`: what the step ends with, where its units do not say it.
    """

    figures: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    alerts: tuple["Alert", ...] = ()
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """What a person should know beside what failed: `level` is `error` or `warning`, `next` the command to type."""

    code: str
    level: str
    subject: str
    text: str
    next: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "code": self.code, "severity": self.level, "subject": self.subject, "text": self.text, "next": self.next,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a night: `seconds` that it took, and what it came to."""

    name: str
    result: Result
    code: int
    seconds: float
    figures: Mapping[str, Any] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @classmethod
    def ended(cls, name: str, seconds: float, done: Done) -> "Step":
        """A step that came to its end; some of its units may have failed."""
        code = _of_units(failure.code for failure in done.failures) if done.code is None else done.code
        return cls(name, Result.FAILED if code else Result.DONE, code, seconds, done.figures, done.failures)

    @classmethod
    def stopped(cls, name: str, seconds: float, failure: Failure) -> "Step":
        """A step that something kept from being done at all."""
        return cls(name, Result.FAILED, failure.code, seconds, {}, (failure,))

    @classmethod
    def skipped(cls, name: str) -> "Step":
        """A step that was not begun."""
        return cls(name, Result.SKIPPED, UNAVAILABLE, 0.0)

    def as_json(self) -> dict[str, Any]:
        """For machines; the house's keys first, the step's own figures among them."""
        own = {"result": str(self.result), "code": self.code, "seconds": round(self.seconds, 3)}
        return own | dict(self.figures) | {"failures": [failure.as_json() for failure in self.failures]}


@dataclass(frozen=True, slots=True)
class Night:
    """One night; `id` stands on every line of its log. `demo`: nothing of it has legal value."""

    id: str
    at: datetime
    ended: datetime
    steps: tuple[Step, ...]
    alerts: tuple[Alert, ...] = ()
    demo: bool = False

    @property
    def code(self) -> int:
        """0 all done; 4 something is there that must not be; 3 or 2 when nothing else failed; else 1."""
        found = {step.code for step in self.steps} - {0}
        if CONFLICT in found:
            return CONFLICT
        return next(iter(found)) if len(found) == 1 else min(len(found), UNITS)

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the steps that were not done, or not wholly."""
        return tuple(step.name for step in self.steps if step.result is not Result.DONE)

    @property
    def troubled(self) -> bool:
        """Whether somebody must look: something failed, or an alert is an error."""
        return bool(self.code) or any(alert.level == "error" for alert in self.alerts)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "id": self.id,
            "began": self.at.isoformat(),
            "ended": self.ended.isoformat(),
            "code": self.code,
            "steps": {step.name: step.as_json() for step in self.steps},
            "failed": list(self.failed),
            "alerts": [alert.as_json() for alert in self.alerts],
            "demo": self.demo,
        }

    def told(self) -> str:
        """The same as one text, to be kept."""
        return json.dumps(self.as_json(), ensure_ascii=False, default=str)


def code_of(error: ArchiverError) -> int:
    """What the program would end with."""
    kinds = {Conflict: CONFLICT, Unavailable: UNAVAILABLE, ConfigError: CONFIGURATION}
    return next((code for kind, code in kinds.items() if isinstance(error, kind)), UNITS)


def _of_units(codes: Iterable[int]) -> int:
    """Units that failed: a conflict must be seen; what was only unavailable needs no hand; all else is 1."""
    found = set(codes)
    if CONFLICT in found:
        return CONFLICT
    return UNAVAILABLE if found == {UNAVAILABLE} else min(len(found), UNITS)

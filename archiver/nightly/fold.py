"""The units of a step, done by many, folded into what one process would have told of all of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archiver.nightly.values import Alert, Done, Failure

_LATEST = frozenset({"oldest_unread_days", "promise_days"})
"""Figures of the archive as a whole: the greatest holds, others are added up."""


def told(done: Done) -> str:
    """What a unit came to, as JSON, to be kept until the night is over."""
    return json.dumps(
        {
            "figures": dict(done.figures),
            "failures": [failure.as_json() for failure in done.failures],
            "alerts": [alert.as_json() for alert in done.alerts],
            "code": done.code,
        },
        ensure_ascii=False,
        default=str,
    )


def heard(text: str) -> Done:
    """The same again."""
    found = json.loads(text)
    return Done(
        found["figures"],
        tuple(Failure(**failure) for failure in found["failures"]),
        tuple(Alert(**{**_without(alert, "severity"), "level": alert["severity"]}) for alert in found["alerts"]),
        found["code"],
    )


def folded(units: Sequence[Done]) -> Done:
    """All units of one step as one: figures added up, failures one after the other, each alert once.

    A step ends with a code of its own only where all its units do, with the same.
    """
    figures: dict[str, Any] = {}
    for unit in units:
        figures = _joined(figures, unit.figures)
    codes = {unit.code for unit in units}
    return Done(
        figures,
        tuple(failure for unit in units for failure in unit.failures),
        tuple(dict.fromkeys(alert for unit in units for alert in unit.alerts)),
        codes.pop() if len(codes) == 1 else None,
    )


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _both(name, [each[name] for each in (one, other) if name in each]) for name in _names(one, other)}


def _both(name: str, values: Sequence[Any]) -> Any:
    """Both values of a figure in one; those of an authority's waits by what they are."""
    if len(values) == 1:
        return values[0]
    one, other = values
    if name == "tsa":
        return {tsa: _waited([each[tsa] for each in values if tsa in each]) for tsa in _names(one, other)}
    if isinstance(one, bool):
        return one and other
    if isinstance(one, int | float):
        return max(one, other) if name in _LATEST else one + other
    if isinstance(one, Mapping):
        return _joined(one, other)
    return other


def _waited(values: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """How long an authority took, over the questions of all."""
    answers, failed = (sum(int(each[name]) for each in values) for name in ("answers", "failed"))
    found: dict[str, float] = {"answers": answers, "failed": failed}
    if answers:
        found["mean"] = sum(each["mean"] * each["answers"] for each in values if each["answers"]) / answers
        found["max"] = max(each["max"] for each in values if each["answers"])
    return found


def _names(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return list(dict.fromkeys((*one, *other)))


def _without(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}

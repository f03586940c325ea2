"""The timeline of a dossier as a drawing: dots on a rail, the time that passed between them, like events made one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from archiver.access.exhibit.rapporto.words import say
from archiver.access.exhibit.timeline import FIRST_NOTICE, SECOND_NOTICE
from archiver.access.printing.text import moment

Event = Mapping[str, Any]

MANY = 24
"""Events that are drawn one by one."""

BURST = timedelta(hours=1)
"""What follows within so long belongs together, where there are many."""

_TONES = {
    "avvenuta-consegna": "good",
    "accettazione": "good",
    "errore-consegna": "bad",
    "non-accettazione": "bad",
    FIRST_NOTICE: "doubt",
    SECOND_NOTICE: "bad",
    "rilevazione-virus": "bad",
    "anomalia": "doubt",
    "inviato": "event",
    "posta-certificata": "event",
}


def drawn(timeline: Sequence[Event], lang: str) -> dict[str, Any]:
    """What the template draws: for each dot its time, its text, its tone, and how much later than the one before."""
    dots = []
    before: datetime | None = None
    for group in _grouped(timeline):
        head, tail = group[0], group[-1]
        at = datetime.fromisoformat(head["at"])
        gap = _gap(at - before, lang) if before is not None else ""
        dots.append(
            {
                "when": moment(head["at"], lang),
                "text": head[lang],
                "who": _who(group, lang),
                "tone": _TONES.get(head["kind"], "archive"),
                "gap": gap,
            }
        )
        before = max(at, datetime.fromisoformat(tail["at"])) if before is None else max(before, at)
    return {"kind": "timeline", "dots": dots}


def _grouped(timeline: Sequence[Event]) -> list[list[Event]]:
    """In time order; where there are many, those of one kind and one burst together."""
    ordered = sorted(timeline, key=lambda event: datetime.fromisoformat(event["at"]))
    if len(ordered) <= MANY:
        return [[event] for event in ordered]
    groups: list[list[Event]] = []
    burst: dict[str, list[Event]] = {}
    before: datetime | None = None
    for event in ordered:
        at = datetime.fromisoformat(event["at"])
        if before is not None and at - before > BURST:
            groups += burst.values()
            burst = {}
        burst.setdefault(event["kind"], []).append(event)
        before = at
    return [*groups, *burst.values()]


def _who(group: Sequence[Event], lang: str) -> str:
    if len(group) > 1:
        return say("grouped", lang, number=len(group), last=moment(group[-1]["at"], lang))
    recipient = group[0].get("recipient") or ""
    return "" if recipient in group[0][lang] else recipient


def _gap(passed: timedelta, lang: str) -> str:
    """Some time as people say it: in the largest unit that has at least two."""
    seconds = int(passed.total_seconds())
    if seconds <= 0:
        return ""
    units = (("giorni", "days", 86400), ("ore", "hours", 3600), ("minuti", "minutes", 60), ("secondi", "seconds", 1))
    for italian, english, size in units:
        if seconds >= 2 * size:
            return say("later", lang, time=f"{seconds // size} {english if lang == 'en' else italian}")
    return say("later", lang, time="1 second" if lang == "en" else "1 secondo")

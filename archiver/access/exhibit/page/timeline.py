"""The timeline of a dossier as a picture: who did what, from left to right, and the same in words below it."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from archiver.access.exhibit.page.text import both, moment, safe
from archiver.access.exhibit.timeline import FIRST_NOTICE, SECOND_NOTICE

LANES: Final = 14
"""Recipients that have a line of their own in the picture; the others share one."""

_WIDTH, _LEFT, _RIGHT, _LANE, _TOP = 960, 250, 30, 34, 34
_CROWD: Final = 30
_ARCHIVE = ("archive-stamp", "archive-renewal")
_FAILED = frozenset({"errore-consegna", "non-accettazione", "rilevazione-virus", "anomalia", SECOND_NOTICE})
_WARNED = frozenset({FIRST_NOTICE})
_GAPS: Final = (
    (timedelta(days=730), 365.25 * 86_400, "anni", "years"),
    (timedelta(days=60), 30.44 * 86_400, "mesi", "months"),
    (timedelta(days=2), 86_400.0, "giorni", "days"),
    (timedelta(hours=2), 3_600.0, "ore", "hours"),
    (timedelta(minutes=2), 60.0, "min", "min"),
)


@dataclass(frozen=True, slots=True)
class _Mark:
    """One event in the picture."""

    number: int
    lane: int
    kind: str
    x: float


def drawn(events: Sequence[Mapping[str, Any]], *, name: str) -> str:
    """Picture and list; `name` is the picture's for people who cannot see it, HTML-escaped here."""
    events = sorted(events, key=lambda event: event["at_utc"])
    if not events:
        return ""
    lanes = _lanes(events)
    places = _places([datetime.fromisoformat(event["at_utc"]) for event in events])
    marks = [
        _Mark(number, _lane(event, lanes), _class(event["kind"]), place)
        for number, (event, place) in enumerate(zip(events, places, strict=True), start=1)
    ]
    items = "".join(
        f'<li class="{_class(event["kind"])}"><b>{moment(event["at"])}</b> {both(event["it"], event["en"])}</li>'
        for event in events
    )
    return f'{_picture(_apart(marks), lanes, events, name)}<ol class="events">{items}</ol>'


def _lanes(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Sender first, then recipients in the order in which they come, the archive last."""
    recipients = list(dict.fromkeys(event["recipient"] for event in events if event["recipient"]))
    shown = recipients[:LANES] + (["+"] if len(recipients) > LANES else [])
    archive = ["archive"] if any(event["kind"] in _ARCHIVE for event in events) else []
    return ["sender", *shown, *archive]


def _lane(event: Mapping[str, Any], lanes: Sequence[str]) -> int:
    if event["kind"] in _ARCHIVE:
        return len(lanes) - 1
    recipient = event["recipient"]
    if not recipient:
        return 0
    return lanes.index(recipient) if recipient in lanes else lanes.index("+")


def _places(times: Sequence[datetime]) -> list[float]:
    """Where each event stands: a gap is drawn by its logarithm, since minutes and years are on one line."""
    gaps = [0.0]
    for before, after in pairwise(times):
        gaps.append(math.log10(1 + max(0.0, (after - before).total_seconds())))
    total, room = sum(gaps) or 1.0, _WIDTH - _LEFT - _RIGHT - 20
    at, found = _LEFT + 20.0, []
    for gap in gaps:
        at += room * gap / total
        found.append(at)
    return found


def _apart(marks: Sequence[_Mark]) -> list[_Mark]:
    """Marks of one lane do not cover each other, where there is room."""
    crowds = Counter(mark.lane for mark in marks)
    last: dict[int, float] = {}
    found = []
    for mark in marks:
        step = 19 if crowds[mark.lane] <= _CROWD else 0
        x = min(max(mark.x, last.get(mark.lane, 0.0) + step), _WIDTH - 12.0)
        last[mark.lane] = x
        found.append(_Mark(mark.number, mark.lane, mark.kind, x))
    return found


def _picture(marks: Sequence[_Mark], lanes: Sequence[str], events: Sequence[Mapping[str, Any]], name: str) -> str:
    height = _TOP + _LANE * len(lanes) + 8
    inside = [_line(number, lane) for number, lane in enumerate(lanes)]
    inside += _gaps(marks, events)
    inside += [_mark(mark) for mark in marks]
    return (
        f'<div class="picture"><svg class="timeline" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' aria-label="{safe(name)}">'
        f"{''.join(inside)}</svg></div>"
    )


def _line(number: int, lane: str) -> str:
    y = _y(number)
    known = {"sender": ("mittente e suo gestore", "sender and provider"), "archive": ("archivio", "archive"),
             "+": ("altri destinatari", "other recipients")}  # fmt: skip
    if lane in known:
        label = "".join(
            f'<tspan lang="{lang}" class="{lang}">{text}</tspan>'
            for lang, text in zip(("it", "en"), known[lane], strict=True)
        )
    else:
        label = safe(lane if len(lane) <= 36 else f"{lane[:17]}…{lane[-17:]}")
    return (
        f'<text class="lane" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{label}</text>'
        f'<line class="lane" x1="{_LEFT}" y1="{y}" x2="{_WIDTH - 8}" y2="{y}"/>'
    )


def _gaps(marks: Sequence[_Mark], events: Sequence[Mapping[str, Any]]) -> list[str]:
    """How much time is between two events, where there is room to say it."""
    found = []
    for (before, one), (after, two) in pairwise(zip(marks, events, strict=True)):
        gap = datetime.fromisoformat(two["at_utc"]) - datetime.fromisoformat(one["at_utc"])
        unit = next((item for item in _GAPS if gap >= item[0]), None)
        if unit is None or after.x - before.x < 62:
            continue
        number, middle = round(gap.total_seconds() / unit[1]), (before.x + after.x) / 2
        spans = "".join(
            f'<tspan lang="{lang}" class="{lang}">{number} {text}</tspan>'
            for lang, text in zip(("it", "en"), unit[2:], strict=True)
        )
        found.append(f'<text class="gap" x="{middle:.1f}" y="14" text-anchor="middle">{spans}</text>')
    return found


def _mark(mark: _Mark) -> str:
    """A shape for each meaning, so that colour is not needed: square failed, triangle warned, diamond archive."""
    x, y = mark.x, _y(mark.lane)
    shape = {
        "failed": f'<rect x="{x - 9:.1f}" y="{y - 9}" width="18" height="18"/>',
        "warned": f'<path d="M{x:.1f} {y - 12} l12 20 h-24 z"/>',
        "archive": f'<path d="M{x:.1f} {y - 12} l12 12 l-12 12 l-12 -12 z"/>',
    }.get(mark.kind, f'<circle cx="{x:.1f}" cy="{y}" r="9.5"/>')
    return f'<g class="{mark.kind}">{shape}<text x="{x:.1f}" y="{y + 4}" text-anchor="middle">{mark.number}</text></g>'


def _class(kind: str) -> str:
    if kind in _ARCHIVE:
        return "archive"
    if kind in _FAILED:
        return "failed"
    if kind in _WARNED:
        return "warned"
    return "delivered" if kind == "avvenuta-consegna" else "event"


def _y(lane: int) -> int:
    return _TOP + _LANE * lane + 6

"""Bar charts as SVG: no script, no font of its own, readable in black and white, each bar with its value."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from html import escape
from itertools import pairwise

WIDTH, LEFT, RIGHT = 760, 64, 12
HEIGHT, TOP, BOTTOM = 240, 28, 34
BAR, GAP, NAMES = 20, 8, 220
MOST_DAYS = 92
"""More days than these are drawn as weeks, more weeks as months."""

INK, FILL, PALE = "#1f2933", "#2b5c8a", "#d5dce3"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it is called, how long it is, and what is written at its end."""

    name: str
    value: float
    label: str


def columns(title: str, bars: Sequence[Bar]) -> str:
    """Upright bars from left to right; of the names as many as there is room for."""
    most = max((bar.value for bar in bars), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(len(bars), 1)
    parts = [_text(LEFT, 16, title, weight="bold")]
    for share in (0, 0.5, 1):
        y = TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{PALE}"/>')
        parts.append(_text(LEFT - 6, y + 4, _short(most * share), anchor="end"))
    every = max(1, -(-len(bars) * 84 // (WIDTH - LEFT - RIGHT)))
    for place, bar in enumerate(bars):
        height = (HEIGHT - TOP - BOTTOM) * bar.value / most
        x, y = LEFT + place * step, HEIGHT - BOTTOM - height
        parts.append(
            f'<rect x="{x + step * 0.1:.1f}" y="{y:.1f}" width="{max(step * 0.8, 0.5):.1f}" height="{height:.1f}" '
            f'fill="{FILL}"><title>{escape(bar.name)}: {escape(bar.label)}</title></rect>'
        )
        if place % every == 0:
            parts.append(_text(x + step / 2, HEIGHT - BOTTOM + 16, bar.name, anchor="middle"))
    return _svg(title, HEIGHT, parts)


def rows(title: str, bars: Sequence[Bar]) -> str:
    """Lying bars from top to bottom, each with its name before and its label behind."""
    most = max((bar.value for bar in bars), default=0) or 1
    room = WIDTH - NAMES - RIGHT - 130
    parts = [_text(0, 16, title, weight="bold")]
    for place, bar in enumerate(bars):
        y, width = TOP + place * (BAR + GAP), room * bar.value / most
        parts.append(_text(NAMES - 8, y + 14, bar.name[:34], anchor="end"))
        parts.append(f'<rect x="{NAMES}" y="{y}" width="{max(width, 0.5):.1f}" height="{BAR}" fill="{FILL}"/>')
        parts.append(_text(NAMES + width + 6, y + 14, bar.label))
    return _svg(title, TOP + len(bars) * (BAR + GAP) + 6, parts)


class Step(Enum):
    """What one bar stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def step(days: Sequence[date]) -> Step:
    """The bars' step for a period: days, weeks when these are many, months when those are."""
    count = (max(days) - min(days)).days + 1 if days else 0
    if count <= MOST_DAYS:
        return Step.DAY
    return Step.WEEK if count <= 7 * MOST_DAYS else Step.MONTH


def by_time(days: Sequence[tuple[date, float]]) -> list[tuple[str, float]]:
    """Every step from the first day to the last, those without anything too."""
    if not days:
        return []
    known = dict(days)
    first, last, one = min(known), max(known), step(list(known))
    if one is Step.DAY:
        count = (last - first).days + 1
        whole = [first + timedelta(place) for place in range(count)]
        return [(f"{day:%d/%m/%y}", known.get(day, 0)) for day in whole]
    if one is Step.WEEK:
        starts = [first - timedelta(first.weekday())]
        while starts[-1] <= last:
            starts.append(starts[-1] + timedelta(7))
        return [(f"{begin:%d/%m/%y}", _sum(known, begin, end)) for begin, end in pairwise(starts)]
    months = [date(first.year, first.month, 1)]
    while months[-1] <= last:
        months.append((months[-1] + timedelta(32)).replace(day=1))
    return [(f"{begin:%m/%Y}", _sum(known, begin, end)) for begin, end in pairwise(months)]


def _sum(known: dict[date, float], begin: date, end: date) -> float:
    return sum(value for day, value in known.items() if begin <= day < end)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="12">'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{INK}">'
        f"{escape(text)}</text>"
    )


def _short(value: float) -> str:
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e4, " k")):
        if value >= size:
            return f"{value / (1e3 if unit == ' k' else size):.3g}{unit}"
    return f"{value:.4g}"

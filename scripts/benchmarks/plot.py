"""Curves as SVG: sizes across on a logarithmic scale, costs upwards from nothing."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 760, 420, 70, 50, 20
COLOURS = ("#1b6ca8", "#c1440e", "#2e7d32", "#6a1b9a", "#795548")


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], *, across: str, up: str) -> str:
    """One line for each name, of points (size, cost), sizes above 0."""
    points = [point for line in lines.values() for point in line]
    if not points:
        raise ValueError("nothing to plot")
    low, high = floor(log10(min(x for x, _ in points))), ceil(log10(max(x for x, _ in points)) + 1e-9)
    most = max(y for _, y in points) * 1.1

    def place(point: tuple[float, float]) -> tuple[float, float]:
        share = (log10(point[0]) - low) / max(1, high - low)
        inner = HEIGHT - BOTTOM - TOP
        return LEFT + share * (WIDTH - LEFT - 130), HEIGHT - BOTTOM - point[1] / most * inner

    marks = [
        _text(place((10.0**power, 0))[0], HEIGHT - BOTTOM + 18, f"{10**power:,}") for power in range(low, high + 1)
    ]
    marks += [
        _text(LEFT - 35, place((10.0**low, most * part / 4))[1] + 4, f"{most * part / 4:,.0f}") for part in range(5)
    ]
    marks += [_text(LEFT + 260, HEIGHT - 10, across), _text(LEFT + 110, TOP - 5, up)]
    drawn = []
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, line))
        drawn.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in map(place, line)]
        drawn.append(_text(WIDTH - 60, TOP + 20 + 20 * number, name, colour))
    axes = f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - 130}" fill="none" stroke="#444"/>'
    body = "\n".join([axes, *marks, *drawn])
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    return f'{head}\n<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{body}\n</svg>\n'


def _text(x: float, y: float, words: str, colour: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" text-anchor="middle" fill="{colour}">{escape(words)}</text>'

"""A flame graph as a still SVG: stacks that a sampling profiler counted, wide where much time is spent.

py-spy (PyPI) takes the samples; what takes less than a share of them is left out, so that a page can hold the rest.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from xml.sax.saxutils import escape

WIDTH, ROW, TOP = 1200, 15, 24
LEAST = 0.006
"""The share of all samples from which a function is drawn."""

COLOURS = (
    ("archiver/", "#f2a65a"), ("sqlalchemy", "#8fb8de"), ("importlib", "#cfcfcf"), ("pyhanko", "#b6d7a8"),
    ("asn1crypto", "#b6d7a8"), ("cryptography", "#b6d7a8"), ("", "#f3e2b3"),
)  # fmt: skip
IMPORTS = "imports (importlib)"
"""What stands for modules being read and run, forty frames deep."""

_ENTRY = ("<module> (archiver/__main__.py", "command (archiver/cli/door.py", "_labour (archiver/")
"""Where the program's own work begins: what lies above, each stack has in common."""


@dataclass
class Frame:
    """A function, called where it was: its samples, and what it called."""

    samples: int = 0
    called: "dict[str, Self]" = field(default_factory=dict)

    def count(self, stack: Sequence[str], samples: int) -> None:
        """One stack more, outermost first."""
        self.samples += samples
        if stack:
            self.called.setdefault(stack[0], type(self)()).count(stack[1:], samples)


def read(folded: str) -> Frame:
    """The tree of `name (file:line);... samples`, one stack a line: one box a function, and one for all imports."""
    root = Frame()
    for line in folded.splitlines():
        stack, _, samples = line.rpartition(" ")
        names = [_named(frame) for frame in stack.split(";")]
        loading = next((place for place, name in enumerate(names) if "<frozen importlib" in name), len(names))
        names = [*names[:loading], *([IMPORTS] if loading < len(names) else [])]
        begins = [place for place, name in enumerate(names) if any(entry in name for entry in _ENTRY)]
        root.count(names[begins[-1] :] if begins else names, int(samples))
    return root


def _named(frame: str) -> str:
    if frame.startswith("process "):  # what py-spy puts above all stacks of a process: its number and command
        return "python"
    return f"{frame.rpartition(':')[0]})" if ":" in frame else frame


def drawn(root: Frame, title: str) -> str:
    """The SVG."""
    boxes = list(_boxes(root, 0.0, 0, root.samples))
    height = TOP + ROW * (1 + max((depth for _, depth, _, _ in boxes), default=0))
    body = "\n".join(_box(*box, root.samples) for box in boxes)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace">'
    words = f'<text x="4" y="16" font-size="12">{escape(title)}: {root.samples:,} samples</text>'
    return f'{head}\n<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n{words}\n{body}\n</svg>\n'


def _boxes(frame: Frame, left: float, depth: int, total: int) -> Iterator[tuple[float, int, str, int]]:
    """Where each function lies (samples to the left of it, and level), its name and samples; the largest first."""
    for name, below in sorted(frame.called.items(), key=lambda item: (-item[1].samples, item[0])):
        if below.samples >= LEAST * total:
            yield left, depth, name, below.samples
            yield from _boxes(below, left, depth + 1, total)
        left += below.samples


def _box(left: float, depth: int, name: str, samples: int, total: int) -> str:
    x, width, y = WIDTH * left / total, WIDTH * samples / total, TOP + ROW * depth
    colour = next(colour for part, colour in COLOURS if part in name)
    letters = int((width - 4) / 5.5)
    shown = name.partition(" ")[0] if len(name) > letters else name
    text = f'<text x="{x + 2:.1f}" y="{y + 11}" font-size="9">{escape(shown[:letters])}</text>' if letters > 3 else ""
    return (
        f'<g><title>{escape(name)} {samples / total:.1%}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}"'
        f' height="{ROW - 1}" fill="{colour}"/>{text}</g>'
    )


def main() -> int:
    """Runs a command under py-spy, and draws what it did."""
    parser = argparse.ArgumentParser(prog="flame", description="Draws where a command of the archive spends its time.")
    parser.add_argument("svg", type=Path)
    parser.add_argument("--title", default="")
    parser.add_argument("command", nargs="+", help="after --: ingest, seal --now, ...")
    asked = parser.parse_args()
    if shutil.which("py-spy") is None:
        print("py-spy is not installed (PyPI: pip install py-spy)", file=sys.stderr)
        return 2
    with tempfile.NamedTemporaryFile("r", suffix=".raw") as raw:
        record = ["py-spy", "record", "-r", "200", "-f", "raw", "--subprocesses", "-o", raw.name, "--"]
        done = subprocess.run([*record, sys.executable, "-m", "archiver", *asked.command], check=False)
        found = raw.read()
    if not found:
        print("py-spy took no samples", file=sys.stderr)
        return done.returncode or 1
    asked.svg.write_text(drawn(read(found), asked.title or "archiver " + " ".join(asked.command)), encoding="utf-8")
    return done.returncode

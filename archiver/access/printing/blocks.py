"""What a page of the report is made of: pairs, tables, notes; plain data that the template draws."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = Mapping[str, Any]
Cell = str | Mapping[str, Any]
Cells = Cell | Sequence[Cell]
"""One, or several below one another."""


def cell(text: str, kind: str = "") -> Cell:
    """A cell of a table; `kind`: mono, small, good, doubt or bad."""
    return {"t": text, "k": kind} if kind else text


def row(cells: Iterable[Cell]) -> Cell:
    """Several in one line."""
    return {"row": list(cells)}


def pairs(rows: Iterable[tuple[str, Cells]]) -> Block:
    """Labels and values; a value may have several lines."""
    return {
        "kind": "pairs",
        "rows": [[label, [value] if isinstance(value, str | Mapping) else list(value)] for label, value in rows],
    }


def table(widths: Sequence[float], head: Sequence[str], rows: Iterable[Sequence[Cells]]) -> Block:
    """A table whose head is repeated on each page; a width of 0 is as wide as what it holds."""
    return {"kind": "table", "widths": list(widths), "head": list(head), "rows": [list(row) for row in rows]}


def notes(items: Iterable[str]) -> Block:
    """A list of sentences."""
    return {"kind": "notes", "items": list(items)}


def prose(text: Cell) -> Block:
    """A paragraph."""
    return {"kind": "prose", "text": text}


def section(title: str, *blocks: Block, note: str = "", fresh: bool = False) -> Block:
    """A chapter with a heading; `fresh` begins a page."""
    return {"title": title, "note": note, "blocks": list(blocks), "fresh": fresh}

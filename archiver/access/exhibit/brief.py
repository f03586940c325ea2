"""Lines of strangers made short enough to be drawn: a subject of 300 kB is a page 200,000 pixels high."""

import unicodedata
from typing import Final

LINE: Final = 1_000
"""Characters of a subject, a sender, a name."""

MARKS: Final = 8
"""Combining marks on one letter; of thousands programs that set text take minutes."""


def line(text: str, most: int = LINE) -> str:
    """At most `most` characters, and calm; an ellipsis stands for what is left out, which the .eml has."""
    return calm(text) if len(text) <= most else calm(text[: most - 1]).rstrip("…") + "…"


def calm(text: str) -> str:
    """The same with at most `MARKS` combining marks in a row; an ellipsis stands for the others."""
    if text.isascii():
        return text
    kept, run = [], 0
    for sign in text:
        run = run + 1 if unicodedata.category(sign).startswith("M") else 0
        if run <= MARKS + 1:
            kept.append(sign if run <= MARKS else "…")
    return "".join(kept)

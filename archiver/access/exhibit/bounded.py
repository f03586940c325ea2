"""How much of some HTML may be handed to a parser: nesting and what is never closed cost it their square.

The rules of HTML, 13.2.6 open again, in every block, what was never closed (font, b, a): some thousand of them become
millions of elements. What is measured here is never less than what a parser holds open: only an end tag that meets its
own start tag closes anything, and after the first thing that is not written by the book nothing does.
"""

import re
from typing import Final

DEEPEST: Final = 400
"""Elements that may be open at a time."""

REOPENED: Final = 200_000
"""Elements that a parser may have to make for what was left open; each is some 250 bytes."""

ROUGH: Final = 20_000
"""Characters that are read after the first thing that is not written by the book."""

_VOID: Final = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_FORMATTING: Final = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
_CLOSES_ITSELF: Final = frozenset(["p", "li", "dt", "dd", "td", "th", "tr", "option"])
_OTHERS: Final = "iframe math noembed noframes noscript plaintext script select style svg template textarea title xmp"
_OTHER: Final = frozenset(_OTHERS.split())
"""Inside them other rules hold: their tags are by the book only where nothing is in them."""

_ATTRIBUTES: Final = r"""(?:\s++[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=`]++))?+){0,64}+"""
_TOKEN: Final = re.compile(
    rf"""<(?:!--(?!-?>)(?:[^-]|-(?!-!?>))*+-->"""
    rf"""|[!?](?!--)[^<>]*+>"""
    rf"""|(?P<raw>style|script|title){_ATTRIBUTES}\s*+>[^<]*+(?:<!--[^<]*+)?+</(?P=raw)\s*+>"""
    rf"""|/(?P<end>[a-z][a-z0-9:-]*+)\s*+>"""
    rf"""|(?P<start>[a-z][a-z0-9:-]*+){_ATTRIBUTES}\s*+/?+>"""
    rf"""|(?P<rough>[a-z/!?]))""",
    re.IGNORECASE,
)
_START: Final = re.compile(r"<([a-z][a-z0-9:-]*+)", re.IGNORECASE)


class _Open:
    """What is open, and what it has cost so far."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._formatting = 0
        self._reopened = 0

    def start(self, name: str) -> bool:
        """Opens an element; False when that is too much."""
        self._reopened += self._formatting
        if name in _VOID:
            return self._reopened <= REOPENED
        if name in _CLOSES_ITSELF and self._names[-1:] == [name]:
            self.end(name)
        self._names.append(name)
        self._formatting += name in _FORMATTING
        return len(self._names) <= DEEPEST and self._reopened <= REOPENED

    def end(self, name: str) -> None:
        """Closes the element on top, with what ends by itself within it (HTML, 13.1.2.4); nothing else."""
        last = len(self._names) - 1
        while last > 0 and self._names[last] != name and self._names[last] in _CLOSES_ITSELF:
            last -= 1
        if last >= 0 and self._names[last] == name:
            del self._names[last:]
            self._formatting -= name in _FORMATTING


def bearable(html: str) -> int:
    """How many characters, from the beginning, a parser may be given; all of them for nearly every message."""
    held, place = _Open(), 0
    while found := _TOKEN.search(html, place):
        name = (found["start"] or "").lower()
        if found["rough"] or name in _OTHER:
            return _rough(html, found.start(), held)
        if name and not held.start(name):
            return found.start()
        if found["end"]:
            held.end(found["end"].lower())
        place = found.end()
    return len(html)


def _rough(html: str, place: int, held: _Open) -> int:
    """The same where nothing is known to be closed."""
    for found in _START.finditer(html, place, place + ROUGH):
        if not held.start(found[1].lower()):
            return found.start()
    return min(len(html), place + ROUGH)

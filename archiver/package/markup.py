"""XML written out as text: the same values give the same bytes, whatever library or release reads them one day.

UTF-8, one element a line, indented by one blank. What XML 1.0 cannot hold (control characters, lone surrogates,
noncharacters) becomes U+FFFD; tabs and line ends survive as character references, in attributes too.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Self

from archiver.package import rules

_NONE: Mapping[str, str] = {}
_SPECIAL = re.compile('[&<>"\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]')
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def instant(at: datetime) -> str:
    """`2026-11-21T20:00:00Z`: UTC, whole seconds. Raises ValueError for a time without zone."""
    return rules.moment(at).replace(tzinfo=None).isoformat() + "Z"


def boolean(value: bool) -> str:
    """xs:boolean."""
    return "true" if value else "false"


class Markup:
    """One document under way: elements are opened, filled and closed in order."""

    def __init__(self) -> None:
        self._lines: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>']
        self._open: list[str] = []

    def element(self, tag: str, attributes: Mapping[str, str] = _NONE) -> Self:
        """Open an element; it is closed where the `with` ends, and holds what was written inside."""
        self._lines.append(f"{' ' * len(self._open)}<{tag}{_attributes(attributes)}>")
        self._open.append(tag)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        tag = self._open.pop()
        self._lines.append(f"{' ' * len(self._open)}</{tag}>")

    def leaf(self, tag: str, text: str = "", attributes: Mapping[str, str] = _NONE) -> None:
        """An element that holds text only."""
        start = f"{' ' * len(self._open)}<{tag}{_attributes(attributes)}"
        self._lines.append(f"{start}>{_escape(text)}</{tag}>" if text else f"{start}/>")

    def plain(self, *lines: str) -> None:
        """Lines as they are, by whoever knows that nothing in them needs an escape, and how deep they stand."""
        self._lines += lines

    def bytes(self) -> bytes:
        """The whole document."""
        return "\n".join([*self._lines, ""]).encode()


def _attributes(attributes: Mapping[str, str]) -> str:
    if not attributes:
        return ""
    return "".join(f' {name}="{_escape(value)}"' for name, value in attributes.items())


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)

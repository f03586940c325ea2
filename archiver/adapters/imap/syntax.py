"""The few forms of RFC 3501, 9 that answers and commands are made of: lists, strings, dates. No input, no output."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Drained:
    """Stands where a literal was too long to be kept; its octets were read and dropped."""


Literal = bytes | Drained
Value = bytes | Drained | None | list["Value"]
"""An atom, a string or a literal; NIL; a list."""

_TOKEN = re.compile(rb' *(?:([()])|"((?:[^"\\\r\n]|\\.)*)"|([^\s()"{}]+)|\{\d+\+?\}\r\n)')
_PARENTHESIS, _QUOTED, _ATOM = 1, 2, 3
_ESCAPED = re.compile(rb"\\(.)")
_DATE = re.compile(rb"([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_PLAIN = re.compile(rb"[\x20-\x7e]*")


def values(text: bytes, literals: Sequence[Literal], start: int = 0) -> list[Value]:
    """What an answer says from `start` to its end; `text` announces each of the `literals` in its place.

    Raises ValueError when it is not made of lists, atoms and strings, or when a list stays open.
    """
    at, end, given = start, len(text), iter(literals)
    outer: list[list[Value]] = []
    current: list[Value] = []
    while (match := _TOKEN.match(text, at)) is not None:
        at, kind = match.end(), match.lastindex
        if kind == _ATOM:
            atom = match[_ATOM]
            current.append(None if atom.upper() == b"NIL" else atom)
        elif kind == _QUOTED:
            quoted_text = match[_QUOTED]
            current.append(_ESCAPED.sub(rb"\1", quoted_text) if b"\\" in quoted_text else quoted_text)
        elif kind is None:
            current.append(_next(given))
        elif match[_PARENTHESIS] == b"(":
            outer.append(current)
            current = []
        elif outer:
            inner, current = current, outer.pop()
            current.append(inner)
        else:
            raise ValueError("a list is closed that was never opened")
    if outer or text[at:end].strip():
        raise ValueError("an answer that nobody can read")
    return current


def _next(given: Iterator[Literal]) -> Literal:
    for literal in given:
        return literal
    raise ValueError("a literal was announced that did not come")


def quoted(text: bytes) -> bytes | None:
    """`text` as a quoted string, or None when it can go only as a literal (RFC 3501, 4.3)."""
    if not _PLAIN.fullmatch(text):
        return None
    return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def date(text: bytes) -> datetime | None:
    """An INTERNALDATE (date-time of RFC 3501, 9), aware, in UTC; None when it is none."""
    match = _DATE.fullmatch(text)
    if match is None or match[2].decode().lower() not in MONTHS:
        return None
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    ahead = timedelta(hours=int(match[8]), minutes=int(match[9])) * (1 if match[7] == b"+" else -1)
    try:
        month = MONTHS.index(match[2].decode().lower()) + 1
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - ahead
    except (ValueError, OverflowError):
        return None


def shown(text: bytes, longest: int = 200) -> str:
    """What a server said, fit to be shown to a person."""
    said = text.decode("utf-8", "backslashreplace").strip()
    said = said if len(said) <= longest else f"{said[:longest]}..."
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in said)

"""What FETCH answers say of each message, as they come: in any order, in several answers, about others too."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from archiver.adapters.imap.syntax import Drained, Literal, Value, values
from archiver.uids import Uids

LONGER = "più lungo di quanto dichiarato (longer than stated)"
"""The trouble of a message whose body was dropped, because nobody expected so much."""
NIL = "il server risponde NIL (NIL body)"
"""The trouble of a message for whose body, or piece of it, the server says that there is nothing."""

Attributes = dict[bytes, Value]
"""Names and values of a FETCH answer."""

_FETCH = re.compile(rb"\* \d{1,10} FETCH ", re.IGNORECASE)
_LISTED = re.compile(rb"\* \d{1,10} FETCH \(UID (\d{1,10})\)\r\n")
_BODY: Final = b"BODY[]"
_DIGITS = 19  # number64 of RFC 9051


@dataclass(slots=True)
class Item:
    """One message as far as it was answered. `size` is RFC822.SIZE, a claim, or -1; `body` what was asked of it."""

    size: int = -1
    date: bytes = b""
    body: bytes | None = None
    trouble: str = ""
    """Why `body` cannot be used, or nothing."""


class Harvest:
    """The answers to one UID FETCH, by UID; only of `wanted`. With `offset`, of that piece of the body."""

    def __init__(self, wanted: Uids, offset: int | None = None) -> None:
        self.items: dict[int, Item] = {}
        self._wanted = wanted
        self._body = _BODY if offset is None else b"BODY[]<%d>" % offset

    def add(self, uid: int, told: Attributes) -> None:
        """What one answer says of the message at `uid`. Raises ValueError."""
        if uid not in self._wanted:
            return
        item = self.items.setdefault(uid, Item())
        item.size = _number(told.get(b"RFC822.SIZE"), item.size)
        if isinstance(date := told.get(b"INTERNALDATE"), bytes):
            item.date = date
        if self._body in told:
            _embody(item, told[self._body])


def answered(text: bytes, literals: Sequence[Literal]) -> tuple[int, Attributes] | None:
    """The UID and all else that one answer says of a message (0: no UID), or None when it is about something else.

    Raises ValueError when it is a FETCH answer that cannot be read.
    """
    if (match := _LISTED.fullmatch(text)) is not None:  # a mailbox of 200,000 answers as often
        return int(match[1]), {}
    if (start := _FETCH.match(text)) is None:
        return None
    told = _attributes(values(text, literals, start.end()))
    return _number(told.get(b"UID")), told


def _attributes(told: list[Value]) -> Attributes:
    if len(told) != 1 or not isinstance(told[0], list) or len(told[0]) % 2:
        raise ValueError("a FETCH answer that is no list of names and values")
    pairs: Iterator[Value] = iter(told[0])
    found: Attributes = {}
    for name, value in zip(pairs, pairs, strict=True):
        if not isinstance(name, bytes):
            raise ValueError("a FETCH answer with a name that is none")  # noqa: TRY004  (of the wire, not of Python)
        found[name.upper()] = value
    return found


def _number(value: Value, otherwise: int = 0) -> int:
    if value is None:
        return otherwise
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > _DIGITS:
        raise ValueError("a number that is none")
    return int(value)


def _embody(item: Item, body: Value) -> None:
    if isinstance(body, Drained):
        item.trouble = LONGER
    elif not isinstance(body, bytes):
        item.trouble = NIL
    elif item.body is not None and item.body != body:
        item.trouble = "due contenuti diversi per lo stesso UID (two bodies for one UID)"
    else:
        item.body = body

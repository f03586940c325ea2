"""Addresses, identifiers and dates as header fields state them. All of it claims; none of it ever raises."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from archiver.pec import words

_FREQUENT = 200  # characters of a header value that may come again: most messages have the mailbox's own address
_SIMPLE = re.compile(r"[^\s,;:<>()\"\[\]@]+@[A-Za-z0-9.-]+")
# an open quote or bracket reads to the end: one pass, whatever is thrown at it
_MEMBER = re.compile(r'(?:"(?:[^"\\]|\\.)*(?:"|$)|<[^<>]*>?|[^",;<]+)+', re.DOTALL)
_GROUP = re.compile(r'[^"<>@:]*:')
_COMMENT = re.compile(r"\([^()]*\)")
_BRACKETS = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Address:
    """A display name and an address, both as given (decoded, clean), either of them possibly empty."""

    name: str
    address: str


NOBODY = Address("", "")


def addresses(value: str) -> tuple[Address, ...]:
    """The addresses of a raw (unfolded, not decoded) header value; what has no `@` is left out."""
    return _addresses(value) if len(value) < _FREQUENT else _addresses.__wrapped__(value)


@lru_cache(maxsize=1024)
def _addresses(value: str) -> tuple[Address, ...]:
    if not value:
        return ()
    if _SIMPLE.fullmatch(value):
        return (Address("", words.clean(value)),)
    found = (_address(member[0]) for member in _MEMBER.finditer(value))
    return tuple(item for item in found if "@" in item.address)


def first(value: str) -> Address:
    """The first address of a raw header value, NOBODY when there is none."""
    return next(iter(addresses(value)), NOBODY)


def identifier(value: str) -> str:
    """A Message-ID without its angle brackets, clean."""
    inner = _BRACKETS.search(value)
    return words.clean(inner[1] if inner else value.strip().strip("<>"))


def moment(value: str) -> datetime | None:
    """A Date field as an aware datetime with the offset it states (`-0000` is UTC); None when it cannot be one."""
    try:
        stated = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return sane(stated if stated.tzinfo else stated.replace(tzinfo=UTC))


def sane(stated: datetime) -> datetime | None:
    """None for a year outside 1970 to 2199: such a date cannot be carried to other zones, and says nothing."""
    return stated if 1970 <= stated.year < 2200 else None


def _address(member: str) -> Address:
    brackets = _BRACKETS.search(member)
    if brackets:
        name = member[: brackets.start()]
        return Address(_name(name), words.clean(brackets[1]))
    bare = _COMMENT.sub("", _ungrouped(member))
    return Address("", next((words.clean(word) for word in bare.split() if "@" in word), ""))


def _name(stated: str) -> str:
    stated = stated.strip()
    if stated[:1] == '"' and stated[-1:] == '"':
        stated = stated[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    else:
        stated = _ungrouped(stated)
    return words.decoded(stated)


def _ungrouped(member: str) -> str:
    """Without the name of a group: `undisclosed-recipients: a@b;`."""
    group = _GROUP.match(member)
    return member[group.end() :] if group else member

"""All messages of one person, and who looked at them (GDPR, art. 15): found by search, told by the register."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from archiver.access import question
from archiver.access.registered.entry import Entry
from archiver.access.registered.find import Catalog as Registered
from archiver.digest import Sha256
from archiver.submission.rows import ActRow, MessageRow

PAGE = 500
TOGETHER = 100
"""Digests that the register is asked about at once."""

_TAX = re.compile(r"[A-Za-z]{6}[0-9A-Za-z]{2}[A-Za-z][0-9A-Za-z]{2}[A-Za-z][0-9A-Za-z]{3}[A-Za-z]|\d{11}")
Place = tuple[datetime, Sha256]


class Catalog(question.Catalog, Registered, Protocol):
    """The questions of search, and of the register."""


@dataclass(slots=True)
class Concerned:
    """One message of a person: in which `roles` it names them (from, to, name, tax-code, text)."""

    row: MessageRow
    roles: set[str] = field(default_factory=set)


def concerned(catalog: Catalog, persons: Iterable[str]) -> list[Concerned]:
    """Every message that names one of these: an address, a codice fiscale or partita IVA, or a name; by date.

    Bodies and attachments are searched as far as the full text has read them. Raises ConfigError for what holds neither
    a letter nor a digit.
    """
    found: dict[tuple[str, Sha256], Concerned] = {}
    for person in persons:
        for role, terms, conditions in asked(person):
            for row in _all(catalog, terms, conditions):
                found.setdefault((row.mailbox, row.sha256), Concerned(row)).roles.add(role)
    return sorted(found.values(), key=lambda item: (item.row.date, item.row.sha256, item.row.mailbox))


def asked(person: str) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    """The searches for one person: the role that each finds, its terms, its conditions."""
    bare = person.strip()
    if "@" in bare:
        yield "from", (), {"sender": bare}
        yield "to", (), {"recipient": bare}
    elif _TAX.fullmatch(bare):
        yield "tax-code", (), {"tax": bare}
    else:
        yield "name", (), {"name": bare}
    yield "text", (bare,), {}


def looks(
    catalog: Catalog, read: Callable[[ActRow], Entry], holders: Iterable[str], digests: Iterable[Sha256]
) -> list[Entry]:
    """Every act that names one of these messages, the oldest first: whoever looked at it, exhibited or restricted"
    " it."""
    wanted, rows = sorted(set(digests)), dict[tuple[str, str], ActRow]()
    for start in range(0, len(wanted), TOGETHER):
        for row in _acts(catalog, sorted(holders), wanted[start : start + TOGETHER]):
            rows[row.holder, row.id] = row
    return [read(row) for row in sorted(rows.values(), key=lambda row: (row.at, row.holder, row.number))]


def _all(catalog: Catalog, terms: Sequence[str], conditions: Mapping[str, Any]) -> Iterator[MessageRow]:
    after: Place | None = None
    while rows := catalog.find(terms, limit=PAGE, after=after, **conditions):
        yield from rows
        if len({(row.date, row.sha256) for row in rows}) < PAGE:
            return
        after = rows[-1].date.astimezone(UTC), rows[-1].sha256


def _acts(catalog: Catalog, holders: Sequence[str], digests: Sequence[Sha256]) -> Iterator[ActRow]:
    after = None
    while rows := catalog.find_acts(holders, about=digests, limit=PAGE, after=after):
        yield from rows
        if len(rows) < PAGE:
            return
        after = (rows[-1].at.astimezone(UTC), rows[-1].holder, rows[-1].id)

"""Tables of algorithms as they are written: the one that ships, and the one that an operator lays over it (TOML)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from archiver.errors import Malformed

NEVER = datetime.max.replace(tzinfo=UTC)


class Term(NamedTuple):
    """For keys of at least `bits` (digests and curves: 0), the moment from which they are spent, NEVER without one."""

    bits: int
    end: datetime


Terms = dict[str, tuple[Term, ...]]
"""By name; the largest key first, so that the first row that a key reaches is its own."""


class Row(NamedTuple):
    """One row of an overlay: all keys, or those of fewer bits than `below`, end at `end`; `place` tells where."""

    place: str
    name: str
    end: datetime
    below: int | None


_FAMILIES = {
    "rsa": ("rsassa_pkcs1v15", "rsassa_pss"),
    "rsa_pkcs1": ("rsassa_pkcs1v15",),
    "rsa_pss": ("rsassa_pss",),
    "pss": ("rsassa_pss",),
    "p256": ("secp256r1",),
    "p384": ("secp384r1",),
    "p521": ("secp521r1",),
    "eddsa": ("ed25519", "ed448"),
}
_KEYS = {"name", "curve", "until", "bits_below"}


def meant(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names of a catalogue that people mean: `SHA-256` is sha256, `sha3-512` sha3_512, `rsa` both paddings."""
    plain = _plain(name)
    family = next((names for word, names in _FAMILIES.items() if _plain(word) == plain), ())
    return tuple(item for item in known if item in family or _plain(item) == plain)


def concerned(terms: tuple[Term, ...], below: int | None) -> tuple[Term, ...]:
    """The rows that have keys of fewer bits than `below`; all without it."""
    return tuple(term for term in terms if below is None or term.bits < below)


def capped(terms: tuple[Term, ...], end: datetime, *, below: int | None = None) -> tuple[Term, ...]:
    """The same, none ending later than `end`; with `below`, only keys of fewer bits."""
    under = concerned(terms, below)
    above = terms[: len(terms) - len(under)]
    if below is not None and under and below not in (term.bits for term in above):
        above += (Term(below, under[0].end),)  # its larger keys keep their end
    return (*above, *(Term(term.bits, min(term.end, end)) for term in under))


def read_table(octets: bytes) -> tuple[str, Terms]:
    """The table that ships: its source with version and date, and its rows."""
    table = tomllib.loads(octets.decode())
    found: dict[str, list[Term]] = {}
    for row in table["algorithm"]:
        found.setdefault(row["name"], []).append(Term(row.get("bits", 0), _end(row.get("until"))))
    terms = {name: tuple(sorted(rows, reverse=True)) for name, rows in found.items()}
    return f"{table['source']} {table['version']} ({table['issued']})", terms


def read_overlay(octets: bytes) -> tuple[str, tuple[Row, ...]]:
    """An operator's table: who says so, and the rows. Raises Malformed with all that is wrong with its form."""
    try:
        table = tomllib.loads(octets.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Malformed(f"table of algorithms: no TOML: {error}") from error
    source, rows = table.get("source"), table.get("algorithm")
    wrong = [f"unknown key {key}" for key in sorted(table.keys() - {"source", "algorithm"})]
    if not isinstance(source, str) or not source.strip():
        wrong.append('expected source = "who says so, and when"')
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        wrong.append("expected [[algorithm]] with name and until")
        rows = []
    found = [_row(row, f"[[algorithm]] {number}", wrong) for number, row in enumerate(rows, start=1)]
    if wrong:
        raise Malformed(f"table of algorithms: {'; '.join(wrong)}")
    return str(source).strip(), tuple(row for row in found if row is not None)


def _row(row: Mapping[str, Any], place: str, wrong: list[str]) -> Row | None:
    before = len(wrong)
    wrong += [f"{place}: unknown key {key}" for key in sorted(row.keys() - _KEYS)]
    name, until, below = row.get("name"), row.get("until"), row.get("bits_below")
    curve = row.get("curve")
    if curve is not None and name is not None and _plain(str(name)) != "ecdsa":
        wrong.append(f"{place}: curve: expected name ecdsa or none beside it, found {name}")
    named = name if curve is None else curve
    if not isinstance(named, str):
        wrong.append(f"{place}: name: expected an algorithm's name, found {named!r}")
    if isinstance(until, datetime) or not isinstance(until, date):
        wrong.append(f"{place}: until: expected a day as 2031-01-01 (no quotes), found {until!r}")
    if below is not None and (isinstance(below, bool) or not isinstance(below, int) or below < 1):
        wrong.append(f"{place}: bits_below: expected a number of bits, found {below!r}")
    return Row(f"{place} ({named})", str(named), _end(until), below) if len(wrong) == before else None


def _end(last: date | None) -> datetime:
    """The moment after the last day, UTC."""
    if last is None or last == date.max:
        return NEVER
    return datetime.combine(last, time.min, UTC) + timedelta(days=1)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())

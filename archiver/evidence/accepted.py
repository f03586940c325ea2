"""Which time stamping authorities were qualified, and when: trusted lists (ETSI TS 119 612), and one's own short lists.

A trusted list's own signature is NOT verified here: whoever takes a list shows its SHA-256 (`Source.sha256`), and says
where it came from. The list counts from its issue to its NextUpdate; what happened later it cannot know.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from asn1crypto import x509

from archiver.chain.material import load_all
from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.trustedlist import Service, read_list

Status = Literal["qualified", "unqualified", "unknown"]

_KEYS = {"certificate", "name", "from", "until"}


@dataclass(frozen=True, slots=True)
class Source:
    """One list that was read: what it is called, the SHA-256 of its octets, and until when it can speak (exclusive)."""

    name: str
    sha256: str
    issued: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """One authority on one list: its certificates by SHA-256, or their name and key, and its history, oldest first.

    `history`: since when it was qualified, or not; before the first entry it was not.
    """

    name: str
    certificates: frozenset[str]
    keys: frozenset[tuple[bytes, bytes]] = field(repr=False)
    history: tuple[tuple[datetime, bool], ...]
    source: Source

    def concerns(self, certificate: x509.Certificate) -> bool:
        """Whether it is this certificate, or another one of the same name and key (ETSI TS 119 615)."""
        return sha256(certificate.dump()) in self.certificates or _key(certificate) in self.keys

    def status(self, at: datetime) -> Status:
        """At a moment (aware)."""
        granted = next((qualified for since, qualified in reversed(self.history) if since <= at), False)
        if granted and self.source.until is not None and at >= self.source.until:
            return "unknown"
        return "qualified" if granted else "unqualified"


@dataclass(frozen=True, slots=True)
class Accepted:
    """All lists at hand, those of the youngest issue first; `sources` tells which."""

    marks: tuple[Mark, ...] = ()
    sources: tuple[Source, ...] = ()

    @classmethod
    def read(cls, octets: bytes, name: str) -> "Accepted":
        """One list: a trusted list (XML), or TOML with [[tsa]]. Raises Malformed with all that is wrong."""
        return _trusted(octets, name) if octets.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else _own(octets, name)

    def plus(self, other: "Accepted") -> "Accepted":
        """Both."""
        marks = sorted((*self.marks, *other.marks), key=lambda mark: _age(mark.source), reverse=True)
        sources = sorted(dict.fromkeys((*self.sources, *other.sources)), key=_age, reverse=True)
        return Accepted(tuple(dict.fromkeys(marks)), tuple(sources))

    def status(self, certificate: bytes, path: Iterable[bytes], at: datetime) -> Status:
        """What the lists say of a token's certificate (DER), or of one that its path leads through, at `at` (aware).

        "unknown" without any list, and where the list that knows it ended before `at`; "unqualified" if none knows it.
        """
        if not self.sources:
            return "unknown"
        shown = load_all(dict.fromkeys((certificate, *path)))
        said = [mark.status(at) for mark in self.marks if any(map(mark.concerns, shown))]
        return next((status for status in said if status != "unknown"), said[0] if said else "unqualified")


NO_LIST = Accepted()
"""Nothing is known of anybody."""


def _age(source: Source) -> tuple[bool, datetime]:
    """Lists without a date, which are an operator's own, come before all others."""
    return source.issued is None, source.issued or datetime.min.replace(tzinfo=UTC)


def _key(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    return bytes(certificate.subject.dump()), bytes(certificate.public_key.dump())


def _trusted(octets: bytes, name: str) -> Accepted:
    read = read_list(octets, name)
    source = Source(read.name or name, sha256(octets), read.issued, read.until)
    return Accepted(tuple(_mark(service, source) for service in read.services), (source,))


def _mark(service: Service, source: Source) -> Mark:
    digests = frozenset(sha256(octets) for octets in service.certificates)
    keys = frozenset(map(_key, load_all(service.certificates)))
    return Mark(service.name, digests, keys, service.history, source)


def _own(octets: bytes, name: str) -> Accepted:
    try:
        table = tomllib.loads(octets.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Malformed(f"{name}: neither a trusted list (XML) nor TOML: {error}") from error
    rows = table.get("tsa")
    wrong = [f"unknown key {key}" for key in sorted(table.keys() - {"tsa"})]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        wrong, rows = [*wrong, "expected [[tsa]] with certificate, name, from and, if it ended, until"], []
    source = Source(name, sha256(octets), None, None)
    marks = [_row(row, f"[[tsa]] {number}", source, wrong) for number, row in enumerate(rows, start=1)]
    if wrong:
        raise Malformed(f"{name}: {'; '.join(wrong)}")
    return Accepted(tuple(mark for mark in marks if mark is not None), (source,))


def _row(row: Mapping[str, Any], place: str, source: Source, wrong: list[str]) -> Mark | None:
    """One row; `until` is the last day, UTC, as `from` is the first."""
    before = len(wrong)
    wrong += [f"{place}: unknown key {key}" for key in sorted(row.keys() - _KEYS)]
    certificate, since, until = str(row.get("certificate", "")).replace(":", "").lower(), row.get("from"), None
    if len(certificate) != 64 or set(certificate) - set("0123456789abcdef"):
        wrong.append(f"{place}: certificate: expected its SHA-256, 64 hexadecimal digits, found {certificate!r}")
    if not isinstance(row.get("name"), str):
        wrong.append(f"{place}: name: expected a text, found {row.get('name')!r}")
    if not _is_day(since):
        wrong.append(f"{place}: from: expected a day as 2024-01-01 (no quotes), found {since!r}")
    if "until" in row:
        until = row["until"]
        if not _is_day(until) or (_is_day(since) and until < since):
            wrong.append(f"{place}: until: expected a day not before from, found {until!r}")
    if len(wrong) > before or since is None:
        return None
    history = [(_midnight(since), True), *([(_midnight(until) + timedelta(days=1), False)] if until else [])]
    return Mark(row["name"], frozenset({certificate}), frozenset(), tuple(history), source)


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)

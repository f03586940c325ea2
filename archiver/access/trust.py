"""Certificates and lists that the archive has met: what they are, since when, and what a person said of them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.errors import Absent, ConfigError
from archiver.submission.certificates import CERTIFICATE, PROVIDER, SHORT
from archiver.submission.rows import StandingRow, TrustRow

SHORTEST = 4
"""Digits of a fingerprint that are taken as one."""

SHOWN = 10
"""Certificates that wait for a word of confirmation and are named in a glance."""

NEW = "new"

_COMMON = re.compile(r"Common Name: ([^,;]+)")


class Catalog(Protocol):
    """The questions about trust."""

    def trust_of(self, holder: str, *, kind: str = "") -> list[TrustRow]:
        """What a holder has, of one kind or of all."""

    def standings(self) -> dict[Sha256, StandingRow]:
        """What persons said, by digest."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One certificate or list. `standing` is `new`, `confirmed` or `revoked`, empty where nobody is asked for a word.

    `covered`: by holder, the volume or batch whose evidence covers it, empty until then; no holder has one that only
    the configuration names. `seen`: the first time in a message or a run.
    """

    sha256: Sha256
    extension: str
    kind: str
    name: str
    issuer: str
    since: datetime
    until: datetime | None
    seen: datetime | None
    standing: str
    act: str
    covered: Mapping[str, str]
    configured: bool

    @property
    def is_certificate(self) -> bool:
        """Whether a person can confirm it."""
        return self.extension == CERTIFICATE

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "sha256": self.sha256,
            "extension": self.extension,
            "kind": self.kind,
            "name": self.name,
            "issuer": self.issuer,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "first_seen": self.seen.isoformat() if self.seen else None,
            "standing": self.standing,
            "act": self.act,
            "covered": dict(self.covered),
            "configured": self.configured,
        }


def entries(catalog: Catalog, holders: Iterable[str], configured: Iterable[TrustRow] = ()) -> tuple[Entry, ...]:
    """All that these holders have, and what the configuration names: by kind, then by first sight."""
    rows: dict[tuple[Sha256, str], list[TrustRow]] = {}
    for row in (row for holder in holders for row in catalog.trust_of(holder)):
        rows.setdefault((row.sha256, row.extension), []).append(row)
    named = {(row.sha256, row.extension): row for row in configured}
    said = catalog.standings()
    found = [_entry(there, said, configured=key in named) for key, there in rows.items()]
    found += [_entry([], said, configured=True, only=row) for key, row in named.items() if key not in rows]
    return tuple(sorted(found, key=lambda item: (item.kind, item.seen or item.since, item.sha256)))


def unconfirmed(catalog: Catalog, holders: Iterable[str]) -> list[TrustRow]:
    """Providers' certificates of which nobody has said anything yet, each once, the oldest sight first."""
    said = catalog.standings()
    rows = (row for holder in holders for row in catalog.trust_of(holder, kind=PROVIDER))
    found: dict[Sha256, TrustRow] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.sha256)):
        if row.sha256 not in said:
            found.setdefault(row.sha256, row)
    return list(found.values())


def asked(rows: list[TrustRow], lang: str) -> list[str]:
    """The alerts about certificates that wait for a word; `lang` is `it` or `en`."""
    text = {
        "it": "certificato del gestore da confermare: {} ({}), SHA-256 {}: `archiver trust show {}`",
        "en": "provider's certificate to be confirmed: {} ({}), SHA-256 {}: `archiver trust show {}`",
    }[lang]
    more = {"it": "e altri {}: `archiver trust list --new`", "en": "and {} more: `archiver trust list --new`"}[lang]
    lines = [
        text.format(called(row.name), called(row.issuer), row.sha256[:SHORT], row.sha256[:SHORT])
        for row in rows[:SHOWN]
    ]
    return lines if len(rows) <= SHOWN else [*lines, more.format(len(rows) - SHOWN)]


def named(found: Iterable[Entry], prefix: str) -> Entry:
    """The one entry whose fingerprint begins so; colons and blanks in it do not count.

    Raises ConfigError for what is no beginning of a fingerprint, or of several; Absent when it is that of none.
    """
    digits = "".join(prefix.split()).replace(":", "").lower()
    if len(digits) < SHORTEST or set(digits) - set("0123456789abcdef"):
        raise ConfigError(
            f"{prefix!r}: attese almeno {SHORTEST} cifre esadecimali dell'impronta SHA-256, come le mostra"
            " `archiver trust list` (the first digits of a SHA-256 fingerprint are expected)"
        )
    matches = [item for item in found if item.sha256.startswith(digits)]
    if not matches:
        raise Absent(f"{prefix}: nessun certificato ha questa impronta: `archiver trust list` (no such fingerprint)")
    if len(matches) > 1:
        choices = "\n".join(f"  {item.sha256}  {item.kind}  {item.name}" for item in matches)
        raise ConfigError(f"{prefix}: più di uno, dare più cifre (several match, give more digits):\n{choices}")
    return matches[0]


def called(name: str) -> str:
    """What people call a subject or an issuer: its common name, else all of it."""
    found = _COMMON.search(name)
    return found[1].strip() if found else name


def _entry(
    rows: list[TrustRow], said: Mapping[Sha256, StandingRow], *, configured: bool, only: TrustRow | None = None
) -> Entry:
    first = only or min(rows, key=lambda row: row.at)
    word = said.get(first.sha256) if first.extension == CERTIFICATE else None
    waits = NEW if first.kind == PROVIDER and not configured else ""
    return Entry(
        sha256=first.sha256,
        extension=first.extension,
        kind=first.kind,
        name=first.name,
        issuer=first.issuer,
        since=first.since,
        until=first.until,
        seen=None if only else first.at,
        standing=word.state if word else waits,
        act=word.act if word else "",
        covered={row.holder: row.covered for row in rows},
        configured=configured,
    )

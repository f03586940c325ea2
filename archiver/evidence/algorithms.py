"""Until when an algorithm may be trusted: dated data (ETSI TS 119 312), matched by name, key size and curve.

The table is `algorithms.toml`, here and in schemas/. An operator may lay a stricter one over it, or ask what would
stand if some of it fell.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files

from archiver.errors import Malformed
from archiver.evidence.terms import NEVER, Row, Term, capped, concerned, meant, read_overlay, read_table
from archiver.verdict import Finding, finding


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Ends of algorithms by name and key size; `source` names the document, its version and its date."""

    source: str
    terms: Mapping[str, tuple[Term, ...]]

    def usable_until(self, name: str, key_bits: int = 0) -> datetime | None:
        """The moment from which `name` with such a key is spent; datetime.max: no end announced; None: unknown.

        Names are asn1crypto's: `sha512`, `rsassa_pkcs1v15`, `rsassa_pss`, `ecdsa`, and of curves `secp256r1`, ...
        """
        return next((term.end for term in self.terms.get(name, ()) if key_bits >= term.bits), None)

    def usable(self, name: str, key_bits: int, at: datetime, *, subject: str = "") -> Finding | None:
        """None if algorithm `name` could be trusted at `at`, else the doubt (EN 319 102-1, 5.2.8)."""
        end = self.usable_until(name, key_bits)
        if end is None:
            return finding("ALGORITHM_UNKNOWN", subject, name=name, bits=key_bits, source=self.source)
        if at >= end:
            last = _last_day(end)
            return finding("ALGORITHM_SPENT", subject, name=name, bits=key_bits, end=last, at=at, source=self.source)
        return None

    def stricter(self, overlay: bytes) -> "Catalogue":
        """The same under an operator's table (TOML; schemas/README.md): each end at the earlier of the two dates.

        Raises Malformed with all that is wrong: unreadable, an unknown name or key, a date that would lengthen.
        """
        source, rows = read_overlay(overlay)
        terms, wrong = dict(self.terms), []
        for row in rows:
            refused = self._refused(row)
            wrong += refused
            for name in () if refused else meant(row.name, terms):
                terms[name] = capped(terms[name], row.end, below=row.below)
        if wrong:
            raise Malformed(f"{source}: {'; '.join(wrong)}")
        return Catalogue(f"{self.source}; stricter: {source}", terms)

    def broken(self, names: Iterable[str], at: datetime) -> "Catalogue":
        """The same if these had fallen at `at` (aware): `sha256`, `SHA-256`, `sha3-512`, `rsa`, `ecdsa`, `P-256`, ...

        Raises Malformed naming those that are unknown, and all that are known.
        """
        names, terms = tuple(names), dict(self.terms)
        unknown = [name for name in names if not meant(name, self.terms)]
        if unknown:
            raise Malformed(f"unknown algorithm {', '.join(unknown)}; known: {self._known()}")
        for name in (known for asked in names for known in meant(asked, self.terms)):
            terms[name] = capped(terms[name], at)
        return Catalogue(f"{self.source}; assumed broken from {at}: {', '.join(names)}", terms) if names else self

    def _known(self) -> str:
        return ", ".join(sorted((*self.terms, "rsa")))

    def _refused(self, row: Row) -> list[str]:
        """Why a row of an overlay cannot be laid over; nothing when it ends something no later than now."""
        names = meant(row.name, self.terms)
        if not names:
            return [f"{row.place}: {row.name} is unknown; known: {self._known()}"]
        ends = [term.end for name in names for term in concerned(self.terms[name], row.below)]
        if not ends:
            return [f"{row.place}: bits_below: no key of {row.name} below {row.below} bits is in {self.source}"]
        if row.end <= max(ends):
            return []
        return [
            f"{row.place}: {row.name} until {_told(row.end)} would lengthen what ends on {_told(max(ends))} "
            f"({self.source}); only earlier dates are taken"
        ]


def _last_day(end: datetime) -> object:
    """The last day of an end at midnight; an end within a day, or at the beginning of the calendar, as it is."""
    whole = end.time() == datetime.min.time() and end.date() > date.min
    return (end - timedelta(days=1)).date() if whole else end


def _told(end: datetime) -> str:
    return "no day" if end == NEVER else str(_last_day(end))


def _shipped() -> Catalogue:
    source, terms = read_table(files("archiver.evidence").joinpath("algorithms.toml").read_bytes())
    return Catalogue(source, terms)


CATALOGUE = _shipped()
"""What this version ships."""

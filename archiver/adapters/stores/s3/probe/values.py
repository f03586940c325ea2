"""What a probe found: one line for each thing asked, with what follows from it; kept as JSON beside the archive."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.probe.words import TABLE
from archiver.errors import Malformed

FORMAT = 1

_LONGEST = 400

_PASSING = {"clock"}


class Severity(Enum):
    """What a gap means for whoever wants to use the server as configured."""

    REFUSES = "refuses"
    WARNS = "warns"
    INFORMS = "informs"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked of the server. `ok`: it does what the archive relies on (also when it was not asked).

    `found` is what it answered, in the server's own terms; `italian` and `english` say what follows when it is not ok.
    """

    name: str
    ok: bool
    severity: Severity
    found: str
    italian: str
    english: str
    asked: bool = True

    def __post_init__(self) -> None:
        texts = (self.name, self.found, self.italian, self.english)
        # what comes back from a store may be anybody's, and ends up on a terminal
        if not all(isinstance(text, str) and text.isprintable() for text in texts):
            raise ValueError(f"a line of a probe that cannot be shown: {texts!a}")
        if not (isinstance(self.ok, bool) and isinstance(self.asked, bool)):
            raise TypeError(f"{self.name}: neither yes nor no: {self.ok!a}, {self.asked!a}")

    def text(self, language: str) -> str:
        """The consequence in `it` or `en`, and in brackets what it was concluded from."""
        return f"{self.italian if language == 'it' else self.english} [{self.found}]"


@dataclass(frozen=True, slots=True)
class Probe:
    """What one server did at `at` (aware), asked as one configuration would use it."""

    at: datetime
    shown: str
    lock: str
    checksums: str
    lines: tuple[Line, ...]

    @property
    def refused(self) -> tuple[Line, ...]:
        """Because of these the server may not be used as it is configured."""
        return tuple(line for line in self.gaps if line.severity is Severity.REFUSES)

    @property
    def lasting(self) -> tuple[Line, ...]:
        """Because of these nothing may be written there until they are mended: no passing trouble, as a wrong clock."""
        return tuple(line for line in self.refused if line.name not in _PASSING)

    @property
    def gaps(self) -> tuple[Line, ...]:
        """All that the server does otherwise than the archive would wish."""
        return tuple(line for line in self.lines if not line.ok)

    def about(self, bucket: Bucket) -> bool:
        """Whether this was asked of `bucket` as it is configured now; otherwise it says nothing about it."""
        return (self.shown, self.lock, self.checksums) == (bucket.shown, bucket.lock.value, checksums(bucket))

    def as_json(self) -> bytes:
        """UTF-8, one object, its lines in the order in which they were asked."""
        value = {
            "format": FORMAT,
            "at": self.at.isoformat(),
            "bucket": self.shown,
            "lock": self.lock,
            "checksums": self.checksums,
            "lines": [_line_as_json(line) for line in self.lines],
        }
        return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> "Probe":
        """The reverse. Raises Malformed."""
        try:
            value = json.loads(data)
            if value["format"] != FORMAT:
                raise ValueError(f"format {value['format']}, expected {FORMAT}")
            return cls(
                at=_aware(value["at"]),
                shown=value["bucket"],
                lock=value["lock"],
                checksums=value["checksums"],
                lines=tuple(Line(**{**item, "severity": Severity(item["severity"])}) for item in value["lines"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Malformed(f"non è il resoconto di una prova dello store (not a probe of a store): {error}") from error


def checksums(bucket: Bucket) -> str:
    """The checksum mode, as the configuration writes it."""
    return "compat" if bucket.compat else "full"


def line(name: str, found: str, *, ok: bool, severity: Severity | None = None) -> Line:
    """What was found, with its texts from the table; `severity` only where it depends on how much."""
    row = TABLE[name]
    shown = "".join(letter if letter.isprintable() else " " for letter in found)[:_LONGEST]
    return Line(name, ok, severity or Severity(row.severity), shown, row.italian, row.english)


def not_asked(name: str, reason: str) -> Line:
    """A question that does not concern this configuration, or could not be put."""
    row = TABLE[name]
    found = f"non chiesto (not asked): {reason}"
    return Line(name, ok=True, severity=Severity(row.severity), found=found, italian="", english="", asked=False)


def _line_as_json(item: Line) -> dict[str, Any]:
    return {
        "name": item.name,
        "ok": item.ok,
        "severity": item.severity.value,
        "found": item.found,
        "italian": item.italian,
        "english": item.english,
        "asked": item.asked,
    }


def _aware(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text}: without time zone")
    return at

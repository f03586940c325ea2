"""What a report says, and how it is called: a sweep's findings and repairs, the certificate of a purge,
the list of what is to be discarded (elenco di scarto).

A report names the one before it of its kind and holder by its id, which begins that one's digest: none can vanish
unseen, and a report can be filed though the one before it cannot be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from enum import StrEnum
from typing import Any, Final

from archiver.digest import sha256
from archiver.package import rules

VERSION: Final = 1
LONGEST: Final = 1000
"""Characters of one text."""

LARGEST: Final = 16 << 20
"""Bytes of one report, unsigned: whoever opens a signature holds its content several times over."""

DEEPEST: Final = 16
"""Levels of objects and lists within the content."""

GREATEST: Final = 2**63 - 1

_TIME = "%Y%m%dt%H%M%Sz"


class ReportKind(StrEnum):
    """Which errand it is about."""

    SWEEP = "sweep"
    PURGE = "purge"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Report:
    """One report; `at` is UTC in whole seconds, `previous` the id of the holder's report of this kind before it.

    `content` is what the errand says: objects and lists of printable texts, whole numbers, true, false, null. Raises
    ValueError for what is out of shape.
    """

    kind: ReportKind
    holder: str
    at: datetime
    software: str
    previous: str | None
    content: Mapping[str, Any]

    def __post_init__(self) -> None:
        rules.opaque(self.holder)
        if rules.moment(self.at) != self.at:
            raise ValueError(f"report: expected a time in whole seconds, found {self.at.isoformat()}")
        _text(self.software, "software")
        if self.previous is not None:
            kind, at = told(self.previous)
            if kind is not self.kind or at >= self.at:
                raise ValueError(f"report: expected an earlier one of its kind before it, found {self.previous}")
        _plain(self.content, "content", DEEPEST)


def identifier(kind: ReportKind, at: datetime, octets: bytes) -> str:
    """The id of the report that these octets are, unsigned: its time, its kind, the beginning of its SHA-256."""
    return f"{at.strftime(_TIME)}-{kind}-{sha256(octets)[:32]}"


def told(report_id: str) -> tuple[ReportKind, datetime]:
    """What an id says by itself. Raises ValueError for one that is none."""
    time, _, rest = report_id.partition("-")
    kind, _, digest = rest.partition("-")
    if len(digest) != 32 or set(digest) - set("0123456789abcdef"):
        raise ValueError(f"id of a report: expected its time, its kind and a digest, found {report_id[:80]!r}")
    at = datetime.strptime(time, _TIME).replace(tzinfo=UTC)
    if at.strftime(_TIME) != time or at.year == MAXYEAR:  # what strptime forgives; what nothing could follow
        raise ValueError(f"id of a report: expected YYYYMMDDthhmmssz, found {time[:80]!r}")
    return ReportKind(kind), at


def _plain(value: Any, where: str, levels: int) -> None:
    """Nothing but what is written in one way only."""
    if levels < 0:
        raise ValueError(f"report, {where}: expected at most {DEEPEST} levels")
    if isinstance(value, Mapping):
        for key, item in value.items():
            _plain(item, _text(key, where), levels - 1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _plain(item, where, levels - 1)
    elif isinstance(value, str):
        _text(value, where)
    elif value is None or isinstance(value, bool):
        pass
    elif not isinstance(value, int) or abs(value) > GREATEST:
        raise ValueError(f"report, {where}: expected a text, a whole number, an object or a list, found {value!r:.80}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise ValueError(
            f"report, {where}: expected printable text of at most {LONGEST} characters, found {str(value)[:80]!r}"
        )
    return value

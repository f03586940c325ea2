"""What the filing systems of courts accept: a dated data file with its sources (`courts.toml`)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("courts.toml")


@dataclass(frozen=True, slots=True)
class Court:
    """Limits in bytes and numbers, 0 for none; `since` and `read` are days (ISO 8601): in force, and last looked up.

    `inside`: what an .eml holds must be of `formats` (extensions, lower case) too.
    """

    id: str
    name: str
    source: str
    since: str
    read: str
    file: int
    send: int
    keep: int
    files: int
    keep_files: int
    name_length: int
    inside: bool
    formats: frozenset[str]

    @property
    def room(self) -> int:
        """Bytes that one send has for what is deposited here."""
        return self.send - self.keep

    @property
    def places(self) -> int | None:
        """Files that one send has room for; None for any number."""
        return self.files - self.keep_files if self.files else None

    @property
    def largest(self) -> int:
        """The largest file that can be sent at all."""
        return min(self.file or self.room, self.room)

    def as_json(self) -> dict[str, str]:
        """For the report."""
        return {"id": self.id, "name": self.name, "source": self.source, "since": self.since, "read": self.read}


@cache
def courts() -> dict[str, Court]:
    """Every system that a deposit can be prepared for, by the name it is asked for with."""
    table: dict[str, dict[str, Any]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {id: _court(id, row) for id, row in table.items()}


def _court(id: str, row: dict[str, Any]) -> Court:
    days = {key: row[key].isoformat() for key in ("since", "read")}
    return Court(id=id, **{**row, **days, "formats": frozenset(row["formats"])})

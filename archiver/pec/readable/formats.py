"""The dated table of formats: which of them will be read by whoever opens the archive, and which may not.

The table is `formats.toml`, here and in schemas/. A format is named as `archiver.pec.readable.identity` names it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files

UNKNOWN = "unknown"
"""The name of a format that nothing is known about."""

SIGNED = ".p7m"
"""What a format's name ends with when the file lies in a signature around it (CAdES)."""


class Readability(StrEnum):
    """What becomes of an attachment: `at_risk` opens today with few programs, `encrypted` only with a secret."""

    READABLE = "readable"
    AT_RISK = "at_risk"
    UNKNOWN = "unknown"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Table:
    """Formats by name; `source`: what the classes rest on; `issued`: the day on which they were last looked through."""

    source: str
    issued: date
    rows: Mapping[str, Readability]

    def readability(self, name: str) -> Readability:
        """Of the format called `name`: in a signature as without, of any version; unknown when it is not listed."""
        bare = name.removesuffix(SIGNED)
        return self.rows.get(bare) or self.rows.get(bare.partition("-")[0], Readability.UNKNOWN)


def read(octets: bytes) -> Table:
    """A table (TOML). Raises KeyError or ValueError on one that is not whole: it is part of the program."""
    stated = tomllib.loads(octets.decode())
    rows = {row["name"]: Readability(row["class"]) for row in stated["format"]}
    if len(rows) != len(stated["format"]):
        raise ValueError("formats.toml: a format is listed twice")
    return Table(stated["source"], stated["issued"], rows)


TABLE = read(files("archiver.pec.readable").joinpath("formats.toml").read_bytes())
"""What this version ships."""

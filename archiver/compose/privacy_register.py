"""`archiver privacy register`: the register of processing, from the configuration."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.access.printing.editable import Place
from archiver.access.privacy.processing import as_csv, as_docx, rows
from archiver.compose.archive import Archive
from archiver.compose.described import archive_told
from archiver.compose.exhibit import written
from archiver.digest import sha256
from archiver.errors import ConfigError, Conflict


@dataclass(frozen=True, slots=True)
class Processing:
    """Where the register is, how many entries it has, what is left to fill in."""

    path: Path
    entries: int
    sha256: str
    places: tuple[Place, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"path": str(self.path), "entries": self.entries, "sha256": self.sha256,
                "places": [place.wanted for place in self.places]}  # fmt: skip


def processing_register(archive: Archive, output: Path, *, at: datetime) -> Processing:
    """Writes the register of processing of the day `at` to a new file, .csv or .docx by its name.

    Raises Conflict when something is there, ConfigError where nothing can be written or the name is no good.
    """
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output}: is there already, and is not written over: choose another name with -o")
    kind = output.suffix.lower()
    if kind not in (".csv", ".docx"):
        raise ConfigError(f"-o {output}: expected the name of a new .csv or .docx, such as registro.docx")
    if not output.parent.is_dir():
        raise ConfigError(f"-o {output}: there is no folder {output.parent}")
    told = archive_told(archive, at)
    octets, places = as_docx(told) if kind == ".docx" else (as_csv(told), ())
    with written(output) as file:
        file.write(octets)
    return Processing(output, len(rows(told)), sha256(octets), places)

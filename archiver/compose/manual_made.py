"""`archiver manual`: the manuale di conservazione, from what the archive itself knows."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.access.manual import Manual
from archiver.access.manual import manual as draw
from archiver.compose.archive import Archive
from archiver.compose.described import archive_told, held_told, lengthened_told
from archiver.compose.exhibit import written
from archiver.digest import sha256
from archiver.errors import ConfigError, Conflict
from archiver.ingest.packer import SEGMENT_BYTES, SEGMENT_MESSAGES
from archiver.ingest.watch import NIGHTS
from archiver.renew import MARGIN
from archiver.seal.plan import MAX_BYTES, MAX_MESSAGES


@dataclass(frozen=True, slots=True)
class Written:
    """Where a document for people to finish is, and how many places it leaves to them."""

    path: Path
    sha256: str
    manual: Manual

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": str(self.path),
            "sha256": self.sha256,
            "bytes": len(self.manual.octets),
            "places": [{"chapter": place.chapter, "wanted": place.wanted} for place in self.manual.places],
        }


def make_manual(archive: Archive, output: Path, *, at: datetime) -> Written:
    """Writes the manual of the day `at` to a new file; the same archive on the same day gives the same bytes.

    Raises Conflict when something is there, ConfigError where nothing can be written, Unavailable for a catalog that
    does not answer.
    """
    check_docx(output)
    made = draw(manual_told(archive, at))
    with written(output) as file:
        file.write(made.octets)
    return Written(output, sha256(made.octets), made)


def manual_told(archive: Archive, at: datetime) -> dict[str, Any]:
    """All that the manual says."""
    boxes = list(archive.config.mailboxes)
    return {
        **archive_told(archive, at),
        "held": held_told(archive, boxes),
        "lengthened": lengthened_told(archive),
        "kinds": archive.catalog.kinds_of([box.id for box in boxes]),
        "rules": {
            "segment_bytes": SEGMENT_BYTES,
            "segment_messages": SEGMENT_MESSAGES,
            "volume_bytes": MAX_BYTES,
            "volume_messages": MAX_MESSAGES,
            "nights": NIGHTS,
            "renew_days": MARGIN.days,
        },
    }


def check_docx(output: Path) -> None:
    """Raises Conflict when something is there, ConfigError where nothing can be written or the name is no good."""
    if output.exists() or output.is_symlink():
        raise Conflict(f"{output}: is there already, and is not written over: choose another name with -o")
    if output.suffix.lower() != ".docx":
        raise ConfigError(f"-o {output}: expected the name of a new .docx, such as manuale.docx")
    if not output.parent.is_dir():
        raise ConfigError(f"-o {output}: there is no folder {output.parent}")

"""One file: where it lies, its bytes, and what to say when they cannot be had."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.errors import Unavailable
from archiver.ports import Fetched


@dataclass(frozen=True, slots=True)
class Place:
    """A file: its `origin` for people, the mail `folder` it stands for; whether the place makes it a `message`."""

    path: Path
    origin: str
    folder: str = ""
    message: bool = False


_DELIVERED = re.compile(r"(\d{9,10})\.")


def fetched(place: Place) -> Fetched:
    """The whole file as one message. In a Maildir the name begins with the second of delivery. Raises OSError."""
    delivered = _DELIVERED.match(place.path.name) if place.message else None
    received = datetime.fromtimestamp(int(delivered[1]), UTC) if delivered else None
    return Fetched(place.path.read_bytes(), place.origin, place.folder, received)


def shown(name: str | Path) -> str:
    """A file name as text for any document: what is not UTF-8, or cannot be printed, is written as `\\x..`."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def unreadable(error: OSError) -> str:
    """The reason why a file could not be read, and the way out."""
    return (
        f"non leggibile ({error.strerror or error}): controllare i permessi e il disco e ripetere"
        " (cannot be read: check permissions and disk, run again)"
    )


def vanished(path: Path) -> Unavailable:
    """The error for a path that is not there, or no longer."""
    return Unavailable(
        f"{path}: non c'è, o non c'è più: controllare il percorso e che il disco sia montato, poi ripetere"
        " (not there: check the path and the mount, run again)"
    )


def changed(path: Path) -> Unavailable:
    """The error for a file that was written to while it was read."""
    return Unavailable(
        f"{path}: cambiato durante la lettura: chiudere il programma di posta e ripetere"
        " (changed while it was read: close the mail program, run again)"
    )

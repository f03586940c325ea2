"""Any folder, read as the judge reads a store: no marker is asked for, nothing is ever written."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from archiver.adapters.stores import disk
from archiver.errors import Absent
from archiver.ports import Stored


class Folder:
    """Files under a root, by relative name; names with a leading dot are not looked at."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self._root / name).is_file()

    def get(self, name: str) -> bytes:
        """The whole file. Raises Absent."""
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> BinaryIO:
        """The file, seekable. Raises Absent."""
        try:
            return (self._root / name).open("rb")
        except OSError as error:
            raise Absent(f"{self._root / name}: {error.strerror}") from error

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Files whose names start with `prefix`, ascending."""
        folder = prefix.rpartition("/")[0]
        return disk.walk(self._root / folder, f"{folder}/" if folder else "", prefix)

"""Where an exhibit is written: a ZIP, or a folder; what was put can be read back at once."""

import os
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from archiver.adapters.stores.folder import Folder
from archiver.adapters.zipping import Zip
from archiver.digest import Sha256
from archiver.errors import Absent
from archiver.ports import Stored

_ROME = ZoneInfo("Europe/Rome")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


class ZipSink:
    """Files in one ZIP below one top folder: stored, not deflated, dated the moment of the making (Europe/Rome).

    Stored: the bytes of a message lie there as they are, and the same files give the same ZIP whatever library made it.
    """

    def __init__(self, file: BinaryIO, top: str, *, at: datetime) -> None:
        self._zip = Zip(file, at=at.astimezone(_ROME))
        self._top = f"{top}/"

    def put(self, path: str, octets: bytes) -> None:
        """Adds the file `path`. Raises ValueError for one that is there, and for 4 GiB in one file."""
        self._zip.add(self._top + path, octets)

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._top + name in self._zip.entries

    def get(self, name: str) -> bytes:
        """The whole file. Raises Absent."""
        try:
            return self._zip.read(self._top + name)
        except KeyError as error:
            raise Absent(f"{name}: not in the ZIP") from error

    def open(self, name: str) -> BinaryIO:
        """The file, seekable. Raises Absent."""
        return BytesIO(self.get(name))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Files whose names start with `prefix`, ascending."""
        whole = self._top + prefix
        names = sorted(name for name in self._zip.entries if name.startswith(whole))
        return (Stored(name.removeprefix(self._top), self._zip.entries[name].size) for name in names)

    def close(self) -> None:
        """Writes the directory; the file stays open."""
        self._zip.close()

    @property
    def sha256(self) -> Sha256:
        """That of the file, once it is closed."""
        return self._zip.sha256


class FolderSink(Folder):
    """Files below a folder that is there, for its owner alone; one that is there already is not written over."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._below = str(root)
        self._folders: set[str] = set()

    def put(self, path: str, octets: bytes) -> None:
        """Writes the file `path`. Raises FileExistsError for one that is there."""
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            self._made(folder)
        handle = os.open(f"{self._below}/{path}", _NEW, 0o600)
        try:
            rest = memoryview(octets)
            while rest:
                rest = rest[os.write(handle, rest) :]
        finally:
            os.close(handle)

    def _made(self, folder: str) -> None:
        above, _, _ = folder.rpartition("/")
        if above and above not in self._folders:
            self._made(above)
        if folder:
            Path(self._below, folder).mkdir(mode=0o700, exist_ok=True)
        self._folders.add(folder)

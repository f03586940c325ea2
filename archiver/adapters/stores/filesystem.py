"""A store in a folder: one read-only file per object, written aside, made durable, then linked to its name once.

The tree can be read by hand: an object's name is its path. Three names with a leading dot belong to the store itself:
`.archiver-store` says that this is one, `.incoming` holds what is being written, and `.replaced` what repairs took out
of the way, as `<name>.<number>`.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from archiver.adapters.stores import disk
from archiver.adapters.stores.names import checked, checked_prefix
from archiver.adapters.stores.octets import pieces, refuse_difference, stream
from archiver.errors import Absent, ConfigError, Conflict, Unavailable
from archiver.ports import Bar, Held, Stored

MARKER = ".archiver-store"
INCOMING = ".incoming"
REPLACED = ".replaced"
FORMAT = b"archiver store 1\n"
ABANDONED = timedelta(days=1)

_OURS = {INCOMING, MARKER, "lost+found"}


class FilesystemStore:
    """`archiver.ports.ObjectStore` over a folder that `create` has made. Every error of the disk becomes `Unavailable`.

    A folder without the marker is refused with Unavailable, at opening and at each call: a disk that is not mounted
    must never look like an empty archive, nor be written to in place of the archive.
    """

    locks = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self._durable: set[Path] = set()
        self._present()

    @classmethod
    def create(cls, root: Path) -> "FilesystemStore":
        """The store at `root`, made if it is not there yet. Raises ConfigError when the folder holds something else."""
        with disk.errors(root):
            root.mkdir(mode=0o750, parents=True, exist_ok=True)
            strangers = sorted({entry.name for entry in root.iterdir()} - _OURS)
            if not (root / MARKER).exists():
                _refuse(root, strangers)
                (root / INCOMING).mkdir(exist_ok=True)
                disk.write_durably(root / MARKER, FORMAT)
                disk.sync_folder(root.parent)
        return cls(root)

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        path = self._path(name)
        # the marker is looked for before each write: what was mounted at the root may have gone since the last one
        self._present()
        with disk.errors(path):
            self._folder(path.parent)
            if path.exists():
                self._same(name, stream(data))
            else:
                self._bring(name, path, stream(data))
            # also for an object found there: whoever wrote it may have died just before this
            disk.sync_folder(path.parent)

    def get(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def read(self, name: str, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0:
            raise ValueError(f"{name}: offset {offset}, length {length}")
        with self.open(name) as file:
            file.seek(offset)
            return file.read(length)

    def open(self, name: str) -> BinaryIO:
        path = self._path(name)
        with disk.errors(path):
            try:
                return disk.reading(path)
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
                self._present()
                raise Absent(f"{name}: non è nell'archivio {self.root} (not in the store)") from error

    def has(self, name: str) -> bool:
        path = self._path(name)
        with disk.errors(path):
            there = path.is_file()
        if not there:
            self._present()
        return there

    def list(self, prefix: str = "") -> Iterator[Stored]:
        folder = checked_prefix(prefix).rpartition("/")[0]
        return self._list(folder, prefix)

    def retain(self, name: str, *, until: datetime) -> None:  # noqa: ARG002  (who owns the disk can do as he likes)
        if not self.has(name):
            raise Absent(f"{name}: non è nell'archivio {self.root} (not in the store)")

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        return (Held(item.name, item.size) for item in self.list(prefix))

    def locked_until(self, name: str) -> datetime | None:
        if not self.has(name):
            raise Absent(f"{name}: non è nell'archivio {self.root} (not in the store)")
        return None

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        path = self._path(name)
        self._present()
        with disk.errors(path):
            self._folder(path.parent)
            aside = self._write_aside(stream(data))
            try:
                if not disk.same(path, aside):
                    self._set_aside(name, path)
                    aside.replace(path)
            finally:
                with suppress(OSError):
                    aside.unlink(missing_ok=True)
            # also for one that is right already: whoever repaired it may have died just before this
            disk.sync_folder(path.parent)

    def bar(self, name: str) -> Bar | None:
        checked(name)
        return None

    def check_erases(self) -> None:
        self._present()
        with disk.errors(self.root / INCOMING):
            self._write_aside(stream(b"")).unlink()

    def erase(self, name: str) -> None:
        path = self._path(name)
        self._present()
        with disk.errors(path):
            self._forget_replaced(name)
            disk.remove(path, self.root)

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        self.repair(name, data)
        with disk.errors(self._path(name)):
            self._forget_replaced(name)

    def tidy(self, *, at: datetime) -> int:
        """Remove what writers that died left aside more than a day before `at`; how many files that were."""
        removed = 0
        with disk.errors(self.root / INCOMING):
            for path in self._abandoned(at):
                with suppress(FileNotFoundError):
                    path.unlink()
                    removed += 1
        return removed

    def left_behind(self, *, at: datetime) -> int:
        """How many files `tidy` would remove."""
        with disk.errors(self.root / INCOMING):
            return sum(1 for _ in self._abandoned(at))

    def _abandoned(self, at: datetime) -> Iterator[Path]:
        oldest = (at - ABANDONED).timestamp()
        for path in (self.root / INCOMING).glob("*"):
            with suppress(FileNotFoundError):  # another process has finished writing it
                if path.stat().st_mtime < oldest:
                    yield path

    def _present(self) -> None:
        marker = self.root / MARKER
        with disk.errors(marker):
            try:
                found = marker.read_bytes()
            except (FileNotFoundError, NotADirectoryError) as error:
                raise Unavailable(
                    f"{self.root}: qui non c'è un archivio (manca {MARKER}): disco non montato?"
                    " `archiver init` ne crea uno (no store here: is the disk mounted?)"
                ) from error
        if found != FORMAT:
            raise ConfigError(f"{marker}: atteso {FORMAT!r}, trovato {found[:40]!r} (unknown format of the store)")

    def _path(self, name: str) -> Path:
        return self.root / checked(name)

    def _same(self, name: str, brought: BinaryIO) -> None:
        path = self.root / name
        if path.is_dir():
            raise Conflict(f"{name}: nell'archivio è una cartella (a folder in the store)")
        with path.open("rb") as kept:
            refuse_difference(name, kept, brought)

    def _bring(self, name: str, path: Path, brought: BinaryIO) -> None:
        aside = self._write_aside(brought)
        try:
            disk.publish(aside, path)
        except FileExistsError:
            with aside.open("rb") as again:
                self._same(name, again)
        finally:
            with suppress(OSError):
                aside.unlink(missing_ok=True)

    def _folder(self, folder: Path) -> None:
        """Make `folder`, and make sure that it outlives a power cut, whoever made it and when."""
        if folder == self.root or (folder in self._durable and folder.is_dir()):
            return
        self._folder(folder.parent)
        try:
            folder.mkdir(exist_ok=True)
        except FileExistsError as error:
            raise Conflict(
                f"{folder}: nell'archivio è un oggetto, non una cartella (an object, not a folder)"
            ) from error
        disk.sync_folder(folder.parent)
        self._durable.add(folder)

    def _set_aside(self, name: str, path: Path) -> None:
        """What lies at `path` gets a name of its own under `.replaced`, for good; nothing there: nothing to do."""
        if path.is_dir() and not path.is_symlink():
            raise Conflict(
                f"{name}: nell'archivio è una cartella: spostarla a mano fuori dall'archivio e ripetere"
                " (a folder in place of the object: move it out of the store by hand)"
            )
        if not os.path.lexists(path):
            return
        kept = self.root / REPLACED / name
        self._folder(kept.parent)
        disk.keep(path, kept)

    def _forget_replaced(self, name: str) -> None:
        """What repairs of the object took out of the way."""
        kept = self.root / REPLACED / name
        for path in kept.parent.glob(f"{kept.name}.*"):
            if path.name.removeprefix(f"{kept.name}.").isdigit():
                disk.remove(path, self.root)

    def _write_aside(self, brought: BinaryIO) -> Path:
        incoming = self.root / INCOMING
        incoming.mkdir(exist_ok=True)
        handle, name = mkstemp(dir=incoming)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                for piece in pieces(brought):
                    disk.write_all(file, piece)
                os.fchmod(file.fileno(), 0o444)
                os.fsync(file.fileno())
        except BaseException:  # whatever stops it, an interrupt too: what was half written is removed
            with suppress(OSError):
                os.unlink(name)
            raise
        return Path(name)

    def _list(self, folder: str, prefix: str) -> Iterator[Stored]:
        self._present()
        try:
            yield from disk.walk(self.root / folder, f"{folder}/" if folder else "", prefix)
        except OSError as error:
            raise disk.unavailable(self.root / folder, error) from error
        # a disk that went away under way must not pass for an archive that ends here
        self._present()


def _refuse(root: Path, strangers: list[str]) -> None:
    if strangers:
        raise ConfigError(
            f"{root}: la cartella non è vuota ({', '.join(strangers[:3])}) e non è un archivio; indicarne una vuota."
            f" Se è la copia di un archivio, rimettere il file {MARKER} con la riga {FORMAT.decode().strip()!r}"
            " (not empty, and not a store)"
        )

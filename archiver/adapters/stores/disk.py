"""What a file system is asked for, one thing at a time, and what its refusals mean to whoever runs an archive."""

import errno
import fcntl
import io
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from archiver.adapters.stores.octets import PIECE, compare
from archiver.errors import Unavailable
from archiver.ports import Stored

LOST = "lost+found"
"""What a file system keeps at its root, and lets nobody read."""

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS}


def unavailable(path: Path, error: OSError) -> Unavailable:
    """The error to be raised for a refusal of the operating system: what it is about, and the way out."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        way = "disco pieno: liberare spazio o ingrandire il disco e ripetere; quanto già scritto è integro (disk full)"
    elif error.errno in _FORBIDDEN:
        way = f"permesso negato o sola lettura ({reason}): controllare utente e montaggio e ripetere (not allowed)"
    else:
        way = f"il disco non risponde come dovrebbe ({reason}): controllarlo e ripetere (disk error)"
    return Unavailable(f"{path}: {way}")


@contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn every OSError of the block into Unavailable."""
    try:
        yield
    except OSError as error:
        raise unavailable(path, error) from error


def reading(path: Path) -> BinaryIO:
    """The file, open for reading; its later read errors are Unavailable too. Raises OSError when it does not open."""
    return io.BufferedReader(_Reading(path, "rb"), PIECE)


def write_all(file: io.FileIO, data: bytes) -> None:
    """Write every byte of `data`; a raw file may take fewer at a time."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def write_durably(path: Path, data: bytes) -> None:
    """Make the small file `path`, whole or not at all."""
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(aside: Path, path: Path) -> None:
    """Give the finished file `aside` its name, at once and only once. Raises FileExistsError when the name is taken."""
    try:
        os.link(aside, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_once(aside, path)


def same(path: Path, other: Path) -> bool:
    """Whether `path` is a file with the bytes of `other`; what cannot be read is not."""
    try:
        if path.is_symlink() or not path.is_file():
            return False
        with path.open("rb") as one, other.open("rb") as two:
            return compare(one, two).same
    except OSError:
        return False


def keep(path: Path, name: Path) -> Path:
    """Give what lies at `path` another name, durably: `name` with the first number that is free; which one.

    It stays where it is too, but on file systems without hard links: there it only moves. After a power cut it has one
    of the two names, or both; asked again, it gets no third.
    """
    for number in itertools.count(1):
        kept = name.with_name(f"{name.name}.{number}")
        try:
            publish(path, kept)
        except FileExistsError:
            if not os.path.samestat(kept.lstat(), path.lstat()):
                continue
        sync_folder(kept.parent)
        return kept
    raise AssertionError("numbers do not end")


def remove(path: Path, root: Path) -> None:
    """Take a file away for good, if it is there, and the folders below `root` that it leaves empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder.is_dir():
            sync_folder(folder)
            if folder == root or root not in folder.parents or any(folder.iterdir()):
                return
            with suppress(OSError):  # somebody writes into it just now
                folder.rmdir()


def walk(folder: Path, name: str, prefix: str) -> Iterator[Stored]:
    """The files under `folder`, whose own name in the store is `name` (empty, or with a slash at its end), ascending.

    Holds the names of one folder per level at a time. Names with a leading dot are the store's own, and left out.
    """
    # sorting a large folder costs more than reading it: what cannot match is left out first
    begins = prefix[len(name) :].partition("/")[0] if prefix.startswith(name) else ""
    for entry in _entries(folder, begins):
        full = name + entry.name
        if _is_folder(entry):
            if (full + "/").startswith(prefix) or prefix.startswith(full + "/"):
                yield from walk(folder / entry.name, full + "/", prefix)
        elif full.startswith(prefix) and _is_file(entry):
            yield Stored(full, entry.stat().st_size)


class _Reading(io.FileIO):
    def readinto(self, buffer: "memoryview | bytearray", /) -> int | None:  # type: ignore[override]
        with errors(Path(str(self.name))):
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with errors(Path(str(self.name))):
            return super().readall()


def _rename_once(aside: Path, path: Path) -> None:
    """For file systems without hard links (FAT, some network shares): look and rename, alone in the meantime."""
    handle = os.open(aside.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        aside.rename(path)
    finally:
        os.close(handle)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Also behind a link, on another disk; one that leads back to where it lies is nothing."""
    try:
        if not entry.is_dir():
            return False
    except OSError as error:
        if error.errno == errno.ELOOP:
            return False
        raise
    return not entry.is_symlink() or not os.path.realpath(os.path.dirname(entry.path)).startswith(
        os.path.realpath(entry.path)
    )


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Also a link to one; one that leads in a circle, or nowhere, is nothing."""
    try:
        return entry.is_file()
    except OSError as error:
        if error.errno == errno.ELOOP:
            return False
        raise


def _entries(folder: Path, begins: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            named = (entry for entry in found if entry.name.startswith(begins))
            entries = [entry for entry in named if not entry.name.startswith(".") and entry.name != LOST]
    except (FileNotFoundError, NotADirectoryError):
        return []
    # a folder sorts with its slash, so that names come in the order of whole names: a-b before a/b
    return sorted(entries, key=lambda entry: entry.name + "/" if _is_folder(entry) else entry.name)

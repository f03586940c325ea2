"""A bag (RFC 8493) being written and being read: files under `data/`, and lists by which anybody checks them.

In the bag's folder `sha256sum -c manifest-sha256.txt` checks the payload, `tagmanifest-sha256.txt` what lies beside it.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from archiver.digest import Buffer, Sha256, Sha512, digests, digests_of
from archiver.errors import Malformed, Unavailable

PAYLOAD: Final = "data/"
PIECE = 1 << 20
MANIFESTS: Final = ("manifest-sha256.txt", "manifest-sha512.txt")
_TAGMANIFESTS: Final = ("tagmanifest-sha256.txt", "tagmanifest-sha512.txt")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a bag: its path from the bag's root, both digests, its size in bytes."""

    path: str
    sha256: Sha256
    sha512: Sha512
    size: int


class Bag:
    """A bag under a folder. Every error of the disk becomes Unavailable, naming the file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: set[Path] = set()

    def write(self, path: str, octets: Buffer) -> File:
        """One file; what an earlier run left in its place is replaced."""
        target = self._made(path)
        with _disk(target):
            target.unlink(missing_ok=True)  # it may be a second name of another file
            target.write_bytes(octets)
        return File(path, *digests(octets))

    def copy(self, path: str, source: BinaryIO) -> File:
        """One file from a stream."""
        target = self._made(path)
        with _disk(target):
            target.unlink(missing_ok=True)
            with target.open("wb") as sink:
                found = digests_of(_through(source, sink))
        return File(path, *found)

    def again(self, path: str, known: File) -> File:
        """The same bytes under another path: a second name of the same file where the disk can do that."""
        target = self._made(path)
        with _disk(target):
            target.unlink(missing_ok=True)
            try:
                os.link(self.root / known.path, target)
            except OSError:
                shutil.copyfile(self.root / known.path, target)
        return File(path, known.sha256, known.sha512, known.size)

    def finish(self, files: Iterable[File], tags: Mapping[str, bytes], info: Mapping[str, str]) -> tuple[int, int]:
        """Writes the lists over `files`, the `tags` beside them, and `info`; how many files and bytes there are."""
        count, size = 0, 0
        with (
            _disk(self.root),
            (self.root / MANIFESTS[0]).open("w") as first,
            (self.root / MANIFESTS[1]).open("w") as second,
        ):
            for file in files:
                count, size = count + 1, size + file.size
                first.write(f"{file.sha256}  {file.path}\n")
                second.write(f"{file.sha512}  {file.path}\n")
        told = {**info, "Payload-Oxum": f"{size}.{count}"}
        written = [self.write("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")]
        written.append(self.write("bag-info.txt", "".join(f"{k}: {v}\n" for k, v in told.items()).encode()))
        written += [self.write(path, octets) for path, octets in tags.items()]
        written += [File(name, *_read(self.root / name)) for name in MANIFESTS]
        self.write(_TAGMANIFESTS[0], "".join(f"{one.sha256}  {one.path}\n" for one in written).encode())
        self.write(_TAGMANIFESTS[1], "".join(f"{one.sha512}  {one.path}\n" for one in written).encode())
        return count, size

    def _made(self, path: str) -> Path:
        target = self.root / path
        if target.parent not in self._folders:
            with _disk(target):
                target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(target.parent)
        return target


def read_manifest(root: Path, name: str) -> Iterator[tuple[str, str]]:
    """Path and digest of every line of a list. Raises Malformed for a line that is none, or leads elsewhere."""
    with _disk(root / name), (root / name).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            digest, _, path = line.rstrip("\n").partition("  ")
            if not digest or not path or path.startswith("/") or ".." in path.split("/") or "\\" in path:
                raise Malformed(f"{name}, line {number}: expected `<digest>  <path>`, found {line[:120]!r}")
            yield path, digest


def is_bag(root: Path) -> bool:
    """Whether a folder says of itself that it is a bag."""
    return (root / "bagit.txt").is_file()


def walk(root: Path) -> Iterator[tuple[str, int]]:
    """Every file under a folder by its path from there, and its size; names with a leading dot at the top are not
    looked at.

    Raises Malformed for a link: what is handed over lies where its name says. Raises Unavailable.
    """
    with _disk(root):
        for folder, names, files in os.walk(root):
            here = Path(folder)
            if here == root:
                names[:] = [name for name in names if not name.startswith(".")]
            names.sort()
            for name in sorted((*files, *names)):
                path = here / name
                if path.is_symlink():
                    raise Malformed(f"{path}: è un collegamento: sostituirlo con il file (a link; put the file itself)")
            for name in sorted(files):
                yield (here / name).relative_to(root).as_posix(), (here / name).stat().st_size


def _through(source: BinaryIO, sink: BinaryIO) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        sink.write(piece)
        yield piece


def _read(path: Path) -> tuple[Sha256, Sha512, int]:
    with path.open("rb") as file:
        return digests_of(iter(lambda: file.read(PIECE), b""))


def digest_file(path: Path) -> tuple[Sha256, Sha512, int]:
    """Both digests and the size of a file. Raises Unavailable."""
    with _disk(path):
        return _read(path)


class _disk:
    """Errors of the disk, as Unavailable."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise Unavailable(f"{error.filename or self._path}: {reason}: controllare il disco e ripetere") from error

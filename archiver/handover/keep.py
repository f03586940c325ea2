"""Keeps what belongs to a foreign package and is no message: byte for byte, in ZIPs named by their own digest.

Each ZIP holds `takeover.json`, which says what the package was and where each file of it is, and `files/<sha256>`. The
bytes depend on nothing but the package and the holder, so a taking over that is run again makes the same ZIPs.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from archiver.digest import Sha256
from archiver.handover.bag import digest_file
from archiver.handover.packages import Package
from archiver.handover.recipe import MAPPED, mapped
from archiver.package import layout
from archiver.package.segment import writer

LARGEST = 16 << 20
"""Bytes of files in one ZIP; a larger file alone."""

LABEL = "pec-archiver takeover 1"
_NOTE = "takeover.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """One ZIP that was put: its name in the store, its digest, its size in bytes."""

    name: str
    sha256: Sha256
    size: int


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    sha256: Sha256
    size: int
    message: bool
    listed: bool

    def as_json(self) -> dict[str, Any]:
        kept = "message" if self.message else "file"
        return {"kept": kept, "listed": self.listed, "path": self.path, "sha256": self.sha256, "size": self.size}


def zips(root: Path, package: Package, holder: str) -> Iterator[tuple[Kept, BinaryIO]]:
    """Each ZIP of the package, open; it is closed when the next one is asked for. Raises Unavailable."""
    files = list(_files(root, package))
    parts = list(_parts([one for one in files if not one.message]))
    for number, part in enumerate(parts, 1):
        told = {
            "application": package.index.application,
            "files": [one.as_json() for one in (files if number == 1 else part)],
            "format": 1,
            "generation": package.index.generation,
            "holder": holder,
            "id": package.index.id,
            "index": package.outer.path,
            "package": package.id,
            "part": number,
            "parts": len(parts),
        }
        note = (json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()
        with SpooledTemporaryFile(max_size=2 * LARGEST) as spooled:
            sink = cast("BinaryIO", spooled)
            digest = _write(root, part, note, sink)
            size = sink.seek(0, SEEK_END)
            sink.seek(0)
            yield Kept(layout.takeover(holder, package.id, digest), digest, size), sink


def _files(root: Path, package: Package) -> Iterator[_File]:
    mails = set(package.mails)
    listed = {path for path, found in package.files.items() if found is not None}
    for path in sorted({package.outer.path, *package.others, *package.files}):
        digest, _, size = digest_file(root / path)
        yield _File(path, digest, size, path in mails, path in listed)


def _parts(files: list[_File]) -> Iterator[list[_File]]:
    part: list[_File] = []
    size = 0
    for one in files:
        if part and size + one.size > LARGEST:
            yield part
            part, size = [], 0
        part.append(one)
        size += one.size
    yield part


def _write(root: Path, part: list[_File], note: bytes, sink: BinaryIO) -> Sha256:
    entries: dict[str, Any] = {_NOTE: note}
    with ExitStack() as stack:
        for one in part:
            path = root / one.path
            held = stack.enter_context(mapped(path)) if one.size > MAPPED else path.read_bytes()
            entries[f"files/{one.sha256}"] = held
        found = writer.write(entries.items(), sink, label=LABEL)
        entries.clear()
    return found.sha256

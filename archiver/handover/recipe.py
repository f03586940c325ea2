"""How the ZIPs of the store are made again from single files: which entries each has, and its label.

The entries are stored, sorted and undated, so the same files under the same label give the same bytes; the digest that
the sealed index, the rapporto or a discard names decides whether they did.
"""

import json
import mmap
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import rules
from archiver.package.segment import reader, writer

MAPPED = 1 << 20
"""Bytes from which a file is mapped, not read."""

ASIDE = 32 << 20
"""Bytes from which a ZIP is made on disk, not in memory."""

_END = b"PK\5\6"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One ZIP: its SHA-256, its label, the digests that name its entries, and their size together."""

    sha256: Sha256
    label: str
    entries: tuple[Sha256, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is written beside the files."""
        return {"entries": self.entries, "label": self.label, "sha256": self.sha256}


def of(file: BinaryIO, sha256: Sha256, *, prefix: str, suffix: str) -> Recipe:
    """The recipe of a ZIP that lies open. Raises Malformed."""
    entries = tuple(member.sha256 for member in reader.members(file, prefix=prefix, suffix=suffix))
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - 300))
    tail = file.read()
    return Recipe(sha256, tail[tail.rfind(_END) + 22 :].decode("ascii"), entries)


def written(recipes: Iterable[Recipe], metadata: Recipe | None) -> bytes:
    """The recipes of one volume, canonical JSON."""
    told = {
        "format": 1,
        "metadata": metadata.as_json() if metadata else None,
        "segments": [recipe.as_json() for recipe in recipes],
    }
    return (json.dumps(told, sort_keys=True, separators=(",", ":")) + "\n").encode()


def read(octets: bytes, name: str) -> tuple[tuple[Recipe, ...], Recipe | None]:
    """The segments' recipes, and that of metadata.zip. Raises Malformed."""
    try:
        told = json.loads(octets)
        if told["format"] != 1:
            raise ValueError(f"format 1 expected, found {told['format']!r}")
        segments = tuple(_recipe(one) for one in told["segments"])
        return segments, _recipe(told["metadata"]) if told["metadata"] else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed(f"{name}: {error}") from error


def made(entries: Iterable[tuple[str, Path]], label: str) -> tuple[BinaryIO, Sha256]:
    """A ZIP of these files (name in it, path) under a label, and its digest. Raises Malformed for what no ZIP holds."""
    with ExitStack() as stack:
        pieces: list[tuple[str, Any]] = []
        size = 0
        for name, path in entries:
            length = path.stat().st_size
            size += length
            pieces.append((name, stack.enter_context(mapped(path)) if length > MAPPED else path.read_bytes()))
        sink: BinaryIO = TemporaryFile() if size > ASIDE else BytesIO()  # noqa: SIM115
        try:
            found = writer.write(pieces, sink, label=label)
        except ValueError as error:
            raise Malformed(str(error)) from error
        finally:
            pieces.clear()
    sink.seek(0)
    return sink, found.sha256


def mapped(path: Path) -> mmap.mmap:
    """A file that is not empty, mapped."""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _recipe(told: Any) -> Recipe:
    if not isinstance(told, dict) or not isinstance(told["label"], str):
        raise TypeError("a recipe is an object with sha256, label and entries")
    return Recipe(rules.sha256(told["sha256"]), told["label"], tuple(rules.sha256(one) for one in told["entries"]))

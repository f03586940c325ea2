"""Writes a segment: a ZIP file of stored entries whose bytes depend on nothing but the entries.

Every field that a ZIP leaves to taste is fixed here (APPNOTE 6.3: version 2.0, host Unix, 1 January 1980, mode 0644,
no extra field, no data descriptor, no ZIP64), because a segment is named by its own digest and must come out the same
for ever. The file's comment is its label: whose messages these are and under which rule, so that no two mailboxes,
classes or years ever share a segment, whatever mail they have in common.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from archiver.digest import Buffer, Sha256

_LABEL = re.compile(r"[a-z0-9 -]{0,255}")
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_VERSION = 20
_UNIX = 3 << 8
_DATE = 0 << 9 | 1 << 5 | 1  # 1 January 1980, the first day of ZIP's calendar
_MODE = 0o100644 << 16
_MOST = 0xFFFF
_LARGEST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Entry:
    """Where the bytes of one entry lie in the segment: `length` bytes from `offset`."""

    name: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Written:
    """The digest and the size in bytes of the whole file, and its entries by name."""

    sha256: Sha256
    size: int
    entries: tuple[Entry, ...]


def label(mailbox: str, retention: str, year: int) -> str:
    """The label of a mailbox's segment: format, mailbox id, retention class, calendar year."""
    return f"pec-archiver 1 {mailbox} {retention} {year}"


def write(entries: Iterable[tuple[str, Buffer]], sink: BinaryIO, *, label: str = "") -> Written:
    """Write `entries` (name, bytes) sorted by name; nothing is copied, and `sink` is only ever appended to.

    Raises ValueError, before anything is written, for no entry at all, for a name that is not plain ASCII or comes
    twice, for a `label` out of shape, and for what a ZIP cannot hold without ZIP64 (4 GiB, 65,535 entries).
    """
    if not _LABEL.fullmatch(label):
        raise ValueError(f"segment: label expected {_LABEL.pattern}, found {label!r}")
    ordered = sorted(entries, key=lambda entry: entry[0])
    names = [name.encode("ascii", "strict") for name, _ in ordered]
    _check(names, [memoryview(data).nbytes for _, data in ordered])
    placed: list[Entry] = []
    name, size = hashlib.sha256(), 0
    for piece in _pieces(ordered, placed, label.encode("ascii")):
        sink.write(piece)
        name.update(piece)
        size += len(piece)
    return Written(Sha256(name.hexdigest()), size, tuple(placed))


def offsets(lengths: Mapping[str, int]) -> dict[str, int]:
    """Where the bytes of each entry (name, length) lie in the segment that `write` makes of them."""
    found, at = {}, 0
    for name in sorted(lengths):
        found[name] = at + _LOCAL.size + len(name)
        at = found[name] + lengths[name]
    return found


def _check(names: list[bytes], lengths: list[int]) -> None:
    if not names:
        raise ValueError("segment: expected at least one entry, found none")
    if len(names) >= _MOST:
        raise ValueError(f"segment: expected fewer than {_MOST} entries, found {len(names)}")
    for earlier, later in pairwise(names):
        if earlier == later:
            raise ValueError(f"segment: {later.decode()} comes twice")
    total = _END.size + 255 + sum(lengths) + sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) for name in names)
    if total >= _LARGEST:
        raise ValueError(f"segment: expected less than {_LARGEST} bytes, found {total}")


def _pieces(entries: list[tuple[str, Buffer]], placed: list[Entry], comment: bytes) -> Iterator[Buffer]:
    """The bytes of the file in order; fills `placed` on the way."""
    central: list[bytes] = []
    at = 0
    for name, data in entries:
        raw, length = name.encode("ascii"), memoryview(data).nbytes
        facts = (zlib.crc32(data), length, length, len(raw), 0)
        central.append(
            _CENTRAL.pack(b"PK\1\2", _VERSION | _UNIX, _VERSION, 0, 0, 0, _DATE, *facts, 0, 0, 0, _MODE, at) + raw
        )
        yield _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, 0, _DATE, *facts) + raw
        yield data
        placed.append(Entry(name, at + _LOCAL.size + len(raw), length))
        at = placed[-1].offset + length
    directory = b"".join(central)
    yield directory
    yield _END.pack(b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), at, len(comment)) + comment

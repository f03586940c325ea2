"""A ZIP file written forward only: stored entries, their CRC and the digest of the whole file in the same pass.

APPNOTE 6.3: neither compression nor data descriptor, one date and mode for all, ZIP64 only where 4 GiB or 65,535
entries ask for it. So the same entries give the same bytes, and nobody reads the file again to know its digest.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from archiver.digest import Sha256

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_FAR = struct.Struct("<2HQ")
_UNIX = 3 << 8
_UTF_8 = 0x0800
_VERSION, _VERSION_64 = 20, 45
_MODE = 0o100644 << 16
_SHORT, _LONG = 0xFFFF, 0xFFFFFFFF
_CHUNK = 1 << 20
"""Bytes that are gathered before they are hashed and written."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One entry: where its bytes begin in the file, and how many they are."""

    offset: int
    size: int


class Zip:
    """One file under way; `file` is written from where it stands, which must be its beginning."""

    def __init__(self, file: BinaryIO, *, at: datetime) -> None:
        self._file = file
        self._time = at.hour << 11 | at.minute << 5 | at.second // 2
        self._day = max(at.year - 1980, 0) << 9 | at.month << 5 | at.day
        self._hash = hashlib.sha256()
        self._chunk: list[bytes] = []
        self._gathered = 0
        self._written = 0
        self._directory: list[bytes] = []
        self._there: dict[str, Placed] = {}

    @property
    def entries(self) -> Mapping[str, Placed]:
        """What is in it so far, by name."""
        return self._there

    @property
    def sha256(self) -> Sha256:
        """Of all bytes written so far: after `close`, of the file."""
        return Sha256(self._hash.hexdigest())

    def add(self, name: str, octets: bytes) -> None:
        """One entry more. Raises ValueError for one that is there, and for 4 GiB in one entry."""
        size, raw = len(octets), name.encode()
        if name in self._there:
            raise ValueError(f"{name}: is in the ZIP already")
        if size >= _LONG:
            raise ValueError(f"{name}: expected less than 4 GiB, found {size} bytes")
        offset, crc = self._written + self._gathered, zlib.crc32(octets)
        flags = 0 if raw.isascii() else _UTF_8
        facts = (flags, 0, self._time, self._day, crc, size, size, len(raw))
        self._put(_LOCAL.pack(b"PK\3\4", _VERSION, *facts, 0) + raw)
        self._put(octets)
        self._there[name] = Placed(offset + _LOCAL.size + len(raw), size)
        far = _FAR.pack(1, 8, offset) if offset >= _LONG else b""
        version, short = (_VERSION_64, _LONG) if far else (_VERSION, offset)
        self._directory.append(
            _CENTRAL.pack(b"PK\1\2", _UNIX | version, version, *facts, len(far), 0, 0, 0, _MODE, short) + raw + far
        )

    def read(self, name: str) -> bytes:
        """The bytes of an entry. Raises KeyError for one that is not there."""
        placed = self._there[name]
        self._flush()
        self._file.seek(placed.offset)
        octets = self._file.read(placed.size)
        self._file.seek(0, os.SEEK_END)
        return octets

    def close(self) -> None:
        """Writes the directory; the file stays open."""
        start = self._written + self._gathered
        for entry in self._directory:
            self._put(entry)
        count, length = len(self._directory), self._written + self._gathered - start
        if count >= _SHORT or start >= _LONG or length >= _LONG:
            both = _VERSION_64, _VERSION_64
            end = _END_64.pack(b"PK\6\6", _END_64.size - 12, *both, 0, 0, count, count, length, start)
            self._put(end + _LOCATOR.pack(b"PK\6\7", 0, start + length, 1))
        count, length, start = min(count, _SHORT), min(length, _LONG), min(start, _LONG)
        self._put(_END.pack(b"PK\5\6", 0, 0, count, count, length, start, 0))
        self._flush()
        self._directory.clear()

    def _put(self, octets: bytes) -> None:
        if len(octets) >= _CHUNK:  # a giant message is not copied
            self._flush()
        self._chunk.append(octets)
        self._gathered += len(octets)
        if self._gathered >= _CHUNK:
            self._flush()

    def _flush(self) -> None:
        chunk = self._chunk[0] if len(self._chunk) == 1 else b"".join(self._chunk)
        self._chunk.clear()
        self._written, self._gathered = self._written + self._gathered, 0
        self._hash.update(chunk)
        self._file.write(chunk)

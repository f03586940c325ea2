"""Reads a segment strictly: a file that is not the one encoding of its entries is refused, even where ZIP allows it.

The directory is read first and must account for every byte of the file; the header before an entry's bytes is
compared when the entry is read. So no reader of ZIP files, whatever it trusts, can see other messages in the same
file.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from archiver.digest import Sha256
from archiver.errors import Malformed

_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_HEADER = 30
_LONGEST = 255
_LABEL = re.compile(rb"[a-z0-9 -]*")
# version made by, version needed, flags, method, time, date: stored, plain, 1 January 1980
_CENTRAL_FIXED = struct.pack("<4s6H", b"PK\1\2", 0x0314, 20, 0, 0, 0, 33)
_LOCAL_FIXED = struct.pack("<4s5H", b"PK\3\4", 20, 0, 0, 0, 33)
_MODE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """One entry: its name, the SHA-256 in its name, and where its bytes lie. Usable while the file is open."""

    name: str
    sha256: Sha256
    offset: int
    length: int
    _crc: int
    _file: BinaryIO

    def read(self, *, compared: bool = False) -> bytes:
        """The bytes. Raises Malformed when the file has others than its directory says.

        `compared`: whoever reads compares their digest with one that he trusts, so their CRC is not looked at.
        """
        name = self.name.encode()
        expected = _LOCAL_FIXED + struct.pack("<3L2H", self._crc, self.length, self.length, len(name), 0) + name
        self._file.seek(self.offset - len(expected))
        if (found := self._file.read(len(expected))) != expected:
            raise Malformed(f"{self.name}: header expected {expected.hex()}, found {found.hex()}")
        data = self._file.read(self.length)
        if len(data) != self.length or (not compared and zlib.crc32(data) != self._crc):
            raise Malformed(
                f"{self.name}: expected {self.length} bytes of CRC {self._crc:08x}, found {len(data)} others"
            )
        return data


def members(file: BinaryIO, *, prefix: str, suffix: str) -> Iterator[Member]:
    """The entries `<prefix><sha256><suffix>` of a seekable file, by name; the directory is checked before the first.

    Raises Malformed, naming what: an entry that is compressed, encrypted, dated, out of order, twice there or
    otherwise named; bytes before, between or after what a segment has; no entry at all.
    """
    size = file.seek(0, SEEK_END)
    count, length, start = _end(file, size)
    file.seek(start)
    directory = file.read(length)
    named = re.compile(f"{re.escape(prefix)}([0-9a-f]{{64}}){re.escape(suffix)}")
    found = tuple(_entries(directory, count, named, file))
    _check(found, start)
    return iter(found)


def labelled(file: BinaryIO) -> str:
    """The label of a segment. Raises Malformed for a file without the end record of one."""
    size = file.seek(0, SEEK_END)
    _end(file, size)
    file.seek(max(0, size - _END.size - _LONGEST))
    return file.read().rpartition(b"PK\5\6")[2][_END.size - 4 :].decode("ascii")


def _end(file: BinaryIO, size: int) -> tuple[int, int, int]:
    file.seek(max(0, size - _END.size - _LONGEST))
    tail = file.read()
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        raise Malformed("segment: expected an end record in the last bytes, found none")
    comment = tail[place + _END.size :]
    _, disk, start_disk, here, count, length, start, stated = _END.unpack(tail[place : place + _END.size])
    if (disk, start_disk, stated) != (0, 0, len(comment)) or here != count or not _LABEL.fullmatch(comment):
        raise Malformed(f"segment: expected a plain end record with a label, found {tail[place:][:80]!r}")
    end = size - _END.size - len(comment)
    if start + length != end:
        raise Malformed(f"segment: expected the directory up to byte {end}, found it ending at {start + length}")
    return count, length, start


def _entries(directory: bytes, count: int, named: re.Pattern[str], file: BinaryIO) -> Iterator[Member]:
    at = 0
    for _ in range(count):
        fields = directory[at : at + _CENTRAL.size]
        if len(fields) < _CENTRAL.size:
            raise Malformed(f"segment: directory expected to hold {count} entries, found it shorter")
        *_, crc, length, stored, name_length, extra, comment, disk, internal, external, header = _CENTRAL.unpack(fields)
        raw = directory[at + _CENTRAL.size : at + _CENTRAL.size + name_length]
        name = raw.decode("latin-1")
        if not fields.startswith(_CENTRAL_FIXED):
            raise Malformed(f"{name}: expected a stored, plain entry of 1 January 1980, found {fields[4:16].hex()}")
        if (extra, comment, disk, internal, external) != (0, 0, 0, 0, _MODE) or length != stored:
            raise Malformed(f"{name}: expected neither extra field nor comment, mode 0644, found {fields[20:42].hex()}")
        if not (match := named.fullmatch(name)):
            raise Malformed(f"{name!r}: expected a name like {named.pattern}")
        yield Member(name, Sha256(match[1]), header + _HEADER + len(raw), length, crc, file)
        at += _CENTRAL.size + name_length
    if at != len(directory):
        raise Malformed(f"segment: directory expected to end at {at}, found {len(directory)} bytes")


def _check(found: tuple[Member, ...], directory: int) -> None:
    if not found:
        raise Malformed("segment: expected at least one entry, found none")
    at, earlier = 0, ""
    for member in found:
        if member.name <= earlier:
            raise Malformed(f"{member.name}: expected after {earlier}, found twice or out of order")
        begin = member.offset - _HEADER - len(member.name)
        if begin != at:
            raise Malformed(f"{member.name}: expected at byte {at}, found at {begin}")
        at, earlier = member.offset + member.length, member.name
    if at != directory:
        raise Malformed(f"segment: expected the directory at byte {at}, found it at {directory}")

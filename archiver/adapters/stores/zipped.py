"""A ZIP from outside, read as the judge reads a folder: bounded, and with no name that could mean two things.

Only the names and checksums (CRC-32) are believed that central directory and local headers both tell. An entry that
does not unpack to what its checksum says is refused: other programs would take it for empty, or give up.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from archiver.errors import Absent, Malformed
from archiver.package.exhibit.layout import litter
from archiver.ports import Stored
from archiver.verdict import Finding, finding

MOST = 1_000_000
"""Entries."""

LARGEST = 4 << 30
"""Bytes of one file, unpacked: it is held in memory."""

RATIO, FLOOR = 200, 64 << 20
"""A ZIP may hold so many times its own size unpacked, and `FLOOR` in any case: text is packed to a tenth or so."""

_LOCAL = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_ENCRYPTED = 0x1
_STREAMED = 0x8
_LINK = 0o120000
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\\:*?\"<>|]+")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where the bytes of one file lie, as packed."""

    offset: int
    packed: int
    size: int
    deflated: bool
    crc: int


class Zipped:
    """The files of a ZIP below its one top folder (or at its root); `findings` are what was refused, and why."""

    def __init__(self, file: BinaryIO) -> None:
        """Reads the directory, and each local header. Raises Malformed for what is no ZIP."""
        self._file = file
        self.top = ""
        self.findings: list[Finding] = []
        self._entries: dict[str, _Entry] = {}
        size = file.seek(0, 2)
        if trailing := _trailing(file, size):
            self.findings.append(finding("EXHIBIT_TRAILING", ".", size=trailing))
        try:
            infos = zipfile.ZipFile(file).infolist()
        except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError, OSError) as error:
            raise Malformed(f"no ZIP: {error}") from error
        if before := min((info.header_offset for info in infos), default=0):
            raise Malformed(f"{before} byte prima del primo file / bytes before the first file")
        too_large = _too_large(infos, size)
        if too_large:
            self.findings.append(finding("EXHIBIT_ZIP_TOO_LARGE", ".", reason=too_large))
            return
        found: dict[str, _Entry] = {}
        for info in infos:
            if not info.is_dir():
                self._take(info, found)
        self.top = _top(found)
        self._entries = {name.removeprefix(self.top): entry for name, entry in found.items()}
        self._overlaps()
        self._spoilt()

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return name in self._entries

    def get(self, name: str) -> bytes:
        """The whole file; what cannot be unpacked to its end is as long as it could be. Raises Absent."""
        entry = self._entries.get(name)
        if entry is None:
            raise Absent(f"{name}: not in the ZIP")
        self._file.seek(entry.offset)
        octets = self._file.read(entry.packed)
        return _inflated(octets, entry.size) if entry.deflated else octets

    def open(self, name: str) -> BinaryIO:
        """The file, seekable. Raises Absent."""
        return BytesIO(self.get(name))

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Files whose names start with `prefix`, ascending."""
        names = sorted(name for name in self._entries if name.startswith(prefix))
        return (Stored(name, self._entries[name].size) for name in names)

    def _take(self, info: zipfile.ZipInfo, found: dict[str, _Entry]) -> None:
        name = info.filename
        wrong = _refusal(info) or self._differs(info)
        if wrong:
            self.findings.append(finding("EXHIBIT_ZIP_NAME", _shown(name), reason=wrong))
        elif litter(name):
            self.findings.append(finding("EXHIBIT_LITTER", _shown(name)))
        elif name in found:
            self.findings.append(finding("EXHIBIT_ZIP_TWICE", _shown(name)))
        else:
            offset = info.header_offset + _LOCAL.size + sum(self._lengths(info.header_offset))
            deflated = info.compress_type == zipfile.ZIP_DEFLATED
            found[name] = _Entry(offset, info.compress_size, info.file_size, deflated, self._checksum(info))

    def _differs(self, info: zipfile.ZipInfo) -> str:
        """What is wrong where the local header names another file than the directory."""
        self._file.seek(info.header_offset)
        head = self._file.read(_LOCAL.size)
        if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
            return "intestazione locale / local header"
        name = self._file.read(_LOCAL.unpack(head)[9])
        expected = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace")
        return "" if name == expected else "nome diverso nell'intestazione locale / another name in the local header"

    def _lengths(self, offset: int) -> tuple[int, int]:
        """Of name and extra field in a local header that is there."""
        self._file.seek(offset)
        values = _LOCAL.unpack(self._file.read(_LOCAL.size))
        return values[9], values[10]

    def _checksum(self, info: zipfile.ZipInfo) -> int:
        """The CRC-32 of directory and local header, -1 where they differ (APPNOTE 4.4.7; bit 3: it comes behind)."""
        self._file.seek(info.header_offset)
        stated = int(_LOCAL.unpack(self._file.read(_LOCAL.size))[6])
        return info.CRC if stated == info.CRC or (not stated and info.flag_bits & _STREAMED) else -1

    def _spoilt(self) -> None:
        """Entries that are not what they should unpack to: they are told, and are no files."""
        for name, entry in list(self._entries.items()):
            octets = self.get(name)
            if len(octets) != entry.size or zlib.crc32(octets) != entry.crc:
                self.findings.append(finding("EXHIBIT_ZIP_UNREADABLE", _shown(name), reason=f"{_shown(name)}: CRC-32"))
                del self._entries[name]

    def _overlaps(self) -> None:
        """Two files in the same bytes: a bomb, or one text with two names."""
        end = 0
        for name, entry in sorted(self._entries.items(), key=lambda item: item[1].offset):
            if entry.offset < end:
                self.findings.append(finding("EXHIBIT_ZIP_NAME", _shown(name), reason="sovrapposto / overlapping"))
            end = max(end, entry.offset + entry.packed)


def _too_large(infos: list[zipfile.ZipInfo], size: int) -> str:
    if len(infos) > MOST:
        return f"{len(infos)} file"
    whole = sum(info.file_size for info in infos)
    if whole > max(RATIO * size, FLOOR):
        return f"{whole} byte in {size}"
    single = max((info.file_size for info in infos), default=0)
    return f"{single} byte" if single > LARGEST else ""


def _trailing(file: BinaryIO, size: int) -> int:
    """Bytes after the end of the directory and its comment (APPNOTE 4.3.16): another file, that no program shows."""
    file.seek(-min(size, _END.size + 0xFFFF), 2)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        return 0
    return max(0, len(tail) - at - _END.size - int(_END.unpack_from(tail, at)[-1]))


def _refusal(info: zipfile.ZipInfo) -> str:
    """Why an entry is not read; empty when it is."""
    name = info.orig_filename
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or not _PLAIN.fullmatch(name):
        return "percorso / path"
    if info.flag_bits & _ENCRYPTED:
        return "cifrato / encrypted"
    if (info.external_attr >> 16) & 0o170000 == _LINK:
        return "collegamento / link"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"compressione {info.compress_type} / compression"
    if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
        return "dimensioni / sizes"
    return ""


def _top(names: dict[str, _Entry]) -> str:
    """The one folder that all are in, with a slash; empty where there is none."""
    tops = {name.partition("/")[0] + "/" if "/" in name else "" for name in names}
    return tops.pop() if len(tops) == 1 else ""


def _inflated(octets: bytes, size: int) -> bytes:
    """No more than `size` and one, so that a longer one differs from what is expected."""
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return unpacking.decompress(octets, size + 1)
    except zlib.error:
        return b""


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in name)[:200]


def names(path: Path) -> list[str] | None:
    """The names in a ZIP as its directory has them; None when it cannot be read as one."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None

"""A compound file (MS-CFB): whose it is, by the streams in its directory, and whether a password opens it."""

import struct
from collections.abc import Iterator

_SECTORS = 4096
"""Sectors of the directory that are read: four or more entries each."""

_HEADER = 512
_ENTRY = 128
_LAST = 0xFFFFFFFA
_STREAMS = (
    ("EncryptedPackage", "ooxml"),  # MS-OFFCRYPTO: docx, xlsx or pptx, which one is not to be seen
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
    ("VisioDocument", "vsd"),
    ("Quill", "publisher"),
)
_FILE_PASS = 0x2F
_RECORDS = 20
_FIB = 12


def identified(octets: bytes) -> tuple[str, bool]:
    """`doc`, `xls`, `ppt`, `msg`, ..., or `compound`; and whether it is encrypted."""
    file = _File(octets)
    streams = dict(file.streams())
    name = next((name for stream, name in _STREAMS if stream in streams), "compound")
    if name == "ooxml" or "EncryptedSummary" in streams:
        return name, True
    if name == "doc":  # MS-DOC, 2.5.2: fEncrypted
        fib = file.sector(streams["WordDocument"])[:_FIB]
        return name, len(fib) == _FIB and bool(fib[11] & 1)
    if name == "xls":
        return name, _has_password(file.sector(streams.get("Workbook", streams.get("Book", 0))))
    return name, False


class _File:
    """The sectors of a compound file; one that is not there is empty."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        head = octets[:_HEADER].ljust(_HEADER, b"\0")
        self._shift = min(max(int.from_bytes(head[30:32], "little"), 9), 12)
        self._directory = int.from_bytes(head[48:52], "little")
        self._difat = struct.unpack_from("<109L", head, 76)

    def sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        return self._octets[start : start + (1 << self._shift)]

    def streams(self) -> Iterator[tuple[str, int]]:
        """The name of each entry of the directory, and its first sector (MS-CFB, 2.6)."""
        number = self._directory
        for _ in range(_SECTORS):
            sector = self.sector(number)
            for at in range(0, len(sector) - _ENTRY + 1, _ENTRY):
                length = min(int.from_bytes(sector[at + 64 : at + 66], "little"), 64)
                name = sector[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
                if name:
                    yield name, int.from_bytes(sector[at + 116 : at + 120], "little")
            number = self._next(number)
            if number >= _LAST or not sector:
                return

    def _next(self, number: int) -> int:
        """What follows a sector, as the allocation table says; beyond the first 109 sectors of that, nothing."""
        entries = 1 << self._shift - 2
        table = number // entries
        if table >= len(self._difat):
            return _LAST
        place = 4 * (number % entries)
        found = self.sector(self._difat[table])[place : place + 4] if self._difat[table] < _LAST else b""
        return int.from_bytes(found, "little") if len(found) == 4 else _LAST


def _has_password(sector: bytes) -> bool:
    """Whether a record FilePass stands after the first one (MS-XLS, 2.4.117)."""
    at = 0
    for _ in range(_RECORDS):
        if at + 4 > len(sector):
            return False
        kind, size = struct.unpack_from("<HH", sector, at)
        if kind == _FILE_PASS:
            return True
        at += 4 + size
    return False

"""Archives that are not ZIP: whether what can be seen without unpacking says that they are encrypted."""

import lzma
import re
from collections.abc import Iterator

_SEVEN_AES = b"\x06\xf1\x07\x01"
_RAR4, _RAR5 = b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\1\0"
_HEADERS = 16
_LARGEST_HEADER = 1 << 20
_INFLATED = 1 << 18
_NUMBER = rb"((?s:[\x00-\x7f]|[\x80-\xbf].|[\xc0-\xdf]..|[\xe0-\xef]...|[\xf0-\xf7]....))"
# encoded header, where its one stream lies, its size; one folder of one coder, LZMA, with five octets of settings
_PACKED = re.compile(
    rb"\x17\x06"
    + _NUMBER
    + rb"\x01\x09"
    + _NUMBER
    + rb"(?:\x0a\x01....)?\x00\x07\x0b\x01\x00\x01\x23\x03\x01\x01\x05(.{5})",
    re.DOTALL,
)


def seven(octets: bytes) -> tuple[str, bool]:
    """7z: encrypted when its header names AES, or what the header itself is packed with."""
    at = 32 + int.from_bytes(octets[12:20], "little")
    size = min(int.from_bytes(octets[20:28], "little"), _LARGEST_HEADER)
    header = octets[at : at + size]
    return "7z", _SEVEN_AES in header or _SEVEN_AES in _unpacked(octets, header)


def rar(octets: bytes) -> tuple[str, bool]:
    """RAR 4 and 5: encrypted when its headers are, or one of its first files is."""
    if octets.startswith(_RAR5):
        return "rar", any(_five_encrypted(kind, extra) for kind, extra in _five(octets))
    return "rar", any(_four_encrypted(kind, flags) for kind, flags in _four(octets))


def _unpacked(octets: bytes, header: bytes) -> bytes:
    """The header of a 7z that LZMA packed, at most _INFLATED octets of it; empty when it is not so."""
    packed = _PACKED.match(header)
    if packed is None:
        return b""
    start = 32 + _seven_number(packed[1])
    stated = packed[3][0]
    dictionary = min(int.from_bytes(packed[3][1:], "little"), _INFLATED)
    settings = {"lc": stated % 9, "lp": stated // 9 % 5, "pb": stated // 45, "dict_size": max(dictionary, 4096)}
    try:
        opened = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **settings}])
        return opened.decompress(octets[start : start + _seven_number(packed[2])], _INFLATED)
    except (lzma.LZMAError, ValueError):
        return b""


def _seven_number(octets: bytes) -> int:
    """A number of 7z: as many octets follow, the low ones first, as the first one has leading ones."""
    first, count = octets[0], len(octets) - 1
    return int.from_bytes(octets[1:], "little") + ((first & (0xFF >> count + 1)) << 8 * count)


def _four(octets: bytes) -> Iterator[tuple[int, int]]:
    at = len(_RAR4)
    for _ in range(_HEADERS):
        kind, flags = octets[at + 2 : at + 3], int.from_bytes(octets[at + 3 : at + 5], "little")
        size = int.from_bytes(octets[at + 5 : at + 7], "little")
        if not kind or size < 7:
            return
        yield kind[0], flags
        at += size + (int.from_bytes(octets[at + 7 : at + 11], "little") if flags & 0x8000 or kind == b"\x74" else 0)


def _four_encrypted(kind: int, flags: int) -> bool:
    return bool((kind == 0x73 and flags & 0x80) or (kind == 0x74 and flags & 0x04))


def _five(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and extra area of each header."""
    at = len(_RAR5)
    for _ in range(_HEADERS):
        size, start = _number(octets, at + 4)
        if not 0 < size < _LARGEST_HEADER or start + size > len(octets):
            return
        kind, place = _number(octets, start)
        flags, place = _number(octets, place)
        extra, place = _number(octets, place) if flags & 1 else (0, place)
        data, place = _number(octets, place) if flags & 2 else (0, place)
        end = start + size
        yield kind, octets[max(place, end - extra) : end]
        at = end + data


def _five_encrypted(kind: int, extra: bytes) -> bool:
    if kind == 4:
        return True
    at = 0
    while kind == 2 and at < len(extra):
        size, start = _number(extra, at)
        record, _ = _number(extra, start)
        if record == 1:
            return True
        at = start + size
        if not size:
            return False
    return False


def _number(octets: bytes, at: int) -> tuple[int, int]:
    """A number of RAR 5, seven bits an octet, and where it ends."""
    value = 0
    for place, octet in enumerate(octets[at : at + 10]):
        value |= (octet & 0x7F) << 7 * place
        if octet < 0x80:
            return value, at + place + 1
    return 0, len(octets)

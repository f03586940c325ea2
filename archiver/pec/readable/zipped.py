"""A ZIP file: an office document, a container of signatures, or plainly an archive; by its directory, not unpacked."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_TAIL = _END.size + 0xFFFF
_ENTRIES = 20_000
_INFLATED = 1 << 18
_MIMETYPE = 100
_MEDIA = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.graphics": "odg",
    "application/vnd.oasis.opendocument.formula": "odf",
    "application/vnd.etsi.asic-e+zip": "asice",
    "application/vnd.etsi.asic-s+zip": "asics",
    "application/epub+zip": "epub",
}
_OFFICE = {"word": "docx", "xl": "xlsx", "ppt": "pptx", "visio": "vsdx"}
_ODF = frozenset({"odt", "ods", "odp", "odg", "odf"})
_DATA = re.compile(rb"<(?:\w+:)?encryption-data")


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    flags: int
    method: int
    packed: int
    offset: int


def identified(octets: bytes) -> tuple[str, bool]:
    """The format, and whether any entry of it is encrypted; `zip` when it is nothing more special."""
    entries = list(_entries(octets))
    name = _format(octets, entries)
    if any(entry.flags & 1 for entry in entries):
        return name, True
    return name, name in _ODF and _odf_encrypted(octets, entries)


def _format(octets: bytes, entries: list[_Entry]) -> str:
    names = {entry.name for entry in entries}
    media = _media(octets, entries)
    if media:
        return media
    if "[Content_Types].xml" in names:
        folders = {name.partition("/")[0] for name in names}
        name = next((_OFFICE[folder] for folder in _OFFICE if folder in folders), "")
        if name:
            macros = any(entry.endswith("vbaProject.bin") for entry in names)
            return f"{name[:-1]}m" if macros else ("xlsb" if "xl/workbook.bin" in names else name)
        return "xps" if "FixedDocSeq.fdseq" in names or "FixedDocumentSequence.fdseq" in names else "zip"
    if "META-INF/MANIFEST.MF" in names:
        return "jar"
    return "asice" if "META-INF/ASiCManifest.xml" in names else "zip"


def _media(octets: bytes, entries: list[_Entry]) -> str:
    """What the entry `mimetype` says (OpenDocument 1.2, part 3, 3.3; EN 319 162-1, A.1)."""
    found = next((entry for entry in entries if entry.name == "mimetype"), None)
    stated = _content(octets, found, _MIMETYPE) if found else b""
    text = stated.decode("latin-1").strip()
    return _MEDIA.get(text) or _MEDIA.get(text.removesuffix("-template"), "")


def _odf_encrypted(octets: bytes, entries: list[_Entry]) -> bool:
    """OpenDocument 1.2, part 3, 3.4: its manifest says which entries are encrypted; from 1.3 on one may hold all."""
    if any(entry.name == "encrypted-package" for entry in entries):
        return True
    manifest = next((entry for entry in entries if entry.name == "META-INF/manifest.xml"), None)
    return manifest is not None and _DATA.search(_content(octets, manifest, _INFLATED)) is not None


def _entries(octets: bytes) -> Iterator[_Entry]:
    """What the directory lists; nothing when there is none to be found."""
    end = octets.rfind(b"PK\5\6", max(0, len(octets) - _TAIL))
    if end < 0 or len(octets) - end < _END.size:
        return
    _, _, _, _, _, length, start, _ = _END.unpack_from(octets, end)
    at = end - length  # not `start`: octets before the ZIP move everything
    shift = max(0, at - start)
    for _ in range(_ENTRIES):
        if at < 0 or at + _ENTRY.size > end or not octets.startswith(b"PK\1\2", at):
            return
        fields = _ENTRY.unpack_from(octets, at)
        name, extra, comment = fields[10:13]
        stated = octets[at + _ENTRY.size : at + _ENTRY.size + name]
        yield _Entry(stated.decode("utf-8", "replace"), fields[3], fields[4], fields[8], fields[16] + shift)
        at += _ENTRY.size + name + extra + comment


def _content(octets: bytes, entry: _Entry, limit: int) -> bytes:
    """The first octets of an entry, at most `limit`; empty when it cannot be read."""
    if entry.offset + _LOCAL.size > len(octets):
        return b""
    fields = _LOCAL.unpack_from(octets, entry.offset)
    start = entry.offset + _LOCAL.size + fields[9] + fields[10]
    if entry.method == 0:
        return octets[start : start + min(entry.packed, limit)]
    if entry.method != zlib.DEFLATED:
        return b""
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(octets[start : start + min(entry.packed, limit)], limit)
    except zlib.error:
        return b""

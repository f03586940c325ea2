"""What lies in a ZIP file, as far as a search cares: files of its members, or the text of an office document.

Bounded by what is decompressed, not by what an archive says of itself.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 200
"""Members that are opened."""

INFLATED = 24 << 20
"""Octets of one archive that are decompressed."""

_DIRECTORY = 2 << 20  # octets of a directory that is read: some 20,000 entries
_END = struct.Struct("<4s4H2LH")
_OFFICE = frozenset({"word/document.xml", "word/footnotes.xml", "xl/sharedStrings.xml", "content.xml"})
_SLIDES = ("ppt/slides/slide",)
_WANTED = (
    *("eml", "txt", "csv", "xml", "p7m", "html", "htm", "pdf", "json", "log", "docx", "xlsx", "pptx", "odt", "ods"),
    *("odp", "zip"),
)
_TROUBLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, EOFError, OSError)


@dataclass(slots=True)
class Members:
    """An archive that was opened. The rest is known when all of `files` were taken."""

    archive: zipfile.ZipFile | None = None
    office: bool = False
    encrypted: bool = False
    broken: bool = False
    bounded: bool = False

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Name and octets of the members that a search cares for; of an office document those with its text."""
        room = INFLATED
        for info in self._wanted():
            if room <= 0:
                self.bounded = True
                return
            octets = self._read(info, room)
            room -= len(octets)
            if octets:
                yield info.filename.rpartition("/")[2], octets

    def _wanted(self) -> list[zipfile.ZipInfo]:
        if self.archive is None:
            return []
        infos = [info for info in self.archive.infolist() if not info.is_dir() and not info.flag_bits & 1]
        if self.office:
            return [item for item in infos if item.filename in _OFFICE or item.filename.startswith(_SLIDES)]
        wanted = [item for item in infos if item.filename.lower().rpartition(".")[2] in _WANTED]
        self.bounded = self.bounded or len(wanted) > MOST
        return wanted[:MOST]

    def _read(self, info: zipfile.ZipInfo, room: int) -> bytes:
        assert self.archive, "asked for its members"
        try:
            with self.archive.open(info) as member:
                octets = member.read(room + 1)
        except _TROUBLE:
            self.broken = True
            return b""
        if len(octets) > room:
            self.bounded = True
            return b""
        return octets


def members(octets: bytes) -> Members:
    """Opens a ZIP file. Never raises; one whose directory is too large, or broken, has no members."""
    if _directory(octets) > _DIRECTORY:
        return Members(bounded=True)
    try:
        archive = zipfile.ZipFile(io.BytesIO(octets))
        infos = archive.infolist()
    except (*_TROUBLE, struct.error, UnicodeDecodeError):
        return Members(broken=True)
    names = {info.filename for info in infos}
    office = bool(names & _OFFICE) or any(name.startswith(_SLIDES) for name in names)
    return Members(archive, office, encrypted=any(info.flag_bits & 1 for info in infos))


def _directory(octets: bytes) -> int:
    """The length of the directory, by its own account; that of ZIP64 has no place in mail."""
    end = octets.rfind(b"PK\5\6", max(0, len(octets) - _END.size - 0xFFFF))
    if end < 0 or len(octets) - end < _END.size:
        return 0
    return int(_END.unpack_from(octets, end)[5])

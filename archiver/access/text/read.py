"""One message, read for a search: bodies, names and texts of attachments, the messages and files within them.

Never raises for what a message holds. Everything is bounded; what could not be read is counted by its reason.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from archiver.access.text import invoice
from archiver.access.text.markup import html_text, xml_text
from archiver.access.text.unpacking import members
from archiver.pec import segnatura
from archiver.pec.content import Content, as_text, read_content
from archiver.pec.readable import signed
from archiver.ports import Lack, PdfReader
from archiver.submission.searched import TEXT, Told, protocol

VERSION = 1
"""Of this reading: what was read at an earlier one is read again."""

DEPTH = 6
"""Messages, signatures and archives in one another that are opened."""

PARTS = 500
"""Attachments and members of archives that are opened in one message."""

LARGEST = 48 << 20
"""Octets of an attachment that are looked into."""

PLAIN = 4 << 20
"""Octets of one text, HTML or XML that are decoded; the rest of TEXT would not be taken anyway."""

_MESSAGES = frozenset({"message/rfc822", "message/global"})
_TEXTS = ("txt", "csv", "tsv", "log", "md", "json", "ics", "vcf", "eml")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_HEADERS = ("Subject", "From", "To", "Cc")


@dataclass(frozen=True, slots=True)
class Read:
    """What a message told, and how many things in it could not be read, by reason."""

    told: Told
    lacking: Counter[Lack] = field(default_factory=Counter)


def read_text(raw: bytes, pdf: PdfReader) -> Read:
    """Reads `raw`."""
    reading = _Reading(pdf)
    reading.message(raw, DEPTH, outermost=True)
    return Read(
        Told(tuple(dict.fromkeys(reading.files)), tuple(dict.fromkeys(reading.codes)), "\n".join(reading.texts)),
        +reading.lacking,
    )


@dataclass(slots=True)
class _Reading:
    """One message on the table, with what is left of its bounds."""

    pdf: PdfReader
    files: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lacking: Counter[Lack] = field(default_factory=Counter)
    room: int = TEXT
    parts: int = PARTS

    def message(self, raw: bytes, depth: int, *, outermost: bool = False) -> None:
        """A message, the outermost or an attached one."""
        self._content(read_content(raw), depth, outermost=outermost)

    def _content(self, content: Content, depth: int, *, outermost: bool) -> None:
        if not content.whole:
            self.lacking[Lack.BOUND] += 1
        if not outermost:  # those of the outermost are in the catalog
            self._say(" \n".join(content.header(name) for name in _HEADERS))
        self._say(content.text or html_text(content.html))
        for attachment in content.attachments:
            if not self._opens(attachment.name):
                return
            self._file(attachment.name, attachment.media_type, attachment.octets, depth - 1)
        if content.inner:
            self._content(content.inner, depth - 1, outermost=False)

    def _opens(self, name: str) -> bool:
        """Notes the name of a file, and whether there is room for one more."""
        if self.parts <= 0:
            self.lacking[Lack.BOUND] += 1
            return False
        self.parts -= 1
        self.files.append(name)
        return True

    def _file(self, name: str, media: str, octets: bytes, depth: int) -> None:
        """The text of a file, by what it is; a name is asked last."""
        extension = name.lower().rpartition(".")[2]
        if len(octets) > LARGEST or depth < 0:
            self.lacking[Lack.BOUND] += 1
        elif media in _MESSAGES or extension == "eml":
            self.message(octets, depth)
        elif b"%PDF-" in octets[:1024]:
            self._pdf(octets)
        elif octets.startswith(b"PK\3\4"):
            self._archive(octets, depth)
        elif signed.kind(octets) in signed.ATTACHED:
            self._signed(name, octets, depth)
        elif octets.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            self._markup(name, media, octets)
        elif media.startswith("text/") or extension in _TEXTS:
            self._plain(octets, lambda text: text)

    def _pdf(self, octets: bytes) -> None:
        found = self.pdf.read(octets, most=max(self.room, 1))
        self._say(found.text)
        if found.lack:
            self.lacking[found.lack] += 1

    def _archive(self, octets: bytes, depth: int) -> None:
        opened = members(octets)
        for name, inside in opened.files():
            if opened.office:
                self._plain(inside, xml_text)
            elif self._opens(name):
                self._file(name, "", inside, depth - 1)
            else:
                break
        self.lacking[Lack.ENCRYPTED] += opened.encrypted
        self.lacking[Lack.BROKEN] += opened.broken
        self.lacking[Lack.BOUND] += opened.bounded

    def _signed(self, name: str, octets: bytes, depth: int) -> None:
        inside = signed.content(octets, room=LARGEST)
        if inside:
            self._file(name[:-4] if name.lower().endswith(".p7m") else name, "", inside, depth - 1)
        elif inside is None:
            self.lacking[Lack.BROKEN] += 1

    def _markup(self, name: str, media: str, octets: bytes) -> None:
        self.codes.extend(invoice.codes(octets))
        if name.lower() == segnatura.NAME and (found := segnatura.read(octets)):
            self.codes.extend(protocol(found.number, found.date))
        page = media == "text/html" or name.lower().endswith((".html", ".htm"))
        self._plain(octets, html_text if page else xml_text)

    def _plain(self, octets: bytes, taken: Callable[[str], str]) -> None:
        self._say(taken(as_text(octets[:PLAIN])))

    def _say(self, text: str) -> None:
        octets = _apart(text[: 2 * self.room + 1])  # accents, which do not count, may be half of it
        if len(octets) > self.room or len(text) > 2 * self.room + 1:
            self.lacking[Lack.BOUND] += 1
            text = octets[: self.room].decode(errors="ignore")
        if text:
            self.texts.append(text)
            self.room = max(self.room - len(octets) - 1, 0)


def _apart(text: str) -> bytes:
    """Text in the letters in which it is searched: some are several when they are taken apart."""
    if text.isascii():
        return text.encode()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())).encode(errors="ignore")

"""What a message says to people: its headers, its text, its attachments, and the message that a provider wrapped.

A view, and nothing but: the bytes are the record. Never raises for what a message holds, and everything is bounded:
levels, parts, octets of text, and the depth of wrapped messages. Nothing here is safe to be shown as HTML.
"""

import codecs
import html as markup
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from archiver.pec import kind, mime, parts, smime, words
from archiver.pec.mime import Entity, Headers
from archiver.pec.readable import decoding

DEPTH = 20
"""Levels of multiparts that are opened."""

WRAPPED = 4
"""Wrapped messages in wrapped messages that are opened; what lies deeper stays an attachment."""

PARTS = 2000
"""Parts of one message that are looked at."""

FIELDS = 2000
"""Header values of one message that are read."""

TEXT = 4 << 20
"""Octets of text of one message, the plain and the HTML each, that are decoded."""

_MESSAGES = frozenset({"message/rfc822", "message/global"})
_UNFIT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_ENDS = re.compile("\r\n?|\x0c|\x85|\u2028|\u2029")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SPELLED = {"message-id": "Message-ID", "mime-version": "MIME-Version", "dkim-signature": "DKIM-Signature"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment: the name it states (decoded, clean; its media type when it states none), and what it is."""

    name: str
    media_type: str
    _raw: bytes = field(repr=False)
    _part: Entity = field(repr=False)

    @property
    def octets(self) -> bytes:
        """Its octets, transfer encoding undone: anew at each asking, so that a large message is not held twice."""
        return mime.content(self._raw, self._part, len(self._raw))


@dataclass(frozen=True, slots=True)
class Content:
    """A message for people.

    `headers`: name and value, decoded and clean, those of one name together. `text`: the plain text, lines ended by
    LF; `html`: the same in HTML, decoded and NOT sanitised; one of them, or both, may be empty. `inner`: what the
    provider wrapped (postacert.eml), which is then not among the `attachments`. `whole`: nothing was too much.
    """

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    inner: "Content | None" = None
    whole: bool = True

    def header(self, name: str) -> str:
        """The first value of that name, in any case; empty when there is none."""
        return next((value for stated, value in self.headers if stated.lower() == name.lower()), "")


def read_content(raw: bytes) -> Content:
    """Opens `raw`. Never raises, whatever it holds."""
    return _read(raw, mime.entity(raw), WRAPPED)


def _read(raw: bytes, whole: Entity, wrapped: int) -> Content:
    original = _original(raw, whole) if wrapped else None
    opened = _Opening(raw, original)
    opened.part(whole, DEPTH)
    listed = tuple(islice(_fields(whole.headers), FIELDS + 1))
    return Content(
        headers=listed[:FIELDS],
        text=opened.text(),
        html=opened.html(),
        attachments=tuple(opened.attachments),
        inner=_inner(raw, original, wrapped - 1) if original else None,
        whole=opened.whole and len(listed) <= FIELDS,
    )


def _original(raw: bytes, whole: Entity) -> Entity | None:
    """The part in which a provider wrapped the original; what a user forwards is an attachment like any other."""
    signature = smime.find(raw, whole)
    found = parts.find(raw, signature.content if signature else whole).original
    if found is None or (found.name.lower() != "postacert.eml" and kind.stated(whole.headers)[0] is None):
        return None
    return found


def _inner(raw: bytes, part: Entity, wrapped: int) -> Content:
    if parts.is_plain(part):  # as it lies there: a large message is not held twice
        return _read(raw, mime.entity(raw, part.body, part.end), wrapped)
    inside = mime.content(raw, part, len(raw))
    return _read(inside, mime.entity(inside), wrapped)


def _fields(headers: Headers) -> Iterator[tuple[str, str]]:
    for name, values in headers.fields.items():
        spelled = _SPELLED.get(name) or "-".join(word.capitalize() for word in words.clean(name)[:100].split("-"))
        for value in values:
            yield spelled, words.decoded(words.unwrapped(value))


class _Opening:
    """One message on the table: pairs of plain text and HTML that say the same, and attachments."""

    def __init__(self, raw: bytes, original: Entity | None) -> None:
        self.attachments: list[Attachment] = []
        self.whole = True
        self._raw = raw
        self._wrapped = original
        self._sections: list[tuple[str, str]] = []
        self._left = {"text/plain": TEXT, "text/html": TEXT}
        self._parts = PARTS

    def text(self) -> str:
        """All that is said in plain text; empty when nothing is."""
        return "\n\n".join(text for text, _ in self._sections if text)

    def html(self) -> str:
        """All that is said, as HTML, when any of it came as HTML."""
        if not any(html for _, html in self._sections):
            return ""
        return "\n".join(html or f"<pre>{markup.escape(text)}</pre>" for text, html in self._sections)

    def part(self, part: Entity, depth: int) -> None:
        """Takes in a part and what is in it."""
        if self._parts <= 0:
            self.whole = False
            return
        self._parts -= 1
        if part.media.startswith("multipart/") and depth:
            self._multipart(part, depth)
        elif part.media in self._left and part.disposition != "attachment" and not part.name:
            said = self._said(part)
            self._sections.append(("", said) if part.media == "text/html" else (said, ""))
        elif self._wrapped is None or part.start != self._wrapped.start:
            self.attachments.append(Attachment(part.name or words.clean(part.media), part.media, self._raw, part))

    def _multipart(self, whole: Entity, depth: int) -> None:
        inside = mime.children(self._raw, whole)
        self.whole = self.whole and len(inside) < mime.PARTS_LIMIT
        if not inside:  # its boundary never shows: what is there is shown as it lies
            self._sections.append((self._said(whole), ""))
            return
        before = len(self._sections)
        for part in inside:
            self.part(part, depth - 1)
        if whole.media == "multipart/alternative":
            self._merge(before)

    def _merge(self, before: int) -> None:
        """Alternatives say one thing twice: RFC 2046, 5.1.4, the last of a kind is the best."""
        said = self._sections[before:]
        plain = [text for text, html in said if text and not html]
        rich = [html for _, html in said if html]
        if said:
            self._sections[before:] = [(plain[-1] if plain else "", rich[-1] if rich else "")]

    def _said(self, part: Entity) -> str:
        media = part.media if part.media in self._left else "text/plain"
        room = self._left[media]
        decoded = decoding.body(self._raw, part, room)
        self.whole = self.whole and decoded.whole
        self._left[media] -= len(decoded.octets)
        return as_text(decoded.octets, part.parameters.get("charset", ""))


def as_text(octets: bytes, charset: str = "") -> str:
    """`octets` as text, lines ended by LF: in the charset stated, else UTF-8 where it is that, else Windows-1252."""
    found = decoding.codec(charset) if charset else None
    if found is None or found.name in ("ascii", "iso8859-1"):  # both are stated of what is Windows-1252
        text = _guessed(octets)
    else:
        text = words.from_charset(octets, found.name)
    return _UNFIT.sub("", _ENDS.sub("\n", text))


def _guessed(octets: bytes) -> str:
    for mark, charset in _MARKS:
        if octets.startswith(mark):
            return octets.decode(charset, "replace")
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace")

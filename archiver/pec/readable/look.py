"""One message, opened: what of it cannot be read, and what it carries.

Everything is bounded: levels, parts, and the decoded octets that are held at one time; what lies beyond is named in a
finding, and identified by its first octets.
"""

from dataclasses import dataclass

from archiver.digest import sha256
from archiver.pec import mime, words
from archiver.pec.mime import Entity
from archiver.pec.readable import decoding, formats
from archiver.pec.readable.decoding import Decoded
from archiver.pec.readable.formats import Readability
from archiver.pec.readable.identity import identify
from archiver.verdict import Finding, finding

DEPTH = 20
"""Levels of MIME, attached messages included, that are opened."""

PARTS = 5000
"""Parts of one message that are opened."""

NOTES = 1000
"""Things noted about one message."""

HELD = 96 << 20
"""Decoded octets held at one time."""

_HEADER_FINDINGS = frozenset({"MAIL_WITHOUT_HEADERS", "MAIL_HEADER_BROKEN", "READABLE_HEADER"})
_MESSAGES = frozenset({"message/rfc822", "message/global"})
_TEXTS = frozenset({"text/plain", "text/html"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment by its content: `format` is a name of the table of formats, or `unknown`."""

    format: str
    readability: Readability


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one message: its attachments in order, those of attached messages included, and findings.

    `headers` and `mime` are whether they opened without loss.
    """

    attachments: tuple[Attachment, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def headers(self) -> bool:
        """Whether every header was a field and could be decoded."""
        return not any(item.code in _HEADER_FINDINGS for item in self.findings)

    @property
    def mime(self) -> bool:
        """Whether the structure opened, and every body came out of its transfer encoding and its charset."""
        return all(item.code in _HEADER_FINDINGS for item in self.findings)


def look(raw: bytes, *, subject: str = "") -> Look:
    """Opens `raw`. Never raises, whatever it holds; `subject` is what findings name, by default its SHA-256."""
    opening = _Opening()
    opening.message(raw, mime.entity(raw), DEPTH)
    subject = subject or (sha256(raw) if opening.notes else "")
    findings = (finding(code, subject, **values) for code, values in opening.notes)
    return Look(tuple(opening.attachments), tuple(dict.fromkeys(findings)))


class _Opening:
    """One message on the table, with what is left of its bounds."""

    def __init__(self) -> None:
        self.attachments: list[Attachment] = []
        self.notes: list[tuple[str, dict[str, object]]] = []
        self._parts = PARTS
        self._held = HELD

    def message(self, raw: bytes, whole: Entity, depth: int) -> None:
        """A message, the outermost or an attached one."""
        if not whole.headers.fields:
            self._note("MAIL_WITHOUT_HEADERS", octets=whole.end - whole.start)
        self._part(raw, whole, depth)

    def _part(self, raw: bytes, part: Entity, depth: int) -> None:
        self._headers(part)
        if part.media.startswith("multipart/"):
            self._multipart(raw, part, depth)
        elif part.media in _MESSAGES:
            self._attached(raw, part, depth)
        elif part.media in _TEXTS and part.disposition != "attachment" and not part.name:
            self._text(raw, part)
        else:
            self._attachment(raw, part)

    def _headers(self, part: Entity) -> None:
        if part.headers.broken:
            self._note("MAIL_HEADER_BROKEN")
        for name, values in part.headers.fields.items():
            for value in values:
                charset = decoding.fault(value)
                if charset:
                    self._note("READABLE_HEADER", name=words.clean(name)[:40], charset=words.clean(charset)[:40])

    def _multipart(self, raw: bytes, whole: Entity, depth: int) -> None:
        if mime.is_broken(raw, whole):
            self._note("MAIL_BOUNDARY_ABSENT", found=words.clean(whole.parameters.get("boundary", ""))[:80])
            return
        if not depth:
            self._note("READABLE_LIMIT", limit=f"{DEPTH} livelli MIME (MIME levels)")
            return
        parts = mime.children(raw, whole)
        if len(parts) == mime.PARTS_LIMIT or len(parts) > self._parts:
            self._note("READABLE_LIMIT", limit=f"{min(mime.PARTS_LIMIT, PARTS)} parti (parts)")
        for part in parts[: self._parts]:
            if self._parts <= 0:
                return
            self._parts -= 1
            self._part(raw, part, depth - 1)

    def _attached(self, raw: bytes, part: Entity, depth: int) -> None:
        self._count("eml")
        if not depth:
            self._note("READABLE_LIMIT", limit=f"{DEPTH} livelli MIME (MIME levels)")
        elif part.encoding in decoding.PLAIN:
            self.message(raw, mime.entity(raw, part.body, part.end), depth - 1)
        else:
            inner = self._decoded(raw, part)
            if inner.whole:
                self._held -= len(inner.octets)
                self.message(inner.octets, mime.entity(inner.octets), depth - 1)
                self._held += len(inner.octets)

    def _text(self, raw: bytes, part: Entity) -> None:
        stated = part.parameters.get("charset", "")
        charset = decoding.text_fault(self._decoded(raw, part).octets, stated)
        if charset:
            self._note("READABLE_TEXT", charset=words.clean(charset)[:40])

    def _attachment(self, raw: bytes, part: Entity) -> None:
        decoded = self._decoded(raw, part)
        found = identify(decoded.octets, room=self._held - len(decoded.octets))
        self._count(found.format, encrypted=found.encrypted)

    def _decoded(self, raw: bytes, part: Entity) -> Decoded:
        decoded = decoding.body(raw, part, self._held)
        if decoded.fault:
            self._note("READABLE_ENCODING", encoding=words.clean(decoded.fault)[:40])
        elif not decoded.whole:
            self._note("READABLE_LIMIT", limit=f"{HELD} byte (octets)")
        return decoded

    def _count(self, name: str, *, encrypted: bool = False) -> None:
        readability = Readability.ENCRYPTED if encrypted else formats.TABLE.readability(name)
        self.attachments.append(Attachment(name, readability))

    def _note(self, code: str, **values: object) -> None:
        if len(self.notes) < NOTES:
            self.notes.append((code, values))

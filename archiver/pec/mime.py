"""MIME without copies: a message is its bytes, an entity is offsets into them.

Never raises: what is broken reads as less. Line ends may be CRLF or LF; the line end before a boundary belongs to
the boundary (RFC 2046, 5.1.1), so that the offsets of a signed part give exactly the octets that were signed.
"""

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from archiver.pec import words

HEADER_LIMIT = 1 << 20
"""Octets of one header section that are read."""

VALUES_LIMIT = 1000
"""Values of one field that are read."""

PARTS_LIMIT = 1000
"""Parts of one multipart that are looked at."""

_FIELD = re.compile(rb"^([^:\s]+)[ \t]*:(.*)$", re.MULTILINE)
_LINE = re.compile(rb"^.", re.MULTILINE)
_CHUNK = 1 << 20
_FREQUENT = 100  # characters of a header value that may come again: `application/xml; name="daticert.xml"`
_BOUNDARY_LINE = 1000  # RFC 5322, 2.1.1: no line is longer; a boundary never is
_PARAMETER = re.compile(r""";\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields by lower-case name, values unfolded, in the order they came. `broken`: lines that are no field."""

    fields: Mapping[str, tuple[bytes, ...]]
    broken: bool

    def first(self, name: str) -> str:
        """The first value of `name` (lower case), not decoded; empty when it is not there."""
        values = self.fields.get(name)
        return words.unwrapped(values[0]).strip() if values else ""

    def text(self, name: str) -> str:
        """The first value of `name`, decoded and clean."""
        return words.decoded(self.first(name))

    def joined(self, name: str) -> str:
        """All values of `name` as one list (To, Cc), not decoded."""
        return ", ".join(words.unwrapped(value) for value in self.fields.get(name, ()))


@dataclass(frozen=True, slots=True)
class Entity:
    """One MIME entity: header from `start`, body from `body`, up to `end` (offsets into the message, exclusive)."""

    start: int
    body: int
    end: int
    headers: Headers
    media: str
    parameters: Mapping[str, str]

    def octets(self, raw: bytes) -> memoryview:
        """Header and body, exactly as they came, not copied."""
        return memoryview(raw)[self.start : self.end]

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding, lower case; 7bit when not stated."""
        return self.headers.first("content-transfer-encoding").lower() or "7bit"

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, or empty."""
        return self.headers.first("content-disposition").partition(";")[0].strip().lower()

    @property
    def name(self) -> str:
        """The file name it states, decoded and clean; empty when none."""
        stated = parameters(self.headers.first("content-disposition")).get("filename") or self.parameters.get(
            "name", ""
        )
        return words.decoded(stated)


def entity(raw: bytes, start: int = 0, end: int | None = None) -> Entity:
    """The entity whose header begins at `start`."""
    end = len(raw) if end is None else end
    body, section = _header_section(raw, start, end)
    headers = _headers(section)
    stated = headers.first("content-type")
    media = stated.partition(";")[0].strip().lower()
    return Entity(start, body, end, headers, media or "text/plain", parameters(stated))


def children(raw: bytes, whole: Entity) -> tuple[Entity, ...]:
    """The parts of a multipart, at most PARTS_LIMIT; none when it is not one, or its boundary never shows."""
    mark = _mark(whole)
    ranges = _ranges(raw, whole.body, whole.end, mark) if mark else ()
    return tuple(entity(raw, start, end) for start, end in ranges)


def is_broken(raw: bytes, whole: Entity) -> bool:
    """Whether `whole` says that it is a multipart, and its boundary is not stated or never shows."""
    if not whole.media.startswith("multipart/"):
        return False
    mark = _mark(whole)
    return not mark or next(_delimiters(raw, whole.body, whole.end, mark), None) is None


def content(raw: bytes, part: Entity, limit: int) -> bytes:
    """The body of `part`, transfer encoding undone; empty when it is longer than `limit` octets as it lies there."""
    if part.end - part.body > limit:
        return b""
    body = memoryview(raw)[part.body : part.end]
    if part.encoding == "base64":
        return words.base64_octets(body)
    return binascii.a2b_qp(body) if part.encoding == "quoted-printable" else bytes(body)


def lines(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    """Whole lines, about _CHUNK octets at a time: a message of 100 MB is never copied whole."""
    while start < end:
        stop = raw.find(b"\n", min(start + _CHUNK, end), end) + 1 or end
        yield raw[start:stop]
        start = stop


def parameters(value: str) -> Mapping[str, str]:
    """The parameters of a header value, by lower-case name; continuations and charsets of RFC 2231 are joined."""
    return _parameters(value) if len(value) < _FREQUENT else _parameters.__wrapped__(value)


@lru_cache(maxsize=1024)
def _parameters(value: str) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for match in _PARAMETER.finditer(value):
        stated = match[3].strip() if match[2] is None else _QUOTED_PAIR.sub(r"\1", match[2])
        pairs.setdefault(match[1].lower(), stated)
    return _joined(pairs) if any("*" in name for name in pairs) else pairs


def _header_section(raw: bytes, start: int, end: int) -> tuple[int, bytes]:
    """Where the body starts, and the octets of the header before it."""
    limit = min(end, start + HEADER_LIMIT)
    if raw.startswith((b"\n", b"\r\n"), start, limit):
        return raw.index(b"\n", start) + 1, b""
    crlf = raw.find(b"\n\r\n", start, limit)
    bare = raw.find(b"\n\n", start, limit if crlf < 0 else crlf + 1)
    if bare >= 0:
        return bare + 2, raw[start : bare + 1]
    return (crlf + 3, raw[start : crlf + 1]) if crlf >= 0 else (limit, raw[start:limit])


def _headers(section: bytes) -> Headers:
    unfolded = section.replace(b"\r\n", b"\n").replace(b"\n ", b" ").replace(b"\n\t", b" ")
    lines = _FIELD.findall(unfolded)
    fields: dict[str, tuple[bytes, ...]] = {_field_name(field): (value,) for field, value in lines}
    if len(fields) < len(lines):  # few have a name twice
        fields = _repeated(lines)
    broken = len(lines) != unfolded.count(b"\n") and len(lines) != len(_LINE.findall(unfolded))
    return Headers(fields, broken)


def _repeated(lines: list[tuple[bytes, bytes]]) -> dict[str, tuple[bytes, ...]]:
    values: dict[str, list[bytes]] = {}
    for field, value in lines:
        values.setdefault(_field_name(field), []).append(value)
    return {name: tuple(found[:VALUES_LIMIT]) for name, found in values.items()}


@lru_cache(maxsize=1024)
def _field_name(name: bytes) -> str:
    return name.lower().decode("latin-1")


def _mark(whole: Entity) -> bytes:
    """What a boundary line of `whole` begins with; empty when there can be none."""
    boundary = whole.parameters.get("boundary", "").rstrip()
    if not whole.media.startswith("multipart/") or not boundary:
        return b""
    return b"--" + boundary.encode("utf-8", "replace")


def _ranges(raw: bytes, start: int, end: int, mark: bytes) -> list[tuple[int, int]]:
    """Start and end of each part between the lines of the boundary; a last part that is not closed runs to the end."""
    ranges: list[tuple[int, int]] = []
    opened: int | None = None
    for line, after, closing in _delimiters(raw, start, end, mark):
        if opened is not None:
            ranges.append((opened, max(opened, _before_line_end(raw, line))))
        opened = None if closing else after
        if closing or len(ranges) == PARTS_LIMIT:
            return ranges
    return ranges if opened is None else [*ranges, (opened, end)]


def _delimiters(raw: bytes, start: int, end: int, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """Each boundary line: its offset, the offset after it, and whether it closes the multipart."""
    at = raw.find(mark, start, end)
    while at >= 0:
        after = raw.find(b"\n", at, end) + 1 or end
        if (at == start or raw[at - 1] == 0x0A) and after - at < len(mark) + _BOUNDARY_LINE:
            rest = raw[at + len(mark) : after].strip(b" \t\r\n")
            if rest in (b"", b"--"):  # a longer word is another boundary, of which this one is a prefix
                yield at, after, bool(rest)
        at = raw.find(mark, after, end)


def _before_line_end(raw: bytes, at: int) -> int:
    if raw[at - 1] != 0x0A:
        return at
    return at - 2 if raw[at - 2] == 0x0D else at - 1


def _joined(pairs: Mapping[str, str]) -> dict[str, str]:
    """RFC 2231: `name*0*=utf-8''a%20; name*1=b` is `name="a b"`."""
    plain = {name: value for name, value in pairs.items() if "*" not in name}
    pieces: dict[str, list[tuple[int, str, bool]]] = {}
    for name, value in pairs.items():
        base, star, rest = name.partition("*")
        number = rest.rstrip("*")
        if star and (number.isdecimal() or not number):
            pieces.setdefault(base, []).append((int(number[:6] or 0), value, rest.endswith("*") or not rest))
    return {base: _extended(sorted(found)) for base, found in pieces.items()} | plain


def _extended(found: list[tuple[int, str, bool]]) -> str:
    charset, octets = "utf-8", b""
    for position, (_, value, encoded) in enumerate(found):
        if encoded and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        raw = value.encode("utf-8", "replace")
        octets += _PERCENT.sub(lambda code: bytes([int(code[1], 16)]), raw) if encoded else raw
    return words.from_charset(octets, charset or "utf-8")

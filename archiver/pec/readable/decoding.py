"""Out of the transfer encoding, into text: what mail tolerates is tolerated, and what was lost on the way is said."""

import binascii
import codecs
import re
from dataclasses import dataclass

from archiver.pec import words
from archiver.pec.mime import Entity

PLAIN = frozenset({"7bit", "8bit", "binary"})
"""Transfer encodings that leave the octets as they are (RFC 2045, 6.2)."""

HEAD = 1 << 16
"""Octets that are decoded of a body that is too large to be held."""

_PIECE = 1 << 20
# octets held while one octet is decoded
_ROOM = {"base64": 0.75, "quoted-printable": 2}
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TOLERATED = _ALPHABET + b"= \t\r\n"
_OTHERS = bytes(set(range(256)) - set(_ALPHABET))
_WORD = re.compile(r"=\?([^?\s]{1,40})\?[bq]\?[^?]*\?=", re.IGNORECASE)
_LOST = "\ufffd"
# charsets of text; Python knows others (punycode, unicode_escape) that are none, and take their time
_CHARSETS = re.compile(
    r"ascii|utf|iso8859|iso2022|cp\d|koi8|mac|gb|big5|euc|shift|hz|tis|johab|kz1048|ptcp154|latin|hp"
)
_NOT_STATED = "non dichiarato (not stated)"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body: its octets, all of them or (`whole` is False) the first; `fault` names a transfer encoding that broke."""

    octets: bytes
    whole: bool = True
    fault: str = ""


def body(raw: bytes, part: Entity, limit: int) -> Decoded:
    """The body of `part`, at most `limit` octets of it decoded; beyond, its first HEAD octets."""
    view = memoryview(raw)[part.body : part.end]
    encoding = part.encoding
    whole = int(len(view) * _ROOM.get(encoding, 1)) <= limit
    view = view if whole else view[:HEAD]
    if encoding == "base64":
        return _base64(view, whole=whole)
    if encoding == "quoted-printable":
        return Decoded(binascii.a2b_qp(view), whole)
    return Decoded(bytes(view), whole, "" if encoding in PLAIN else encoding)


def fault(value: bytes) -> str:
    """The charset in which a header value cannot be read; empty when it can (RFC 2047, RFC 6532)."""
    ascii_only = value.isascii()
    if ascii_only and b"=?" not in value:
        return ""
    text = words.unwrapped(value)
    if not ascii_only:
        try:
            value.decode()
        except UnicodeDecodeError:
            return _NOT_STATED
    if "=?" not in text:
        return ""
    unknown = next((word[1] for word in _WORD.finditer(text) if codec(word[1].partition("*")[0]) is None), "")
    if unknown:
        return unknown
    lost = _LOST in words.decoded(text) and _LOST not in text
    return next((word[1] for word in _WORD.finditer(text)), "") if lost else ""


def text_fault(octets: bytes, charset: str) -> str:
    """The charset in which a text cannot be read; empty when it can. Without one, or in ASCII, UTF-8 is read too."""
    found = codec(charset or "ascii")
    if found is None:
        return charset
    if found.name == "ascii":
        found = codecs.lookup("utf-8")
    decoder = found.incrementaldecoder("strict")
    try:
        for start in range(0, len(octets), _PIECE):
            decoder.decode(octets[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except ValueError:
        return charset or _NOT_STATED
    return ""


def codec(charset: str) -> codecs.CodecInfo | None:
    """The codec of a charset of text; None for any other name."""
    try:
        found = codecs.lookup(charset.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    return found if _CHARSETS.match(found.name) else None


def _base64(view: memoryview, *, whole: bool) -> Decoded:
    foreign = any(
        bytes(view[start : start + _PIECE]).translate(None, _TOLERATED) for start in range(0, len(view), _PIECE)
    )
    said = "base64" if foreign else ""
    try:
        return Decoded(binascii.a2b_base64(view), whole, said)
    except binascii.Error:  # its last group is not whole
        view = view if len(view) <= _PIECE else view[:HEAD]
        letters = bytes(view).translate(None, _OTHERS)
        return Decoded(binascii.a2b_base64(letters[: len(letters) // 4 * 4]), whole=False, fault="base64")

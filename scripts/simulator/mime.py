"""MIME by hand: headers that fold, encoded words, bodies in CRLF; faster than the `email` package, and exact."""

import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import quote
from zoneinfo import ZoneInfo

from simulator.world import Party

ROME = ZoneInfo("Europe/Rome")
LINE = 76
PREAMBLE = "Messaggio in piu' parti, in formato MIME.\r\n"
CODINGS = ("utf-8 Q", "utf-8 B", "iso-8859-1 Q", "iso-8859-1 B", "utf-8 raw", "iso-8859-1 raw")
"""How a header says what ASCII cannot: charset, and encoded words of one kind (RFC 2047) or octets as they are."""
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A body part without parts. `body` is as it travels and ends in CRLF; no `name`, no attachment."""

    content_type: str
    body: bytes
    encoding: str = "7bit"
    name: str = ""
    disposition: str = "inline"


@dataclass(frozen=True, slots=True)
class Multi:
    """A multipart. `tight` when the CRLF before a delimiter is the last of the part's own lines."""

    content_type: str
    boundary: str
    parts: "tuple[Entity, ...]"
    tight: bool = False


Entity: TypeAlias = Leaf | Multi


def octets(entity: Entity) -> bytes:
    """An entity as it is written, from its Content-Type header on; ends in CRLF."""
    if isinstance(entity, Multi):
        parts = (octets(each) for each in entity.parts)
        return multipart(entity.content_type, entity.boundary, map(_trimmed, parts) if entity.tight else parts)
    if not entity.name:
        return part(entity.content_type, entity.body, encoding=entity.encoding, disposition=entity.disposition)
    name, filename = _names(entity.name)
    return part(
        f"{entity.content_type}; {name}",
        entity.body,
        encoding=entity.encoding,
        disposition=f"{entity.disposition}; {filename}",
    )


def header(name: str, text: str, coding: str = CODINGS[0]) -> bytes:
    """One header field, folded at blanks; `coding` is for text beyond ASCII, one of CODINGS."""
    if text.isascii():
        return _folded(name, text.split(" ")).encode("ascii")
    charset, _, kind = coding.partition(" ")
    if kind == "raw":
        return _folded(name, text.split(" ")).encode(charset)
    return _encoded(name, text, charset, kind)


def addresses(name: str, parties: Iterable[Party]) -> bytes:
    """An address header, one mailbox a line; nothing at all when there are no parties."""
    shown = ",\r\n ".join(_mailbox(party) for party in parties)
    return f"{name}: {shown}\r\n".encode("ascii") if shown else b""


def date(at: datetime) -> str:
    """RFC 5322 date in the legal time of Italy."""
    return format_datetime(at.astimezone(ROME))


def base64_body(data: bytes) -> bytes:
    """Base64 in CRLF lines of 76."""
    line = binascii.b2a_base64(data, newline=False)
    return b"\r\n".join([line[i : i + LINE] for i in range(0, len(line), LINE)]) + b"\r\n"


def quoted_printable(text: str, charset: str) -> bytes:
    """Quoted-printable in CRLF lines; what `charset` cannot say becomes a question mark."""
    return binascii.b2a_qp(text.encode(charset, "replace"), istext=True).replace(b"\n", b"\r\n")


def part(content_type: str, body: bytes, *, encoding: str, disposition: str = "inline") -> bytes:
    """One body part: its three headers, an empty line, `body`, which must end in CRLF."""
    headers = f"Content-Type: {content_type}\r\nContent-Disposition: {disposition}\r\n"
    return f"{headers}Content-Transfer-Encoding: {encoding}\r\n\r\n".encode("ascii") + body


def multipart(content_type: str, boundary: str, parts: Iterable[bytes], *, preamble: str = PREAMBLE) -> bytes:
    """A multipart entity from its Content-Type on. The CRLF before a delimiter belongs to it (RFC 2046 5.1.1)."""
    head = f'Content-Type: {content_type}; boundary="{boundary}"\r\n\r\n{preamble}'.encode("ascii")
    delimiter = f"\r\n--{boundary}".encode("ascii")
    return b"".join((head, *(delimiter + b"\r\n" + each for each in parts), delimiter, b"--\r\n"))


def _trimmed(written: bytes) -> bytes:
    return written.removesuffix(b"\r\n")


def _names(name: str) -> tuple[str, str]:
    """`name` and `filename`; beyond ASCII the one as most clients write it (RFC 2047), the other after RFC 2231."""
    if name.isascii():
        return f'name="{name}"', f'filename="{name}"'
    return f'name="{next(_encoded_words(name, "utf-8", "Q"))}"', f"filename*=UTF-8''{quote(name)}"


def _folded(name: str, words: Iterable[str]) -> str:
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE and not lines[-1].endswith(":"):
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


@lru_cache(maxsize=4096)
def _encoded(name: str, text: str, charset: str, kind: str) -> bytes:
    return _folded(name, _encoded_words(text, charset, kind)).encode("ascii")


def _encoded_words(text: str, charset: str, kind: str) -> Iterator[str]:
    """Each stands for itself: no letter is cut in two."""
    encode, longest = (_q, 48) if kind == "Q" else (_b, 36)
    chunk = ""
    for letter in text:
        if len(encode(chunk + letter, charset)) > longest:
            yield f"=?{charset}?{kind}?{encode(chunk, charset)}?="
            chunk = ""
        chunk += letter
    yield f"=?{charset}?{kind}?{encode(chunk, charset)}?="


def _q(text: str, charset: str) -> str:
    return "".join(_Q[octet] for octet in text.encode(charset))


_Q = [chr(each) if each in _PLAIN else "_" if each == 32 else f"={each:02X}" for each in range(256)]


def _b(text: str, charset: str) -> str:
    return binascii.b2a_base64(text.encode(charset), newline=False).decode("ascii")


def _mailbox(party: Party) -> str:
    return f'"{party.name}" <{party.address}>' if party.name else party.address

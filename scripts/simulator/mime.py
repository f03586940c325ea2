"""MIME by hand: headers that fold, encoded words, bodies in CRLF; faster than the `email` package, and exact."""

import binascii
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from zoneinfo import ZoneInfo

from simulator.world import Party

ROME = ZoneInfo("Europe/Rome")
LINE = 76
PREAMBLE = "Messaggio in piu' parti, in formato MIME.\r\n"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def header(name: str, text: str) -> bytes:
    """One header field, folded at blanks; text beyond ASCII becomes encoded words (RFC 2047, UTF-8, Q)."""
    return _folded(name, text.split(" ") if text.isascii() else _encoded_words(text))


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
    return b"".join(line[i : i + LINE] + b"\r\n" for i in range(0, len(line), LINE))


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


def _folded(name: str, words: Iterable[str]) -> bytes:
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE and not lines[-1].endswith(":"):
            lines.append("")
        lines[-1] += f" {word}"
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _encoded_words(text: str) -> Iterator[str]:
    chunk = ""
    for letter in text:
        piece = _q(letter)
        if len(chunk) + len(piece) > 48:
            yield f"=?utf-8?Q?{chunk}?="
            chunk = ""
        chunk += piece
    yield f"=?utf-8?Q?{chunk}?="


def _q(letter: str) -> str:
    if letter == " ":
        return "_"
    return "".join(chr(octet) if octet in _PLAIN else f"={octet:02X}" for octet in letter.encode("utf-8"))


def _mailbox(party: Party) -> str:
    return f'"{party.name}" <{party.address}>' if party.name else party.address

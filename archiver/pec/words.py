"""Header text that is fit to be kept: RFC 2047 decoded, no controls, no lone surrogates, single blanks."""

import binascii
import re

LIMIT = 1 << 18
"""Octets of one header value that are looked at; what is longer is no text for people."""

# controls (but not white space), and what XML 1.0 and databases refuse
_UNFIT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+")
_BROKEN = re.compile("[\ud800-\udfff\ufffe\uffff]")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bq])\?([^?]*)\?=", re.IGNORECASE)


def clean(text: str) -> str:
    """`text` without controls and lone surrogates, all white space folded to single blanks."""
    if text.isprintable():  # then its only white space is the blank
        if "  " not in text and text[:1] != " " and text[-1:] != " ":
            return text
    else:
        text = _BROKEN.sub("\ufffd", _UNFIT.sub("", text))
    return " ".join(text.split())


def unwrapped(value: bytes) -> str:
    """The raw value as text: UTF-8 when it is, ISO-8859-1 otherwise (8-bit headers are real), not yet decoded."""
    value = value[:LIMIT]
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def decoded(text: str) -> str:
    """`text` with its encoded words (RFC 2047) read, and clean; a word that cannot be read stays as it is written."""
    return clean(_read(text)) if "=?" in text else clean(text)


def from_charset(octets: bytes, charset: str) -> str:
    """`octets` in `charset` (RFC 2231 language tags tolerated); an unknown charset is read as ISO-8859-1."""
    try:
        return octets.decode(charset.partition("*")[0], "replace")
    except (LookupError, ValueError):
        return octets.decode("latin-1")


def _read(text: str) -> str:
    out, pending, charset, at = [], b"", "", 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        # blanks between two words are not text; two words may share one multi-byte character
        if between.strip() or (pending and word[1].lower() != charset):
            out.append(from_charset(pending, charset))
            pending = b""
        if between.strip() or at == 0:
            out.append(between)
        pending, charset, at = pending + _octets(word), word[1].lower(), word.end()
    return "".join([*out, from_charset(pending, charset or "ascii"), text[at:]])


def _octets(word: re.Match[str]) -> bytes:
    body = word[3].encode("utf-8", "replace")
    if word[2] in "qQ":
        return binascii.a2b_qp(body, header=True)
    return base64_octets(body)


def base64_octets(body: bytes | memoryview) -> bytes:
    """Base64 as mail really has it: foreign characters skipped, a last group that is not whole dropped."""
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        alphabet = re.sub(rb"[^A-Za-z0-9+/]", b"", bytes(body))
        return binascii.a2b_base64(alphabet[: len(alphabet) // 4 * 4])

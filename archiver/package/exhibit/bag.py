"""Reads the frame of a bag (BagIt 1.0, RFC 8493) strictly, as far as this archive writes it."""

import re
from typing import Final

from archiver.errors import Malformed

_LINE: Final = re.compile(r"([0-9a-f]+) [ *](\S.*)")
_LENGTHS: Final = {"sha256": 64, "sha512": 128}
_OXUM: Final = re.compile(r"(?m)^Payload-Oxum: ([0-9]{1,18})\.([0-9]{1,9})$")


def check_declaration(octets: bytes) -> None:
    """Raises Malformed for a bagit.txt (RFC 8493, 2.1.1) of another version or encoding; other line ends are taken."""
    lines = octets[:200].replace(b"\r\n", b"\n").rstrip(b"\n").split(b"\n")
    if lines != [b"BagIt-Version: 1.0", b"Tag-File-Character-Encoding: UTF-8"]:
        raise Malformed("bagit.txt: expected BagIt-Version 1.0 in UTF-8")


def read_manifest(octets: bytes, algorithm: str) -> dict[str, str]:
    """Path to digest (RFC 8493, 2.1.3). Raises Malformed for any line out of shape, and for a path that comes twice."""
    found: dict[str, str] = {}
    for number, line in enumerate(_text(octets).removesuffix("\n").split("\n"), 1):
        read = _LINE.fullmatch(line)
        if not read or len(read[1]) != _LENGTHS[algorithm]:
            raise Malformed(f"line {number}: expected a {algorithm} digest and a path, found {line[:120]!r}")
        if read[2] in found:
            raise Malformed(f"line {number}: {read[2][:120]} comes twice")
        found[read[2]] = read[1]
    return found


def read_oxum(octets: bytes) -> tuple[int, int] | None:
    """Bytes and files of the payload as bag-info.txt says (2.2.2), None when it does not. Raises Malformed."""
    found = _OXUM.search(_text(octets).replace("\r\n", "\n"))
    return (int(found[1]), int(found[2])) if found else None


def _text(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"expected UTF-8: {error}") from error

"""A PDF: its version, whether it says that it is PDF/A, whether it is encrypted (ISO 32000-1, 7.5.5 and 7.6)."""

import re

_VERSION = re.compile(rb"%PDF-(1\.[0-7]|2\.0)")
_START = re.compile(rb"startxref\s+(\d{1,12})\s*")
_ENCRYPT = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_AFTER = re.compile(rb"stream|startxref")
_TAIL = 2048
_SECTION = 1 << 21
"""Octets of a table of references before its trailer: 20 an object."""

_DICTIONARY = 4096


def identified(octets: bytes) -> tuple[str, bool]:
    """`pdfa`, or `pdf-<version>` or `pdf`; and whether it is encrypted."""
    encrypted = _encrypted(octets)
    if b"pdfaid:part" in octets and not encrypted:  # ISO 19005: its metadata lie in clear; it is never encrypted
        return "pdfa", False
    version = _VERSION.search(octets, 0, 1024)
    return f"pdf-{version[1].decode()}" if version else "pdf", encrypted


def _encrypted(octets: bytes) -> bool:
    """Whether the last trailer, where the end of the file points, names an encryption dictionary."""
    found = list(_START.finditer(octets, max(0, len(octets) - _TAIL)))
    at = int(found[-1][1]) if found else len(octets)
    if at < len(octets):
        if octets.startswith(b"xref", at):
            at = octets.find(b"trailer", at, at + _SECTION)
            return at >= 0 and _in_dictionary(octets, at)
        return _in_dictionary(octets, at)
    trailer = octets.rfind(b"trailer")  # no way in: what a repairing reader would take
    return trailer >= 0 and _in_dictionary(octets, trailer)


def _in_dictionary(octets: bytes, at: int) -> bool:
    end = _AFTER.search(octets, at, at + _DICTIONARY)
    return _ENCRYPT.search(octets, at, end.start() if end else at + _DICTIONARY) is not None

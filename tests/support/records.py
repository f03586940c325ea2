"""Evidence records that others made, and whatever in their folder could be the data that they cover.

Records: every .ers, .er and .b64 that is one, and those inside XML packages (XAIP, numbered from 1) and ASiC.
Data: every file, every base64 text, and every XML element in canonical form, since XAIPs protect such pieces.
"""

import base64
import binascii
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

from archiver.evidence.record.reader import Record, is_xml
from archiver.evidence.timestamp import read_token

_PARSER = {"huge_tree": True, "resolve_entities": False, "no_network": True}


def records(folder: Path) -> dict[str, bytes]:
    """Every record by name: `x.ers`, `x.xml#1`, `x.asice!META-INF/evidencerecord.ers`."""
    found: dict[str, bytes] = {}
    for name, octets in _files(folder).items():
        if octets[:2] == b"PK":
            found |= {f"{name}!{inner}": data for inner, data in _unzipped(octets) if inner.endswith(".ers")}
        elif re.search(r"\.(ers?|b64)$", name):
            plain = octets if octets[:1] == b"\x30" else _plain(octets)
            if plain[:1] == b"\x30" and plain[1:2] != b"\x80":  # what is BER is a signature, and no record
                found[name] = plain
        elif is_xml(octets):
            found |= {f"{name}#{number}": record for number, record in enumerate(_embedded(octets), 1)}
    return found


def group(name: str, record: Record, folder: Path) -> tuple[tuple[bytes, ...], int]:
    """The data that the record's first list names, as far as they are at hand, and how many it names.

    A record inside a package is set beside what the package holds; if that is nothing of it, beside all of the folder.
    """
    first = record.chains[0][0]
    token = read_token(first.token)
    listed = set((first.lists or ((token.imprint,),))[0])
    algorithm, package = first.algorithm or token.algorithm, re.split("[#!]", name)[0]
    for only in (package, "") if package != name else ("",):
        known = _hashed(folder, only, algorithm)
        found = tuple(known[digest] for digest in sorted(listed) if digest in known)
        if found:
            break
    return found, len(listed)


@cache
def _hashed(folder: Path, only: str, algorithm: str) -> dict[bytes, bytes]:
    return {hashlib.new(algorithm, data).digest(): data for data in _pool(folder, only)}


@cache
def _pool(folder: Path, only: str) -> tuple[bytes, ...]:
    """All that could be data, in all of the folder or in one file."""
    found: dict[bytes, None] = {}
    for name, octets in _files(folder).items():
        if only in ("", name):
            found |= dict.fromkeys((octets, _plain(octets)))
            if octets[:2] == b"PK":
                found |= dict.fromkeys(data for _, data in _unzipped(octets))
            elif is_xml(octets):
                found |= dict.fromkeys(_pieces(octets))
    return tuple(data for data in found if data)


def anchors(record: Record) -> tuple[bytes, ...]:
    """The certificates of the record's own authorities: test authorities, whom nobody else trusts."""
    tokens = [read_token(stamp.token) for chain in record.chains for stamp in chain]
    return tuple(dict.fromkeys(token.certificate for token in tokens if token.certificate))


@cache
def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _plain(octets: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(octets.split()), validate=True)
    except binascii.Error:
        return b""


def _unzipped(octets: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def _embedded(octets: bytes) -> Iterator[bytes]:
    for element in _elements(octets):
        if etree.QName(element).localname == "asn1EvidenceRecord":
            yield _plain((element.text or "").encode())


def _pieces(octets: bytes) -> Iterator[bytes]:
    for element in _elements(octets):
        yield _plain((element.text or "").encode())
        for exclusive in (False, True):
            yield etree.tostring(element, method="c14n", exclusive=exclusive, with_tail=False)


def _elements(octets: bytes) -> Iterator[etree._Element]:
    try:
        root = etree.fromstring(octets, etree.XMLParser(**_PARSER))
    except etree.XMLSyntaxError:
        return
    yield from (element for element in root.iter() if isinstance(element.tag, str))

"""Reads an ASiC-E container with evidence records strictly (EN 319 162-1, 4.4 and annex A).

Every byte of the ZIP file must be accounted for, so that no reader of ZIP files sees others than we do: entries are
stored, not encrypted, each once, one behind the other, without comments or extra fields. What is stored cannot grow
when it is opened. Nothing is shared with the writer.
"""

import base64
import binascii
import re
import zipfile
from dataclasses import dataclass
from io import SEEK_END
from typing import BinaryIO

from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.asice.values import (
    ALGORITHMS,
    DIGESTS,
    FIRST,
    MANIFEST,
    META,
    MIMETYPE,
    NAMESPACE,
    RECORD,
    Manifest,
    Reference,
)
from archiver.package.document import Node

_HEADER, _CENTRAL, _END = 30, 46, 22
"""Bytes of a ZIP file's headers, besides the name of the entry."""

_UTF8 = 0x800
_NAMES = {uri: name for name, uri in ALGORITHMS.items()}
_LARGEST_MANIFEST = 64 << 20
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, UnicodeError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Container:
    """An opened container: usable while its file is open. `files` are the paths and sizes of all but META-INF."""

    manifests: tuple[Manifest, ...]
    files: dict[str, int]
    _archive: zipfile.ZipFile

    def read(self, path: str) -> bytes:
        """The bytes of a file, or of an evidence record. Raises Malformed when they are not those of the directory."""
        return _bytes(self._archive, path)


def open_container(file: BinaryIO) -> Container:
    """The container in a seekable file, all but its contents checked. Raises Malformed, naming what."""
    try:
        archive = zipfile.ZipFile(file)
    except _UNREADABLE as error:
        raise Malformed(f"ASiC-E: no ZIP file that can be read: {error}") from error
    entries = archive.infolist()
    if archive.comment:
        raise Malformed("ASiC-E: expected a ZIP file without a comment, found one")
    if not entries or entries[0].filename != FIRST:
        raise Malformed(f"ASiC-E: expected {FIRST} as the first entry, found {_names(entries[:1])}")
    _contiguous(archive, entries, file.seek(0, SEEK_END))
    if (found := _bytes(archive, FIRST)) != MIMETYPE.encode("ascii"):
        raise Malformed(f"{FIRST}: expected {MIMETYPE}, found {found[:80]!r}")
    meta = [entry.filename for entry in entries if entry.filename.startswith(META)]
    files = {entry.filename: entry.file_size for entry in entries[1:] if not entry.filename.startswith(META)}
    return Container(_manifests(archive, meta), files, archive)


def read_manifest(octets: bytes, name: str) -> Manifest:
    """What a manifest says. Raises Malformed."""
    try:
        root = document.root(octets, "ASiCManifest", namespace=NAMESPACE)
        reference = root.take("SigReference")
        record = _path(reference.attribute("URI"))
        reference.optional("MimeType")
        reference.end()
        references = tuple(map(_reference, root.each("DataObjectReference")))
        root.end()
        paths = [item.path for item in references]
        if not paths or len(set(paths)) != len(paths):
            raise ValueError("DataObjectReference: expected one at least, and each path once")
        return Manifest(record, references)
    except ValueError as error:
        raise Malformed(f"{name}: {error}") from error


def _contiguous(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int) -> None:
    at, seen = 0, set[str]()
    for entry in entries:
        name = entry.filename
        if name in seen:
            raise Malformed(f"{name}: expected each entry once, found it twice")
        seen.add(name)
        try:
            rules.path(name)
        except ValueError as error:
            raise Malformed(f"ASiC-E: {error}") from error
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise Malformed(f"{name}: expected a stored entry, found it compressed")
        if entry.flag_bits & ~_UTF8 or entry.extra or entry.comment or entry.orig_filename != name:
            raise Malformed(f"{name}: expected a plain entry without extra field, comment or encryption")
        if entry.header_offset != at:
            raise Malformed(f"{name}: expected at byte {at}, found at {entry.header_offset}")
        at += _HEADER + len(name) + entry.file_size
    if at != archive.start_dir:
        raise Malformed(f"ASiC-E: expected the directory at byte {at}, found it at {archive.start_dir}")
    end = at + sum(_CENTRAL + len(entry.filename) for entry in entries) + _END
    if end != size:
        raise Malformed(f"ASiC-E: expected the file to end at byte {end}, found {size} bytes")


def _manifests(archive: zipfile.ZipFile, meta: list[str]) -> tuple[Manifest, ...]:
    """Each record has its manifest, each manifest its record, and nothing else is in META-INF."""
    named = [name for name in meta if MANIFEST.fullmatch(name)]
    records = {name for name in meta if RECORD.fullmatch(name)}
    if others := set(meta) - set(named) - records:
        raise Malformed(f"{META}: expected evidence records and their manifests, found {sorted(others)[0]}")
    found = []
    for name in named:
        if archive.getinfo(name).file_size > _LARGEST_MANIFEST:
            raise Malformed(f"{name}: expected at most {_LARGEST_MANIFEST} bytes")
        found.append(read_manifest(_bytes(archive, name), name))
    pointed = [manifest.record for manifest in found]
    if not records or sorted(pointed) != sorted(records):
        raise Malformed(f"{META}: expected one manifest for each of {sorted(records)}, found those of {pointed}")
    return tuple(found)


def _reference(node: Node) -> Reference:
    path = _path(node.attribute("URI"))
    node.optional("MimeType")
    node.optional("Rootfile")
    method = node.foreign("DigestMethod", namespace=DIGESTS)
    uri = method.attribute("Algorithm")
    method.end()
    value = node.foreign("DigestValue", namespace=DIGESTS).text()
    node.end()
    if uri not in _NAMES:
        raise ValueError(f"{path}: expected a digest that is known, found {uri!r}")
    try:
        return Reference(path, _NAMES[uri], base64.b64decode("".join(value.split()), validate=True))
    except binascii.Error as error:
        raise ValueError(f"{path}: DigestValue: {error}") from error


def _path(uri: str) -> str:
    """A URI is compared decoded (RFC 3986, 2.1)."""
    return rules.path(re.sub("%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), uri))


def _bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as entry:
            return entry.read()
    except KeyError as error:
        raise Malformed(f"{name}: expected in the container, found nowhere") from error
    except _UNREADABLE as error:
        raise Malformed(f"{name}: {error}") from error


def _names(entries: list[zipfile.ZipInfo]) -> str:
    return ", ".join(repr(entry.filename) for entry in entries) or "none"

"""Writes an ASiC-E container with evidence records, as a stream: one file at a time is held.

EN 319 162-1, annex A.1: `mimetype` comes first, stored, without an extra field. All entries are stored, of 1 January
1980 and mode 0644, so the same files and records give the same container.
"""

import base64
import hashlib
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO
from urllib.parse import quote

from archiver.digest import Buffer
from archiver.package import rules
from archiver.package.asice.values import (
    ALGORITHMS,
    DIGESTS,
    FIRST,
    META,
    MIMETYPE,
    NAMESPACE,
    Manifest,
    Proof,
    Reference,
    manifest_path,
    record_path,
)
from archiver.package.markup import Markup

_DAY = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_MODE = 0o100644 << 16
_TYPES = {
    ".eml": "message/rfc822",
    ".p7m": "application/pkcs7-mime",
    ".xml": "text/xml",
    ".cer": "application/pkix-cert",
    ".crl": "application/pkix-crl",
    ".ocsp": "application/ocsp-response",
}
_ANY = "application/octet-stream"


def write(files: Iterable[tuple[str, Buffer]], proofs: Sequence[Proof], sink: BinaryIO) -> Mapping[str, int]:
    """Writes the container of `files` (path, bytes) to the seekable `sink`; the sizes of the files by path.

    Each of `proofs` must cover all of them, and gets a manifest of its own. Raises ValueError for no proof, for a path
    that is not plain, comes twice or lies in META-INF, and for what a ZIP cannot hold without ZIP64.
    """
    if not proofs:
        raise ValueError("ASiC-E: expected an evidence record at least, found none")
    algorithms = sorted({proof.algorithm for proof in proofs})
    sizes: dict[str, int] = {}
    digests: dict[str, dict[str, bytes]] = {}
    try:
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=False) as container:
            _entry(container, FIRST, MIMETYPE.encode("ascii"))
            for path, octets in files:
                _check(path, sizes)
                _entry(container, path, octets)
                sizes[path] = memoryview(octets).nbytes
                digests[path] = {name: hashlib.new(name, octets).digest() for name in algorithms}
            for number, proof in enumerate(proofs, 1):
                references = (
                    Reference(path, proof.algorithm, known[proof.algorithm]) for path, known in digests.items()
                )
                manifest = Manifest(record_path(number), tuple(references))
                _entry(container, manifest_path(number), xml(manifest))
                _entry(container, record_path(number), proof.octets)
    except zipfile.LargeZipFile as error:
        raise ValueError(f"ASiC-E: expected less than 4 GiB and 65,535 files: {error}") from error
    return sizes


def xml(manifest: Manifest) -> bytes:
    """The manifest as UTF-8 XML; URIs are percent-encoded."""
    markup = Markup()
    with markup.element("asic:ASiCManifest", {"xmlns:asic": NAMESPACE, "xmlns:ds": DIGESTS}):
        markup.leaf("asic:SigReference", "", {"URI": quote(manifest.record)})
        for reference in manifest.references:
            attributes = {"URI": quote(reference.path), "MimeType": _type(reference.path)}
            with markup.element("asic:DataObjectReference", attributes):
                markup.leaf("ds:DigestMethod", "", {"Algorithm": ALGORITHMS[reference.algorithm]})
                markup.leaf("ds:DigestValue", base64.b64encode(reference.digest).decode("ascii"))
    return markup.bytes()


def _check(path: str, sizes: Mapping[str, int]) -> None:
    rules.path(path)
    if path in sizes or path == FIRST or path.startswith(META):
        raise ValueError(f"ASiC-E: {path}: expected a name that is still free, outside {META}")


def _entry(container: zipfile.ZipFile, name: str, octets: Buffer) -> None:
    info = zipfile.ZipInfo(name, _DAY)
    info.create_system, info.external_attr = _UNIX, _MODE
    container.writestr(info, octets)


def _type(path: str) -> str:
    return next((media for end, media in _TYPES.items() if path.endswith(end)), _ANY)

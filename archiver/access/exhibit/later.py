"""Lists of revocations that came after the volumes were sealed: the newest of each CA behind a seal or a token here.

Whoever judges the exhibit elsewhere learns from them what was revoked since; readings 18.
"""

from collections.abc import Iterable, Iterator
from typing import Protocol

from asn1crypto import x509

from archiver.access.exhibit.volumes import Told
from archiver.collect.certificates import whole
from archiver.digest import sha256
from archiver.errors import Absent
from archiver.evidence.cms import UNREADABLE, open_signed
from archiver.package import layout as archive
from archiver.ports import ObjectStore
from archiver.submission.rows import TrustRow
from archiver.verify import Files


class Catalog(Protocol):
    """What is asked about lists."""

    def lists_from(self, holder: str, issuer: str) -> list[TrustRow]:
        """The lists of revocations that a holder has from `issuer`, the newest first."""


def later(
    files: Files, volumes: Iterable[Told], *, store: ObjectStore, catalog: Catalog, holder: str
) -> Iterator[tuple[str, bytes]]:
    """Extension and octets of each list; one that is not as its name says is left out (the sweep finds it)."""
    certificates = {octets: None for volume in volumes for octets in _certificates(files, volume)}
    for issuer in dict.fromkeys(name for octets in certificates for name in _issuer(octets)):
        for row in catalog.lists_from(holder, issuer)[:1]:
            try:
                octets = store.get(archive.trust(holder, row.sha256, row.extension))
            except Absent:
                continue
            if sha256(octets) == row.sha256:
                yield row.extension, octets


def _certificates(files: Files, volume: Told) -> Iterator[bytes]:
    """Those of the volume's seal and of every token over it, and what came with them."""
    signed = open_signed(files.get(volume.taken.path + archive.PINDEX))
    yield from signed.certificates
    for record in volume.records:
        for stamp in record.examined.stamps:
            yield from stamp.token.certificates


def _issuer(octets: bytes) -> Iterator[str]:
    try:
        yield whole(x509.Certificate.load(octets, strict=True).issuer)
    except UNREADABLE:
        return

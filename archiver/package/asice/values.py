"""What an ASiC-E container with evidence records is made of (EN 319 162-1, 4.4 and annex A)."""

import re
from dataclasses import dataclass
from typing import Final

MIMETYPE: Final = "application/vnd.etsi.asic-e+zip"
"""The content of the first entry, and the media type of the whole."""

FIRST: Final = "mimetype"
META: Final = "META-INF/"
EXTENSION: Final = ".asice"

NAMESPACE: Final = "http://uri.etsi.org/02918/v1.2.1#"
DIGESTS: Final = "http://www.w3.org/2000/09/xmldsig#"
ALGORITHMS: Final = {
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
    "sha3_256": "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
    "sha3_384": "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
    "sha3_512": "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
}
"""The names of digests in a manifest (RFC 9231), by asn1crypto's."""

MANIFEST: Final = re.compile(r"META-INF/ASiCEvidenceRecordManifest[0-9]*\.xml")
RECORD: Final = re.compile(r"META-INF/evidencerecord[0-9]*\.ers")


@dataclass(frozen=True, slots=True)
class Proof:
    """An evidence record for a container; `algorithm` is the digest of its first archive timestamp."""

    octets: bytes
    algorithm: str

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"evidence record: expected a digest of {', '.join(ALGORITHMS)}, found {self.algorithm!r}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A DataObjectReference: a file of the container (its path, not encoded), and its digest."""

    path: str
    algorithm: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """An ASiCEvidenceRecordManifest: `record` is the path of the evidence record, `references` what it covers."""

    record: str
    references: tuple[Reference, ...]


def manifest_path(number: int) -> str:
    """The manifest of the record with this number, from 1."""
    return f"{META}ASiCEvidenceRecordManifest{number:03}.xml"


def record_path(number: int) -> str:
    """The evidence record with this number, from 1."""
    return f"{META}evidencerecord{number:03}.ers"

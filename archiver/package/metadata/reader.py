"""Reads from a metadata document which file it is about."""

from base64 import b64decode
from dataclasses import dataclass

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import document, rules

_ROOTS = ("DocumentoInformatico", "DocumentoAmministrativoInformatico")
_SHA256_LENGTH = 32


@dataclass(frozen=True, slots=True)
class About:
    """The digest and identifier of the file a document is about; `administrative`: with an own registration."""

    sha256: Sha256
    identifier: str
    administrative: bool


def read(xml: bytes) -> About:
    """Which file the document is about. Raises Malformed, also when Impronta has not the length of its algorithm.

    The schema cannot tell base64 from hexadecimal digits: 64 of them decode to 48 bytes (Allegato 5, IdDoc).
    """
    try:
        return _read(xml)
    except ValueError as error:
        raise Malformed(f"metadata: {error}") from error


def _read(xml: bytes) -> About:
    root = document.root(xml, *_ROOTS, namespace="")
    identity = root.take("IdDoc")
    imprint = identity.take("ImprontaCrittograficaDelDocumento")
    digest = b64decode(imprint.take("Impronta").text(), validate=True)
    algorithm = imprint.take("Algoritmo").text()
    if algorithm not in {"SHA-256", ""}:  # empty: the schema's default
        raise ValueError(f"Algoritmo: expected SHA-256, found {algorithm!r}")
    if len(digest) != _SHA256_LENGTH:
        raise ValueError(f"Impronta: expected {_SHA256_LENGTH} bytes for SHA-256, found {len(digest)}")
    identifier = identity.take("Identificativo").text()
    return About(rules.sha256(digest.hex()), identifier, root.tag == _ROOTS[1])

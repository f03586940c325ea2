"""Anchors when nobody brought any: the CAs in the package itself, each named so that one can compare it elsewhere."""

from collections.abc import Mapping

from asn1crypto import x509

from archiver.digest import sha256
from archiver.evidence.cms import UNREADABLE
from archiver.pec.providers import Providers
from archiver.verdict import Finding, finding
from archiver.verify.files import Trust


def package_anchors(material: Mapping[str, bytes], *, strict: bool) -> tuple[tuple[bytes, ...], tuple[Finding, ...]]:
    """The CA certificates (DER) among the trust material, by name of file, and what is to be said of each.

    `strict` turns the warning into a doubt: a verdict that rests on the package alone is then never PASSED.
    """
    code = "ANCHOR_FROM_PACKAGE_ONLY" if strict else "ANCHOR_FROM_PACKAGE"
    found, notes = [], []
    for name, octets in sorted(material.items()):
        called = _authority(octets) if name.endswith(".cer") else None
        if called is not None:
            found.append(octets)
            notes.append(finding(code, name, name=called, fingerprint=sha256(octets)))
    if not found:
        notes.append(finding("ANCHOR_ABSENT", "trust/"))
    return tuple(found), tuple(notes)


def believing(trust: Trust, anchors: tuple[bytes, ...]) -> Trust:
    """The same trust with these anchors, for seals, time stamps and providers alike."""
    return Trust(Providers(anchors), anchors, trust.crls, trust.strict)


def _authority(octets: bytes) -> str | None:
    """What people call a CA; None for any other certificate, and for one that cannot be read."""
    try:
        certificate = x509.Certificate.load(octets, strict=True)
        called = certificate.subject.native.get("common_name", certificate.subject.human_friendly)
        return str(called) if certificate.ca else None
    except UNREADABLE:
        return None

"""Anchors when nobody brought any: the CAs in the package itself, each named so that one can compare it elsewhere."""

from collections.abc import Mapping
from dataclasses import replace

from asn1crypto import x509

from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.accepted import Accepted
from archiver.evidence.cms import UNREADABLE
from archiver.pec.providers import Providers
from archiver.verdict import Finding, finding
from archiver.verify.files import Trust

LISTS = (".xml", ".toml")
"""Trusted lists (ETSI TS 119 612), and one's own."""


def package_anchors(material: Mapping[str, bytes], *, strict: bool) -> tuple[tuple[bytes, ...], tuple[Finding, ...]]:
    """The CA certificates (DER) among the trust material, by name of file, and what is to be said of each.

    `strict` turns the warning into a doubt: a verdict that rests on the package alone is then never PASSED.
    """
    code = "ANCHOR_FROM_PACKAGE_ONLY" if strict else "ANCHOR_FROM_PACKAGE"
    authorities = {
        name: read for name in sorted(material) if name.endswith(".cer") and (read := _authority(material[name]))
    }
    # an anchor is asked neither for its term nor for its revocation: an intermediate only where its issuer is not here
    issuers = {read.subject.dump() for read in authorities.values()}
    found, notes = [], []
    for name, read in authorities.items():
        if read.subject == read.issuer or read.issuer.dump() not in issuers:
            called = read.subject.native.get("common_name", read.subject.human_friendly)
            found.append(material[name])
            notes.append(finding(code, name, name=called, fingerprint=sha256(material[name])))
    if not found:
        notes.append(finding("ANCHOR_ABSENT", "trust/"))
    return tuple(found), tuple(notes)


def believing(trust: Trust, anchors: tuple[bytes, ...]) -> Trust:
    """The same trust with these anchors, for seals, time stamps and providers alike."""
    policy = replace(trust.policy, material=replace(trust.policy.material, anchors=anchors))
    return replace(trust, providers=Providers(anchors, distrusted=trust.providers.distrusted), policy=policy)


def beside(trust: Trust, material: Mapping[str, bytes]) -> Trust:
    """The same trust, with the lists of revocations and OCSP answers among this trust material, by name of file."""
    crls, ocsps = (
        tuple(octets for name, octets in material.items() if name.endswith(end)) for end in (".crl", ".ocsp")
    )
    accepted = trust.policy.accepted
    for name in (name for name in material if name.endswith(LISTS)):
        try:
            accepted = accepted.plus(Accepted.read(material[name], name))
        except Malformed:
            continue  # its digest was right when it came: a list of another form says nothing here
    return replace(trust, policy=replace(trust.policy.plus(crls=crls, ocsps=ocsps), accepted=accepted))


def _authority(octets: bytes) -> x509.Certificate | None:
    """A CA's certificate; None for any other, and for one that cannot be read."""
    try:
        certificate = x509.Certificate.load(octets, strict=True)
        _ = certificate.native  # asn1crypto is lazy: read all of it now, so that nothing is raised later
        return certificate if certificate.ca else None
    except UNREADABLE:
        return None

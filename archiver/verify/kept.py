"""What a holder's `trust/` tells of later: revocations and trusted lists that came after the volumes were sealed.

Of a CA's lists the newest counts, and every one that names a certificate which is kept here: an entry may leave a list
when the certificate ends. A list that no CA here has signed says nothing, and pushes none aside.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import CertificateRevocationList, ExtensionNotFound, IssuingDistributionPoint, load_der_x509_crl
from cryptography.x509 import ocsp as responses

from archiver.digest import sha256
from archiver.evidence.cms import UNREADABLE
from archiver.package import layout
from archiver.verdict import Finding, finding
from archiver.verify.anchors import LISTS, believing, beside, package_anchors
from archiver.verify.files import Files, Trust

Key = tuple[bytes, bytes]


@dataclass(slots=True)
class Kept:
    """Certificates by name of file, and what is worth knowing of the lists and answers; `findings`: what is altered."""

    certificates: dict[str, bytes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _others: dict[str, bytes] = field(default_factory=dict)
    _newest: dict[Key, tuple[datetime, str, bytes]] = field(default_factory=dict)
    _telling: dict[str, bytes] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, bytes]:
        """Lists of revocations, OCSP answers and trusted lists, by name of file."""
        return {**self._others, **self._telling, **{name: octets for _, name, octets in self._newest.values()}}

    def certificate(self, name: str, octets: bytes) -> None:
        """A certificate, before any list."""
        self.certificates[name] = octets

    def crl(self, name: str, octets: bytes, issuers: list[x509.Certificate]) -> None:
        """A list of revocations; `issuers` are all CA certificates at hand."""
        try:
            crl = load_der_x509_crl(octets)
            mine = [ca for ca in issuers if ca.subject.dump() == crl.issuer.public_bytes() and _signed(crl, ca)]
            made = crl.last_update_utc
            point = _point(crl)
        except (*UNREADABLE, UnsupportedAlgorithm):
            return
        if not mine:
            return
        key = bytes(mine[0].public_key.dump()), point
        self._newest[key] = max((made, name, octets), self._newest.get(key, (made, name, octets)))
        names = {ca.subject.dump() for ca in mine}
        serials = (serial for issuer, serial in self._serials() if issuer in names)
        if any(crl.get_revoked_certificate_by_serial_number(serial) for serial in serials):
            self._telling[name] = octets

    def answer(self, name: str, octets: bytes) -> None:
        """An OCSP answer: the newest of its certificate counts, and every one that tells of a revocation."""
        try:
            answer = responses.load_der_ocsp_response(octets)
            key = answer.issuer_key_hash, str(answer.serial_number).encode()
            made, status = answer.this_update_utc, answer.certificate_status
        except (*UNREADABLE, UnsupportedAlgorithm):
            return
        self._newest[key] = max((made, name, octets), self._newest.get(key, (made, name, octets)))
        if status is responses.OCSPCertStatus.REVOKED:
            self._telling[name] = octets

    def trusted_list(self, name: str, octets: bytes) -> None:
        """A list of those whom somebody trusts."""
        self._others[name] = octets

    def _serials(self) -> Iterable[tuple[bytes, int]]:
        for octets in self.certificates.values():
            try:
                read = x509.Certificate.load(octets, strict=True)
                yield read.issuer.dump(), read.serial_number
            except UNREADABLE:
                continue


def kept(files: Files, holder: str, trust: Trust) -> Kept:
    """All of a holder's trust material, one object at a time, certificates first."""
    found = Kept()
    names = [listed.name for listed in files.list(f"{holder}/trust/")]
    parsed = [item for name in names if (item := layout.parse(name)) and item.kind is layout.Kind.TRUST]
    parsed.sort(key=lambda item: item.extension != "cer")
    issuers: list[x509.Certificate] = []
    for item in parsed:
        name = f"{holder}/trust/{item.id}.{item.extension}"
        octets = files.get(name)
        if sha256(octets) != item.id:
            found.findings.append(finding("DIGEST", name, expected=item.id, found=sha256(octets)))
        elif item.extension == "cer":
            found.certificate(name, octets)
        elif item.extension == "crl":
            issuers = issuers or _authorities((*found.certificates.values(), *trust.policy.material.anchors))
            found.crl(name, octets, issuers)
        elif item.extension == "ocsp":
            found.answer(name, octets)
        elif f".{item.extension}" in LISTS:
            found.trusted_list(name, octets)
    return found


def anchored(files: Files, holder: str, trust: Trust) -> tuple[Trust, list[Finding]]:
    """The same trust, with what the holder's `trust/` tells of later; without anchors, with its CAs, named once.

    The material is read either way: what no index lists yet has its name alone to be checked against.
    """
    found = kept(files, holder, trust)
    notes = found.findings
    # what was revoked since: the lists and answers of later runs tell
    trust = beside(trust, found.told)
    if trust.policy.material.anchors:
        return trust, notes
    anchors, said = package_anchors(found.certificates, strict=trust.strict)
    return believing(trust, anchors), [*notes, *said]


def informed(files: Files, holder: str, *, trust: Trust) -> Trust:
    """The same trust, with what the holder's `trust/` tells of later: for who judges less than the whole store."""
    return beside(trust, kept(files, holder, trust).told)


def _authorities(certificates: Iterable[bytes]) -> list[x509.Certificate]:
    found = []
    for octets in dict.fromkeys(certificates):
        try:
            read = x509.Certificate.load(octets, strict=True)
            _ = read.subject.native, read.public_key.algorithm  # lazy: read now, so that nothing is raised later
            found.append(read)
        except UNREADABLE:
            continue
    return found


def _signed(crl: CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        key = load_der_public_key(issuer.public_key.dump())
        return bool(crl.is_signature_valid(key))  # type: ignore[arg-type]
    except (*UNREADABLE, UnsupportedAlgorithm):
        return False


def _point(crl: CertificateRevocationList) -> bytes:
    """Which part of a CA's certificates a list speaks of (RFC 5280, 5.2.5)."""
    try:
        return crl.extensions.get_extension_for_class(IssuingDistributionPoint).value.public_bytes()
    except ExtensionNotFound:
        return b""

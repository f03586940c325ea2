"""Whom and what the second judge believes: anchors, lists, dated algorithms (RFC 5280, 6; RFC 3161, 4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

COMPROMISES = ("keyCompromise", "cACompromise", "aACompromise", "absent")


@dataclass(frozen=True)
class Believed:
    """`ends`: algorithm -> the first moment at which it is spent, None: no end; one that is not there is unknown."""

    anchors: tuple[bytes, ...]
    ends: Mapping[str, datetime | None]
    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def beside(self, certificates: tuple[bytes, ...], crls: tuple[bytes, ...]) -> "Believed":
        """With what a token brings along."""
        return replace(self, certificates=(*self.certificates, *certificates), crls=(*self.crls, *crls))

    def spent(self, name: str, at: datetime) -> bool:
        """Whether nothing may rest on this algorithm at that moment any more."""
        return name not in self.ends or (self.ends[name] is not None and at >= self.ends[name])

    def path(self, leaf: x509.Certificate) -> list[x509.Certificate] | None:
        """From the leaf up to an anchor, which is left out; None when none is reached."""
        return self._climb(leaf, [], [x509.load_der_x509_certificate(item) for item in self.anchors])

    def _climb(
        self, at: x509.Certificate, below: list[x509.Certificate], anchors: list[x509.Certificate]
    ) -> list[x509.Certificate] | None:
        if at in anchors:
            return below
        if any(issued(at, anchor) for anchor in anchors):
            return [*below, at]
        if len(below) > 5:
            return None
        above = [item for item in map(readable, self.certificates) if item and item != at and issued(at, item)]
        climbed = (self._climb(item, [*below, at], anchors) for item in above)
        return next((path for path in climbed if path is not None), None)

    def revocations(self, certificate: x509.Certificate) -> Iterator[tuple[datetime, str]]:
        """When and why the issuer's lists say that this one was revoked."""
        issuers = [item for item in map(readable, (*self.anchors, *self.certificates)) if item]
        for crl in filter(None, map(_list, self.crls)):
            issuer = next((item for item in issuers if item.subject == certificate.issuer == crl.issuer), None)
            entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if issuer is not None and entry is not None and crl.is_signature_valid(issuer.public_key()):
                yield entry.revocation_date_utc, _reason(entry)


def issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    """Whether `by` stands above: name and signature."""
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def readable(octets: bytes) -> x509.Certificate | None:
    """A certificate all of which can be read; another one is as good as none."""
    try:
        found = x509.load_der_x509_certificate(octets)
        named = found.issuer.rdns is not None and found.subject.rdns is not None
        return found if named and found.public_key() and list(found.extensions) is not None else None
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, UnsupportedAlgorithm):
        return None


def _list(octets: bytes) -> x509.CertificateRevocationList | None:
    try:
        found = x509.load_der_x509_crl(octets)
        return found if found.issuer and list(found) is not None else None
    except (ValueError, x509.InvalidVersion):
        return None


def _reason(entry: x509.RevokedCertificate) -> str:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "absent"

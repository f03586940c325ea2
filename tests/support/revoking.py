"""A CA that tells of revocations, truthfully or not, and a source of its answers that needs no network.

ca = Ca()
leaf = ca.give(lists=["http://ca.example/ca.crl"])
source = Told({"http://ca.example/ca.crl": ca.crl(number=1)})
source.asked                                            # the addresses, in the order of the questions
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from archiver.errors import Unavailable
from support.certificates import p256

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LISTS = "http://ca.example/ca.crl"
RESPONDER = "http://ocsp.example/"

Answer = bytes | str | Callable[[bytes], bytes]
"""Octets, the reason why there are none, or what makes them of the question."""


@dataclass(frozen=True)
class Held:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Ca:
    """A CA from ten years before to ten years after NOW."""

    name: str = "CA che revoca"
    key: ec.EllipticCurvePrivateKey = field(default_factory=p256)
    signs_lists: bool = True

    @cached_property
    def own(self) -> Held:
        """Its certificate, self-signed."""
        return Held(self.certified_by(self), self.key)

    @property
    def der(self) -> bytes:
        return self.own.der

    def certified_by(self, above: "Ca", *, lists: Sequence[str] = ()) -> x509.Certificate:
        """Its certificate as another CA gives it."""
        builder = _builder(self.name, above.name, self.key, NOW - 3650 * DAY, NOW + 3650 * DAY).serial_number(1)
        basic = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(False, False, False, False, False, True, self.signs_lists, False, False)
        builder = builder.add_extension(basic, critical=True).add_extension(usage, critical=True)
        return _pointed(builder, lists).sign(above.key, _HOW)

    def give(
        self,
        name: str = "Firma",
        *,
        serial: int = 0,
        lists: Sequence[str] = (),
        responders: Sequence[str] = (),
        usage: Sequence[x509.ObjectIdentifier] = (),
        days: tuple[int, int] = (-30, 365),
    ) -> Held:
        """A certificate that says where one is told of its revocation; valid `days` before and after NOW."""
        key = p256()
        since, until = (NOW + day * DAY for day in days)
        builder = _builder(name, self.name, key, since, until)
        builder = builder.serial_number(serial or x509.random_serial_number())
        builder = _pointed(builder, lists)
        if responders:
            method = AuthorityInformationAccessOID.OCSP
            access = [x509.AccessDescription(method, x509.UniformResourceIdentifier(url)) for url in responders]
            builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        return Held(builder.sign(self.key, _HOW), key)

    def crl(
        self,
        number: int | None = 1,
        *,
        since: datetime = NOW - HOUR,
        until: datetime = NOW + 7 * DAY,
        revoked: Sequence[Held] = (),
        by: ec.EllipticCurvePrivateKey | None = None,
        name: str = "",
        delta: bool = False,
        part: x509.IssuingDistributionPoint | None = None,
    ) -> bytes:
        """A list, DER. `by`: somebody else's key; `name`: somebody else's name; `delta`: only what is new.

        `part`: what it is a list of, where it is not of everything.
        """
        builder = x509.CertificateRevocationListBuilder(_name(name or self.name), since, until)
        for held in revoked:
            entry = x509.RevokedCertificateBuilder(held.certificate.serial_number, since)
            builder = builder.add_revoked_certificate(entry.build())
        if number is not None:
            builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        if delta:
            builder = builder.add_extension(x509.DeltaCRLIndicator(0), critical=True)
        if part:
            builder = builder.add_extension(part, critical=True)
        return builder.sign(by or self.key, _HOW).public_bytes(Encoding.DER)

    def answer(
        self,
        held: Held,
        *,
        status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
        since: datetime = NOW - HOUR,
        until: datetime | None = NOW + DAY,
        by: Held | None = None,
        algorithm: hashes.HashAlgorithm | None = None,
        issuer: x509.Certificate | None = None,
    ) -> bytes:
        """An OCSPResponse, DER. `by`: a responder with its certificate; `issuer`: under whom it is named."""
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=held.certificate,
            issuer=issuer or self.own.certificate,
            algorithm=algorithm or hashes.SHA1(),
            cert_status=status,
            this_update=since,
            next_update=until,
            revocation_time=since if revoked else None,
            revocation_reason=None,
        )
        responder = by or self.own
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        if by:
            builder = builder.certificates([by.certificate])
        return builder.sign(responder.key, _HOW).public_bytes(Encoding.DER)


def responder(ca: Ca, *, usage: bool = True, days: tuple[int, int] = (-30, 365)) -> Held:
    """A delegated OCSP responder, or what would be one with that usage."""
    return ca.give("Risponditore", usage=(ExtendedKeyUsageOID.OCSP_SIGNING,) if usage else (), days=days)


def unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    """An OCSPResponse that answers nothing."""
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)


@dataclass
class Told:
    """`archiver.ports.RevocationSource` in memory: what it says at each address, and what it was asked."""

    says: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)

    def crl(self, url: str) -> bytes:
        return self._said(url, b"")

    def document(self, url: str) -> bytes:
        return self._said(url, b"")

    def ocsp(self, url: str, request: bytes) -> bytes:
        return self._said(url, request)

    def _said(self, url: str, question: bytes) -> bytes:
        self.asked.append(url)
        said = self.says.get(url, "HTTP 404")
        if isinstance(said, str):
            raise Unavailable(said)
        return said if isinstance(said, bytes) else said(question)


_HOW = hashes.SHA256()


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    return builder.public_key(key.public_key()).not_valid_before(since).not_valid_after(until)


def _pointed(builder: x509.CertificateBuilder, lists: Sequence[str]) -> x509.CertificateBuilder:
    """With the addresses of one list."""
    if not lists:
        return builder
    names = [x509.UniformResourceIdentifier(url) for url in lists]
    point = x509.DistributionPoint(names, None, None, None)
    return builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

"""Whoever signs and stamps, at no cost: DER by hand, and keys and signatures that are the same in every run (RFC 6979).

Certificates end, are succeeded, and are revoked on days that the seed chooses; nobody in the world is older or younger
than the clock of the simulation.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from support.quick_tsa import (
    CONTENT_TYPE,
    ECDSA,
    HASHES,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_CERTIFICATE_V2,
    TST_INFO,
    algorithm,
    integer,
    oid,
    tlv,
)

from archiver.adapters.signer.cades import stamped
from archiver.errors import ConfigError, Unavailable
from archiver.ports import Stamp

DATA = "1.2.840.113549.1.7.1"
DAY = timedelta(days=1)
LISTED = 30 * DAY
"""How long a list of revocations lasts; a new one is made every third of it, and on the day of a revocation."""

Revoked = tuple[datetime, x509.ReasonFlags | None]


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """The key of whoever is called so: the same in every run."""
    number = int.from_bytes(hashlib.sha256(f"simulation/{name}".encode()).digest()) >> 2
    return ec.derive_private_key(number, ec.SECP256R1())


@dataclass(frozen=True)
class Root:
    """An anchor without end, as far as a life goes."""

    name: str

    @property
    def der(self) -> bytes:
        """Its certificate."""
        return _root(self.name)

    def crl(self, revoked: Mapping[int, Revoked], at: datetime) -> bytes:
        """Its newest list (DER) at `at`: serial number -> when and why."""
        known = tuple(sorted((serial, entry) for serial, entry in revoked.items() if entry[0] <= at))
        span = LISTED / 3
        regular = datetime(2020, 1, 1, tzinfo=UTC) + (at - datetime(2020, 1, 1, tzinfo=UTC)) // span * span
        return _crl(self.name, known, max([regular, *(entry[0] for _, entry in known)]))


@dataclass(frozen=True)
class Person:
    """A certificate under a root: of an authority that stamps, or of whoever seals."""

    root: Root
    name: str
    serial: int
    start: datetime
    end: datetime
    stamps: bool
    code: str = ""
    digest: str = "sha384"

    @property
    def der(self) -> bytes:
        """Its certificate."""
        return _certificate(self)

    def signed(self, kind: str, content: bytes) -> bytes:
        """A SignedData (RFC 5652) with content of this type: CAdES-B-B, or a token."""
        named = hashlib.sha256(self.der).digest()
        pairs = {
            CONTENT_TYPE: oid(kind),
            MESSAGE_DIGEST: tlv(0x04, hashlib.new(self.digest, content).digest()),
            SIGNING_CERTIFICATE_V2: tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, named)))),
        }
        rows = sorted(tlv(0x30, oid(name), tlv(0x31, value)) for name, value in pairs.items())
        attributes = b"".join(rows)
        mechanism = ec.ECDSA(HASHES[self.digest][1], deterministic_signing=True)
        issuer = x509.load_der_x509_certificate(self.root.der).subject.public_bytes()
        signer = tlv(
            0x30,
            integer(1),
            tlv(0x30, issuer, integer(self.serial)),
            algorithm(self.digest),
            tlv(0xA0, attributes),
            tlv(0x30, oid(ECDSA[self.digest])),
            tlv(0x04, key(self.name).sign(tlv(0x31, attributes), mechanism)),
        )
        data = tlv(
            0x30,
            integer(1 if kind == DATA else 3),
            tlv(0x31, algorithm(self.digest)),
            tlv(0x30, oid(kind), tlv(0xA0, tlv(0x04, content))),
            tlv(0xA0, self.der),
            tlv(0x31, signer),
        )
        return tlv(0x30, oid(SIGNED_DATA), tlv(0xA0, data))


@dataclass(frozen=True)
class Stamping:
    """`ports.TimeStampingAuthority` over a certificate; `away`: it does not answer."""

    id: str
    person: Person
    now: datetime
    away: bool = False

    def answer(self, query: bytes) -> bytes:
        """DER TimeStampReq -> DER TimeStampResp."""
        if self.away:
            raise Unavailable(f"TSA {self.id}: does not answer (simulated)")
        asked = tsp.TimeStampReq.load(query)
        imprint = asked["message_imprint"]
        named = algorithm(imprint["hash_algorithm"]["algorithm"].native)
        info = tlv(
            0x30,
            integer(1),
            oid("1.2.3"),
            tlv(0x30, named, tlv(0x04, imprint["hashed_message"].native)),
            integer(int(self.now.timestamp())),
            tlv(0x18, self.now.strftime("%Y%m%d%H%M%SZ").encode()),
            integer(asked["nonce"].native),
        )
        return tlv(0x30, tlv(0x30, tlv(0x02, b"\0")), self.person.signed(TST_INFO, info))


@dataclass(frozen=True)
class Sealer:
    """`ports.Signer` over a certificate; `away`: it does not answer."""

    person: Person
    away: bool = False

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        return self.person.der

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The anchor above it."""
        return (self.person.root.der,)

    def ready(self) -> None:
        """Raises Unavailable while it is away."""
        if self.away:
            raise Unavailable("signer: does not answer (simulated)")

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        """CAdES-B-T (B-B without `stamp`) over `data`."""
        if not self.person.start <= at <= self.person.end:
            raise ConfigError(f"signer: {self.person.name} is not valid at {at} (simulated)")
        return stamped(self.person.signed(DATA, data), stamp)


@cache
def _root(name: str) -> bytes:
    builder = _builder(name, name, datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
    builder = builder.public_key(key(name).public_key()).serial_number(1)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key(name), hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)


@cache
def _certificate(person: Person) -> bytes:
    code = [x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"VATIT-{person.code}")] if person.code else []
    builder = _builder(person.name, person.root.name, person.start, person.end, *code)
    builder = builder.public_key(key(person.name).public_key()).serial_number(person.serial)
    if person.stamps:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    signed = builder.sign(key(person.root.name), hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(Encoding.DER)


@cache
def _crl(root: str, known: tuple[tuple[int, Revoked], ...], made: datetime) -> bytes:
    subject = x509.load_der_x509_certificate(_root(root)).subject
    builder = x509.CertificateRevocationListBuilder(subject, made, made + LISTED)
    for serial, (when, reason) in known:
        entry = x509.RevokedCertificateBuilder(serial, when)
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(key(root), hashes.SHA256(), ecdsa_deterministic=True)
    return signed.public_bytes(Encoding.DER)


def _builder(
    subject: str, issuer: str, start: datetime, end: datetime, *more: x509.NameAttribute
) -> x509.CertificateBuilder:
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject), *more])
    above = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
    return x509.CertificateBuilder().subject_name(named).issuer_name(above).not_valid_before(start).not_valid_after(end)

"""Time stamping authorities that cost nothing: any clock, any certificate dates, keys made once. DER by hand.

A token takes a tenth of a millisecond with P-256 or Ed25519. Nothing of archiver is used.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAY = timedelta(days=1)
HASHES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "sha256": ("2.16.840.1.101.3.4.2.1", hashes.SHA256()),
    "sha384": ("2.16.840.1.101.3.4.2.2", hashes.SHA384()),
    "sha512": ("2.16.840.1.101.3.4.2.3", hashes.SHA512()),
    "sha3_256": ("2.16.840.1.101.3.4.2.8", hashes.SHA3_256()),
    "sha3_384": ("2.16.840.1.101.3.4.2.9", hashes.SHA3_384()),
    "sha3_512": ("2.16.840.1.101.3.4.2.10", hashes.SHA3_512()),
}
ECDSA = {"sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4"}
RSA, ED25519 = "1.2.840.113549.1.1.1", "1.3.101.112"
TST_INFO, SIGNED_DATA = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"


def tlv(tag: int, *parts: bytes) -> bytes:
    """One value: its tag, its length, its parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content


@cache
def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    first, second, *others = map(int, dotted.split("."))
    octets = bytearray((40 * first + second,))
    for number in others:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        octets += bytes(reversed(groups))
    return tlv(0x06, bytes(octets))


def integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def algorithm(name: str) -> bytes:
    """The AlgorithmIdentifier of a digest, parameters absent."""
    return tlv(0x30, oid(HASHES[name][0]))


@cache
def key(kind: str, name: str) -> Any:
    """A private key, the same for the same name as long as the process lives: `p256`, `ed25519` or `rsa`."""
    match kind:
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class QuickCA:
    """An anchor without end, as far as a history goes."""

    name: str = "Radice di prova"

    @cached_property
    def certificate(self) -> x509.Certificate:
        """Its own."""
        builder = _builder(self.name, self.name, datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
        builder = builder.public_key(key("p256", self.name).public_key()).serial_number(1)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return builder.sign(key("p256", self.name), hashes.SHA256())

    @property
    def der(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.DER)

    def crl(self, revoked: Mapping[int, tuple[datetime, x509.ReasonFlags | None]], made: datetime) -> bytes:
        """Its list (DER) of a day: serial number -> when and why."""
        builder = x509.CertificateRevocationListBuilder(self.certificate.subject, made, made + 30 * DAY)
        for serial, (when, reason) in revoked.items():
            entry = x509.RevokedCertificateBuilder(serial, when)
            if reason:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(key("p256", self.name), hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class QuickTSA:
    """An authority under `ca`; `kind` of key as in `key`, `digest` what it signs with (P-256, RSA)."""

    name: str
    start: datetime
    end: datetime
    kind: str = "p256"
    digest: str = "sha256"
    serial: int = 2
    ca: QuickCA = field(default_factory=QuickCA)

    @property
    def der(self) -> bytes:
        """Its certificate."""
        return _certificate(self)

    def stamp(self, name: str, imprint: bytes, at: datetime, nonce: int | None = None) -> bytes:
        """The token over a digest made with the algorithm `name`, at whole seconds of `at`."""
        info = tlv(
            0x30,
            integer(1),
            oid("1.2.3"),
            tlv(0x30, algorithm(name), tlv(0x04, imprint)),
            integer(int(at.timestamp())),
            tlv(0x18, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()),
            b"" if nonce is None else integer(nonce),
        )
        used = "sha512" if self.kind == "ed25519" else self.digest
        attributes = _attributes(info, self.der, used)
        signer = tlv(
            0x30,
            integer(1),
            tlv(0x30, self.ca.certificate.subject.public_bytes(), integer(self.serial)),
            algorithm(used),
            tlv(0xA0, attributes),
            self._mechanism(),
            tlv(0x04, self._sign(tlv(0x31, attributes))),
        )
        data = tlv(
            0x30,
            integer(3),
            tlv(0x31, algorithm(used)),
            tlv(0x30, oid(TST_INFO), tlv(0xA0, tlv(0x04, info))),
            tlv(0xA0, self.der),
            tlv(0x31, signer),
        )
        return tlv(0x30, oid(SIGNED_DATA), tlv(0xA0, data))

    def _mechanism(self) -> bytes:
        match self.kind:
            case "p256":
                return tlv(0x30, oid(ECDSA[self.digest]))
            case "ed25519":
                return tlv(0x30, oid(ED25519))
        return tlv(0x30, oid(RSA), tlv(0x05))

    def _sign(self, data: bytes) -> bytes:
        mine, digest = key(self.kind, self.name), HASHES[self.digest][1]
        match self.kind:
            case "p256":
                return mine.sign(data, ec.ECDSA(digest))
            case "ed25519":
                return mine.sign(data)
        return mine.sign(data, padding.PKCS1v15(), digest)


def _attributes(info: bytes, certificate: bytes, used: str) -> bytes:
    """The content of signedAttrs, in DER's order (X.690, 11.6)."""
    meant = tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, hashlib.sha256(certificate).digest()))))
    pairs = {
        CONTENT_TYPE: oid(TST_INFO),
        MESSAGE_DIGEST: tlv(0x04, hashlib.new(used, info).digest()),
        SIGNING_CERTIFICATE_V2: meant,
    }
    return b"".join(sorted(tlv(0x30, oid(kind), tlv(0x31, value)) for kind, value in pairs.items()))


@cache
def _certificate(tsa: QuickTSA) -> bytes:
    builder = _builder(tsa.name, tsa.ca.name, tsa.start, tsa.end)
    builder = builder.public_key(key(tsa.kind, tsa.name).public_key()).serial_number(tsa.serial)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = builder.add_extension(usage, critical=True)
    signed = builder.sign(key("p256", tsa.ca.name), hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def _builder(subject: str, issuer: str, start: datetime, end: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    return builder.not_valid_before(start).not_valid_after(end)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

"""Certification authorities of our own, and the people and bodies whose certificates they sign."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

DAY = timedelta(days=1)
NAME, CODE = "Rossi Maria", "RSSMRA80A41H501X"


def p256() -> ec.EllipticCurvePrivateKey:
    """A new key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa2048() -> rsa.RSAPrivateKey:
    """A new RSA key."""
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Pair:
    """A certificate, its key, and the CA above it."""

    certificate: x509.Certificate
    key: Key
    ca: x509.Certificate

    def pem(self, folder: Path, name: str = "firma") -> tuple[Path, Path, Path]:
        """Certificate, key and CA as PEM files in `folder`."""
        folder.mkdir(exist_ok=True)
        paths = (folder / f"{name}.pem", folder / f"{name}.key", folder / f"{name}-ca.pem")
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        contents = (self.certificate.public_bytes(Encoding.PEM), key, self.ca.public_bytes(Encoding.PEM))
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        return paths

    def p12(self, path: Path, password: bytes) -> Path:
        """All of it as PKCS#12."""
        safe = BestAvailableEncryption(password)
        path.write_bytes(serialize_key_and_certificates(b"firma", self.key, self.certificate, [self.ca], safe))
        return path


@dataclass(frozen=True)
class Authority:
    """A CA; its certificate began ten years ago and lasts twenty more, counted from `now`."""

    name: str = "CA di prova"
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    key: ec.EllipticCurvePrivateKey = field(default_factory=p256)

    @property
    def certificate(self) -> x509.Certificate:
        """The CA's own, self-signed."""
        builder = _builder(_name(self.name), _name(self.name), self.key, self.now - 3650 * DAY, self.now + 7300 * DAY)
        basic, usage = x509.BasicConstraints(ca=True, path_length=0), _usage("key_cert_sign", "crl_sign")
        builder = builder.add_extension(basic, critical=True).add_extension(usage, critical=True)
        return builder.serial_number(1).sign(self.key, hashes.SHA256())

    def person(
        self, name: str = NAME, code: str = CODE, *, key: Key | None = None, days: tuple[int, int] = (-1, 365)
    ) -> Pair:
        """A natural person who may sign; valid `days` before and after now."""
        key = key or p256()
        subject = _name(name, x509.NameAttribute(NameOID.SERIAL_NUMBER, f"TINIT-{code}"))
        builder = self._end(subject, key, days).add_extension(_usage("content_commitment"), critical=True)
        return Pair(builder.sign(self.key, hashes.SHA256()), key, self.certificate)

    def tsa(
        self,
        name: str = "TSA di prova",
        *,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
        days: tuple[int, int] = (-1, 365),
    ) -> Pair:
        """A time stamping authority, or what has another extended key usage."""
        key = p256()
        builder = self._end(_name(name), key, days).add_extension(_usage("digital_signature"), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        return Pair(builder.sign(self.key, hashes.SHA256()), key, self.certificate)

    def crl(self, revoked: Sequence[x509.Certificate] = ()) -> bytes:
        """A list of revocations (DER) from yesterday on, for 30 days."""
        since = self.now - DAY
        builder = x509.CertificateRevocationListBuilder(_name(self.name), since, since + 30 * DAY)
        for certificate in revoked:
            entry = x509.RevokedCertificateBuilder(certificate.serial_number, since)
            builder = builder.add_revoked_certificate(entry.build())
        builder = builder.add_extension(x509.CRLNumber(1), critical=False)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return builder.add_extension(above, critical=False).sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def _end(self, subject: x509.Name, key: Key, days: tuple[int, int]) -> x509.CertificateBuilder:
        since, until = (self.now + each * DAY for each in days)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = _builder(subject, _name(self.name), key, since, until).add_extension(above, critical=False)
        return builder.serial_number(x509.random_serial_number())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.not_valid_before(since).not_valid_after(until).add_extension(own, critical=False)


def _name(common: str, *more: x509.NameAttribute) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"), x509.NameAttribute(NameOID.COMMON_NAME, common), *more]
    )


def _usage(*allowed: str) -> x509.KeyUsage:
    names = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{name: name in allowed for name in names})

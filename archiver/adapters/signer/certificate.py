"""A signing certificate before it is used: read from its file, and looked at."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from archiver.adapters.signer.mechanism import mechanism_of
from archiver.digest import sha256
from archiver.errors import ConfigError
from archiver.evidence.algorithms import CATALOGUE
from archiver.verdict import Finding, finding

SEALING = frozenset({"digital_signature", "non_repudiation"})
ALARMS = (7, 30, 60)
"""Days before the end of the certificate at which to warn."""


def check_certificate(certificate: bytes, *, at: datetime, expected_subject: str | None = None) -> tuple[Finding, ...]:
    """What to say of a signing certificate before it is used: valid at `at`, for signing, of the configured signer.

    `expected_subject` must be one of the values of the subject (commonName, serialNumber, organizationName,
    organizationIdentifier, ...), whole, upper and lower case alike; an Italian `TINIT-` or `VATIT-` in front may be
    left out. An end within 60 days is a warning. Revocation is asked of `archiver.chain`.
    """
    read = asn1_x509.Certificate.load(certificate)
    names = _subject(read)
    name = _common(read)
    start, end, days = read.not_valid_before, read.not_valid_after, (read.not_valid_after - at).days
    found = []
    if at < start:
        found.append(finding("SIGNER_NOT_YET_VALID", name, name=name, start=start, at=at))
    elif at > end:
        found.append(finding("SIGNER_EXPIRED", name, name=name, end=end, at=at))
    elif days <= max(ALARMS):
        found.append(finding("SIGNER_EXPIRING", name, name=name, end=end, days=days))
    usage = _usage(read)
    if usage is not None and not SEALING & usage:
        found.append(finding("SIGNER_KEY_USAGE", name, name=name, found=", ".join(sorted(usage))))
    if expected_subject is not None and expected_subject.strip().casefold() not in names:
        found.append(finding("SIGNER_OTHER", name, expected=expected_subject, found=read.subject.human_friendly))
    return tuple(found)


def check_mechanism(certificate: bytes, wanted: str = "", *, at: datetime) -> tuple[Finding, ...]:
    """What to say of how this certificate's key signs: spent at `at`, or a warning of its end (ETSI TS 119 312).

    `wanted` is empty (by the key) or "rsa-pkcs1". Raises ConfigError when the key cannot sign that way.
    """
    name = _common(asn1_x509.Certificate.load(certificate))
    how = mechanism_of(certificate, wanted, source=name)
    spent = CATALOGUE.usable(how.name, how.bits, at, subject=name)
    end = CATALOGUE.usable_until(how.name, how.bits)
    if spent is not None:
        return (spent,)
    if end is None or end == datetime.max.replace(tzinfo=UTC):
        return ()
    last, source = (end - timedelta(days=1)).date(), CATALOGUE.source
    return (finding("SIGNER_ALGORITHM", name, name=name, how=how.name, bits=how.bits, end=last, source=source),)


def may_seal(certificate: bytes, *, source: str) -> None:
    """Raises ConfigError, naming `source`, when the certificate's usages do not include signing."""
    usage = _usage(asn1_x509.Certificate.load(certificate))
    if usage is not None and not SEALING & usage:
        expected, found = " or ".join(sorted(SEALING)), ", ".join(sorted(usage))
        raise ConfigError(f"{source}: expected a certificate for {expected}, found {found}; ask for one that may sign")


def certificates(path: Path) -> list[bytes]:
    """The certificates of a file, PEM or one in DER; at least one. Raises ConfigError naming the file."""
    content = read(path)
    try:
        if b"-----BEGIN" in content:
            found = x509.load_pem_x509_certificates(content)
        else:
            found = [x509.load_der_x509_certificate(content)]
    except ValueError as error:
        raise ConfigError(f"{path}: expected certificates in PEM, found none, nor one in DER ({error})") from error
    return [item.public_bytes(Encoding.DER) for item in found]


def read(path: Path) -> bytes:
    """The bytes of a file. Raises ConfigError naming it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


def named(certificate: bytes) -> str:
    """A certificate as people tell it from others: name, serial number, the beginning of its SHA-256."""
    found = asn1_x509.Certificate.load(certificate)
    return f"{_common(found)} (serial {found.serial_number:x}, SHA-256 {sha256(certificate)[:16]})"


def common_name(certificate: bytes) -> str:
    """The name of a certificate's (DER) subject."""
    return _common(asn1_x509.Certificate.load(certificate))


def public_key(key: object) -> bytes:
    """A public key's SubjectPublicKeyInfo, DER: equal for equal keys."""
    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))  # type: ignore[attr-defined]


def _common(certificate: asn1_x509.Certificate) -> str:
    return str(certificate.subject.native.get("common_name", certificate.subject.human_friendly))


def _subject(certificate: asn1_x509.Certificate) -> frozenset[str]:
    """All values of the subject, case folded; identifiers of Italian persons also without their prefix."""
    names = set()
    for part in certificate.subject.chosen:
        for pair in part:
            value = str(pair["value"].native).strip().casefold()
            names |= {value, value.removeprefix("tinit-").removeprefix("vatit-")}
    return frozenset(names)


def _usage(certificate: asn1_x509.Certificate) -> frozenset[str] | None:
    """The key usages; None when the certificate is silent, and so allows all (RFC 5280, 4.2.1.3)."""
    usage = certificate.key_usage_value
    return None if usage is None else frozenset(usage.native)

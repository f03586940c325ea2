"""A signer whose key is a file: PEM or PKCS#12. CAdES-B-T (B-B without a stamp), made by pyHanko.

The key signs with ECDSA (P-256, P-384, P-521) or RSASSA-PSS; RSA PKCS#1 v1.5 ends in 2028 (ETSI TS 119 312).
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from asn1crypto import cms, parser
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12

from archiver.digest import sha256
from archiver.errors import ConfigError
from archiver.evidence.cms import open_signed
from archiver.evidence.unsigned import with_timestamp
from archiver.ports import Stamp
from archiver.verdict import Finding, finding

if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import Signer as PyhankoSigner

SEALING = frozenset({"digital_signature", "non_repudiation"})
ALARMS = (7, 30, 60)
"""Days before the end of the certificate at which to warn."""


class FileSigner:
    """A `ports.Signer`: the certificate, the certificates above it (DER, in any order), and the key.

    Raises ConfigError when the key does not fit the certificate, cannot be used here, or may not sign documents; its
    text names the `source`.
    """

    def __init__(
        self, certificate: bytes, key: PrivateKeyTypes, chain: Iterable[bytes] = (), *, source: str = "seal"
    ) -> None:
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ConfigError(f"{source}: expected an EC or RSA key, found {type(key).__name__}")
        if _public(key.public_key()) != _public(x509.load_der_x509_certificate(certificate).public_key()):
            raise ConfigError(f"{source}: the key does not belong to the certificate; take both from the same pair")
        usage = _usage(asn1_x509.Certificate.load(certificate))
        if usage is not None and not SEALING & usage:
            expected, found = " or ".join(sorted(SEALING)), ", ".join(sorted(usage))
            raise ConfigError(
                f"{source}: expected a certificate for {expected}, found {found}; ask for one that may sign"
            )
        self._certificate, self._key, self._chain = certificate, key, tuple(chain)

    @classmethod
    def from_pem(
        cls, certificate: Path, key: Path, *, password: bytes | None = None, chain: Iterable[Path] = ()
    ) -> "FileSigner":
        """From PEM files: the certificate (others in its file belong to the chain), the key, and the chain's files.

        Raises ConfigError naming the file.
        """
        first, *others = _certificates(certificate)
        above = [octets for path in chain for octets in _certificates(path)]
        try:
            loaded = load_pem_private_key(_read(key), password)
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{key}: key cannot be read, is the password right? ({error})") from error
        return cls(first, loaded, (*others, *above), source=str(certificate))

    @classmethod
    def from_pkcs12(cls, content: bytes, *, password: bytes | None, source: str = "PKCS#12") -> "FileSigner":
        """From the bytes of a .p12 or .pfx. Raises ConfigError."""
        try:
            found = pkcs12.load_pkcs12(content, password)
        except ValueError as error:
            raise ConfigError(f"{source}: cannot be opened, is the password right? ({error})") from error
        if found.key is None or found.cert is None:
            raise ConfigError(
                f"{source}: expected a key with its certificate, found {'no key' if found.cert else 'none'}"
            )
        others = [item.certificate.public_bytes(Encoding.DER) for item in found.additional_certs]
        return cls(found.cert.certificate.public_bytes(Encoding.DER), found.key, others, source=source)

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The certificates above it, DER, as far as known."""
        return self._chain

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        """CAdES-B-T over `data`, attached, DER; B-B without `stamp`. `at` is the claimed signing time (aware).

        What `stamp` raises comes out as it is; its token stands in the signature octet for octet.
        """
        p7m = asyncio.run(self._signed(data, at.astimezone(UTC).replace(microsecond=0)))
        if stamp is None:
            return p7m
        return with_timestamp(p7m, stamp("sha256", bytes.fromhex(sha256(open_signed(p7m).signature))))

    async def _signed(self, data: bytes, at: datetime) -> bytes:
        from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

        signed = await _pyhanko_signer(self._certificate, self._chain, self._key).async_sign_general_data(
            data,
            "sha256",
            detached=False,
            use_cades=True,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
        )
        # encoded in here: asyncio.run takes the repr of what it gives back, which is to encode it once more
        return _encoded(signed)


def check_certificate(certificate: bytes, *, at: datetime, expected_subject: str | None = None) -> tuple[Finding, ...]:
    """What to say of a signing certificate before it is used: valid at `at`, for signing, of the configured signer.

    `expected_subject` must be one of the values of the subject (commonName, serialNumber, organizationName,
    organizationIdentifier, ...), whole, upper and lower case alike; an Italian `TINIT-` or `VATIT-` in front may be
    left out. An end within 60 days is a warning. Revocation is asked of `archiver.chain`.
    """
    read = asn1_x509.Certificate.load(certificate)
    names = _subject(read)
    name = str(read.subject.native.get("common_name", read.subject.human_friendly))
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


def _pyhanko_signer(certificate: bytes, chain: tuple[bytes, ...], key: PrivateKeyTypes) -> "PyhankoSigner":
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class KeySigner(Signer):
        """pyHanko's own loads the key again for each signature; this one keeps it."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
            return _signature(key, data)

    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([asn1_x509.Certificate.load(octets) for octets in chain])
    return KeySigner(prefer_pss=True, signing_cert=asn1_x509.Certificate.load(certificate), cert_registry=registry)


def _signature(key: PrivateKeyTypes, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256()))
    assert isinstance(key, rsa.RSAPrivateKey), "the constructor lets no other key in"
    # the longest salt that fits is what pyHanko announces in the signature's parameters
    return key.sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH), hashes.SHA256())


def _encoded(signed: cms.ContentInfo) -> bytes:
    """DER. asn1crypto encodes what it built again and again at every level above, now and then for minutes."""
    data = signed["content"]
    fields = b"".join(data[name].dump() for name in data)
    content = parser.emit(2, 1, 0, parser.emit(0, 1, 16, fields))
    return bytes(parser.emit(0, 1, 16, signed["content_type"].dump() + content))


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


def _certificates(path: Path) -> list[bytes]:
    try:
        return [item.public_bytes(Encoding.DER) for item in x509.load_pem_x509_certificates(_read(path))]
    except ValueError as error:
        raise ConfigError(f"{path}: expected certificates in PEM, found none ({error})") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error


def _public(key: object) -> bytes:
    return bytes(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))  # type: ignore[attr-defined]

"""A signer whose key is a file: PEM or PKCS#12.

The key signs with ECDSA (P-256, P-384, P-521) or RSASSA-PSS; RSA PKCS#1 v1.5 ends in 2028 (ETSI TS 119 312).
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from archiver.adapters.signer.cades import Key, cades, stamped
from archiver.adapters.signer.certificate import certificates, may_seal, public_key, read
from archiver.adapters.signer.mechanism import PSS, mechanism_of
from archiver.errors import ConfigError
from archiver.ports import Stamp


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
        if public_key(key.public_key()) != public_key(x509.load_der_x509_certificate(certificate).public_key()):
            raise ConfigError(f"{source}: the key does not belong to the certificate; take both from the same pair")
        may_seal(certificate, source=source)
        self._certificate, self._key, self._chain = certificate, key, tuple(chain)
        self._mechanism = mechanism_of(certificate, "", source=source)

    @classmethod
    def from_pem(
        cls, certificate: Path, key: Path, *, password: bytes | None = None, chain: Iterable[Path] = ()
    ) -> "FileSigner":
        """From PEM files: the certificate (others in its file belong to the chain), the key, and the chain's files.

        Raises ConfigError naming the file.
        """
        first, *others = certificates(certificate)
        above = [octets for path in chain for octets in certificates(path)]
        try:
            loaded = load_pem_private_key(read(key), password)
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

    def ready(self) -> None:
        """The key is here: nothing to ask."""

    def sign(self, data: bytes, *, at: datetime, stamp: Stamp | None) -> bytes:
        """CAdES-B-T over `data`, attached, DER; B-B without `stamp`. `at` is the claimed signing time (aware).

        What `stamp` raises comes out as it is; its token stands in the signature octet for octet.
        """
        return stamped(cades(data, self.key(), at=at), stamp)

    def key(self) -> Key:
        """The key as whoever makes another form of signature needs it."""
        return Key(self._raw, self._certificate, self._chain, self._mechanism)

    def _raw(self, data: bytes) -> bytes:
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._key.sign(data, PSS, hashes.SHA256())

"""How a certificate's key signs: ECDSA, RSASSA-PSS, or PKCS#1 v1.5 where nothing else is to be had; SHA-256 always.

The salt of PSS is as long as the digest: tokens and services that follow FIPS 186-5 (5.4) allow no longer one.
"""

from dataclasses import dataclass

from asn1crypto import algos
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from archiver.errors import ConfigError

SALT = 32
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), SALT)
WANTED = ("", "rsa-pkcs1")

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`name` as in `archiver.evidence.algorithms`, and the public key that verifies."""

    name: str
    key: PublicKey

    @property
    def bits(self) -> int:
        """The size of the key."""
        return self.key.key_size

    @property
    def octets(self) -> int:
        """How long an RSA signature is; half of an ECDSA signature as r and s in a row."""
        return (self.bits + 7) // 8

    @property
    def announced(self) -> algos.SignedDigestAlgorithm:
        """What stands in the signature as its signatureAlgorithm (RFC 5754, 3; RFC 4056, 3)."""
        if self.name == "ecdsa":
            return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
        if self.name == "rsassa_pkcs1v15":
            return algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        mask = algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": digest})
        parameters = {"hash_algorithm": digest, "mask_gen_algorithm": mask, "salt_length": SALT}
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": algos.RSASSAPSSParams(parameters)})

    def fits(self, signature: bytes, data: bytes) -> bool:
        """Whether `signature` (ECDSA: DER) is this key's over `data`."""
        padded = PSS if self.name == "rsassa_pss" else padding.PKCS1v15()
        try:
            if isinstance(self.key, ec.EllipticCurvePublicKey):
                self.key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
            else:
                self.key.verify(signature, data, padded, hashes.SHA256())
        except InvalidSignature:
            return False
        return True


def mechanism_of(certificate: bytes, wanted: str, *, source: str) -> Mechanism:
    """How the key of a certificate (DER) signs; `wanted` is empty (by the key) or "rsa-pkcs1".

    Raises ConfigError, naming `source`, for a key that cannot sign here or not in that way.
    """
    if wanted not in WANTED:
        raise ConfigError(f"{source}: mechanism: expected nothing (by the key) or rsa-pkcs1, found {wanted!r}")
    key = x509.load_der_x509_certificate(certificate).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return Mechanism("rsassa_pkcs1v15" if wanted else "rsassa_pss", key)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        found = type(key).__name__.removesuffix("PublicKey")
        raise ConfigError(f"{source}: expected a certificate with an EC or RSA key, found {found}")
    if wanted:
        raise ConfigError(f"{source}: mechanism {wanted}: the certificate's key is EC; leave mechanism out")
    return Mechanism("ecdsa", key)

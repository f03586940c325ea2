"""A detached CMS SignedData, in DER or BER, by hand (RFC 5652): the bytes depend on no library's defaults."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

INTEGER, OCTETS, NULL, OID, UTC_TIME, SEQUENCE, SET, CONTEXT_0 = 0x02, 0x04, 0x05, 0x06, 0x17, 0x30, 0x31, 0xA0


def der(tag: int, *parts: bytes) -> bytes:
    """One DER element: tag, length in the shortest form, and the concatenation of `parts`."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def ber(tag: int, *parts: bytes) -> bytes:
    """One constructed BER element of indefinite length, as providers that sign while they stream write it."""
    return b"".join((bytes((tag, 0x80)), *parts, b"\0\0"))


def oid(dotted: str) -> bytes:
    """A DER OBJECT IDENTIFIER."""
    first, second, *arcs = map(int, dotted.split("."))
    return der(OID, bytes((40 * first + second,)), *(_base128(arc) for arc in arcs))


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(0x80 | arc & 0x7F)
    return bytes(reversed(digits))


DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
SIGNING_TIME = oid("1.2.840.113549.1.9.5")
VERSION_1 = der(INTEGER, b"\x01")
RSA_ENCRYPTION = der(SEQUENCE, oid("1.2.840.113549.1.1.1"), der(NULL))
DIGESTS: dict[str, tuple[bytes, hashes.HashAlgorithm]] = {
    "sha1": (der(SEQUENCE, oid("1.3.14.3.2.26"), der(NULL)), hashes.SHA1()),
    "sha256": (der(SEQUENCE, oid("2.16.840.1.101.3.4.2.1"), der(NULL)), hashes.SHA256()),
}


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key with what a reader needs to check it, in DER; `digest`, `sha256` or `sha1`, is the usual one."""

    key: rsa.RSAPrivateKey
    certificate: bytes
    authority: bytes
    issuer_and_serial: bytes
    digest: str = "sha256"

    def sign(self, content: bytes, *, at: datetime, digest: str = "", indefinite: bool = False) -> bytes:
        """A detached ContentInfo over `content`, RSA PKCS#1 v1.5; `at` is the signingTime.

        `indefinite` writes all that is not signed itself in BER with indefinite lengths.
        """
        algorithm, hashing = DIGESTS[digest or self.digest]
        attributes = _attributes(hashlib.new(digest or self.digest, content).digest(), at)
        # RFC 5652 5.4: what is signed is the SET OF; what is written is the same octets under [0]
        signature = self.key.sign(der(SET, attributes), padding.PKCS1v15(), hashing)
        info = der(
            SEQUENCE,
            VERSION_1,
            self.issuer_and_serial,
            algorithm,
            der(CONTEXT_0, attributes),
            RSA_ENCRYPTION,
            der(OCTETS, signature),
        )
        outer = ber if indefinite else der
        certificates = outer(CONTEXT_0, self.certificate, self.authority)
        content_info = outer(SEQUENCE, DATA)
        signed = outer(SEQUENCE, VERSION_1, der(SET, algorithm), content_info, certificates, der(SET, info))
        return outer(SEQUENCE, SIGNED_DATA, outer(CONTEXT_0, signed))


def _attributes(digest: bytes, at: datetime) -> bytes:
    signing_time = at.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode()
    rows = (
        der(SEQUENCE, CONTENT_TYPE, der(SET, DATA)),
        der(SEQUENCE, SIGNING_TIME, der(SET, der(UTC_TIME, signing_time))),
        der(SEQUENCE, MESSAGE_DIGEST, der(SET, der(OCTETS, digest))),
    )
    return b"".join(sorted(rows))  # DER orders a SET OF by its encodings

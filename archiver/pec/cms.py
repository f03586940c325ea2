"""The CMS SignedData of a detached signature (RFC 5652, 5), read into plain values, and its mathematics.

BER is read as well as DER. What was signed is never encoded again: the signed attributes are hashed as they lie in
the message, under the tag of a SET OF (RFC 5652, 5.4).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, parser
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from archiver.pec.certificate import UGLY, Certificate

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}
"""Digest algorithms that are understood, by the name that asn1crypto and hashlib give them."""

_SET_OF, _SEQUENCE = 0x31, 0x30
_CERTIFICATES = 64  # a message has two or three


@dataclass(frozen=True, slots=True)
class Pss:
    """Parameters of RSASSA-PSS: the digest of the mask (MGF1), and the octets of salt."""

    mask: str
    salt: int


@dataclass(frozen=True, slots=True)
class SignedData:
    """The first signer of a SignedData. `issuer` and `serial`, or `key_id`, say which certificate is the signer's.

    `attributes` are the signed attributes as a SET OF, ready to be hashed; empty when nothing but the content is
    signed. `digest` names the algorithm of `message_digest`, `signature_digest` that of the signature.
    """

    certificates: tuple[bytes, ...]
    signers: int
    issuer: bytes
    serial: int
    key_id: bytes
    digest: str
    signature_digest: str
    pss: Pss | None
    attributes: bytes
    message_digest: bytes
    claimed_time: datetime | None
    signature: bytes

    def names(self, candidate: Certificate) -> bool:
        """Whether `candidate` is the certificate that the SignerIdentifier means."""
        if self.key_id:
            return candidate.key_id == self.key_id
        return candidate.serial == self.serial and candidate.issuer == self.issuer


def read(der: bytes) -> SignedData | None:
    """The SignedData in `der` (a ContentInfo, BER or DER), None when it cannot be read or nobody signed."""
    try:
        info = cms.ContentInfo.load(der)
        if info["content_type"].native != "signed_data" or not len(info["content"]["signer_infos"]):
            return None
        return _read(info["content"])
    except UGLY:
        return None


def holds(data: SignedData, key: Any) -> bool | None:
    """Whether the signature over the attributes is `key`'s; None when its algorithm is not understood."""
    algorithm = HASHES.get(data.signature_digest)
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm:
            key.verify(data.signature, data.attributes, _padding(data.pss), algorithm())
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm:
            key.verify(data.signature, data.attributes, ec.ECDSA(algorithm()))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(data.signature, data.attributes)
        else:
            return None
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError):
        return None
    return True


def digester(name: str) -> Any:
    """A hashlib object for one of HASHES, None for any other name."""
    return hashlib.new(name, usedforsecurity=False) if name in HASHES else None


def _read(data: cms.SignedData) -> SignedData:
    signer = data["signer_infos"][0]
    issuer, serial, key_id = _identifier(signer["sid"])
    digest = signer["digest_algorithm"]["algorithm"].native
    attributes = signer["signed_attrs"]
    stated = _attributes(attributes)
    signature_digest, pss = _signature_algorithm(signer["signature_algorithm"], digest)
    moment = stated.get("signing_time")
    return SignedData(
        certificates=_certificates(data["certificates"]),
        signers=len(data["signer_infos"]),
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest=digest,
        signature_digest=signature_digest,
        pss=pss,
        attributes=_set_of(attributes.contents) if stated else b"",
        message_digest=stated.get("message_digest", b""),
        claimed_time=moment if isinstance(moment, datetime) and moment.tzinfo else None,
        signature=signer["signature"].native,
    )


def _identifier(sid: cms.SignerIdentifier) -> tuple[bytes, int, bytes]:
    if sid.name == "issuer_and_serial_number":
        return sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native, b""
    return b"", 0, sid.chosen.native


def _certificates(found: Any) -> tuple[bytes, ...]:
    """The X.509 certificates, as encoded; cut out by their lengths, for reading them all would take longer."""
    octets: bytes = found.contents or b""
    cut: list[bytes] = []
    while octets and len(cut) < _CERTIFICATES:
        size = parser.peek(octets)
        cut.append(octets[:size])
        octets = octets[size:]
    return tuple(item for item in cut if item[0] == _SEQUENCE)  # the other choices are tagged


def _attributes(attributes: Any) -> dict[str, Any]:
    """The signed attributes that are used, the first value of each; RFC 5652, 11 allows them one."""
    wanted = ("message_digest", "signing_time", "content_type")
    found: dict[str, Any] = {}
    for attribute in attributes if len(attributes) else ():
        name = attribute["type"].native
        if name in wanted and name not in found:
            found[name] = attribute["values"][0].native
    return found


def _signature_algorithm(algorithm: Any, digest: str) -> tuple[str, Pss | None]:
    """The digest of the signature; plain rsaEncryption means that of the content (RFC 3370, 3.2)."""
    name = algorithm["algorithm"].native
    if name == "rsassa_pss":
        stated = algorithm["parameters"]
        mask = stated["mask_gen_algorithm"]["parameters"]["algorithm"].native
        return stated["hash_algorithm"]["algorithm"].native, Pss(mask, stated["salt_length"].native)
    prefix = name.partition("_")[0]
    return (prefix if prefix in HASHES else digest), None


def _padding(pss: Pss | None) -> Any:
    if pss is None:
        return padding.PKCS1v15()
    if pss.mask not in HASHES:
        raise UnsupportedAlgorithm(pss.mask)
    return padding.PSS(padding.MGF1(HASHES[pss.mask]()), pss.salt)


def _set_of(contents: bytes) -> bytes:
    """The contents under the universal tag, as encoded: not sorted again, for they were hashed in this order."""
    size = len(contents)
    if size < 0x80:
        return bytes((_SET_OF, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((_SET_OF, 0x80 | len(length))) + length + contents

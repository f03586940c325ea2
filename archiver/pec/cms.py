"""The CMS SignedData of a detached signature (RFC 5652, 5), read into plain values, and its mathematics.

BER is read as well as DER. What was signed is never encoded again: the signed attributes are hashed as they lie in
the message, under the tag of a SET OF (RFC 5652, 5.4).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import algos
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

from archiver.errors import Malformed
from archiver.pec import ber
from archiver.pec.ber import INTEGER, OCTET_STRING, OID, SEQUENCE, SET, Value, Walk
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

SIGNERS = 20
"""Signers of one SignedData that are read."""

_CERTIFICATES = 64  # a message has two or three
_ALGORITHM = 1000  # octets of an AlgorithmIdentifier; with all its parameters it has under 100
_TAGGED = 0xA0  # [0], constructed
_PIECES = OCTET_STRING | 0x20
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_TIME = bytes.fromhex("2a864886f70d010905")
_TIME = re.compile(rb"(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z")


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


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A SignedData with all its signers, at most SIGNERS of so many `found`, and what they signed.

    `content` are the ranges of the content's octets in what was read, BER's pieces in order; none when it is detached.
    `kind` is the OID of the content's type, without its tag.
    """

    kind: bytes
    content: tuple[tuple[int, int], ...] | None
    signers: tuple[SignedData, ...]
    found: int


def enclosed(octets: bytes, steps: ber.Steps | None = None) -> Enclosed | None:
    """The SignedData in `octets` (a ContentInfo, BER or DER); None for another kind of CMS.

    Raises Malformed; `ber.TooMany` when reading it takes more than `steps`.
    """
    try:
        return _enclosed(Walk(octets, steps))
    except UGLY as error:
        raise Malformed(f"CMS: {error}") from error


def read(der: bytes) -> SignedData | None:
    """The SignedData in `der` (a ContentInfo, BER or DER), None when it cannot be read or nobody signed."""
    try:
        return _read(Walk(der))
    except (Malformed, *UGLY):
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


def algorithms(data: SignedData, key: Any) -> tuple[tuple[str, int], ...]:
    """What the signature rests on: digests and curve, with 0 bits, and its mechanism with those of `key`."""
    digests = dict.fromkeys((data.digest, data.signature_digest, *((data.pss.mask,) if data.pss else ())))
    named = tuple((name, 0) for name in digests)
    match key:
        case rsa.RSAPublicKey():
            return (*named, ("rsassa_pss" if data.pss else "rsassa_pkcs1v15", key.key_size))
        case ec.EllipticCurvePublicKey():
            return (*named, ("ecdsa", key.key_size), (key.curve.name.lower(), 0))
        case ed25519.Ed25519PublicKey():
            return ((data.digest, 0), ("ed25519", 256))
        case ed448.Ed448PublicKey():
            return ((data.digest, 0), ("ed448", 456))
        case _:
            return named


def digester(name: str) -> Any:
    """A hashlib object for one of HASHES, None for any other name."""
    return hashlib.new(name, usedforsecurity=False) if name in HASHES else None


def _enclosed(walk: Walk) -> Enclosed | None:
    outer = walk.value(0, len(walk.octets))
    if outer.tag != SEQUENCE:
        raise Malformed(f"octet 0: expected tag {SEQUENCE:02x}, found {outer.tag:02x}")
    kind, wrapped = walk.expect(outer, OID, _TAGGED)
    if walk.content(kind) != _SIGNED_DATA:
        return None
    fields = walk.values(walk.expect(wrapped, SEQUENCE)[0])
    signers = walk.values(fields[-1]) if fields[-1].tag == SET else []
    certificates = next((_certificates(walk, field) for field in fields if field.tag == _TAGGED), ())
    content = walk.values(fields[2])
    inner = walk.values(content[1])[0] if len(content) > 1 else None
    return Enclosed(
        kind=walk.content(content[0]),
        content=None if inner is None else tuple(_pieces(walk, inner)),
        signers=tuple(_signer(walk, walk.values(info), certificates, len(signers)) for info in signers[:SIGNERS]),
        found=len(signers),
    )


def _pieces(walk: Walk, found: Value, depth: int = ber.DEPTH) -> Iterator[tuple[int, int]]:
    """Where the octets of a string lie, without its tags (X.690, 8.7.3)."""
    if found.tag != _PIECES:
        yield found.body, found.end
        return
    for item in walk.values(found) if depth else ():
        yield from _pieces(walk, item, depth - 1)


def _read(walk: Walk) -> SignedData | None:
    kind, wrapped = walk.expect(walk.value(0, len(walk.octets)), OID, _TAGGED)
    fields = walk.values(walk.expect(wrapped, SEQUENCE)[0])
    signers = walk.values(fields[-1]) if fields[-1].tag == SET else []
    if walk.content(kind) != _SIGNED_DATA or not signers:
        return None
    certificates = next((_certificates(walk, field) for field in fields if field.tag == _TAGGED), ())
    return _signer(walk, walk.values(signers[0]), certificates, len(signers))


def _signer(walk: Walk, info: list[Value], certificates: tuple[bytes, ...], signers: int) -> SignedData:
    """RFC 5652, 5.3: version, sid, digestAlgorithm, signedAttrs if there are any, signatureAlgorithm, signature."""
    issuer, serial, key_id = _identifier(walk, info[1])
    digest = _digest(walk.whole(info[2])[:_ALGORITHM])
    signed = info[3] if info[3].tag == _TAGGED else None
    algorithm, signature = info[4:6] if signed else info[3:5]
    attributes = _attributes(walk, signed) if signed else {}
    signature_digest, pss = _signature_algorithm(walk.whole(algorithm)[:_ALGORITHM])
    message_digest = attributes.get(_MESSAGE_DIGEST)
    return SignedData(
        certificates=certificates,
        signers=signers,
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest=digest,
        signature_digest=signature_digest or digest,
        pss=pss,
        attributes=_set_of(walk.content(signed)) if signed else b"",
        message_digest=_octet_string(walk, message_digest) if message_digest else b"",
        claimed_time=_moment(walk.octets, attributes.get(_SIGNING_TIME)),
        signature=_octet_string(walk, signature),
    )


def _identifier(walk: Walk, sid: Value) -> tuple[bytes, int, bytes]:
    if sid.tag != SEQUENCE:
        return b"", 0, walk.string(sid)
    issuer, serial = walk.expect(sid, SEQUENCE, INTEGER)
    return walk.whole(issuer), int.from_bytes(walk.content(serial), signed=True), b""


def _certificates(walk: Walk, found: Value) -> tuple[bytes, ...]:
    """The X.509 certificates, as encoded; the other choices are tagged."""
    return tuple(walk.whole(item) for item in walk.values(found)[:_CERTIFICATES] if item.tag == SEQUENCE)


def _attributes(walk: Walk, signed: Value) -> dict[bytes, Value]:
    """The signed attributes by type (the octets of its OID), the first value of each; RFC 5652, 11 allows them one."""
    found: dict[bytes, Value] = {}
    for attribute in walk.values(signed):
        kind, values = walk.expect(attribute, OID, SET)
        found.setdefault(walk.content(kind), walk.value(values.body, values.end))
    return found


def _octet_string(walk: Walk, found: Value) -> bytes:
    if found.tag not in (OCTET_STRING, _PIECES):
        raise Malformed(f"octet {found.start}: expected an OCTET STRING, found tag {found.tag:02x}")
    return walk.string(found)


def _moment(octets: bytes, found: Value | None) -> datetime | None:
    """UTCTime or GeneralizedTime in their one form of DER; None for anything else."""
    stated = _TIME.fullmatch(octets, found.body, found.end) if found else None
    if not stated:
        return None
    year, month, day, hour, minute, second = map(int, stated.group(2, 3, 4, 5, 6, 7))
    century = int(stated[1]) if stated[1] else 20 if year < 50 else 19  # X.509: two digits turn at 50
    try:
        return datetime(100 * century + year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _digest(algorithm: bytes) -> str:
    """The digest that an AlgorithmIdentifier (DER) means; an unknown one by its number."""
    return str(algos.DigestAlgorithm.load(algorithm)["algorithm"].native)


@lru_cache(maxsize=256)
def _signature_algorithm(identifier: bytes) -> tuple[str, Pss | None]:
    """The digest of the signature; empty for plain rsaEncryption, which means that of the content (RFC 3370, 3.2)."""
    algorithm = algos.SignedDigestAlgorithm.load(identifier)
    name = algorithm["algorithm"].native
    if name == "rsassa_pss":
        stated = algorithm["parameters"]
        mask = stated["mask_gen_algorithm"]["parameters"]["algorithm"].native
        return stated["hash_algorithm"]["algorithm"].native, Pss(mask, stated["salt_length"].native)
    prefix = name.rpartition("_")[0]
    return (prefix if prefix in HASHES else ""), None


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
        return bytes((SET, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((SET, 0x80 | len(length))) + length + contents

"""One CMS SignedData with one signer, opened: the octets that were signed, and whether the signature fits them.

RFC 5652, 5. Nothing is re-encoded: what was signed is taken from the octets as they came (BER or DER).
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, parser, tsp, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_public_key

from archiver.errors import Malformed
from archiver.evidence.carried import UNREADABLE as UNREADABLE
from archiver.evidence.carried import carried
from archiver.verdict import Finding, finding

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - old tokens are read; their strength is judged by algorithms
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
    "sha3_224": hashes.SHA3_224(),
    "sha3_256": hashes.SHA3_256(),
    "sha3_384": hashes.SHA3_384(),
    "sha3_512": hashes.SHA3_512(),
    "shake256": hashes.SHAKE256(64),
}
"""By the name that asn1crypto and hashlib give; of SHAKE256 512 bits, as Ed448 has it (RFC 8419, 2.3)."""
_SHA3_WITH_RSA = {
    "2.16.840.1.101.3.4.3.14": "sha3_256",
    "2.16.840.1.101.3.4.3.15": "sha3_384",
    "2.16.840.1.101.3.4.3.16": "sha3_512",
}
"""RSASSA-PKCS1-v1_5 with SHA-3 (NIST CSOR): unknown to asn1crypto."""
_EDWARDS = {"ed25519": 256, "ed448": 456}
"""Bits of a key (RFC 8032, 5)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """ESSCertID (version 1, RFC 2634) or ESSCertIDv2 (version 2, RFC 5035): the certificate the signer meant."""

    version: int
    algorithm: str
    digest: bytes
    serial: int | None

    def fits(self, certificate: bytes) -> bool:
        """Whether `certificate` (DER) is the one."""
        if digest(self.algorithm, certificate) != self.digest:
            return False
        return self.serial is None or self.serial == x509.Certificate.load(certificate).serial_number


@dataclass(frozen=True, slots=True)
class Mechanism:
    """How the signature was made: `name` as in `algorithms`, its digest, and for PSS the mask's digest and salt."""

    name: str
    digest: str
    mask: str = ""
    salt: int = 0


@dataclass(frozen=True, slots=True)
class Signed:
    """What a SignedData says; nothing in it is proven yet. Certificates, CRLs and OCSP responses are DER.

    `certificate` is the signer's, None when neither the bag nor the extra ones hold it. `message_digest` and
    `attribute_type` are signed claims about the content; `tokens` are signature timestamps (unsigned), octets as found.
    """

    content_type: str
    content: bytes | None = field(repr=False)
    attribute_type: str
    message_digest: bytes
    digest_algorithm: str
    signed_octets: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    mechanism: Mechanism
    reference: Reference | None
    signing_time: datetime | None
    certificate: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    crls: tuple[bytes, ...] = field(repr=False)
    ocsps: tuple[bytes, ...] = field(repr=False)
    tokens: tuple[bytes, ...] = field(repr=False)

    @property
    def algorithms(self) -> tuple[tuple[str, int], ...]:
        """What the signature rests on: digests and curve, with 0 bits, and its mechanism with the key's bits, if known.

        The digest inside EdDSA is part of it (RFC 8032), and is not named.
        """
        how = self.mechanism
        digests = (self.digest_algorithm,) if how.name in _EDWARDS else (self.digest_algorithm, how.digest)
        named = tuple((name, 0) for name in dict.fromkeys(digests))
        try:
            key = None if self.certificate is None else _key(self.certificate)
        except (UnsupportedAlgorithm, ValueError):
            key = None  # `faults` says so
        match key:
            case None:
                return named
            case ec.EllipticCurvePublicKey():
                return (*named, (how.name, key.key_size), (key.curve.name.lower(), 0))
            case _:
                return (*named, (how.name, getattr(key, "key_size", _EDWARDS.get(how.name, 0))))


def digest(algorithm: str, data: bytes) -> bytes:
    """Digest by asn1crypto's name. Raises Malformed for one that is not known."""
    if _known(algorithm) == "shake256":
        return hashlib.shake_256(data).digest(64)
    return hashlib.new(algorithm, data).digest()


def digest_of(algorithms: Iterable[str], chunks: Iterable[bytes]) -> dict[str, bytes]:
    """The digests of the concatenation of `chunks`, in one pass. Raises as `digest`."""
    running = {name: hashes.Hash(_HASHES[_known(name)]) for name in algorithms}
    for chunk in chunks:
        for one in running.values():
            one.update(chunk)
    return {name: one.finalize() for name, one in running.items()}


def open_signed(octets: bytes, extra: tuple[bytes, ...] = ()) -> Signed:
    """Reads a ContentInfo with SignedData and exactly one signer; `extra` are certificates that may be the signer's.

    Raises Malformed for anything else, and for a signer without the attributes that RFC 5652, 11 asks for.
    """
    try:
        outer = cms.ContentInfo.load(octets, strict=True)
        if outer["content_type"].native != "signed_data":
            raise Malformed(f"expected SignedData, found {outer['content_type'].native}")
        return _opened(outer["content"], extra)
    except UNREADABLE as error:
        raise Malformed(f"not a CMS SignedData: {error}") from error


def faults(signed: Signed, *, expected_type: str, subject: str) -> Iterator[Finding]:
    """What is wrong between the content, the signed attributes, the signature and the certificate (RFC 5652, 5.6)."""
    # 1. what was signed is what is there: content type and digest (RFC 5652, 11.1 and 11.2)
    if not signed.content_type == signed.attribute_type == expected_type:
        found = f"{signed.content_type} / {signed.attribute_type}"
        yield finding("CMS_CONTENT_TYPE", subject, expected=expected_type, found=found)
    computed = digest(signed.digest_algorithm, signed.content or b"")
    if computed != signed.message_digest:
        yield finding("CMS_DIGEST", subject, expected=signed.message_digest.hex(), found=computed.hex())
    # 2. the signer's certificate is there, and it is the one that was meant (RFC 5035, 5)
    if signed.certificate is None:
        yield finding("CMS_SIGNER_ABSENT", subject)
        return
    if signed.reference is None:
        yield finding("CMS_REFERENCE_ABSENT", subject)
    elif not signed.reference.fits(signed.certificate):
        found = digest(signed.reference.algorithm, signed.certificate).hex()
        yield finding("CMS_REFERENCE", subject, expected=signed.reference.digest.hex(), found=found)
    # 3. the signature itself (RFC 5652, 5.4)
    yield from _math(signed, signed.certificate, subject)


def _opened(data: cms.SignedData, extra: tuple[bytes, ...]) -> Signed:
    if len(data["signer_infos"]) != 1:
        raise Malformed(f"expected exactly one signer, found {len(data['signer_infos'])}")
    signer = data["signer_infos"][0]
    used, announced = _digest_name(signer["digest_algorithm"]), data["digest_algorithms"]
    if used not in {_digest_name(item) for item in announced}:
        raise Malformed(f"digestAlgorithms: expected {used} among them")
    signed_attributes = signer["signed_attrs"]
    as_set = _as_set(signed_attributes)  # first: once they are looked into, asn1crypto writes them anew
    if not len(signed_attributes):
        raise Malformed("the signer signed no attributes")
    beside = carried(data, signer)
    reference = _reference(signed_attributes)
    content = data["encap_content_info"]["content"]
    return Signed(
        content_type=data["encap_content_info"]["content_type"].native,
        content=None if isinstance(content, core.Void) else _octets(content),
        attribute_type=_only(signed_attributes, "content_type", required=True).native,
        message_digest=_only(signed_attributes, "message_digest", required=True).native,
        digest_algorithm=_known(used),
        signed_octets=as_set,
        signature=signer["signature"].native,
        mechanism=_mechanism(signer),
        reference=reference,
        signing_time=getattr(_only(signed_attributes, "signing_time"), "native", None),
        certificate=_signer_certificate(signer["sid"], (*beside.certificates, *extra), reference),
        certificates=beside.certificates,
        crls=beside.crls,
        ocsps=beside.ocsps,
        tokens=_tokens(signer["unsigned_attrs"]),
    )


def _digest_name(identifier: algos.DigestAlgorithm) -> str:
    """asn1crypto's name; SHAKE256 has two identifiers, the other one with its length (RFC 8702, 3.1)."""
    return str(identifier["algorithm"].native).removesuffix("_len")


def _known(algorithm: str) -> str:
    if algorithm not in _HASHES:
        raise Malformed(f"digest algorithm: expected one of {', '.join(_HASHES)}, found {algorithm}")
    return algorithm


def _octets(content: Any) -> bytes:
    """The content of the OCTET STRING, its pieces joined when it came in pieces."""
    if isinstance(content, core.Any):  # version 1 with a content other than data
        content = content.parse(core.OctetString)
    return bytes(content)


def _only(attributes: cms.CMSAttributes, kind: str, *, required: bool = False) -> Any:
    """The one value of the one attribute of this kind, None without one (RFC 5652, 11: never two)."""
    values = [value for item in attributes if item["type"].native == kind for value in item["values"]]
    if len(values) > 1 or (required and not values):
        raise Malformed(f"signed attribute {kind}: expected one value, found {len(values)}")
    return values[0] if values else None


def _as_set(attributes: cms.CMSAttributes) -> bytes:
    """The signed attributes under the tag of a SET OF, otherwise as they came: never sorted again (RFC 5652, 5.4)."""
    return bytes(parser.emit(0, 1, 17, attributes.contents))


def _reference(attributes: cms.CMSAttributes) -> Reference | None:
    second = _only(attributes, "signing_certificate_v2")
    first = _only(attributes, "signing_certificate")
    if second is None and first is None:
        return None
    identifier = (first if second is None else second)["certs"][0]
    serial = identifier["issuer_serial"]
    return Reference(
        version=1 if second is None else 2,
        algorithm="sha1" if second is None else _known(identifier["hash_algorithm"]["algorithm"].native),
        digest=identifier["cert_hash"].native,
        serial=serial["serial_number"].native if isinstance(serial, tsp.IssuerSerial) else None,
    )


def _mechanism(signer: cms.SignerInfo) -> Mechanism:
    algorithm, implied = signer["signature_algorithm"], _digest_name(signer["digest_algorithm"])
    if algorithm["algorithm"].dotted in _SHA3_WITH_RSA:
        return Mechanism("rsassa_pkcs1v15", _SHA3_WITH_RSA[algorithm["algorithm"].dotted])
    name = algorithm.signature_algo
    if name == "rsassa_pss":
        parameters = algorithm["parameters"]
        mask = parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native
        return Mechanism(name, algorithm.hash_algo, mask, parameters["salt_length"].native)
    try:
        return Mechanism(name, algorithm.hash_algo)
    except ValueError:  # plain rsaEncryption names no digest: it is the signer's
        return Mechanism(name, implied)


def _signer_certificate(sid: Any, bag: tuple[bytes, ...], reference: Reference | None) -> bytes | None:
    """The certificate that the signer names; among several of that name, the one that its reference fits."""
    named = [octets for octets in bag if _is_named(sid, x509.Certificate.load(octets))]
    if reference is None:
        return named[0] if named else None
    return next((octets for octets in named if reference.fits(octets)), named[0] if named else None)


def _is_named(sid: Any, certificate: x509.Certificate) -> bool:
    if sid.name == "subject_key_identifier":
        return bool(certificate.key_identifier == sid.chosen.native)
    named = sid.chosen
    return bool(
        named["serial_number"].native == certificate.serial_number
        and named["issuer"].dump() == certificate.issuer.dump()
    )


def _tokens(attributes: cms.CMSAttributes) -> tuple[bytes, ...]:
    """Signature timestamps, cut out octet for octet: asn1crypto would encode BER again (EN 319 122-1, 5.3)."""
    tokens = []
    for item in attributes:
        if item["type"].native == "signature_time_stamp_token":
            left = item["values"].contents
            while left:
                length = parser.peek(left)
                tokens.append(left[:length])
                left = left[length:]
    return tuple(tokens)


def _math(signed: Signed, certificate: bytes, subject: str) -> Iterator[Finding]:
    how = signed.mechanism
    try:
        _check(_key(certificate), signed, _HASHES.get(how.digest))
    except InvalidSignature:
        yield finding("CMS_SIGNATURE", subject, algorithm=f"{how.name} {how.digest}")
    except (UnsupportedAlgorithm, ValueError, TypeError) as error:
        yield finding("CMS_ALGORITHM", subject, algorithm=f"{how.name} {how.digest}", reason=error)


def _key(certificate: bytes) -> PublicKeyTypes:
    return load_der_public_key(x509.Certificate.load(certificate).public_key.dump())


def _check(key: PublicKeyTypes, signed: Signed, made_with: hashes.HashAlgorithm | None) -> None:
    """Raises InvalidSignature, or UnsupportedAlgorithm when this key cannot have made such a signature."""
    how, signature, data = signed.mechanism, signed.signature, signed.signed_octets
    match key, how.name:
        case ((ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey()), ("ed25519" | "ed448")):
            key.verify(signature, data)
        case ec.EllipticCurvePublicKey(), "ecdsa" if made_with:
            key.verify(signature, data, ec.ECDSA(made_with))
        case rsa.RSAPublicKey(), "rsassa_pkcs1v15" if made_with:
            key.verify(signature, data, padding.PKCS1v15(), made_with)
        case rsa.RSAPublicKey(), "rsassa_pss" if made_with and how.mask in _HASHES:
            key.verify(signature, data, padding.PSS(padding.MGF1(_HASHES[how.mask]), how.salt), made_with)
        case _:
            raise UnsupportedAlgorithm(f"{type(key).__name__} with {how.name}, digest {how.digest}")

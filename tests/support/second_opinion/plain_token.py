"""A timestamp token, read and checked (RFC 3161, 2.4.2; RFC 5652, 5; RFC 5816)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from support.second_opinion.believed import COMPROMISES, Believed, readable
from support.second_opinion.plain_der import UnreadableError, Value, dotted, one, wrapped

DIGESTS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
}
MECHANISMS = {
    "1.2.840.113549.1.1.1": ("rsassa_pkcs1v15", ""),
    "1.2.840.113549.1.1.11": ("rsassa_pkcs1v15", "sha256"),
    "1.2.840.113549.1.1.13": ("rsassa_pkcs1v15", "sha512"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "1.3.101.112": ("ed25519", "sha512"),
}
HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
ESS_V2 = "1.2.840.113549.1.9.16.2.47"
CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True)
class Token:
    """What it says. `attributes`: what was signed beside the content, one value each by its identifier."""

    gen_time: datetime
    algorithm: str
    imprint: bytes
    info: bytes
    content_type: str
    digest: str
    mechanism: tuple[str, str]
    attributes: dict[str, Value]
    signed: bytes
    signature: bytes
    signer: tuple[bytes, int]
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]


def digest_name(identifier: Value) -> str:
    """The digest that an AlgorithmIdentifier names; parameters absent or NULL (RFC 5754, 2)."""
    kind, *parameters = identifier.inside(0x06)
    if identifier.tag != 0x30:
        raise UnreadableError("expected an AlgorithmIdentifier")
    if [item.octets for item in parameters] not in ([], [b"\x05\x00"]):
        raise UnreadableError("a digest has no parameters")
    return _known(DIGESTS, dotted(kind))


def read(octets: bytes) -> Token:
    """Raises UnreadableError."""
    kind, wrapping = one(octets, 0x30).inside(0x06, 0xA0)
    if dotted(kind) != SIGNED_DATA:
        raise UnreadableError("expected SignedData")
    version, announced, content, *bags, signers = one(wrapping.content, 0x30).inside(0x02, 0x31, 0x30)
    (signer,) = _exactly(1, signers.inside(0x30))
    others = any(item.tag in (0xA1, 0xA3) for bag in bags for item in bag.inside())
    if version.content not in ((b"\x03", b"\x05") if others else (b"\x03",)):
        raise UnreadableError("another version than its content asks for")  # RFC 5652, 5.1
    number, sid, used, attributes, mechanism, signature, *_ = signer.inside(0x02, 0x30, 0x30, 0xA0, 0x30, 0x04)
    if number.content not in map(bytes, zip(range(6))):
        raise UnreadableError("no version of a signer")
    if digest_name(used) not in map(digest_name, announced.inside()):
        raise UnreadableError("the signer's digest is not announced")  # RFC 5652, 5.1
    issuer, serial = sid.inside(0x30, 0x02)
    content_type, holder = content.inside(0x06, 0xA0)
    info = one(holder.content, 0x04).content
    _, _, imprint, _, moment, *_ = one(info, 0x30).inside(0x02, 0x06, 0x30, 0x02, 0x18)
    how, hashed = imprint.inside(0x30, 0x04)
    return Token(
        gen_time=_moment(moment.content),
        algorithm=digest_name(how),
        imprint=hashed.content,
        info=info,
        content_type=dotted(content_type),
        digest=digest_name(used),
        mechanism=_known(MECHANISMS, dotted(mechanism.inside(0x06)[0])),
        attributes=dict(map(_attribute, attributes.inside())),
        signed=wrapped(0x31, attributes.content),
        signature=signature.content,
        signer=(issuer.octets, int.from_bytes(serial.content, "big")),
        certificates=_bag(bags, 0xA0),
        crls=_bag(bags, 0xA1),
    )


def failures(token: Token, certificate: x509.Certificate, algorithm: str, value: bytes) -> Iterator[str]:
    """What is wrong with it whomever one believes."""
    if (token.algorithm, token.imprint) != (algorithm, value):
        yield "stamps another value"
    kind, said = token.attributes.get(CONTENT_TYPE), token.attributes.get(MESSAGE_DIGEST)
    if token.content_type != TST_INFO or kind is None or dotted(kind) != TST_INFO:
        yield "is no TSTInfo"
    if said is None or said.content != hashlib.new(token.digest, token.info).digest():
        yield "signs another content"
    if not _meant(token, certificate):
        yield "means another certificate"
    if not _fits(token, certificate):
        yield "signature wrong"
    if not _only_stamps(certificate):
        yield "certificate is not for timestamps alone"
    if not certificate.not_valid_before_utc <= token.gen_time <= certificate.not_valid_after_utc:
        yield "given outside its certificate's dates"


def judge(
    token: Token, believed: Believed, *, algorithm: str, value: bytes, until: datetime
) -> tuple[list[str], list[str]]:
    """What fails it, and what leaves it open; `until` is when it stops to be needed, or the moment of asking."""
    believed = believed.beside(token.certificates, token.crls)
    certificate = _signer(token, believed)
    if certificate is None:
        return [], ["nobody's certificate"]
    failed, open_ = list(failures(token, certificate, algorithm, value)), []
    if token.gen_time > until + CLOCKS:
        open_.append("from the future")
    names = {token.algorithm, token.digest, token.mechanism[0], token.mechanism[1] or token.digest}
    if isinstance(key := certificate.public_key(), ec.EllipticCurvePublicKey):
        names.add(key.curve.name)
    open_ += [f"{name} spent" for name in sorted(names) if believed.spent(name, max(token.gen_time, until))]
    if until > certificate.not_valid_after_utc:
        open_.append("certificate ended")
    path = believed.path(certificate)
    if path is None:
        return failed, [*open_, "no path"]
    for item in path:
        if not item.not_valid_before_utc <= token.gen_time <= item.not_valid_after_utc:
            open_.append("path outside its dates")
        for when, reason in believed.revocations(item):
            if when <= token.gen_time:
                failed.append("revoked before")
            elif reason in COMPROMISES and when <= until:
                open_.append("compromised later")
    return failed, open_


def _signer(token: Token, believed: Believed) -> x509.Certificate | None:
    for octets in believed.certificates:
        found = readable(octets)
        if found and (found.issuer.public_bytes(), found.serial_number) == token.signer:
            return found
    return None


def _meant(token: Token, certificate: x509.Certificate) -> bool:
    """ESSCertIDv2; SHA-256 where it names no digest (RFC 5035, 4)."""
    if ESS_V2 not in token.attributes:
        return False
    first = token.attributes[ESS_V2].inside(0x30)[0].inside(0x30)[0].inside()
    name = digest_name(first.pop(0)) if first[0].tag == 0x30 else "sha256"
    return first[0].content == certificate.fingerprint(HASHES[name])


def _fits(token: Token, certificate: x509.Certificate) -> bool:
    key, (how, named) = certificate.public_key(), token.mechanism
    try:
        match how, key:
            case "ecdsa", ec.EllipticCurvePublicKey():
                key.verify(token.signature, token.signed, ec.ECDSA(HASHES[named]))
            case "ed25519", ed25519.Ed25519PublicKey():
                key.verify(token.signature, token.signed)
            case "rsassa_pkcs1v15", rsa.RSAPublicKey():
                key.verify(token.signature, token.signed, padding.PKCS1v15(), HASHES[named or token.digest])
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm, KeyError):
        return False
    return True


def _only_stamps(certificate: x509.Certificate) -> bool:
    """RFC 3161, 2.3."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return False
    return usage.critical and list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def _attribute(value: Value) -> tuple[str, Value]:
    kind, found = value.inside(0x06, 0x31)
    (only,) = _exactly(1, found.inside())
    return dotted(kind), only


def _bag(bags: list[Value], tag: int) -> tuple[bytes, ...]:
    return tuple(item.octets for bag in bags if bag.tag == tag for item in bag.inside() if item.tag == 0x30)


def _moment(text: bytes) -> datetime:
    if not re.fullmatch(rb"\d{14}Z", text):
        raise UnreadableError(f"expected whole seconds of UTC, found {text!r}")
    try:
        return datetime.strptime(text.decode(), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise UnreadableError(str(error)) from error


def _known(table: dict, name: str):
    if name not in table:
        raise UnreadableError(f"unknown: {name}")
    return table[name]


def _exactly(count: int, found: list[Value]) -> list[Value]:
    if len(found) != count:
        raise UnreadableError(f"expected {count} values, found {len(found)}")
    return found

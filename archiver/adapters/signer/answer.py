"""What a program answered: a raw signature, or a detached CAdES; believed only when it is over exactly our octets."""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from asn1crypto import algos, pem
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from archiver.adapters.signer.certificate import named
from archiver.adapters.signer.mechanism import PSS, SALT, Mechanism
from archiver.errors import ConfigError, Malformed
from archiver.evidence.algorithms import CATALOGUE
from archiver.evidence.cms import UNREADABLE, Signed, faults, open_signed

_PADDINGS: tuple[tuple[padding.AsymmetricPadding, str], ...] = (
    (padding.PKCS1v15(), "PKCS#1 v1.5; have RSASSA-PSS used, or configure mechanism rsa-pkcs1 (it ends in 2028)"),
    (PSS, "RSASSA-PSS; leave mechanism out"),
    (
        padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO),
        f"RSASSA-PSS and another salt; have one of {SALT} octets used",
    ),
)
"""What else an RSA signature may be, and what to do then."""


def signature_in(answer: bytes, data: bytes, how: Mechanism, *, certificate: bytes, source: str) -> bytes:
    """The signature of `data` (ECDSA: DER) in an answer: raw, or as base64 or hexadecimal text.

    Raises Malformed, naming the `source` and saying what was signed instead where that can be found out.
    """
    shaped = [form for octets in _readings(answer) for form in _shapes(octets, how)]
    found = next((form for form in shaped if how.fits(form, data)), None)
    if found is not None:
        return found
    if not shaped:
        expected = f"{how.octets} octets of RSA" if how.name != "ecdsa" else f"ECDSA in DER or {2 * how.octets} octets"
        raise Malformed(
            f"{source}: expected a signature ({expected}; raw, base64 or hexadecimal), found {len(answer)} octets "
            "that are none"
        )
    raise Malformed(
        f"{source}: the signature does not fit the certificate of {named(certificate)}: {_why(shaped, data, how)}"
    )


def signed_in(answer: bytes, data: bytes, *, certificate: bytes, source: str, at: datetime) -> bytes:
    """The detached CAdES over `data` in an answer, DER or BER, by the key of `certificate`, its octets as they came.

    Raises Malformed, naming the `source`; ConfigError when another certificate signed.
    """
    p7m = _cms(answer, source)
    try:
        signed = open_signed(p7m)
    except Malformed as error:
        raise Malformed(f"{source}: expected a detached CAdES with one signer: {error}") from error
    _look(signed, data, source)
    if signed.certificate is None:
        raise Malformed(f"{source}: the CMS does not hold its signer's certificate (EN 319 122-1, 6.3); have it put in")
    if signed.certificate != certificate:
        raise ConfigError(
            f"{source}: expected a signature of {named(certificate)}, found one of {named(signed.certificate)}; "
            "have the right one used, or configure the new certificate"
        )
    doubts = [CATALOGUE.usable(name, bits, at) for name, bits in signed.algorithms]
    wrong = [*faults(replace(signed, content=data), expected_type="data", subject=source), *filter(None, doubts)]
    if wrong:
        raise Malformed(f"{source}: {'; '.join(item.text('en') for item in wrong)}")
    return p7m


def _readings(answer: bytes) -> Iterator[bytes]:
    """As octets, and as what a text may stand for; the signature's own mathematics tell which it is."""
    yield answer
    text = b"".join(answer.split())
    if re.fullmatch(rb"([0-9a-fA-F]{2})+", text):
        yield bytes.fromhex(text.decode())
    with suppress(binascii.Error):
        yield base64.b64decode(text, validate=True)


def _shapes(octets: bytes, how: Mechanism) -> Iterator[bytes]:
    """What has the form of a signature; r and s in a row become DER (SEC 1, C.8)."""
    if how.name != "ecdsa":
        if len(octets) == how.octets:
            yield octets
        return
    if len(octets) == 2 * how.octets:
        yield bytes(algos.DSASignature.from_p1363(octets).dump())
    try:
        algos.DSASignature.load(octets, strict=True).native  # noqa: B018 - asn1crypto is lazy: this reads all of it
    except UNREADABLE:
        return
    yield octets


def _why(shaped: list[bytes], data: bytes, how: Mechanism) -> str:
    """The mistakes that services make, tried one after the other."""
    digest = sha256(data).digest()
    if any(how.fits(form, digest) for form in shaped):
        return "it is over a digest of the digest; the digest on stdin is to be signed as it is"
    if isinstance(how.key, rsa.RSAPublicKey):
        for padded, text in _PADDINGS:
            if any(_fits(how.key, form, data, padded) for form in shaped):
                return f"it is made with {text}"
    return "it is made with another key, or over something else than the digest on stdin"


def _fits(key: rsa.RSAPublicKey, form: bytes, data: bytes, padded: padding.AsymmetricPadding) -> bool:
    try:
        key.verify(form, data, padded, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _cms(answer: bytes, source: str) -> bytes:
    """The octets of a CMS: as they are, out of PEM, or out of base64."""
    text = answer.strip()
    try:
        if pem.detect(text):
            return bytes(pem.unarmor(text)[2])
        if not answer.startswith(b"\x30"):
            return base64.b64decode(b"".join(text.split()), validate=True)
    except ValueError as error:
        raise Malformed(f"{source}: expected a CMS (DER, PEM or base64), found {len(answer)} other octets") from error
    return answer


def _look(signed: Signed, data: bytes, source: str) -> None:
    """Raises Malformed for the mistakes that deserve their own words."""
    digest = sha256(data).digest()
    if signed.content is not None:
        what = "the digest itself" if signed.content == digest else "some document"
        raise Malformed(
            f"{source}: expected a detached CMS, found one that holds {what}; have the digest on stdin used as the "
            "document's digest"
        )
    if signed.digest_algorithm != "sha256" or signed.message_digest != digest:
        raise Malformed(
            f"{source}: expected the digest sha256:{digest.hex()}, found the CMS to be over "
            f"{signed.digest_algorithm}:{signed.message_digest.hex()}"
        )
    if signed.reference is None or signed.reference.version != 2:
        raise Malformed(
            f"{source}: a CMS without signing-certificate-v2 is no CAdES (EN 319 122-1, 6.3); have CAdES-B-B made"
        )

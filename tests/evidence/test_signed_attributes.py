"""Signed attributes are what came over the wire: neither sorted nor encoded again before they are verified."""

from collections.abc import Callable, Sequence
from hashlib import sha256

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.quick_tsa import CONTENT_TYPE, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_CERTIFICATE_V2, integer, oid, tlv

from archiver.chain import Material
from archiver.evidence.cms import faults, open_signed
from archiver.evidence.policy import Policy
from archiver.evidence.signature import judge_seal
from archiver.verdict import Indication

from .conftest import NOW, Issued, issue

CONTENT = b"<PIndex/>"
DATA, SIGNING_TIME = "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.5"
SHA256 = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"))
ECDSA_SHA256 = tlv(0x30, oid("1.2.840.10045.4.3.2"))


@pytest.fixture(scope="module")
def ca() -> Issued:
    return issue("CA dei sigilli")


@pytest.fixture(scope="module")
def signer(ca: Issued) -> Issued:
    return issue("Sigillo", ca, usage=[ExtendedKeyUsageOID.EMAIL_PROTECTION])


def attributes(signer: Issued) -> list[bytes]:
    """Four, in the order of DER."""
    meant = tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x04, sha256(signer.der).digest()))))
    values = {
        CONTENT_TYPE: oid(DATA),
        SIGNING_TIME: tlv(0x17, f"{NOW:%y%m%d%H%M%SZ}".encode()),
        MESSAGE_DIGEST: tlv(0x04, sha256(CONTENT).digest()),
        SIGNING_CERTIFICATE_V2: meant,
    }
    return sorted(tlv(0x30, oid(kind), tlv(0x31, value)) for kind, value in values.items())


def long(octets: bytes) -> bytes:
    """The same value, which is short, with its length in three octets more than it needs."""
    return octets[:1] + b"\x83\0\0" + octets[1:]


def indefinite(octets: bytes) -> bytes:
    """The same value, which is short, with its length left open."""
    return octets[:1] + b"\x80" + octets[2:] + b"\0\0"


SHAPES: dict[str, Callable[[Sequence[bytes]], Sequence[bytes]]] = {
    "DER": lambda found: found,
    "in the reverse order": lambda found: found[::-1],
    "two in each other's place": lambda found: (found[1], found[0], *found[2:]),
    "a longer length than it needs": lambda found: (long(found[0]), *found[1:]),
    "longer lengths, in the reverse order": lambda found: [long(one) for one in found[::-1]],
    "a length left open": lambda found: (*found[:-1], indefinite(found[-1])),
    "lengths left open, in the reverse order": lambda found: [indefinite(one) for one in found[::-1]],
}


def signed(signer: Issued, inside: bytes, *, over: bytes | None = None) -> bytes:
    """A SignedData with these attributes; its signature is over these, under the tag of a SET, or over others."""
    own = x509.Certificate.load(signer.der)
    named = tlv(0x30, own.issuer.dump(), integer(own.serial_number))
    signature = signer.key.sign(tlv(0x31, inside if over is None else over), ec.ECDSA(hashes.SHA256()))
    info = tlv(0x30, integer(1), named, SHA256, tlv(0xA0, inside), ECDSA_SHA256, tlv(0x04, signature))
    content = tlv(0x30, oid(DATA), tlv(0xA0, tlv(0x04, CONTENT)))
    data = tlv(0x30, integer(1), tlv(0x31, SHA256), content, tlv(0xA0, signer.der), tlv(0x31, info))
    return tlv(0x30, oid(SIGNED_DATA), tlv(0xA0, data))


@pytest.mark.parametrize("shape", SHAPES)
def test_attributes_are_verified_as_they_came(shape: str, signer: Issued, ca: Issued) -> None:
    inside = b"".join(SHAPES[shape](attributes(signer)))
    p7m = signed(signer, inside)
    assert p7m.count(inside) == 1
    opened = open_signed(p7m)
    assert opened.signed_octets == tlv(0x31, inside)
    assert (opened.content, opened.signing_time, opened.reference is not None) == (CONTENT, NOW, True)
    assert list(faults(opened, expected_type="data", subject="x")) == []
    seal = judge_seal(p7m, Policy(Material((ca.der,))), at=NOW, subject="x")
    assert seal.verdict.indication is Indication.PASSED, seal.verdict.findings


@pytest.mark.parametrize("shape", sorted(set(SHAPES) - {"DER"}))
def test_a_signature_over_the_same_attributes_written_anew_is_none(shape: str, signer: Issued) -> None:
    found = attributes(signer)
    inside = b"".join(SHAPES[shape](found))
    opened = open_signed(signed(signer, inside, over=b"".join(found)))
    assert [item.code for item in faults(opened, expected_type="data", subject="x")] == ["CMS_SIGNATURE"]

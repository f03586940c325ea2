"""The version that a SignedData must have by what is in it, and the form of its digests (RFC 5652, 5.1 and 5.3)."""

import pytest

from archiver.errors import Malformed
from archiver.evidence.bag import Bag
from archiver.evidence.completion import completed
from archiver.evidence.record.builder import identifier, tlv
from archiver.evidence.record.form import Fault, form_faults

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
DATA = bytes.fromhex("06092a864886f70d010701")
OTHER = bytes.fromhex("06032a0304")
NUMBERED = tlv(0x30, tlv(0x30, b"") + tlv(0x02, b"\7"))  # issuerAndSerialNumber
KEYED = tlv(0x80, b"key")  # subjectKeyIdentifier
CERTIFICATE, ATTRIBUTES_V1, ATTRIBUTES_V2 = tlv(0x30, b""), tlv(0xA1, tlv(0x30, tlv(0x02, b"\0"))), tlv(0xA2, b"")
OTHER_CERTIFICATE = tlv(0xA3, OTHER + tlv(0x05, b""))
CRL, ANSWER = tlv(0x30, b""), tlv(0xA1, OTHER + tlv(0x05, b""))
SHA512 = identifier("sha512")


def signer(version: int = 1, sid: bytes = NUMBERED, digest: bytes = SHA512) -> bytes:
    return tlv(0x30, tlv(0x02, bytes((version,))) + sid + digest + tlv(0x30, OTHER) + tlv(0x04, b"signature"))


def token(
    version: int,
    *,
    kind: bytes = TST_INFO,
    certificates: tuple[bytes, ...] = (),
    crls: tuple[bytes, ...] = (),
    digests: tuple[bytes, ...] = (SHA512,),
    signers: tuple[bytes, ...] = (signer(),),
) -> bytes:
    sets = b"".join(tlv(tag, b"".join(items)) for tag, items in ((0xA0, certificates), (0xA1, crls)) if items)
    content = tlv(0x30, kind + tlv(0xA0, tlv(0x04, b"content")))
    head = tlv(0x02, bytes((version,))) + tlv(0x31, b"".join(digests)) + content
    return tlv(0x30, SIGNED_DATA + tlv(0xA0, tlv(0x30, head + sets + tlv(0x31, b"".join(signers)))))


VERSIONS: dict[str, tuple[int, dict[str, object]]] = {
    "plain data": (1, {"kind": DATA, "certificates": (CERTIFICATE,), "crls": (CRL,)}),
    "plain data of a signer that is named by its key": (3, {"kind": DATA, "signers": (signer(3, KEYED),)}),
    "plain data of two signers": (3, {"kind": DATA, "signers": (signer(), signer(3, KEYED))}),
    "plain data with an attribute certificate of version 1": (3, {"kind": DATA, "certificates": (ATTRIBUTES_V1,)}),
    "a token": (3, {}),
    "a token with a certificate and a list": (3, {"certificates": (CERTIFICATE,), "crls": (CRL,)}),
    "attribute certificates of both versions": (4, {"certificates": (CERTIFICATE, ATTRIBUTES_V1, ATTRIBUTES_V2)}),
    "a certificate of another kind": (5, {"certificates": (CERTIFICATE, OTHER_CERTIFICATE)}),
    "an OCSP answer among lists": (5, {"crls": (CRL, ANSWER)}),
    "all of it": (5, {"certificates": (ATTRIBUTES_V2, OTHER_CERTIFICATE), "crls": (ANSWER,)}),
}


@pytest.mark.parametrize("what", VERSIONS)
def test_the_version_is_asked_for_by_what_is_inside(what: str) -> None:
    expected, fields = VERSIONS[what]
    for version in range(6):
        fault = Fault("SignedData.version", str(expected), str(version))
        assert form_faults(token(version, **fields)) == (() if version == expected else (fault,))
        assert fault.common == ((expected, version) == (5, 3))


@pytest.mark.parametrize("what", VERSIONS)
def test_a_completed_token_has_the_version_that_is_asked_for(what: str) -> None:
    expected, fields = VERSIONS[what]
    assert Bag.of(completed(token(0, **fields))).version == expected


ODD = tlv(0x30, identifier("sha3_512")[2:] + tlv(0x02, b"\7"))
NULL = tlv(0x30, SHA512[2:] + tlv(0x05, b""))
FORMS: dict[str, tuple[dict[str, object], tuple[Fault, ...]]] = {
    "parameters NULL": ({"digests": (NULL,), "signers": (signer(digest=NULL),)}, ()),
    "parameters of the signer's digest": (
        {"signers": (signer(digest=ODD),)},
        (Fault("SignerInfo.digestAlgorithm.parameters", "NULL", "020107"),),
    ),
    "parameters of an announced digest": (
        {"digests": (SHA512, ODD)},
        (Fault("SignedData.digestAlgorithms.parameters", "NULL", "020107"),),
    ),
    "a signer that is named by its key": ({"signers": (signer(3, KEYED),)}, ()),
    "a signer's version that does not fit its name": (
        {"signers": (signer(3), signer(1, KEYED))},
        (Fault("SignerInfo.version", "1", "3"), Fault("SignerInfo.version", "3", "1")),
    ),
}


@pytest.mark.parametrize("what", FORMS)
def test_what_the_signature_does_not_cover_has_its_form_too(what: str) -> None:
    fields, expected = FORMS[what]
    assert form_faults(token(3, **fields)) == expected


@pytest.mark.parametrize("octets", [b"", b"\x30\x00", tlv(0x30, DATA + tlv(0xA0, tlv(0x04, b"x")))])
def test_what_is_no_signed_data_is_refused(octets: bytes) -> None:
    with pytest.raises(Malformed, match="not a CMS SignedData: "):
        form_faults(octets)

"""A token that cannot be taken apart or completed: the reason names the field and the place (RFC 5652, 5.1)."""

import pytest

from archiver.errors import Malformed
from archiver.evidence.bag import Bag
from archiver.evidence.completion import completed
from archiver.evidence.record.builder import tlv

from .test_token_form import CERTIFICATE, DATA, SHA512, SIGNED_DATA, token

NULL = b"\x05\x00"
VERSION, DIGESTS, CONTENT, SIGNERS = b"\x02\x01\x03", tlv(0x31, SHA512), tlv(0x30, DATA), tlv(0x31, b"")


def around(*parts: bytes) -> bytes:
    """A ContentInfo with a SignedData of these parts."""
    return tlv(0x30, SIGNED_DATA + tlv(0xA0, tlv(0x30, b"".join(parts))))


GOOD = token(3)
UNREADABLE = {
    "no SEQUENCE": (b"\x31\x00", "ContentInfo at octet 0: expected tag 30, found tag 31"),
    "something behind it": (GOOD + NULL, f"ContentInfo: expected its end at octet {len(GOOD)}, found 2 more octets"),
    "nothing in it": (b"\x30\x00", "contentType at octet 2: expected a length, found nothing"),
    "content under another tag": (
        tlv(0x30, SIGNED_DATA + tlv(0xA1, b"")),
        "content at octet 13: expected tag a0, found tag a1",
    ),
    "something behind the content": (
        tlv(0x30, SIGNED_DATA + tlv(0xA0, b"") + NULL),
        "ContentInfo: expected its end at octet 15, found 2 more octets",
    ),
    "content in a SET": (
        tlv(0x30, SIGNED_DATA + tlv(0xA0, tlv(0x31, b""))),
        "SignedData at octet 15: expected tag 30, found tag 31",
    ),
    "two contents": (
        tlv(0x30, SIGNED_DATA + tlv(0xA0, tlv(0x30, b"") + NULL)),
        "content: expected its end at octet 17, found 2 more octets",
    ),
    "no version": (around(NULL), "version at octet 17: expected tag 02, found tag 05"),
    "no digestAlgorithms": (around(VERSION), "digestAlgorithms at octet 20: expected a length, found nothing"),
    "no encapContentInfo": (
        around(VERSION, DIGESTS),
        "encapContentInfo at octet 35: expected a length, found nothing",
    ),
    "no signerInfos": (
        around(VERSION, DIGESTS, CONTENT, tlv(0xA0, CERTIFICATE)),
        "signerInfos at octet 52: expected a length, found nothing",
    ),
    "something behind the signerInfos": (
        around(VERSION, DIGESTS, CONTENT, SIGNERS, NULL),
        "SignedData: expected its end at octet 50, found 2 more octets",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_token_that_cannot_be_taken_apart_says_where(what: str) -> None:
    octets, reason = UNREADABLE[what]
    with pytest.raises(Malformed) as raised:
        Bag.of(octets)
    assert str(raised.value) == reason


INCOMPLETE = {
    "digestAlgorithms in a SEQUENCE": (
        around(VERSION, tlv(0x30, b""), CONTENT, SIGNERS),
        "digestAlgorithms at octet 0: expected tag 31, found tag 30",
    ),
    "encapContentInfo in a SET": (
        around(VERSION, DIGESTS, tlv(0x31, b""), SIGNERS),
        "encapContentInfo at octet 15: expected tag 30, found tag 31",
    ),
    "no eContentType": (
        around(VERSION, DIGESTS, tlv(0x30, b""), SIGNERS),
        "eContentType at octet 17: expected a length, found nothing",
    ),
    "signerInfos in a SEQUENCE": (
        around(VERSION, DIGESTS, CONTENT, tlv(0x30, b"")),
        "signerInfos at octet 0: expected tag 31, found tag 30",
    ),
    "a signer in a SET": (
        around(VERSION, DIGESTS, CONTENT, tlv(0x31, tlv(0x31, b""))),
        "SignerInfo at octet 2: expected tag 30, found tag 31",
    ),
    "a signer without a version": (
        around(VERSION, DIGESTS, CONTENT, tlv(0x31, tlv(0x30, NULL))),
        "version at octet 4: expected tag 02, found tag 05",
    ),
}


@pytest.mark.parametrize("what", INCOMPLETE)
def test_a_token_that_cannot_be_completed_says_where(what: str) -> None:
    octets, reason = INCOMPLETE[what]
    with pytest.raises(Malformed) as raised:
        completed(octets)
    assert str(raised.value) == reason


ITEMS = {
    b"\x31\x00": "validation data at octet 0: expected tag 30, found tag 31",
    b"\x30\x00\x30\x00": "validation data: expected its end at octet 2, found 2 more octets",
}


@pytest.mark.parametrize("item", ITEMS)
def test_what_is_laid_in_must_be_one_value(item: bytes) -> None:
    for kind in ("certificates", "crls", "ocsps"):
        with pytest.raises(Malformed) as raised:
            completed(GOOD, **{kind: [item]})
        assert str(raised.value) == ITEMS[item]

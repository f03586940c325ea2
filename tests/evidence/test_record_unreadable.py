"""A record that cannot be read: the reason names the field, the place, what was expected and what was found."""

import pytest

from archiver.errors import Malformed
from archiver.evidence.record.builder import VERSION, identifier, tlv
from archiver.evidence.record.reader import is_xml, read

ALGORITHMS = tlv(0x30, identifier("sha512"))
TOKEN = tlv(0x30, b"")
STAMP = tlv(0x30, TOKEN)
CHAINS = tlv(0x30, tlv(0x30, STAMP))


def record(*parts: bytes) -> bytes:
    """Version and algorithms, then these."""
    return tlv(0x30, VERSION + ALGORITHMS + b"".join(parts))


def chained(*stamps: bytes) -> bytes:
    return record(tlv(0x30, tlv(0x30, b"".join(stamps))))


def treed(content: bytes) -> bytes:
    return chained(tlv(0x30, tlv(0xA2, content) + TOKEN))


CUT = b"\x05"  # a length of five, and nothing behind it
UNREADABLE = {
    "the record is no SEQUENCE": (b"\x31\x00", "EvidenceRecord at octet 0: expected tag 30, found tag 31"),
    "octets behind the record": (record(CHAINS) + b"\0", "EvidenceRecord: expected its end at octet {}, found 1 more"),
    "no version": (tlv(0x30, b"\x04\x00"), "version at octet 2: expected tag 02, found tag 04"),
    "a version of two octets": (tlv(0x30, b"\x02\x02\x00\x01"), "version: expected 01, found 0001"),
    "no SEQUENCE of algorithms": (
        tlv(0x30, VERSION + b"\x31\x00"),
        "digestAlgorithms at octet 5: expected tag 30, found tag 31",
    ),
    "an algorithm that is cut off": (
        tlv(0x30, VERSION + tlv(0x30, b"\x30")),
        "AlgorithmIdentifier at octet 0: expected a length, found nothing",
    ),
    "an algorithm and more in it": (
        tlv(0x30, VERSION + tlv(0x30, tlv(0x30, identifier("sha512")[2:] + b"\x05\x00\x05\x00"))),
        "AlgorithmIdentifier: expected its end at octet 15, found 2 more octets",
    ),
    "cryptoInfos that are cut off": (record(b"\xa0" + CUT), "cryptoInfos at octet 20: expected 5 octets, found 0"),
    "encryptionInfo that is cut off": (
        record(b"\xa0\x00\xa1" + CUT),
        "encryptionInfo at octet 22: expected 5 octets, found 0",
    ),
    "no chains": (record(), "archiveTimeStampSequence at octet 20: expected a length, found nothing"),
    "chains in a SET": (
        record(tlv(0x31, b"")),
        "archiveTimeStampSequence at octet 0: expected tag 30, found tag 31",
    ),
    "something behind the chains": (record(CHAINS, b"\x05\x00"), "EvidenceRecord: expected its end at octet 28, found"),
    "no chain": (
        record(tlv(0x30, b"")),
        "archiveTimeStampSequence: expected an ArchiveTimeStamp in each chain, found an empty one",
    ),
    "an empty chain": (
        record(tlv(0x30, tlv(0x30, STAMP) + tlv(0x30, b""))),
        "archiveTimeStampSequence: expected an ArchiveTimeStamp in each chain, found an empty one",
    ),
    "a chain in a SET": (
        record(tlv(0x30, tlv(0x31, STAMP))),
        "ArchiveTimeStampChain at octet 2: expected tag 30, found tag 31",
    ),
    "an ArchiveTimeStamp that is cut off": (chained(b"\x30" + CUT), "ArchiveTimeStamp at octet 4: expected 5 octets"),
    "an ArchiveTimeStamp in a SET": (
        chained(tlv(0x31, TOKEN)),
        "ArchiveTimeStamp at octet 0: expected tag 30, found tag 31",
    ),
    "a digestAlgorithm that is cut off": (
        chained(tlv(0x30, b"\xa0" + CUT)),
        "digestAlgorithm at octet 2: expected 5 octets, found 0",
    ),
    "a digestAlgorithm that is none": (chained(tlv(0x30, b"\xa0\x00" + TOKEN)), "AlgorithmIdentifier: "),
    "attributes that are cut off": (
        chained(tlv(0x30, b"\xa1" + CUT)),
        "attributes at octet 2: expected 5 octets, found 0",
    ),
    "a reducedHashtree that is cut off": (
        chained(tlv(0x30, b"\xa2" + CUT)),
        "reducedHashtree at octet 2: expected 5 octets, found 0",
    ),
    "a list in a SET": (
        treed(tlv(0x31, b"\x04\x01x")),
        "PartialHashtree at octet 4: expected tag 30, found tag 31",
    ),
    "a digest that is no string": (
        treed(tlv(0x30, b"\x05\x01x")),
        "digest at octet 0: expected tag 04, found tag 05",
    ),
    "a digest of more octets than are there": (
        treed(tlv(0x30, b"\x04\x02x")),
        "digest at octet 0: expected 2 octets, found 1",
    ),
    "half a digest": (treed(tlv(0x30, b"\x04")), "digest at octet 0: expected a length, found nothing"),
    "a tree without lists": (
        treed(b""),
        "reducedHashtree: expected digests of one size in each list, found sizes []",
    ),
    "an empty list": (
        treed(tlv(0x30, b"\x04\x01x") + tlv(0x30, b"")),
        "reducedHashtree: expected digests of one size in each list, found sizes [1]",
    ),
    "digests of two sizes": (
        treed(tlv(0x30, b"\x04\x01x\x04\x02yz")),
        "reducedHashtree: expected digests of one size in each list, found sizes [1, 2]",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_the_reason_names_field_and_place(what: str) -> None:
    octets, reason = UNREADABLE[what]
    with pytest.raises(Malformed) as raised:
        read(octets)
    assert str(raised.value).startswith(reason.format(len(octets) - 1) if "{}" in reason else reason)


LONG = bytes(200)
DIGESTS = {
    "one": (b"\x04\x01x", (b"x",)),
    "two of one size": (b"\x04\x01x\x04\x01y", (b"x", b"y")),
    "one of 127 octets": (b"\x04\x7f" + LONG[:127], (LONG[:127],)),
    "two of 128 octets, whose length has two": (2 * (b"\x04\x81\x80" + LONG[:128]), (LONG[:128],) * 2),
    "two of 200 octets": (2 * (b"\x04\x81\xc8" + LONG), (LONG,) * 2),
}


@pytest.mark.parametrize("what", DIGESTS)
def test_digests_of_any_size_are_cut_where_they_end(what: str) -> None:
    octets, digests = DIGESTS[what]
    found = read(treed(tlv(0x30, octets))).chains[0][0]
    assert found.lists == (digests,)
    assert found.head + TOKEN == tlv(0xA2, tlv(0x30, octets)) + TOKEN


def test_a_record_is_taken_apart_and_nothing_is_lost() -> None:
    infos = b"\xa0\x02\x05\x00\xa1\x02\x05\x00"
    head = b"\xa0" + identifier("sha256")[1:] + b"\xa1\x00" + tlv(0xA2, tlv(0x30, b"\x04\x01x"))
    one, two, three = tlv(0x30, head + TOKEN), STAMP, tlv(0x30, tlv(0x30, b"\x05\x00"))
    chains = tlv(0x30, one + two), tlv(0x30, two), tlv(0x30, three)
    found = read(record(infos, tlv(0x30, b"".join(chains))))
    assert (found.version, found.algorithms, found.announced) == (1, ("sha512",), identifier("sha512"))
    assert (found.infos, found.sequence) == (infos, tlv(0x30, b"".join(chains)))
    assert found.earlier == (b"", tlv(0x30, chains[0]), tlv(0x30, chains[0] + chains[1]))
    assert [[stamp.octets for stamp in chain] for chain in found.chains] == [[one, two], [two], [three]]
    first = found.chains[0][0]
    assert (first.algorithm, first.lists, first.head, first.token) == ("sha256", ((b"x",),), head, TOKEN)
    assert (found.chains[0][1].algorithm, found.chains[0][1].head) == (None, b"")


XML = {b"<": True, b" \r\n\t<": True, b"\xef\xbb\xbf": True, b"\xef\xbb": False, b"\x30\x3c": False, b"": False}


@pytest.mark.parametrize("octets", XML)
def test_xml_is_known_by_its_first_octets(octets: bytes) -> None:
    assert is_xml(octets + b"<a/>" * (octets not in (b"", b"\xef\xbb"))) is XML[octets]

"""BER walked by hand: what is read is what asn1crypto reads, and what is broken is refused."""

from pathlib import Path

import pytest
from asn1crypto import cms as asn1
from hypothesis import given
from hypothesis import strategies as st
from support.pec_provider import NOW, Provider
from support.signed_files import split

from archiver.errors import Malformed
from archiver.pec import cms, mime, smime
from archiver.pec.ber import DEPTH, INTEGER, OCTET_STRING, SEQUENCE, STEPS, Steps, TooMany, Value, Walk


def read(octets: bytes) -> Value:
    return Walk(octets).value(0, len(octets))


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("0201ff", Value(INTEGER, 0, 2, 3, 3)),
        ("0400", Value(OCTET_STRING, 0, 2, 2, 2)),
        ("040141ffff", Value(OCTET_STRING, 0, 2, 3, 3)),
        ("04810141", Value(OCTET_STRING, 0, 3, 4, 4)),
        ("0483000001" + "41", Value(OCTET_STRING, 0, 5, 6, 6)),
        ("30800201050000", Value(SEQUENCE, 0, 2, 5, 7)),
        ("3080308004000000" + "0000", Value(SEQUENCE, 0, 2, 8, 10)),
    ],
)
def test_a_value_is_its_tag_and_where_it_lies(octets: str, expected: Value) -> None:
    assert read(bytes.fromhex(octets)) == expected


@pytest.mark.parametrize(
    "octets",
    ["", "02", "0202ff", "3080", "308002010500", "30800201", "04800000", "1f0101", "0482", "04ffff", "3005020105"],
)
def test_what_is_cut_short_or_never_closed_is_refused(octets: str) -> None:
    raw = bytes.fromhex(octets)
    with pytest.raises(Malformed):
        Walk(raw).values(read(raw))


def test_indefinite_lengths_are_followed_so_deep_and_no_deeper() -> None:
    assert read(b"\x30\x80" * DEPTH + b"\0\0" * DEPTH).next == 4 * DEPTH
    with pytest.raises(Malformed, match="30 levels"):
        read(b"\x30\x80" * (DEPTH + 1) + b"\0\0" * (DEPTH + 1))


@pytest.mark.parametrize("head", [b"\x24\x83\x09\x27\xc0", b"\x24\x80"], ids=["definite", "indefinite"])
def test_a_walk_takes_so_many_steps_and_no_more(head: bytes) -> None:
    walk = Walk(head + b"\x04\x01x" * STEPS + b"\0\0")
    with pytest.raises(TooMany, match="200000"):
        walk.values(walk.value(0, len(walk.octets)))


def test_looking_for_the_end_of_an_indefinite_length_takes_steps_too() -> None:
    with pytest.raises(TooMany):
        Walk(b"\x24\x80" + b"\x05\0" * 10 + b"\0\0", Steps(10)).value(0, 24)


def test_walks_that_share_their_steps_come_to_the_end_together() -> None:
    steps = Steps(3)
    assert [Walk(b"\x05\0", steps).value(0, 2).tag for _ in range(3)] == [5] * 3
    with pytest.raises(TooMany):
        Walk(b"\x05\0", steps).value(0, 2)


def test_a_signature_in_countless_pieces_is_one_that_cannot_be_read() -> None:
    assert cms.read(split(b"x" * STEPS, 1)) is None


def test_where_an_indefinite_length_ends_is_looked_for_once() -> None:
    octets = b"\x30\x80" * DEPTH + b"\x05\0" * 1000 + b"\0\0" * DEPTH
    walk = Walk(octets, Steps(1000 + 3 * DEPTH + 1000))
    found = walk.value(0, len(octets))
    for _ in range(DEPTH - 1):
        (found,) = walk.values(found)
    assert len(walk.values(found)) == 1000


def test_values_are_expected_by_tag_and_strings_are_joined() -> None:
    octets = bytes.fromhex("30090201052480040141" + "0402424300000000")
    walk = Walk(octets)
    inner = walk.value(5, len(octets))
    assert walk.string(inner) == b"ABC"
    assert walk.whole(inner)[-2:] == b"\0\0"
    found = Value(SEQUENCE, 0, 2, len(octets), len(octets))
    assert [item.tag for item in walk.expect(found, INTEGER, 0x24)] == [INTEGER, 0x24]
    with pytest.raises(Malformed, match="expected tag 04, found 02"):
        walk.expect(found, OCTET_STRING)


@given(st.binary(max_size=60))
def test_no_octets_raise_anything_else(octets: bytes) -> None:
    try:
        found = read(octets)
        assert found.start < found.body <= found.end <= found.next <= len(octets)
        Walk(octets).values(found)
    except Malformed:
        pass


def same(p7s: bytes) -> None:
    """What we read is what asn1crypto reads."""
    found, data = cms.read(p7s), asn1.ContentInfo.load(p7s)["content"]
    signer = data["signer_infos"][0]
    stated = {item["type"].native: item["values"][0].native for item in signer["signed_attrs"]}
    assert found is not None
    assert list(found.certificates) == [item.dump() for item in data["certificates"]]
    assert found.issuer == signer["sid"].chosen["issuer"].dump()
    assert found.serial == signer["sid"].chosen["serial_number"].native
    assert found.digest == signer["digest_algorithm"]["algorithm"].native
    assert found.message_digest == stated["message_digest"]
    assert found.claimed_time == stated["signing_time"]
    assert found.signature == signer["signature"].native
    assert found.attributes[1:] == signer["signed_attrs"].dump(force=True)[1:]


def test_genuine_signatures_are_read_as_asn1crypto_reads_them(corpus: Path) -> None:
    paths = list((corpus / "pec/oca").glob("*.eml"))
    assert len(paths) > 10
    for path in paths:
        raw = path.read_bytes()
        signed = smime.find(raw, mime.entity(raw))
        assert signed is not None
        assert signed.signature is not None
        same(mime.content(raw, signed.signature, smime.SIGNATURE_LIMIT))


@pytest.mark.parametrize("ber_encoded", [False, True])
def test_simulated_signatures_are_read_as_asn1crypto_reads_them(rsa_provider: Provider, ber_encoded: bool) -> None:
    raw = rsa_provider.sign(b"Content-Type: text/plain\r\n\r\nx", ber=ber_encoded)
    signed = smime.find(raw, mime.entity(raw))
    assert signed is not None
    assert signed.signature is not None
    octets = mime.content(raw, signed.signature, smime.SIGNATURE_LIMIT)
    assert (b"\x30\x80" in octets[:2]) is ber_encoded
    same(octets)
    found = cms.read(octets)
    assert found is not None
    assert found.claimed_time == NOW


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (b"\x17\x0d491231235959Z", "2049-12-31T23:59:59+00:00"),
        (b"\x17\x0d500101000000Z", "1950-01-01T00:00:00+00:00"),
        (b"\x18\x0f20610102030405Z", "2061-01-02T03:04:05+00:00"),
        (b"\x17\x0d491331235959Z", "None"),
        (b"\x17\x0b4912312359Z", "None"),
        (b"\x17\x114912312359+0100xx", "None"),
    ],
)
def test_a_time_is_read_in_the_forms_of_der(stated: bytes, expected: str) -> None:
    found = cms._moment(stated, read(stated))
    assert (found.isoformat() if found else "None") == expected

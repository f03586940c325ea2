"""archiver.evidence.record: records of ours and of others, whole and tampered with."""

import hashlib
from contextlib import suppress
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder, reader, renewal
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import RecordVerdict, judge
from archiver.verdict import Indication

from .conftest import DAY, NOW, House
from .test_signature import in_ber

GROUPS = [{f"{group}/{member}": f"{group}-{member}".encode() for member in range(group + 1)} for group in range(5)]


def sha512(data: bytes) -> bytes:
    return hashlib.sha512(data).digest()


@pytest.fixture(scope="module")
def records(house: House) -> list[tuple[bytes, dict[str, bytes]]]:
    """Five groups of one to five members under one token: each record with its members' digests."""
    digests = [{name: sha512(data) for name, data in group.items()} for group in GROUPS]
    tree = Tree.build([group_hash(list(group.values())) for group in digests])
    token = house.stamp("sha512", tree.root)
    return [
        (builder.initial(list(group.values()), tree.path(place), token), group) for place, group in enumerate(digests)
    ]


def hashed(members: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """Members as the judge takes them, of one algorithm."""
    return {name: {"sha512": digest} for name, digest in members.items()}


def judged(
    record: bytes,
    members: dict[str, bytes],
    house: House,
    *,
    policy: Policy | None = None,
    absent: dict[str, bytes] | None = None,
    partial: bool = False,
    at: datetime = NOW,
) -> RecordVerdict:
    policy = Policy(Material((house.anchor,))) if policy is None else policy
    missing = hashed(absent or {})
    return judge(record, policy, members=hashed(members), absent=missing, partial=partial, at=at, subject="000001.ers")


def codes(result: RecordVerdict) -> list[str]:
    return [item.code for item in result.verdict.findings]


def test_every_group_of_the_tree_is_proven_since_the_token(records, house):
    sure = Policy(Material((house.anchor,), crls=(house.crl,)), require_revocation=True)
    for record, members in records:
        result = judged(record, members, house, policy=sure)
        assert (codes(result), result.proven_at) == ([], NOW)


def test_a_lone_member_that_was_stamped_itself_has_no_hash_tree(house):
    digest = sha512(b"solo")
    record = builder.initial([digest], (), house.stamp("sha512", digest))
    assert reader.read(record).chains[0][0].lists == ()
    assert codes(judged(record, {"solo": digest}, house)) == []
    assert codes(judged(record, {"altro": sha512(b"altro")}, house)) == ["EVIDENCE_MEMBER", "EVIDENCE_UNLISTED"]


def test_the_record_is_the_same_each_time_and_holds_the_tokens_octets(house):
    members = [sha512(b"b"), sha512(b"a"), sha512(b"a")]
    token = in_ber(house.stamp("sha512", group_hash(members)))
    record = builder.initial(members, (), token)
    assert record == builder.initial(members[::-1], (), token)
    assert reader.read(record).chains[0][0].token == token
    assert reader.read(record).chains[0][0].lists == (tuple(sorted(members)),)
    assert codes(judged(record, {"a": members[1], "b": members[0]}, house)) == [], "duplicates are kept"


def test_a_foreign_member_fails_and_is_named(records, house):
    record, members = records[4]
    result = judged(record, {**members, "intruso.eml": sha512(b"intruso")}, house)
    assert (codes(result), result.proven_at) == (["EVIDENCE_MEMBER"], None)
    assert "intruso.eml" in result.verdict.findings[0].text()


def test_a_member_of_one_group_is_foreign_to_another(records, house):
    assert codes(judged(records[4][0], records[3][1], house))[:1] == ["EVIDENCE_MEMBER"]


def test_absence_is_explained_or_fails(records, house):
    record, members = records[4]
    shown, (name, gone) = dict(list(members.items())[:4]), list(members.items())[4]
    assert codes(judged(record, shown, house)) == ["EVIDENCE_UNLISTED"]
    assert codes(judged(record, shown, house, absent={name: gone})) == ["GROUP_PARTIAL"]
    assert codes(judged(record, shown, house, partial=True)) == ["GROUP_PARTIAL"]
    assert judged(record, shown, house, absent={name: gone}).verdict.indication is Indication.PASSED
    assert codes(judged(record, shown, house, absent={name: sha512(b"x")})) == ["EVIDENCE_UNLISTED"]


def test_nothing_shown_is_nothing_proven(records, house):
    result = judged(records[4][0], {}, house, partial=True)
    assert result.verdict.indication is Indication.INDETERMINATE
    assert result.proven_at is None


def test_a_record_whose_authoritys_certificate_ended_without_renewal_is_in_doubt(records, house):
    result = judged(*records[2], house, at=NOW + 11 * 365 * DAY)
    assert (codes(result), result.proven_at) == (["TOKEN_RENEWAL_OVERDUE"], None)


def test_an_untrusted_authority_leaves_doubt(records, house):
    assert judged(*records[2], house, policy=Policy()).verdict.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_no_flipped_octet_around_the_token_passes(records, house):
    record, members = records[3]
    envelope = len(record) - len(reader.read(record).chains[0][0].token)
    for place in range(envelope):
        flipped = bytearray(record)
        flipped[place] ^= 1 << place % 8
        assert judged(bytes(flipped), members, house).verdict.indication is not Indication.PASSED, place


def test_no_flipped_octet_in_the_token_changes_its_time(records, house):
    record, members = records[3]
    for place in range(len(record) - len(reader.read(record).chains[0][0].token), len(record), 5):
        flipped = bytearray(record)
        flipped[place] ^= 1 << place % 8
        assert judged(bytes(flipped), members, house).proven_at in (None, NOW), place


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_rubbish_raises_anything_but_malformed(records, data):
    record = bytearray(records[1][0])
    start = data.draw(st.integers(0, len(record)))
    record[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    with suppress(Malformed):
        reader.read(bytes(record))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda record: record + b"\x00", "expected its end"),
        (lambda record: record[:-1], "expected .* octets"),
        (lambda record: b"", "found nothing"),
        (lambda record: record.replace(b"\x02\x01\x01", b"\x02\x01\x02", 1), "version: expected 01, found 02"),
        (lambda record: b"\x30\x80" + record[4:] + b"\x00\x00", "length is not DER"),
        (lambda record: b"\x30\x83\x00" + record[2:], "length is not DER"),
        (lambda record: bytes.fromhex("308103020101"), "length is not DER"),
        (lambda record: b"\x31" + record[1:], "expected tag 30, found tag 31"),
        (lambda record: bytes.fromhex("3014020101300d300b060960864801650304020330 00".replace(" ", "")), "empty one"),
    ],
)
def test_what_is_not_der_or_not_a_record_is_refused_with_the_reason(records, spoil, reason):
    with pytest.raises(Malformed, match=reason):
        reader.read(spoil(records[4][0]))


def test_digests_of_mixed_sizes_are_refused(house):
    """Else 64 + 1 octets could be cut another way than they were joined."""
    hash_tree = builder.tlv(0xA2, builder.tlv(0x30, b"\x04\x40" + bytes(64) + b"\x04\x01\x00"))
    stamp = builder.tlv(0x30, hash_tree + house.stamp("sha512", sha512(b"")))
    with pytest.raises(Malformed, match=r"found sizes \[1, 64\]"):
        reader.read(_record(stamp))


def _record(stamps: bytes) -> bytes:
    head = builder.VERSION + builder.tlv(0x30, builder.identifier("sha512"))
    return builder.tlv(0x30, head + builder.tlv(0x30, builder.tlv(0x30, stamps)))


@pytest.mark.parametrize(("algorithm", "size"), [("sha256", 32), ("sha3_384", 48), ("sha3_512", 64)])
def test_a_record_is_built_with_any_algorithm_and_says_which(house, algorithm, size):
    members = [hashlib.new(algorithm, data).digest() for data in (b"uno", b"due")]
    token = house.stamp(algorithm, group_hash(members, algorithm))
    record = builder.initial(members, (), token, algorithm)
    assert reader.read(record).algorithms == (algorithm,)
    shown = {str(place): {algorithm: digest} for place, digest in enumerate(members)}
    found = judge(record, Policy(Material((house.anchor,), crls=(house.crl,))), members=shown, at=NOW, subject="r")
    assert codes(found) == []
    with pytest.raises(ValueError, match=f"expected {algorithm} digests of {size} bytes, found .* of 20"):
        builder.initial([b"\x00" * 20], (), token, algorithm)


def test_a_group_of_nothing_is_not_built():
    with pytest.raises(ValueError, match="found none"):
        builder.initial([], (), b"")


def plain_lists(octets: bytes) -> list[bytes]:
    """The digests of a list, one by one."""
    found = []
    while octets:
        found.append(octets[2 : 2 + octets[1]])
        octets = octets[2 + octets[1] :]
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=6), st.integers(0, 70))
def test_digests_are_cut_as_they_are_written_whatever_their_sizes(sizes, most):
    """Whole lists are cut at one stroke; a list whose octets only seem to be of one size is not."""
    octets = b"".join(
        bytes((4, min(size, most))) + bytes((4, 1, 7))[:size].ljust(min(size, most), b"\4") for size in sizes
    )
    if all(2 + octets[1] for _ in sizes):
        with suppress(Malformed):
            assert list(reader._digests(octets)) == plain_lists(octets)


INFO = builder.tlv(0x30, b"\x06\x03\x2a\x03\x04\x05\x00")


@pytest.mark.parametrize("tags", [(0xA0,), (0xA1,), (0xA0, 0xA1)])
def test_infos_are_read_over_and_must_be_der(records, house, tags):
    record, members = records[4]
    read = reader.read(record)

    def around(info: bytes) -> bytes:
        infos = b"".join(builder.tlv(tag, info) for tag in tags)
        head = builder.VERSION + builder.tlv(0x30, read.announced)
        return builder.tlv(0x30, head + infos + read.sequence)

    assert codes(judged(around(INFO), members, house)) == codes(judged(record, members, house))
    with pytest.raises(Malformed, match="not DER"):
        reader.read(around(INFO[:1] + b"\x80" + INFO[2:] + b"\0\0"))


def test_attributes_of_an_archive_timestamp_are_read_over_and_must_be_der(records, house):
    record, members = records[4]
    stamp = reader.read(record).chains[0][0]

    def around(info: bytes) -> bytes:
        return _record(builder.tlv(0x30, builder.tlv(0xA1, info) + stamp.octets[4:]))

    assert codes(judged(around(INFO), members, house)) == codes(judged(record, members, house))
    with pytest.raises(Malformed, match="not DER"):
        reader.read(around(INFO[:1] + b"\x80" + INFO[2:] + b"\0\0"))


def test_an_algorithm_with_parameters_is_no_digest_and_null_is_none(records):
    record, _ = records[4]
    read = reader.read(record)

    def announcing(parameters: str) -> bytes:
        identifier = builder.tlv(0x30, builder.identifier("sha512")[2:] + bytes.fromhex(parameters))
        return builder.tlv(0x30, builder.VERSION + builder.tlv(0x30, identifier) + read.sequence)

    assert reader.read(announcing("0500")).algorithms == ("sha512",)
    with pytest.raises(Malformed, match=r"AlgorithmIdentifier: .*tag should have been 5"):
        reader.read(announcing("020107"))


XML = [
    b'<?xml version="1.0"?><EvidenceRecord/>',
    b"\n  <EvidenceRecord/>",
    b"\xef\xbb\xbf<EvidenceRecord/>",
]


@pytest.mark.parametrize("octets", XML)
def test_a_record_in_xml_is_not_supported_and_never_passes(house, octets):
    found = judged(octets, {"a": sha512(b"a")}, house)
    assert (codes(found), found.verdict.indication) == (["EVIDENCE_FORMAT"], Indication.INDETERMINATE)


def test_a_wrong_digest_size_is_not_built():
    with pytest.raises(ValueError, match=r"64 bytes, found 0{64} of 32"):
        builder.initial([b"\x00" * 32], (), b"")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_rubbish_makes_the_judge_raise(records, house, data):
    record, members = bytearray(records[1][0]), records[1][1]
    start = data.draw(st.integers(0, len(record)))
    record[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    judged(bytes(record), members, house)
    continues(records[1][0], bytes(record), "r")
    continues(bytes(record), records[1][0], "r")
    with suppress(Malformed):
        renewal.complete(bytes(record), crls=[house.crl])

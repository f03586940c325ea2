"""archiver.evidence.record: records of ours and of others, whole and tampered with."""

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import Malformed
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, reader
from archiver.evidence.record.reader import RecordVerdict
from archiver.verdict import Indication

from .conftest import DAY, NOW, House
from .test_signature import in_ber

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "er"
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


def judged(record: bytes, members: dict[str, bytes], house: House, **changed: object) -> RecordVerdict:
    asked = {"members": members, "anchors": (house.anchor,), "at": NOW, "subject": "000001.ers", **changed}
    return reader.judge(record, **asked)


def codes(result: RecordVerdict) -> list[str]:
    return [item.code for item in result.verdict.findings]


def test_every_group_of_the_tree_is_proven_since_the_token(records, house):
    for record, members in records:
        result = judged(record, members, house, crls=[house.crl], require_revocation=True)
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
    assert judged(*records[2], house, anchors=()).verdict.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


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
    hash_tree = builder._tlv(0xA2, builder._tlv(0x30, b"\x04\x40" + bytes(64) + b"\x04\x01\x00"))
    stamp = builder._tlv(0x30, hash_tree + house.stamp("sha512", sha512(b"")))
    with pytest.raises(Malformed, match=r"found sizes \[1, 64\]"):
        reader.read(_record(stamp))


def test_a_renewed_record_is_left_in_doubt(records, house):
    """The chain holds its archive timestamp twice, as if it had been renewed."""
    record, members = records[4]
    stamp = _archive_timestamp(record)
    renewed = _record(stamp + stamp)
    result = judged(renewed, members, house)
    assert (codes(result), result.verdict.indication) == (["EVIDENCE_RENEWED"], Indication.INDETERMINATE)


def _record(stamps: bytes) -> bytes:
    head = builder.VERSION + builder._tlv(0x30, builder.SHA512)
    return builder._tlv(0x30, head + builder._tlv(0x30, builder._tlv(0x30, stamps)))


def _archive_timestamp(record: bytes) -> bytes:
    start = record.index(b"\xa2\x82") - 4
    return record[start:]


def test_a_wrong_digest_size_is_not_built():
    with pytest.raises(ValueError, match="64 bytes"):
        builder.initial([b"\x00" * 32], (), b"")


def foreign(name: str) -> tuple[bytes, bytes]:
    path = CORPUS / "bc-tsp" / "20170316_Testdaten" / name
    if not path.is_file():
        pytest.skip(f"no corpus at {path}")
    return path.read_bytes(), hashlib.sha256((path.parent / "BIN.bin").read_bytes()).digest()


def judge_foreign(record: bytes, digest: bytes) -> RecordVerdict:
    token = reader.read_token(reader.read(record).chains[0][0].token)
    assert token.certificate is not None
    return reader.judge(
        record,
        members={"BIN.bin": digest},
        partial=True,
        algorithm="sha256",
        anchors=(token.certificate,),
        at=token.gen_time,
        subject="BIN_ER.ers",
    )


TOOL = "Testdaten_ERS-Testool/rfc4998"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (f"{TOOL}/1Chain1ATS/BIN_ER.ers", ["GROUP_PARTIAL"]),
        (f"{TOOL}/1Chain2ATS/BIN_ER.ers", ["GROUP_PARTIAL", "EVIDENCE_RENEWED"]),
        (f"{TOOL}/2Chains3ATS/BIN_ER.ers", ["GROUP_PARTIAL", "EVIDENCE_RENEWED"]),
    ],
)
def test_records_that_others_made_are_judged(name, found):
    record, digest = foreign(name)
    assert codes(judge_foreign(record, digest)) == found
    assert codes(judge_foreign(record, bytes(32)))[0] == "EVIDENCE_MEMBER"


@pytest.mark.parametrize(("name", "broken"), [("ER_OK_INIT.ers", False), ("ER_NOK_INIT.ers", True)])
def test_bsis_broken_record_is_told_from_its_good_one(name, broken):
    record, digest = foreign(f"BSI TR-ESOR C.2 TestData/{name}")
    assert ("TOKEN_IMPRINT" in codes(judge_foreign(record, digest))) is broken

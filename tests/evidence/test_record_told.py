"""What is told of a record: which finding, of what, with which values; and of records that nobody can read."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.answers import answer

from archiver.chain import Material
from archiver.evidence.bag import Bag
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder, reader, renewal
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import examine
from archiver.evidence.record.tokens import Tokens
from archiver.verdict import Finding, Indication

from .conftest import DAY, NOW, Liar, issue, revocations
from .test_renewal import GROUP, History, break_list, digest, flipped, hashed, rebuilt, trusting

NAME = "000009.ers"


@pytest.fixture
def history(liar: Liar) -> History:
    return History(liar)


def told(history: History, record: bytes = b"") -> dict[str, Finding]:
    """What is said, by code; of several with one code the first."""
    findings = history.judged(record=record).verdict.findings
    return {item.code: item for item in reversed(findings)}


def unannounced(history: History) -> bytes:
    history.start().rehash("sha3_512")
    return history.record.replace(builder.identifier("sha3_512"), builder.identifier("sha3_256"), 1)


def in_the_wrong_chain(history: History) -> bytes:
    history.start().rehash("sha3_512").restamp()
    return rebuilt(history.record, lambda chains: chains[0].append(chains[1].pop()))


def unlinked(history: History) -> bytes:
    history.start().restamp()
    return rebuilt(history.record, break_list(0, 1, 0, history))


def back_in_time(history: History) -> bytes:
    history.start()
    history.at -= 60 * DAY
    history.restamp()
    history.at = NOW
    return history.record


def unreadable(history: History) -> bytes:
    return history.start().record + b"\0"


def first(history: History) -> bytes:
    return reader.read(history.record).chains[0][0].token


BEGUN = NOW - 300 * DAY
SAID: dict[str, tuple[Callable[[History], bytes], str, Callable[[History], dict[str, str]]]] = {
    "EVIDENCE_ALGORITHM": (
        unannounced,
        " (ArchiveTimeStamp 2.1)",
        lambda it: {"expected": "sha3_512", "found": "sha512, sha3_256"},
    ),
    "EVIDENCE_CHAIN_ALGORITHM": (
        in_the_wrong_chain,
        " (ArchiveTimeStamp 1.2)",
        lambda it: {"chain": "1", "expected": "sha512", "found": "sha3_512"},
    ),
    "EVIDENCE_LINK": (
        unlinked,
        " (ArchiveTimeStamp 1.2)",
        lambda it: {"chain": "1", "number": "2", "expected": digest("sha512", first(it)).hex()},
    ),
    "EVIDENCE_ORDER": (
        back_in_time,
        " (ArchiveTimeStamp 1.2)",
        lambda it: {"chain": "1", "number": "2", "expected": str(BEGUN), "found": str(BEGUN - 30 * DAY)},
    ),
    "EVIDENCE_UNREADABLE": (
        unreadable,
        "",
        lambda it: {
            "reason": f"EvidenceRecord: expected its end at octet {len(it.record)}, found 1 more octets",
        },
    ),
}


@pytest.mark.parametrize("code", SAID)
def test_a_finding_says_of_what_and_with_which_values(history: History, code: str) -> None:
    spoilt, place, values = SAID[code]
    found = told(history, spoilt(history))[code]
    assert (found.subject, dict(found.values)) == (NAME + place, values(history))


@pytest.mark.parametrize("octets", [b"<EvidenceRecord/>", b"", b"\x30\x00"])
def test_of_a_record_that_cannot_be_read_nothing_else_is_said(liar: Liar, octets: bytes) -> None:
    examined = examine(octets, trusting(liar), at=NOW, subject=NAME)
    assert (examined.subject, examined.record, examined.stamps) == (NAME, None, ())
    assert (examined.since, examined.until, examined.algorithms) == (None, None, ())
    assert examined.covers(hashed(GROUP, "sha512")) == ()
    assert [item.subject for item in examined.findings] == [NAME]


def test_a_token_that_cannot_be_read_is_named(history: History) -> None:
    history.start().restamp()
    kind = bytes.fromhex("06092a864886f70d010702")  # id-signedData
    record = rebuilt(history.record, lambda chains: chains[0].__setitem__(1, flipped_kind(chains[0][1], kind)))
    found = told(history, record)["EVIDENCE_UNREADABLE"]
    assert dict(found.values)["reason"].startswith("ArchiveTimeStamp 1.2: ")


def flipped_kind(octets: bytes, kind: bytes) -> bytes:
    return octets.replace(kind, kind[:-1] + b"\x01", 1)


def test_an_examined_record_is_named_and_its_stamps_are_counted(history: History) -> None:
    history.start().restamp().rehash("sha3_512")
    examined = examine(history.record, trusting(history.liar), at=NOW, subject=NAME)
    assert (examined.subject, examined.record) == (NAME, reader.read(history.record))
    found = [(stamp.chain, stamp.number, stamp.algorithm) for stamp in examined.stamps]
    assert found == [(1, 1, "sha512"), (1, 2, "sha512"), (2, 1, "sha3_512")]
    assert examined.algorithms == ("sha512", "sha3_512")


def test_the_token_that_is_told_is_the_first(history: History) -> None:
    history.start().restamp()
    token = history.judged().token
    assert token is not None
    assert (token.octets, token.gen_time) == (first(history), BEGUN)


def test_timestamps_of_the_same_moment_are_in_order(history: History) -> None:
    history.start()
    history.at -= 30 * DAY
    assert history.restamp().at == BEGUN
    assert told(history) == {}


def test_a_record_ends_with_an_authority_that_lies_only_beside_it() -> None:
    root = issue("Radice")
    middle = issue("In mezzo", root, end=NOW + 100 * DAY)
    history = History(Liar(middle, issue("Una TSA", middle, usage=[ExtendedKeyUsageOID.TIME_STAMPING]))).start()
    for beside, until in (((middle.der,), NOW + 100 * DAY), ((), NOW + 365 * DAY)):
        examined = examine(history.record, Policy(Material((root.der,), beside)), at=NOW, subject=NAME)
        assert examined.until == until


def test_whoever_shows_some_members_only_must_say_so(history: History) -> None:
    history.start()
    examined = examine(history.record, trusting(history.liar), at=NOW, subject=NAME)
    some = hashed({"0.eml": GROUP["0.eml"]}, "sha512")
    assert [item.code for item in examined.covers(some)] == ["EVIDENCE_UNLISTED"]
    assert [item.code for item in examined.covers(some, partial=True)] == ["GROUP_PARTIAL"]


def test_what_was_said_of_a_token_is_remembered_by_whoever_asks_for_it(history: History) -> None:
    tokens = Tokens()
    history.start().restamp()
    assert history.judged(tokens=tokens).verdict.indication is Indication.PASSED
    assert len(tokens) == 2


def test_what_was_said_of_a_token_is_only_for_those_who_believe_the_same(history: History) -> None:
    """Its certificate is not in it: who has none can neither read nor judge it as the other does."""
    imprint = digest("sha512", b"solo")
    reply = history.liar.tell(imprint, certificates=())
    record = builder.initial([imprint], (), token_in(reply))
    tokens, ca = Tokens(), history.liar.ca.der
    found = [
        examine(record, Policy(Material(anchors, certificates)), at=NOW, subject=NAME, tokens=tokens).findings
        for anchors, certificates in (((ca,), ()), ((ca,), (history.liar.tsa.der,)), ((), (history.liar.tsa.der,)))
    ]
    codes = [[item.code for item in items] for items in found]
    assert codes == [["CMS_SIGNER_ABSENT"], [], ["CHAIN_NOT_FOUND"]]


def token_in(reply: bytes) -> bytes:
    return bytes(tsp.TimeStampResp.load(reply)["time_stamp_token"].dump())


def with_token(record: bytes, change: Callable[[Bag], Bag]) -> bytes:
    """The record with its newest token's bag, or what is around it, changed by hand."""
    newest = reader.read(record).chains[-1][-1]
    bag = change(Bag.of(newest.token))
    sets = b"".join(builder.tlv(tag, b"".join(items)) for tag, items in ((0xA0, bag.certificates), (0xA1, bag.crls)))
    data = builder.tlv(0x30, builder.tlv(0x02, bytes((bag.version,))) + bag.head + sets + bag.tail)
    token = builder.tlv(0x30, bag.kind + builder.tlv(0xA0, data))
    return rebuilt(record, lambda chains: chains[-1].__setitem__(-1, builder.tlv(0x30, newest.head + token)))


def answered(history: History) -> bytes:
    """With an OCSP answer in its newest token, which makes of it a SignedData of version 5 (RFC 5652, 5.1)."""
    ca = history.liar.ca
    ocsp = answer(history.liar.tsa.certificate, ca.certificate, by=ca.certificate, key=ca.key, made=NOW)
    return renewal.complete(history.record, ocsps=[ocsp])


VERSIONS = {
    5: ([], Indication.PASSED),
    3: (["EVIDENCE_TOKEN_VERSION"], Indication.PASSED),  # as many authorities leave it
    4: (["EVIDENCE_TOKEN_FORM"], Indication.FAILED),
}


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_that_does_not_fit_the_bag_is_told(history: History, version: int) -> None:
    codes, indication = VERSIONS[version]
    record = with_token(answered(history.start()), lambda bag: replace(bag, version=version))
    result = history.judged(record=record)
    assert ([item.code for item in result.verdict.findings], result.verdict.indication) == (codes, indication)
    for item in result.verdict.findings:
        assert item.subject == NAME
        assert dict(item.values) == {"field": "SignedData.version", "expected": "5", "found": str(version)}


def wrong_before(record: bytes) -> bytes:
    """A version that nobody mended."""
    return with_token(record, lambda bag: replace(bag, version=1))


LIST = revocations(issue("Altra"), {}, NOW)
INFOS = "cryptoInfos and encryptionInfo: expected them unchanged"
HEAD = "ArchiveTimeStamp 2.1: expected digestAlgorithm, attributes and reducedHashtree unchanged"
COVERED = "expected contentType, digestAlgorithms, encapContentInfo and signerInfos of its token unchanged"
VERSION = "ArchiveTimeStamp 2.1: version of its token's SignedData: expected that of RFC 5652, 5.1, found 4"


def with_infos(record: bytes) -> bytes:
    read = reader.read(record)
    infos = builder.tlv(0xA0, builder.tlv(0x30, b"\x06\x03\x2a\x03\x04\x05\x00"))
    return builder.tlv(0x30, builder.VERSION + builder.tlv(0x30, read.announced) + infos + read.sequence)


def other_list(record: bytes) -> bytes:
    listed = reader.read(record).chains[-1][-1].lists[0][0]
    return rebuilt(record, lambda chains: chains[-1].__setitem__(-1, flipped(chains[-1][-1], listed)))


def listed(bag: Bag) -> Bag:
    """With one more list."""
    return replace(bag, crls=(*bag.crls, LIST))


CONTINUED: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes], str]] = {
    "infos that were not there": (bytes, with_infos, INFOS),
    "infos that are gone": (with_infos, bytes, INFOS),
    "another reduced hash tree": (bytes, other_list, HEAD),
    "other signer infos": (
        bytes,
        lambda record: with_token(record, lambda bag: replace(bag, tail=bag.tail[:-1] + bytes((bag.tail[-1] ^ 1,)))),
        f"ArchiveTimeStamp 2.1: {COVERED}",
    ),
    "another version": (bytes, lambda record: with_token(record, lambda bag: replace(bag, version=4)), VERSION),
    "a list, and a version that was wrong before": (wrong_before, lambda it: with_token(wrong_before(it), listed), ""),
    "a list, and the version as it was": (bytes, lambda record: with_token(record, listed), ""),
    "a version that was mended": (wrong_before, lambda record: with_token(record, listed), ""),
}


@pytest.mark.parametrize("what", CONTINUED)
def test_what_a_newer_record_may_change_and_what_not(history: History, what: str) -> None:
    older, newer, reason = CONTINUED[what]
    record = history.start().rehash("sha3_512").record
    found = continues(older(record), newer(record), NAME)
    values: dict[str, Any] = dict(found.values) if found else {"reason": ""}
    assert values == {"reason": reason}


def test_a_completed_record_holds_all_that_was_given_and_is_else_the_same(history: History) -> None:
    before = reader.read(history.start().restamp().record)
    after = reader.read(renewal.complete(history.record, certificates=[history.liar.ca.der], crls=[LIST]))
    old, new = Bag.of(before.chains[0][1].token), Bag.of(after.chains[0][1].token)
    assert (set(new.certificates) - set(old.certificates), new.crls) == ({history.liar.ca.der}, (LIST,))
    assert (after.chains[0][0], after.announced) == (before.chains[0][0], before.announced)

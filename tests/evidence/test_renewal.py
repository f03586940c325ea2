"""archiver.evidence.record.renewal and what judges its work: records grow, and what they held stays octet for octet."""

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest
from asn1crypto import algos, core, parser, tsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from support.tools import tool

from archiver.chain import Material
from archiver.errors import Malformed
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.policy import Policy
from archiver.evidence.record import builder, reader, renewal
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import RecordVerdict, examine, judge
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.timestamp import read_token, token_of
from archiver.verdict import Indication

from .conftest import DAY, NOW, Liar, issue, revocations

GROUP = {f"{number}.eml": f"messaggio {number}".encode() for number in range(3)}
YEAR = 365 * DAY


def digest(algorithm: str, data: bytes) -> bytes:
    return hashlib.new(algorithm, data).digest()


def hashed(group: dict[str, bytes], *algorithms: str) -> dict[str, dict[str, bytes]]:
    return {name: {algorithm: digest(algorithm, data) for algorithm in algorithms} for name, data in group.items()}


def trusting(liar: Liar) -> Policy:
    """Believes the liar's CA, and has its list."""
    return Policy(Material((liar.ca.der,), crls=(revocations(liar.ca, {}, NOW),)))


@dataclass
class History:
    """A record that grows by renewals, each a year after the one before; `group` are the members still present."""

    liar: Liar
    group: dict[str, bytes] = field(default_factory=lambda: dict(GROUP))
    record: bytes = b""
    at: datetime = NOW - 300 * DAY
    join: Callable[[bytes, bytes], bytes] | None = None

    def token(self, algorithm: str, imprint: bytes) -> bytes:
        reply = self.liar.tell(imprint, algorithm=algorithm, at=self.at)
        return token_of(reply, algorithm=algorithm, imprint=imprint, nonce=7, at=self.at)

    def leaves(self, leaf: bytes, algorithm: str) -> Tree:
        return Tree.build([digest(algorithm, b"prima"), leaf, digest(algorithm, b"dopo")], algorithm)

    def start(self, algorithm: str = "sha512") -> "History":
        members = [digest(algorithm, data) for data in self.group.values()]
        tree = self.leaves(group_hash(members, algorithm), algorithm)
        self.record = builder.initial(members, tree.path(1), self.token(algorithm, tree.root), algorithm)
        return self

    def restamp(self, *, alone: bool = False) -> "History":
        self.at += 30 * DAY
        leaf, algorithm = renewal.timestamp_leaf(self.record), renewal.algorithm_of(self.record)
        tree = Tree.build([leaf], algorithm) if alone else self.leaves(leaf, algorithm)
        path = tree.path(0 if alone else 1)
        self.record = renewal.restamped(self.record, path, self.token(algorithm, tree.root))
        return self

    def rehash(self, algorithm: str, *, alone: bool = False) -> "History":
        self.at += 30 * DAY
        digests = [digest(algorithm, data) for data in self.group.values()]
        members = renewal.rehashed_group(self.record, digests, algorithm)
        if self.join:
            older = digest(algorithm, reader.read(self.record).sequence)
            members = [digest(algorithm, self.join(one, older)) for one in digests]
        leaf = group_hash(members, algorithm)
        tree = Tree.build([leaf], algorithm) if alone else self.leaves(leaf, algorithm)
        token = self.token(algorithm, tree.root)
        self.record = renewal.rehashed(self.record, members, tree.path(0 if alone else 1), token, algorithm)
        return self

    def judged(self, group: dict[str, bytes] | None = None, record: bytes = b"", **changed: object) -> RecordVerdict:
        asked: dict[str, object] = {
            "members": hashed(self.group if group is None else group, "sha256", "sha512", "sha3_512"),
            "at": self.at + DAY,
            "subject": "000009.ers",
        }
        return judge(record or self.record, trusting(self.liar), **(asked | changed))


@pytest.fixture
def history(liar: Liar) -> History:
    return History(liar)


def codes(result: RecordVerdict) -> list[str]:
    return [item.code for item in result.verdict.findings]


HISTORIES: dict[str, Callable[[History], History]] = {
    "restamped": lambda it: it.start().restamp(),
    "restamped alone": lambda it: it.start().restamp(alone=True),
    "rehashed": lambda it: it.start().rehash("sha3_512"),
    "rehashed with the same digest": lambda it: it.start().rehash("sha512"),
    "rehashed from SHA-256, alone": lambda it: it.start("sha256").rehash("sha512", alone=True),
    "all of it": lambda it: it.start("sha256").restamp().restamp().rehash("sha512").restamp().rehash("sha3_512"),
}


@pytest.mark.parametrize("kind", HISTORIES)
def test_a_renewed_record_proves_its_members_since_its_first_token(history: History, kind: str):
    HISTORIES[kind](history)
    result = history.judged()
    assert (codes(result), result.proven_at) == ([], NOW - 300 * DAY)
    assert codes(history.judged({**GROUP, "0.eml": b"altro"}))[:1] == ["EVIDENCE_MEMBER"]


def test_what_a_record_held_stays_octet_for_octet(history: History):
    history.start("sha256").restamp()
    first, before = reader.read(history.record), history.record
    history.rehash("sha512").restamp()
    second = reader.read(history.record)
    assert second.chains[0] == first.chains[0]
    assert second.earlier[1] == first.sequence
    assert second.algorithms == ("sha256", "sha512")
    assert continues(before, history.record, "r") is None


def test_members_are_joined_with_what_was_there_in_the_rfcs_order_not_sorted(history: History):
    """Half of all digests satisfy both: here the one member does, the other does not."""
    texts = sorted((f"{number}".encode() for number in range(30_000)), key=lambda text: digest("sha3_512", text))
    history.group = {"lowest": texts[0], "highest": texts[-1]}
    history.start()
    history.join = lambda one, older: min(one, older) + max(one, older)
    history.rehash("sha3_512")
    assert codes(history.judged()) == ["EVIDENCE_SORTED_RENEWAL"]
    assert dict(history.judged().verdict.findings[0].values) == {"chain": "2", "count": "1"}
    assert history.judged().verdict.indication is Indication.PASSED
    history.join = lambda one, older: older + one
    wrong = history.start().rehash("sha3_512").judged().verdict.findings[0]
    assert (wrong.code, dict(wrong.values)["member"]) == ("EVIDENCE_MEMBER", "lowest")


def test_a_group_of_one_goes_up_as_it_is_and_hashed_twice_is_read_with_a_warning(history: History):
    one = digest("sha512", b"solo")
    twice = digest("sha512", one)
    tree = builder.tlv(0xA2, builder.tlv(0x30, b"\x04\x40" + one))
    for imprint, expected in ((one, []), (twice, ["EVIDENCE_DOUBLE_HASHED"]), (digest("sha512", twice), None)):
        stamp = builder.tlv(0x30, tree + history.token("sha512", imprint))
        sequence = builder.tlv(0x30, builder.tlv(0x30, stamp))
        head = builder.VERSION + builder.tlv(0x30, builder.identifier("sha512"))
        found = codes(history.judged({"solo": b"solo"}, builder.tlv(0x30, head + sequence)))
        assert found == (["TOKEN_IMPRINT"] if expected is None else expected)


def test_a_member_deleted_before_a_hash_tree_renewal_is_explained_and_an_intruder_is_not(history: History):
    history.start()
    gone = {"2.eml": history.group.pop("2.eml")}
    history.rehash("sha3_512")
    absent = hashed(gone, "sha512")  # nobody can compute its new digest
    assert codes(history.judged(absent=absent)) == ["GROUP_PARTIAL"]
    assert codes(history.judged()) == ["EVIDENCE_UNLISTED"]
    shown = {"0.eml": GROUP["0.eml"]}
    absent |= hashed({"1.eml": GROUP["1.eml"]}, "sha512")
    assert codes(history.judged(shown, absent=absent)) == ["GROUP_PARTIAL"], "discarded after the renewal"
    lost = history.judged(GROUP)
    assert (codes(lost), lost.verdict.findings[0].values[:2]) == (
        ["EVIDENCE_MEMBER"],
        (("member", "2.eml"), ("chain", "2")),
    )


def test_more_foreign_entries_in_a_later_chain_than_members_are_absent_fail(history: History):
    history.start()
    absent = hashed({"2.eml": history.group.pop("2.eml")}, "sha512")
    history.group |= {"x": b"intruso", "y": b"un altro"}
    history.rehash("sha3_512")
    shown = {name: GROUP[name] for name in ("0.eml", "1.eml")}
    result = history.judged(shown, absent=absent)
    assert codes(result) == ["GROUP_PARTIAL", "EVIDENCE_UNLISTED"]
    assert dict(result.verdict.findings[1].values)["chain"] == "2"


def test_a_digest_that_the_caller_did_not_compute_leaves_doubt_and_is_named(history: History):
    history.start().rehash("sha3_512")
    result = history.judged(members=hashed(GROUP, "sha512"))
    assert (codes(result), result.verdict.indication) == (["EVIDENCE_DIGEST_UNKNOWN"], Indication.INDETERMINATE)
    assert "sha3_512" in result.verdict.findings[0].text()


def rebuilt(record: bytes, change: Callable[[list[list[bytes]]], object]) -> bytes:
    """The record with its ArchiveTimeStamps changed by hand."""
    read = reader.read(record)
    chains = [[stamp.octets for stamp in chain] for chain in read.chains]
    change(chains)
    sequence = builder.tlv(0x30, b"".join(builder.tlv(0x30, b"".join(chain)) for chain in chains))
    return builder.tlv(0x30, builder.VERSION + builder.tlv(0x30, read.announced) + sequence)


def flipped(octets: bytes, wanted: bytes) -> bytes:
    """One bit of `wanted` in it is another."""
    place = octets.index(wanted)
    return octets[:place] + bytes((octets[place] ^ 1,)) + octets[place + 1 :]


def swap(chains: list[list[bytes]], one: tuple[int, int], other: tuple[int, int]) -> None:
    (a, b), (c, d) = one, other
    chains[a][b], chains[c][d] = chains[c][d], chains[a][b]


def break_list(chain: int, number: int, place: int, history: History) -> Callable[[list[list[bytes]]], None]:
    wanted = reader.read(history.record).chains[chain][number].lists[place][0]

    def change(chains: list[list[bytes]]) -> None:
        chains[chain][number] = flipped(chains[chain][number], wanted)

    return change


BROKEN = {
    "an entry of the first list": (lambda it: break_list(0, 0, 0, it), "EVIDENCE_MEMBER", "000009.ers"),
    "a sibling in the first tree": (
        lambda it: break_list(0, 0, 1, it),
        "TOKEN_IMPRINT",
        "000009.ers (ArchiveTimeStamp 1.1)",
    ),
    "what binds the second timestamp to the first": (
        lambda it: break_list(0, 1, 0, it),
        "EVIDENCE_LINK",
        "000009.ers (ArchiveTimeStamp 1.2)",
    ),
    "a sibling in the second tree": (
        lambda it: break_list(0, 1, 1, it),
        "TOKEN_IMPRINT",
        "000009.ers (ArchiveTimeStamp 1.2)",
    ),
    "an entry of the second chain's first list": (lambda it: break_list(1, 0, 0, it), "EVIDENCE_MEMBER", "000009.ers"),
    "the last link": (lambda it: break_list(1, 1, 0, it), "EVIDENCE_LINK", "000009.ers (ArchiveTimeStamp 2.2)"),
    "a timestamp left out": (lambda it: lambda chains: chains[0].pop(), "EVIDENCE_MEMBER", "000009.ers"),
    "the first timestamp left out": (
        lambda it: lambda chains: chains[0].pop(0),
        "EVIDENCE_MEMBER",
        "000009.ers",
    ),
    "two timestamps in the wrong order": (
        lambda it: lambda chains: swap(chains, (1, 0), (1, 1)),
        "EVIDENCE_LINK",
        "000009.ers (ArchiveTimeStamp 2.2)",
    ),
    "a timestamp in another's chain": (
        lambda it: lambda chains: chains[0].append(chains[1].pop()),
        "EVIDENCE_CHAIN_ALGORITHM",
        "000009.ers (ArchiveTimeStamp 1.3)",
    ),
    "two chains made one": (
        lambda it: lambda chains: chains[0].extend(chains.pop()),
        "EVIDENCE_CHAIN_ALGORITHM",
        "000009.ers (ArchiveTimeStamp 1.3)",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_link_is_named(history: History, what: str):
    spoil, code, subject = BROKEN[what]
    history.start().restamp().rehash("sha3_512").restamp()
    result = history.judged(record=rebuilt(history.record, spoil(history)))
    assert result.verdict.indication is Indication.FAILED
    assert (code, subject) in {(item.code, item.subject) for item in result.verdict.findings}


def test_a_link_names_chain_timestamp_and_list(history: History):
    history.start().restamp()
    result = history.judged(record=rebuilt(history.record, break_list(0, 1, 0, history)))
    link = next(item for item in result.verdict.findings if item.code == "EVIDENCE_LINK")
    assert "chain 1, ArchiveTimeStamp 2, list 1" in link.text("en")


def test_timestamps_that_go_back_in_time_fail(history: History):
    history.start()
    history.at -= 60 * DAY
    history.restamp()
    result = history.judged(at=NOW)
    assert "EVIDENCE_ORDER" in codes(result)
    assert result.verdict.indication is Indication.FAILED


def test_an_algorithm_that_is_not_announced_fails(history: History):
    history.start().rehash("sha3_512")
    record = history.record.replace(builder.identifier("sha3_512"), builder.identifier("sha3_256"), 1)
    assert "EVIDENCE_ALGORITHM" in codes(history.judged(record=record))


def expiring(liar: Liar, *, end: datetime) -> Liar:
    return Liar(liar.ca, issue("Una TSA", liar.ca, usage=[ExtendedKeyUsageOID.TIME_STAMPING], end=end))


def test_an_expired_authority_does_no_harm_once_its_token_is_renewed(liar: Liar):
    history = History(expiring(liar, end=NOW - 260 * DAY))
    history.start()
    assert codes(history.judged(at=NOW)) == ["TOKEN_RENEWAL_OVERDUE"]
    history.liar = liar
    assert codes(history.restamp().judged(at=NOW)) == [], "renewed in time, 30 days later"


def test_a_renewal_that_came_too_late_does_not_help(liar: Liar):
    history = History(expiring(liar, end=NOW - 290 * DAY))
    history.start()
    history.liar = liar
    assert codes(history.restamp().judged(at=NOW)) == ["TOKEN_RENEWAL_OVERDUE"]


def test_a_digest_must_hold_until_the_next_chain(history: History):
    """SHA-256 is broken between the first hash-tree renewal and now: before it the record would have been in doubt."""
    history.start("sha256")
    broken_at = history.at + 40 * DAY
    policy = trusting(history.liar)
    fallen = Policy(policy.material, policy.catalogue.broken(["sha256"], broken_at))
    members = hashed(GROUP, "sha256", "sha3_512")

    def asked(record: bytes) -> list[str]:
        result = judge(record, fallen, members=members, at=NOW, subject="r")
        return sorted({item.code for item in result.verdict.findings})

    assert asked(history.record) == ["ALGORITHM_SPENT"]
    late = History(history.liar, record=history.record, at=broken_at).rehash("sha3_512")
    assert asked(late.record) == ["ALGORITHM_SPENT"]


def test_a_digest_that_fell_after_the_hash_tree_renewal_does_no_harm(liar: Liar):
    """The token's own signature must not rest on it either: the liar signs over SHA-256, so SHA-512 falls here."""
    history = History(liar).start("sha512").rehash("sha3_512")
    policy = trusting(liar)
    fallen = Policy(policy.material, policy.catalogue.broken(["sha512"], history.at + DAY))
    result = judge(history.record, fallen, members=hashed(GROUP, "sha512", "sha3_512"), at=NOW, subject="r")
    assert codes(result) == []


def test_no_flipped_octet_of_a_renewed_record_passes(liar: Liar):
    """There is nothing superfluous in its bags: the authority's certificate, and the list that is asked for."""
    lists = [revocations(liar.ca, {}, NOW - DAY)]
    policy = Policy(Material((liar.ca.der,)), require_revocation=True)  # the lists are in the tokens
    history = History(liar, {"0.eml": b"uno", "1.eml": b"due"}).start()
    history.record = renewal.complete(history.record, crls=lists)
    history.rehash("sha3_512", alone=True)
    history.record = renewal.complete(history.record, crls=lists)
    members, tokens = hashed(history.group, "sha512", "sha3_512"), Tokens()

    def passes(record: bytes) -> bool:
        said = judge(record, policy, members=members, at=NOW, subject="r", tokens=tokens)
        return said.verdict.indication is Indication.PASSED

    assert passes(history.record)
    newest = history.record.rindex(reader.read(history.record).chains[1][0].token)
    # what the newest chain has hashed is looked at in places only: one check holds all of it
    for place in (*range(0, newest, 5), *range(newest, len(history.record))):
        spoiled = bytearray(history.record)
        spoiled[place] ^= 1 << place % 8
        assert not passes(bytes(spoiled)), place


def test_tokens_that_records_share_are_judged_once(liar: Liar, monkeypatch: pytest.MonkeyPatch):
    history = History(liar)
    groups = [[digest("sha512", f"{leaf}".encode())] for leaf in range(40)]
    tree = Tree.build([group_hash(group) for group in groups])
    token = history.token("sha512", tree.root)
    policy, tokens = trusting(liar), Tokens()
    for leaf, group in enumerate(groups):
        record = builder.initial(group, tree.path(leaf), token)
        examined = examine(record, policy, at=NOW, subject=str(leaf), tokens=tokens)
        assert examined.since == history.at
    assert len(tokens) == 1
    wrong = builder.initial([digest("sha512", b"altro")], tree.path(0), token)
    found = examine(wrong, policy, at=NOW, subject="wrong", tokens=tokens).findings
    assert [(item.code, item.subject) for item in found] == [("TOKEN_IMPRINT", "wrong")]


def test_the_end_is_that_of_the_newest_token(liar: Liar):
    history = History(expiring(liar, end=NOW + 20 * DAY)).start()
    policy = trusting(liar)
    first = examine(history.record, policy, at=NOW, subject="r")
    assert (first.until, first.end and first.end.reason) == (NOW + 20 * DAY, "certificate")
    history.liar = liar
    assert examine(history.restamp().record, policy, at=NOW, subject="r").until == NOW + YEAR
    weak = Policy(policy.material, policy.catalogue.broken(["sha512"], NOW + DAY))
    assert examine(history.record, weak, at=NOW, subject="r").until == NOW + DAY


def test_a_token_over_another_algorithm_is_not_appended(history: History):
    history.start()
    leaf = renewal.timestamp_leaf(history.record)
    token = history.token("sha3_512", leaf)
    with pytest.raises(Malformed, match="expected an imprint of sha512, found sha3_512"):
        renewal.restamped(history.record, (), token)
    with pytest.raises(Malformed, match="expected an imprint of sha512, found sha3_512"):
        renewal.rehashed(history.record, [leaf], (), token, "sha512")


def test_what_stands_between_digest_algorithms_and_the_sequence_goes_along(history: History):
    history.start()
    infos = builder.tlv(0xA0, builder.tlv(0x30, b"\x06\x03\x2a\x03\x04\x05\x00"))
    read = reader.read(history.record)
    head = builder.VERSION + builder.tlv(0x30, read.announced) + infos
    before = history.record = builder.tlv(0x30, head + read.sequence)
    assert codes(history.restamp().judged()) == []
    assert reader.read(history.record).infos == infos
    assert continues(before, history.record, "r") is None


def without(record: bytes) -> bytes:
    return rebuilt(record, lambda chains: chains.pop())


def changed_token(record: bytes) -> bytes:
    token = reader.read(record).chains[0][0].token
    return record.replace(token, flipped(token, read_token(token).signed.signature))


def emptied(record: bytes) -> bytes:
    """The newest token without its certificates."""
    newest = reader.read(record).chains[-1][-1]
    bag = b"".join(read_token(newest.token).certificates)
    bare = parser.emit(2, 1, 0, bag)
    assert bare in newest.token
    token = _without_bag(newest.token, bare)
    return rebuilt(record, lambda chains: chains[-1].__setitem__(-1, builder.tlv(0x30, newest.head + token)))


def _without_bag(token: bytes, bag: bytes) -> bytes:
    kind, data = token[4:15], token[token.index(b"\xa0") :]
    inner = parser.parse(parser.parse(data)[4])[4].replace(bag, b"")
    return builder.tlv(0x30, kind + builder.tlv(0xA0, builder.tlv(0x30, inner)))


CONTINUED = {
    "the same": (lambda record: record, ""),
    "completed": (lambda record: renewal.complete(record, crls=[LIST]), ""),
    "one chain gone": (without, "chain 2: expected 2 ArchiveTimeStamps, found 0"),
    "one timestamp gone": (
        lambda record: rebuilt(record, lambda chains: chains[1].pop()),
        "chain 2: expected 2 ArchiveTimeStamps, found 1",
    ),
    "another token": (changed_token, "ArchiveTimeStamp 1.1: expected it unchanged"),
    "a certificate gone from the bag": (emptied, "expected all certificates and lists of its token, found 1 gone"),
    "a timestamp too many": (
        lambda record: rebuilt(record, lambda chains: chains[0].append(chains[0][-1])),
        "chain 1: expected 1 ArchiveTimeStamps, found 2",
    ),
    "an algorithm gone": (
        lambda record: record.replace(builder.identifier("sha512"), builder.identifier("sha3_256"), 1),
        "digestAlgorithms",
    ),
    "no record": (lambda record: record + b"\0", "expected its end"),
}
LIST = revocations(issue("Altra"), {}, NOW)


@pytest.mark.parametrize("what", CONTINUED)
def test_a_record_continues_another_or_the_difference_is_named(history: History, what: str):
    change, reason = CONTINUED[what]
    history.start().rehash("sha3_512").restamp()
    found = continues(history.record, change(history.record), "000002.ers")
    if not reason:
        assert found is None
    else:
        assert found is not None
        assert (found.code, found.subject) == ("EVIDENCE_NOT_CONTINUED", "000002.ers")
        assert reason in found.text()


def test_no_flipped_octet_of_the_newer_record_continues_the_older(history: History):
    """The older one's newest token may only have grown: what its bag held is still in it, octet for octet."""
    older = history.start().record
    newer = history.restamp(alone=True).record
    frozen = newer.index(reader.read(newer).chains[0][1].octets)
    for place in range(frozen):
        spoiled = bytearray(newer)
        spoiled[place] ^= 1 << place % 8
        assert continues(older, bytes(spoiled), "r") is not None, place


class Chain(core.SequenceOf):
    """The level that asn1crypto's EvidenceRecord leaves out."""

    _child_spec = tsp.ArchiveTimeStamp


class Chains(core.SequenceOf):
    _child_spec = Chain


class EvidenceRecord(core.Sequence):
    _fields: ClassVar = [
        ("version", core.Integer),
        ("digest_algorithms", core.SequenceOf, {"spec": algos.DigestAlgorithm}),
        ("chains", Chains),
    ]


def test_others_read_a_renewed_record(history: History, tmp_path: Path):
    history.start("sha256").restamp().rehash("sha3_512").restamp(alone=True)
    read = reader.read(history.record)
    theirs = EvidenceRecord.load(history.record, strict=True)
    found = [[stamp["time_stamp"].dump() for stamp in chain] for chain in theirs["chains"]]
    assert found == [[stamp.token for stamp in chain] for chain in read.chains]
    assert theirs["chains"].dump() == read.sequence
    (tmp_path / "r.ers").write_bytes(history.record)
    asked = [tool("openssl"), "asn1parse", "-inform", "DER", "-in", tmp_path / "r.ers"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert told.count("id-smime-ct-TSTInfo") >= 4

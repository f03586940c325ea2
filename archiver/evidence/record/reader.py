"""An evidence record is read, and judged: do its members lead to the imprint of a token that can be believed?

RFC 4998. It shares nothing with what builds records and trees.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import algos

from archiver.errors import Malformed
from archiver.evidence.cms import UNREADABLE
from archiver.evidence.der import INTEGER, OCTET_STRING, SEQUENCE, Walk
from archiver.evidence.timestamp import Token, judge_token, read_token
from archiver.verdict import Finding, Indication, Verdict, finding, verdict

Lists = tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True, slots=True)
class ArchiveTimeStamp:
    """RFC 4998, 4.1. `algorithm` is None when it is that of the token's imprint; `lists` are empty without a tree."""

    algorithm: str | None
    lists: Lists = field(repr=False)
    token: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """RFC 4998, 3.1: the chains, each of one or more archive timestamps, all in order of time."""

    version: int
    algorithms: tuple[str, ...]
    chains: tuple[tuple[ArchiveTimeStamp, ...], ...]


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """`proven_at`: since when the members shown are proven to exist, None unless PASSED; `token`: None: unreadable."""

    verdict: Verdict
    proven_at: datetime | None = None
    token: Token | None = None


def read(octets: bytes) -> Record:
    """An EvidenceRecord in DER, and nothing behind it; the tokens in it may be BER. Raises Malformed."""
    outer = Walk.over(octets)
    walk = outer.into(SEQUENCE, "EvidenceRecord")
    outer.finish("EvidenceRecord")
    version = walk.content(INTEGER, "version")
    if version != b"\x01":
        raise Malformed(f"version: expected 01, found {version.hex()}")
    algorithms = _algorithms(walk.into(SEQUENCE, "digestAlgorithms"))
    for tag, name in ((0xA0, "cryptoInfos"), (0xA1, "encryptionInfo")):
        if walk.tag == tag:
            walk.whole(name)
    chains = _chains(walk.into(SEQUENCE, "archiveTimeStampSequence"))
    walk.finish("EvidenceRecord")
    return Record(1, algorithms, chains)


def judge(
    record: bytes,
    *,
    members: Mapping[str, bytes],
    absent: Mapping[str, bytes] | None = None,
    partial: bool = False,
    algorithm: str = "sha512",
    anchors: Iterable[bytes],
    intermediates: Iterable[bytes] = (),
    crls: Iterable[bytes] = (),
    at: datetime,
    require_revocation: bool = False,
    subject: str,
) -> RecordVerdict:
    """Whether the members (name -> digest by `algorithm`) existed at the time of the record's first archive timestamp.

    `absent` are members that are not shown for a reason that the caller knows (discarded; left out of an exhibit);
    `partial` says that any others may be missing too. The steps are those of RFC 4998, 4.3 and 5.3. A renewed record is
    judged by its first archive timestamp and left in doubt. Nothing is raised for a bad record.
    """
    try:
        # 1. the record, its first archive timestamp, and the token in it
        read_record = read(record)
        first = read_record.chains[0][0]
        token = read_token(first.token, intermediates := tuple(intermediates))
    except Malformed as error:
        return RecordVerdict(verdict((finding("EVIDENCE_UNREADABLE", subject, reason=error),)))
    lists = first.lists or ((token.imprint,),)  # without a tree the object itself was stamped (4.2, 7)
    # 2. the algorithm is the one that the members were hashed with, and is announced (3.2)
    found = list(_algorithm(read_record, first.algorithm or token.algorithm, algorithm, subject))
    # 3. every member is in the first list (4.3, steps 2 and 3), and no one else is
    found += _membership(lists[0], members, absent or {}, partial=partial, subject=subject)
    # 4. the lists lead to a root (4.3, step 4), which the token stamps; the token itself (4.3, step 5)
    judged = judge_token(
        token,
        algorithm=algorithm,
        data_digest=_root(lists, algorithm),
        anchors=anchors,
        intermediates=intermediates,
        crls=crls,
        at=at,
        require_revocation=require_revocation,
        subject=subject,
    )
    found += judged.findings
    # 5. renewals (5.3)
    stamps = sum(map(len, read_record.chains))
    if stamps > 1:
        found.append(finding("EVIDENCE_RENEWED", subject, found=stamps))
    whole = verdict(found)
    return RecordVerdict(whole, token.gen_time if whole.indication is Indication.PASSED else None, token)


def _algorithms(walk: Walk) -> tuple[str, ...]:
    names = []
    while not walk.done:
        names.append(_algorithm_name(walk.whole("AlgorithmIdentifier")))
    return tuple(names)


def _algorithm_name(octets: bytes) -> str:
    try:
        return str(algos.DigestAlgorithm.load(octets, strict=True)["algorithm"].native)
    except UNREADABLE as error:
        raise Malformed(f"AlgorithmIdentifier: {error}") from error


def _chains(walk: Walk) -> tuple[tuple[ArchiveTimeStamp, ...], ...]:
    chains = []
    while not walk.done:
        inner, chain = walk.into(SEQUENCE, "ArchiveTimeStampChain"), []
        while not inner.done:
            chain.append(_archive_timestamp(inner.into(SEQUENCE, "ArchiveTimeStamp")))
        chains.append(tuple(chain))
    if not all(chains) or not chains:
        raise Malformed("archiveTimeStampSequence: expected an ArchiveTimeStamp in each chain, found an empty one")
    return tuple(chains)


def _archive_timestamp(walk: Walk) -> ArchiveTimeStamp:
    algorithm = None
    if walk.tag == 0xA0:
        algorithm = _algorithm_name(
            b"\x30" + walk.whole("digestAlgorithm")[1:]
        )  # IMPLICIT: its own tag is a SEQUENCE's
    if walk.tag == 0xA1:
        walk.whole("attributes")
    lists = _lists(walk.into(0xA2, "reducedHashtree")) if walk.tag == 0xA2 else ()
    return ArchiveTimeStamp(algorithm, lists, walk.rest())  # the token comes last, in whatever encoding


def _lists(walk: Walk) -> Lists:
    lists = []
    while not walk.done:
        inner, digests = walk.into(SEQUENCE, "PartialHashtree"), []
        while not inner.done:
            digests.append(inner.content(OCTET_STRING, "digest"))
        lists.append(tuple(digests))
    sizes = {len(digest) for digests in lists for digest in digests}
    if not all(lists) or len(sizes) != 1:
        raise Malformed(f"reducedHashtree: expected digests of one size in each list, found sizes {sorted(sizes)}")
    return tuple(lists)


def _algorithm(record: Record, used: str, expected: str, subject: str) -> tuple[Finding, ...]:
    if used == expected and used in record.algorithms:
        return ()
    found = f"{used}, announced {', '.join(record.algorithms)}"
    return (finding("EVIDENCE_ALGORITHM", subject, expected=expected, found=found),)


def _membership(
    listed: tuple[bytes, ...],
    members: Mapping[str, bytes],
    absent: Mapping[str, bytes],
    *,
    partial: bool,
    subject: str,
) -> tuple[Finding, ...]:
    covered, shown = set(listed), set(members.values())
    findings = [
        finding("EVIDENCE_MEMBER", subject, member=name, expected=digest.hex())
        for name, digest in members.items()
        if digest not in covered
    ]
    if not members:
        findings.append(finding("EVIDENCE_NOTHING_SHOWN", subject, total=len(covered)))
    unexplained = set() if partial else covered - shown - set(absent.values())
    if unexplained:
        findings.append(finding("EVIDENCE_UNLISTED", subject, count=len(unexplained), found=min(unexplained).hex()))
    elif covered - shown:
        findings.append(finding("GROUP_PARTIAL", subject, shown=len(covered & shown), total=len(covered)))
    return tuple(findings)


def _root(lists: Lists, algorithm: str) -> bytes:
    """Hashes up: each list sorted with the value from the one before, duplicates kept; a lone value passes through."""
    value: tuple[bytes, ...] = ()
    for digests in lists:
        together = sorted((*value, *digests))
        joined = b"".join(together)
        value = (together[0] if len(together) == 1 else hashlib.new(algorithm, joined).digest(),)
    return value[0]

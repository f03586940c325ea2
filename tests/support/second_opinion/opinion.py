"""The record itself: RFC 4998, 4.3 and 5.3, step by step."""

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from support.second_opinion import plain_token
from support.second_opinion.believed import Believed
from support.second_opinion.plain_der import UnreadableError, Value, one, wrapped
from support.second_opinion.plain_token import Token, digest_name

PASSED, INDETERMINATE, FAILED = "PASSED", "INDETERMINATE", "FAILED"


@dataclass(frozen=True)
class Opinion:
    """One word and its reasons; `since`: the first token's time, when PASSED."""

    word: str
    failed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True)
class Stamp:
    """One ArchiveTimeStamp: digest, lists, token and the token's octets."""

    algorithm: str
    lists: list[list[bytes]]
    token: Token
    octets: bytes


def opinion(
    record: bytes,
    believed: Believed,
    *,
    members: Mapping[str, bytes],
    absent: Mapping[str, Mapping[str, bytes]],
    partial: bool,
    at: datetime,
) -> Opinion:
    """Whether these octets (`members`) were there at the first token's time, as seen at `at`.

    `absent`: members that are not shown for a known reason, by their digests; `partial`: any may be missing.
    """
    try:
        return _opinion(record, believed, members, absent, partial, at)
    except UnreadableError as error:
        return Opinion(FAILED, (f"unreadable: {error}",))


def _opinion(
    record: bytes,
    believed: Believed,
    members: Mapping[str, bytes],
    absent: Mapping[str, Mapping[str, bytes]],
    partial: bool,
    at: datetime,
) -> Opinion:
    listed, chains, octets = _read(record)
    failed: list[str] = []
    open_: list[str] = [] if members else ["nothing shown"]
    # 5.3 step 1, and the last paragraph: the initial Archive Timestamp holds the members and nothing else
    first = chains[0][0]
    held = {hashlib.new(first.algorithm, data).digest() for data in members.values()}
    failed += ["a member is not in the first list"] * (not held <= set(first.lists[0]))
    known = held | {digests[first.algorithm] for digests in absent.values() if first.algorithm in digests}
    failed += ["others in the first list"] * (not partial and not set(first.lists[0]) <= known)
    every = [stamp for chain in chains for stamp in chain]
    times = [stamp.token.gen_time for stamp in every]
    # 5.1: ascending
    failed += ["not in order of time"] * (times != sorted(times))
    # 4.3: every list leads to its token; 5.3 step 2: every token was good until the next one came
    for stamp, until in zip(every, [*times[1:], at], strict=True):
        wrong, doubts = plain_token.judge(
            stamp.token, believed, algorithm=stamp.algorithm, value=_root(stamp), until=until
        )
        failed += wrong
        open_ += doubts
    for number, chain in enumerate(chains):
        failed += [f"{stamp.algorithm} is not announced" for stamp in chain if stamp.algorithm not in listed]
        # step 2: one digest in a chain, and each first list holds the digest of the timestamp before
        failed += ["another digest in a chain"] * (len({stamp.algorithm for stamp in chain}) > 1)
        for before, stamp in itertools.pairwise(chain):
            value = hashlib.new(stamp.algorithm, before.octets).digest()
            failed += ["the timestamp before is not covered"] * (value not in stamp.lists[0])
        # step 2: that digest was good until the next chain began
        until = chains[number + 1][0].token.gen_time if number + 1 < len(chains) else at
        open_ += [f"{stamp.algorithm} spent" for stamp in chain if believed.spent(stamp.algorithm, until)]
        # step 3: the first list of a later chain holds H(H(d) || H(all chains before)) of every member
        if number:
            used = chain[0].algorithm
            before = hashlib.new(used, wrapped(0x30, b"".join(octets[:number]))).digest()
            wanted = {
                hashlib.new(used, hashlib.new(used, data).digest() + before).digest() for data in members.values()
            }
            failed += ["a member is not in a later chain"] * (not wanted <= set(chain[0].lists[0]))
    word = FAILED if failed else INDETERMINATE if open_ else PASSED
    return Opinion(word, tuple(failed), tuple(open_), first.token.gen_time if word == PASSED else None)


def _root(stamp: Stamp) -> bytes:
    """4.3 step 3: a list of one value is that value."""
    value: list[bytes] = []
    for hashes in stamp.lists:
        together = sorted([*value, *hashes])
        value = together if len(together) == 1 else [hashlib.new(stamp.algorithm, b"".join(together)).digest()]
    return value[0]


def _read(record: bytes) -> tuple[set[str], list[list[Stamp]], list[bytes]]:
    """The digests announced, the chains, and the octets of each chain (3.1)."""
    version, listed, *extra, sequence = one(record, 0x30).inside(0x02, 0x30)
    if version.content != b"\x01" or sequence.tag != 0x30 or [item.tag for item in extra] not in ([], [0xA0], [0xA1]):
        raise UnreadableError("expected version 1, algorithms, chains")
    chains = sequence.inside()
    stamps = [[_stamp(item) for item in chain.inside()] for chain in chains]
    if not stamps or not all(stamps) or any(item.tag != 0x30 for item in chains):
        raise UnreadableError("an empty chain")
    return {digest_name(item) for item in listed.inside()}, stamps, [item.octets for item in chains]


def _stamp(value: Value) -> Stamp:
    *before, last = value.inside()
    fields = {item.tag: item for item in before}
    if value.tag != 0x30 or sorted(fields) != [item.tag for item in before] or not set(fields) <= {0xA0, 0xA1, 0xA2}:
        raise UnreadableError("expected an ArchiveTimeStamp")
    token = plain_token.read(last.octets)
    named = digest_name(Value(0x30, fields[0xA0].content, b"")) if 0xA0 in fields else token.algorithm
    lists = [[token.imprint]]  # without a tree the value itself was stamped (4.2)
    if 0xA2 in fields:
        rows = fields[0xA2].inside()
        if any(row.tag != 0x30 or any(item.tag != 0x04 for item in row.inside()) for row in rows):
            raise UnreadableError("expected lists of octet strings")
        lists = [[item.content for item in row.inside()] for row in rows]
        size = hashlib.new(named).digest_size
        if not lists or not all(lists) or any(len(item) != size for row in lists for item in row):
            raise UnreadableError("expected lists of digests")
    return Stamp(named, lists, token, last.octets)

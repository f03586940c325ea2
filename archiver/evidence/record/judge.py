"""An evidence record judged: do its members lead, renewal by renewal, to tokens that can be believed?

RFC 4998, 4.3 and 5.3. It shares nothing with what builds records and trees. Order: `examine`, which needs no data, then
`Examined.covers`, which sets the data beside it; the arithmetic of both is in `steps`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.errors import Malformed
from archiver.evidence.cms import digest
from archiver.evidence.policy import Policy
from archiver.evidence.record.members import Hashes, Link, coverage
from archiver.evidence.record.reader import is_xml, read
from archiver.evidence.record.steps import root
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.record.values import Lists, Record
from archiver.evidence.timestamp import End, Token, end_of
from archiver.verdict import Finding, Indication, Verdict, finding, verdict


@dataclass(frozen=True, slots=True)
class Stamp:
    """One ArchiveTimeStamp: its place (chain, number in it; from 1), its tree's algorithm, its token, its verdict."""

    chain: int
    number: int
    algorithm: str
    token: Token = field(repr=False)
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Examined:
    """A record without its data: its structure, its chains, its tokens. `record` is None when it cannot be read.

    `end` says what ends first of all that the record still rests on: only its newest token has to be watched (RFC 4998,
    5.2), and the digest of the newest chain. Whatever the verdict: a renewal comes before it, or too late.
    """

    subject: str
    record: Record | None = field(repr=False)
    stamps: tuple[Stamp, ...]
    findings: tuple[Finding, ...]
    end: End | None = None

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What the members must be hashed with: the algorithm of each chain, in order of time."""
        return tuple(dict.fromkeys(stamp.algorithm for stamp in self.stamps))

    @property
    def since(self) -> datetime | None:
        """The first token's time, None unless all of the record holds."""
        passed = verdict(self.findings).indication is Indication.PASSED
        return self.stamps[0].token.gen_time if passed else None

    @property
    def until(self) -> datetime | None:
        """The moment from which it proves nothing more unless it is renewed; `end` says why."""
        return None if self.end is None else self.end.at

    def covers(
        self, members: Mapping[str, Hashes], *, absent: Mapping[str, Hashes] | None = None, partial: bool = False
    ) -> tuple[Finding, ...]:
        """What is to be said of these members of the record's data object group (RFC 4998, 4.3 and 5.3).

        `absent` are members that are not shown for a reason that the caller knows (discarded; left out of an exhibit);
        `partial` says that any others may be missing too. A member needs a digest for each of `algorithms`.
        """
        if self.record is None:
            return ()
        return coverage(self._links(self.record), members, absent or {}, partial=partial, subject=self.subject)

    def _links(self, record: Record) -> Iterator[Link]:
        for number, (chain, earlier) in enumerate(zip(record.chains, record.earlier, strict=True), 1):
            stamp = next(item for item in self.stamps if (item.chain, item.number) == (number, 1))
            yield Link(number, stamp.algorithm, _lists(chain[0].lists, stamp.token)[0], earlier)


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """`proven_at`: since when the members shown are proven to exist, None unless PASSED; `token`: None: unreadable."""

    verdict: Verdict
    proven_at: datetime | None = None
    token: Token | None = None


def judge(
    octets: bytes,
    policy: Policy,
    *,
    members: Mapping[str, Hashes],
    absent: Mapping[str, Hashes] | None = None,
    partial: bool = False,
    at: datetime,
    subject: str,
    tokens: Tokens | None = None,
) -> RecordVerdict:
    """Whether the members existed at the time of the record's first archive timestamp, as can be shown at `at`.

    Nothing is raised for a bad record. See `Examined.covers` for the members.
    """
    examined = examine(octets, policy, at=at, subject=subject, tokens=tokens)
    whole = verdict((*examined.findings, *examined.covers(members, absent=absent, partial=partial)))
    token = examined.stamps[0].token if examined.stamps else None
    passed = whole.indication is Indication.PASSED
    return RecordVerdict(whole, examined.since if passed else None, token)


def examine(octets: bytes, policy: Policy, *, at: datetime, subject: str, tokens: Tokens | None = None) -> Examined:
    """All that can be said of a record without its data, as of `at`. Nothing is raised for a bad record.

    `tokens` remembers what was said of tokens that several records share. In a record of several ArchiveTimeStamps the
    subject of a finding says which one: `evidence/000002.ers (ArchiveTimeStamp 1.2)` is the second of the first chain.
    """
    if is_xml(octets):
        return Examined(subject, None, (), (finding("EVIDENCE_FORMAT", subject),))
    try:
        record = read(octets)
        places = _places(record, policy, Tokens() if tokens is None else tokens, at, subject)
        stamps = tuple(_stamp(place, record, policy) for place in places)
    except Malformed as error:
        return Examined(subject, None, (), (finding("EVIDENCE_UNREADABLE", subject, reason=error),))
    findings = tuple(item for stamp in stamps for item in stamp.verdict.findings)
    # the digest of the newest chain is among the ends, as that of the imprint
    end = end_of(places[-1].token, policy.catalogue, policy.material.certificates)
    return Examined(subject, record, stamps, findings, end)


@dataclass(frozen=True, slots=True)
class _Place:
    """One ArchiveTimeStamp among its neighbours.

    `until` is when the next one takes over, or the moment of judging; `before` is the one before it, in whichever
    chain.
    """

    chain: int
    number: int
    algorithm: str
    lists: Lists
    token: Token
    before: "_Place | None"
    until: datetime
    subject: str
    tokens: Tokens


def _places(record: Record, policy: Policy, tokens: Tokens, at: datetime, subject: str) -> tuple[_Place, ...]:
    held = [
        (chain, number, stamp, _token(stamp.token, policy, tokens, f"{chain}.{number}"))
        for chain, stamps in enumerate(record.chains, 1)
        for number, stamp in enumerate(stamps, 1)
    ]
    untils = (*(token.gen_time for *_, token in held[1:]), at)
    places: list[_Place] = []
    for (chain, number, stamp, token), until in zip(held, untils, strict=True):
        algorithm = stamp.algorithm or token.algorithm
        digest(algorithm, b"")  # raises Malformed for one that nobody here can compute
        named = subject if len(held) == 1 else f"{subject} (ArchiveTimeStamp {chain}.{number})"
        before = places[-1] if places else None
        lists = _lists(stamp.lists, token)
        places.append(_Place(chain, number, algorithm, lists, token, before, until, named, tokens))
    return tuple(places)


def _token(octets: bytes, policy: Policy, tokens: Tokens, place: str) -> Token:
    try:
        return tokens.read(octets, policy)
    except Malformed as error:
        raise Malformed(f"ArchiveTimeStamp {place}: {error}") from error


def _lists(lists: Lists, token: Token) -> Lists:
    """Without a tree the object itself was stamped (RFC 4998, 4.2, 7)."""
    return lists or ((token.imprint,),)


def _stamp(place: _Place, record: Record, policy: Policy) -> Stamp:
    found = (*_algorithms(place, record), *_renewed(place), *_stamped(place, policy))
    return Stamp(place.chain, place.number, place.algorithm, place.token, verdict(found))


def _algorithms(place: _Place, record: Record) -> Iterator[Finding]:
    # 3.1: digestAlgorithms names every algorithm that the data were hashed with
    if place.algorithm not in record.algorithms:
        announced = ", ".join(record.algorithms)
        yield finding("EVIDENCE_ALGORITHM", place.subject, expected=place.algorithm, found=announced)
    # 5.3, 2: all ArchiveTimeStamps within a chain use the same
    if _follows(place) and place.before and place.before.algorithm != place.algorithm:
        yield finding(
            "EVIDENCE_CHAIN_ALGORITHM",
            place.subject,
            chain=place.chain,
            expected=place.before.algorithm,
            found=place.algorithm,
        )


def _renewed(place: _Place) -> Iterator[Finding]:
    before = place.before
    if before is None:
        return
    named = {"chain": place.chain, "number": place.number}
    # 5.1: in ascending order of time
    if place.token.gen_time < before.token.gen_time:
        expected, found = before.token.gen_time, place.token.gen_time
        yield finding("EVIDENCE_ORDER", place.subject, **named, expected=expected, found=found)
    # 5.3, 2: the first list holds the hash value of the timestamp before; what binds a chain to those before it is in
    # `members`, because it runs through the data
    expected_link = digest(place.algorithm, before.token.octets)
    if _follows(place) and expected_link not in place.lists[0]:
        yield finding("EVIDENCE_LINK", place.subject, **named, expected=expected_link.hex())


def _stamped(place: _Place, policy: Policy) -> Iterator[Finding]:
    # 4.3, 3: up the tree
    token, named = place.token, {"chain": place.chain, "number": place.number}
    top = root(place.lists, place.algorithm)
    if top != token.imprint and len(place.lists[0]) == 1:
        if root(place.lists, place.algorithm, twice=True) == token.imprint:
            top = token.imprint
            yield finding("EVIDENCE_DOUBLE_HASHED", place.subject, **named)
    elif top != token.imprint and root(place.lists, place.algorithm, listed=True) == token.imprint:
        top = token.imprint
        yield finding("EVIDENCE_NODE_LISTED", place.subject, **named)
    # 4.3, 4: the root is what the token stamps, by the same algorithm
    # 5.3, 2: each is valid relative to the time of the following one, the last one at the moment of judging
    # and so is a chain's algorithm, which is the imprint's: secure when the next chain begins
    yield from place.tokens.judge(
        token, policy, algorithm=place.algorithm, data_digest=top, at=place.until, subject=place.subject
    ).findings
    # RFC 5652, 5
    for fault in place.tokens.form(token):
        code = "EVIDENCE_TOKEN_VERSION" if fault.common else "EVIDENCE_TOKEN_FORM"
        yield finding(code, place.subject, **fault._asdict())


def _follows(place: _Place) -> bool:
    """Whether it renews the timestamp before it in the same chain."""
    return place.number > 1

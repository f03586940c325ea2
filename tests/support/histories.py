"""Histories of one volume: sealed, renewed, partly destroyed, altered, asked about. Plain data that Hypothesis shrinks.

A `Script` says what happens, in days; `played` plays it with the program's own builders and quick authorities.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.x509 import ReasonFlags
from hypothesis import strategies as st

from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, renewal
from support.quick_tsa import DAY, QuickCA, QuickTSA
from support.second_opinion.plain_der import one, wrapped

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CA = QuickCA()
CHAINS = ("sha512", "sha3_512", "sha256", "sha384", "sha3_256")
ALGORITHMS = (*CHAINS, "ecdsa", "secp256r1", "ed25519", "rsassa_pkcs1v15")
LONG = 9000
MOVES = ("lost", "doubled", "swapped", "parted", "chains swapped")
REASONS: tuple[ReasonFlags | None, ...] = (
    ReasonFlags.key_compromise,
    ReasonFlags.ca_compromise,
    ReasonFlags.superseded,
    ReasonFlags.cessation_of_operation,
    None,
)


@dataclass(frozen=True)
class Authority:
    """A TSA that takes a new certificate every `every` days, each good for `longer` days more. `kind`: see QuickTSA."""

    kind: str = "p256"
    digest: str = "sha256"
    every: int = 1800
    longer: int = 1800


@dataclass(frozen=True)
class Step:
    """`days` after the step before: `restamp`, `rehash` (to another algorithm than the newest chain's) or `discard`.

    `number` picks the TSA of a renewal (and the new algorithm), or the member to be discarded; `among` other leaves
    share the tree; `completed`: the newest token takes its CA and list of the day before it is renewed.
    """

    what: str
    days: int
    number: int = 0
    among: int = 0
    completed: bool = False


@dataclass(frozen=True)
class Revoked:
    """The certificate of the stamp `number` (0: the first) is on the lists since `days` after (before) that stamp."""

    number: int
    days: int
    reason: ReasonFlags | None


@dataclass(frozen=True)
class Altered:
    """One octet of the record, at this part of its length, or (`member`) of a member's."""

    part: float
    bit: int
    member: bool = False


@dataclass(frozen=True)
class Moved:
    """Whole ArchiveTimeStamps `lost`, `doubled`, `swapped` with the next one, or put into a chain of their own."""

    how: str
    number: int


@dataclass(frozen=True)
class Script:
    """What happens, and what is asked: `asked` days after the last step (before it when below zero).

    With `edge` it is asked at one of the moments at which something begins or ends, some seconds before or after.

    `told`: whether the discarded are `declared` absent, only `partial`ly shown, left `unexplained`, or `shown` again;
    with `nothing` no member is shown at all.
    """

    members: int = 1
    among: int = 0
    algorithm: str = "sha512"
    authorities: tuple[Authority, ...] = (Authority(),)
    steps: tuple[Step, ...] = ()
    asked: int = 1
    ends: Mapping[str, int] = field(default_factory=dict)
    revoked: tuple[Revoked, ...] = ()
    altered: Altered | None = None
    moved: Moved | None = None
    edge: tuple[int, int] | None = None
    told: str = "declared"
    foreign: bool = False


@dataclass(frozen=True)
class Played:
    """The record and what stands beside it on the day of asking; `members` are octets, `absent` digests."""

    record: bytes
    members: Mapping[str, bytes]
    absent: Mapping[str, Mapping[str, bytes]]
    partial: bool
    at: datetime
    anchors: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ends: Mapping[str, datetime | None]
    algorithms: tuple[str, ...]


def played(script: Script) -> Played:
    """What is there after all of it happened."""
    return _Play(script).told()


def hashed(name: str, data: bytes) -> bytes:
    """A digest."""
    return hashlib.new(name, data).digest()


class _Play:
    def __init__(self, script: Script) -> None:
        self.script, self.day = script, 0
        self.members = {f"messages/{number}.eml": b"messaggio %d" % number for number in range(script.members)}
        self.absent: dict[str, dict[str, bytes]] = {}
        self.algorithms = [script.algorithm]
        self.used: list[tuple[QuickTSA, int]] = []
        group = [hashed(script.algorithm, data) for data in self.members.values()]
        path, token = self._stamped(group_hash(group, script.algorithm), script.among, 0)
        self.record = builder.initial(group, path, token, script.algorithm)
        for step in script.steps:
            self.day += step.days
            getattr(self, f"_{step.what}")(step)

    def told(self) -> Played:
        script, at = self.script, self._asked()
        members, record = dict(self.members), self.record
        if script.moved:
            record = _moved(record, script.moved)
        if script.told == "shown":
            members |= {name: b"messaggio %d" % int(name[9:-4]) for name in self.absent}
        if script.told == "nothing":
            members = {}
        if script.foreign:
            members["messages/intruso.eml"] = b"intruso"
        if script.altered and not script.altered.member:
            record = _flipped(record, script.altered)
        elif script.altered and members:
            name = sorted(members)[int(script.altered.part * len(members))]
            members[name] = _flipped(members[name], script.altered)
        return Played(
            record=record,
            members=members,
            absent=self.absent if script.told == "declared" else {},
            partial=script.told in ("partial", "nothing"),
            at=at,
            anchors=(CA.der,),
            crls=(CA.crl(self._entries(), at),),
            ends={name: _moment(script.ends.get(name)) for name in ALGORITHMS},
            algorithms=tuple(self.algorithms),
        )

    def _restamp(self, step: Step) -> None:
        self._complete(step)
        path, token = self._stamped(renewal.timestamp_leaf(self.record), step.among, step.number)
        self.record = renewal.restamped(self.record, path, token)

    def _rehash(self, step: Step) -> None:
        self._complete(step)
        others = [name for name in CHAINS if name != self.algorithms[-1]]
        self.algorithms.append(others[step.number % len(others)])
        algorithm = self.algorithms[-1]
        digests = [hashed(algorithm, data) for data in self.members.values()]
        group = renewal.rehashed_group(self.record, digests, algorithm)
        path, token = self._stamped(group_hash(group, algorithm), step.among, step.number)
        self.record = renewal.rehashed(self.record, group, path, token, algorithm)

    def _discard(self, step: Step) -> None:
        """The last member always stays."""
        if len(self.members) > 1:
            name = sorted(self.members)[step.number % len(self.members)]
            data = self.members.pop(name)
            self.absent[name] = {algorithm: hashed(algorithm, data) for algorithm in self.algorithms}

    def _complete(self, step: Step) -> None:
        if step.completed:
            crl = CA.crl({}, FIRST + self.day * DAY)
            self.record = renewal.complete(self.record, certificates=[CA.der], crls=[crl])

    def _stamped(self, leaf: bytes, among: int, number: int) -> tuple[tuple[tuple[bytes, ...], ...], bytes]:
        algorithm = self.algorithms[-1]
        leaves = [hashed(algorithm, b"%d of %d" % (other, self.day)) for other in range(among)]
        place = number % (among + 1)
        tree = Tree.build([*leaves[:place], leaf, *leaves[place:]], algorithm)
        tsa = self._tsa(number % len(self.script.authorities))
        self.used.append((tsa, self.day))
        return tree.path(place), tsa.stamp(algorithm, tree.root, FIRST + self.day * DAY)

    def _tsa(self, number: int) -> QuickTSA:
        plan = self.script.authorities[number]
        age = self.day // plan.every
        start, end = age * plan.every, (age + 1) * plan.every + plan.longer
        return QuickTSA(
            name=f"TSA {number} {plan.kind}",
            start=FIRST + start * DAY,
            end=FIRST + end * DAY,
            kind=plan.kind,
            digest=plan.digest,
            serial=100 + 1000 * number + age,
            ca=CA,
        )

    def _asked(self) -> datetime:
        if self.script.edge is None:
            return FIRST + (self.day + self.script.asked) * DAY
        number, seconds = self.script.edge
        moments = {FIRST + day * DAY for _, day in self.used} | {tsa.end for tsa, _ in self.used}
        moments |= {when for when, _ in self._entries().values()}
        moments |= {FIRST + day * DAY for day in self.script.ends.values()}
        return sorted(moments)[number % len(moments)] + timedelta(seconds=seconds)

    def _entries(self) -> dict[int, tuple[datetime, ReasonFlags | None]]:
        chosen = [(self.used[item.number], item) for item in self.script.revoked if item.number < len(self.used)]
        return {tsa.serial: (FIRST + (day + item.days) * DAY, item.reason) for (tsa, day), item in chosen}


def _moment(day: int | None) -> datetime | None:
    return None if day is None else FIRST + day * DAY


def _flipped(octets: bytes, altered: Altered) -> bytes:
    place = int(altered.part * len(octets))
    return octets[:place] + bytes((octets[place] ^ 1 << altered.bit,)) + octets[place + 1 :]


def _moved(record: bytes, moved: Moved) -> bytes:
    """The same record, its ArchiveTimeStamps in another order; octets of each as they were."""
    head = one(record, 0x30).inside()
    chains = [[stamp.octets for stamp in chain.inside()] for chain in head[-1].inside()]
    places = [(row, column) for row, chain in enumerate(chains) for column in range(len(chain))]
    row, column = places[moved.number % len(places)]
    chain = chains[row]
    match moved.how:
        case "lost":
            del chain[column]
        case "doubled":
            chain.insert(column, chain[column])
        case "swapped":
            chain[column], chain[column - 1] = chain[column - 1], chain[column]
        case "parted":
            chains[row : row + 1] = [chain[:column], chain[column:]]
        case _:
            chains[row], chains[row - 1] = chains[row - 1], chains[row]
    written = wrapped(0x30, b"".join(wrapped(0x30, b"".join(chain)) for chain in chains if chain))
    return wrapped(0x30, b"".join(item.octets for item in head[:-1]) + written)


def scripts(*, altered: st.SearchStrategy[Altered | None] | None = None) -> st.SearchStrategy[Script]:
    """Histories of all kinds; most of what can go wrong does so rarely, so that each outcome is common."""
    authorities = st.builds(
        Authority,
        kind=st.sampled_from(("p256", "ed25519", "rsa")),
        digest=st.sampled_from(("sha256", "sha512")),
        every=st.sampled_from((1800, 3000, 900)),
        longer=st.sampled_from((1800, 3000, 0)),
    )
    steps = st.builds(
        Step,
        what=st.sampled_from(("restamp", "rehash", "discard")),
        days=_often(st.integers(0, 1700), st.sampled_from((1800, 3600, 2500, 5000))),
        number=st.integers(0, 5),
        among=st.integers(0, 4),
        completed=st.booleans(),
    )
    revoked = st.builds(Revoked, st.integers(0, 5), st.integers(-50, 3000), st.sampled_from(REASONS))
    return st.builds(
        Script,
        members=st.integers(1, 5),
        among=st.integers(0, 4),
        algorithm=st.sampled_from(CHAINS),
        authorities=st.lists(authorities, min_size=1, max_size=3).map(tuple),
        steps=st.lists(steps, max_size=5).map(tuple),
        asked=_often(st.integers(0, 1700), st.integers(-4000, 4000)),
        ends=_often(st.just({}), st.dictionaries(st.sampled_from(ALGORITHMS), st.integers(1, LONG), max_size=2)),
        revoked=_often(st.just(()), st.lists(revoked, max_size=2).map(tuple)),
        altered=st.none() if altered is None else altered,
        moved=_often(st.none(), st.builds(Moved, st.sampled_from(MOVES), st.integers(0, 5))),
        edge=st.one_of(st.none(), st.tuples(st.integers(0, 11), st.sampled_from((0, 1, -1)))),
        told=_often(st.just("declared"), st.sampled_from(("partial", "unexplained", "shown", "nothing"))),
        foreign=_often(st.just(False), st.booleans()),
    )


def alterations() -> st.SearchStrategy[Altered]:
    """One octet somewhere."""
    return st.builds(Altered, st.floats(0, 1, exclude_max=True), st.integers(0, 7), st.booleans())


def _often(usual: st.SearchStrategy, rare: st.SearchStrategy) -> st.SearchStrategy:
    """Three times of four the usual."""
    return st.integers(0, 3).flatmap(lambda dice: rare if dice == 3 else usual)

"""The night's evidence: one tree over its rapporti and volumes, one token of each line, one record a leaf.

RFC 4998, 4: a rapporto is a leaf of its own, a volume one data object group of all its files.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count, takewhile
from tempfile import TemporaryFile
from typing import IO

from archiver.digest import sha256, sha512
from archiver.errors import Absent
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, reader
from archiver.evidence.record.judge import examine
from archiver.evidence.record.members import Hashes
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.timestamp import read_token
from archiver.package import layout
from archiver.seal.values import Failure, Report, Sealing
from archiver.stamping import Authority, Line, Stamper
from archiver.submission.rows import EvidenceRow, PdvRow, TokenRow
from archiver.verdict import Indication, verdict
from archiver.verify import Trust, judge_group, judge_volume

FIRST = 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing to be covered: its kind (`pdv`, `volume`), id and object, and its group's digests.

    `record` tells where its first record of an authority lies. One that is not `urgent` waits for company: alone it is
    worth no token.
    """

    kind: str
    id: str
    subject: str
    record: Callable[[str], str]
    start: int
    count: int
    urgent: bool = True


class Groups:
    """The digests of every group of a run, by each algorithm, kept in a file: a thousand volumes are too many."""

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        self.algorithms = algorithms
        self._sizes = [hashlib.new(algorithm).digest_size for algorithm in algorithms]
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115  (lives as long as the run)
        self._end = 0

    def add(
        self,
        kind: str,
        identifier: str,
        subject: str,
        record: Callable[[str], str],
        group: Sequence[Hashes],
        *,
        urgent: bool = True,
    ) -> Leaf:
        """A leaf for `group`; `subject` is the object that it stands for."""
        self._file.seek(self._end * sum(self._sizes))
        self._file.write(b"".join(member[algorithm] for member in group for algorithm in self.algorithms))
        leaf = Leaf(kind, identifier, subject, record, self._end, len(group), urgent)
        self._end += len(group)
        return leaf

    def of(self, leaf: Leaf, algorithm: str) -> list[bytes]:
        """The digests of a leaf's group by one algorithm."""
        width, place = sum(self._sizes), self.algorithms.index(algorithm)
        start = sum(self._sizes[:place])
        self._file.seek(leaf.start * width)
        octets = self._file.read(leaf.count * width)
        ends = range(start, len(octets), width)
        return [octets[at : at + self._sizes[place]] for at in ends]


def pdv_leaves(line: Line, groups: Groups, work: Sealing, report: Report) -> Iterator[Leaf]:
    """A leaf for each rapporto that this line has not covered yet, over the bytes that are in the store."""
    tsas = [authority.id for authority in line]
    for pdv in work.catalog.pdvs_without_evidence(tsas, records=len(work.lines)):
        try:
            octets = work.store.get(pdv.name)
        except Absent as error:
            report.failures.append(Failure(pdv.name, str(error)))
            continue
        if sha512(octets) != pdv.sha512:
            reason = f"expected SHA-512 {pdv.sha512}, found {sha512(octets)}"
            report.failures.append(Failure(pdv.name, reason))
            continue
        yield groups.add("pdv", pdv.id, pdv.name, partial(pdv_record, pdv), [hashes(octets, groups.algorithms)])


def pdv_record(pdv: PdvRow, tsa: str) -> str:
    """Where a rapporto's first record of an authority lies."""
    return layout.rdv_record(pdv.holder, pdv.mailbox, pdv.id, tsa=tsa, number=FIRST)


def cover(leaves: Sequence[Leaf], groups: Groups, line: Line, work: Sealing, report: Report) -> None:
    """Puts a record for each leaf that has none in the store; one tree, one token, and none if nothing is missing.

    Raises Unavailable when no authority of the line answers.
    """
    missing = [leaf for leaf in leaves if covering(leaf, line, work) is None]
    if not missing:
        return
    algorithm = line[0].digest
    tree = Tree.build([group_hash(groups.of(leaf, algorithm), algorithm) for leaf in missing], algorithm)
    asking = Stamper(line, report, clock=work.clock, nonce=work.nonce)
    authority, token = asking.stamped(algorithm, tree.root)
    for position, leaf in enumerate(missing):
        record = builder.initial(groups.of(leaf, algorithm), tree.path(position), token, algorithm)
        work.store.put(leaf.record(authority.id), record)


def covering(leaf: Leaf, line: Line, work: Sealing) -> Authority | None:
    """The first of the line whose record of the leaf is in the store."""
    return next((authority for authority in line if work.store.has(leaf.record(authority.id))), None)


class Noting:
    """Notes the records of one line in a night: they share a token, which is judged once."""

    def __init__(self, groups: Groups, line: Line, work: Sealing, report: Report) -> None:
        self.line, self.work, self.report = line, work, report
        self._groups, self._tokens, self._now = groups, Tokens(), work.clock()

    def note(self, leaf: Leaf) -> bool:
        """Notes a leaf's records once the judge has passed the newest as read back; otherwise reports why not.

        There is one, unless an older catalog was put back: then those that renewals have added since are noted as well.
        """
        authority = covering(leaf, self.line, self.work)
        assert authority is not None, "cover() has put one"
        names = lineage(leaf, authority, self.work)
        *older, name = names
        policy = self.work.policy if older else authority.trusted
        examined = examine(self.work.store.get(name), policy, at=self._now, subject=name, tokens=self._tokens)
        members = _members(leaf, self._groups, name, examined.algorithms, self.work)
        judged = verdict((*examined.findings, *examined.covers(members)))
        if judged.indication is not Indication.PASSED or examined.since is None:
            self.report.failures.append(Failure(name, verdict=judged))
            return False
        rows = list(recorded(leaf, authority, names, examined.since, self.work))
        self.work.catalog.record_evidence([row for row, _ in rows], [token for _, token in rows])
        return True


def recorded(
    leaf: Leaf, authority: Authority, names: Sequence[str], proven: datetime, work: Sealing
) -> Iterator[tuple[EvidenceRow, TokenRow]]:
    """What the catalog says of a lineage, of which the newest was judged: since when it is `proven`."""
    for number, name in enumerate(names, FIRST):
        stamps = [stamp for chain in reader.read(work.store.get(name)).chains for stamp in chain]
        stamp = stamps[number - 1]
        token = read_token(stamp.token)
        noted = TokenRow(sha256(stamp.token), stamp.token, token.gen_time)
        algorithm = stamp.algorithm or token.algorithm
        yield EvidenceRow(leaf.kind, leaf.id, authority.id, number, name, proven, algorithm, noted.sha256), noted


def lineage(leaf: Leaf, authority: Authority, work: Sealing) -> list[str]:
    """The leaf's records of an authority, as far as they follow one another; the first is there."""
    first = leaf.record(authority.id)
    stem = first[: -len("000001.ers")]
    later = (f"{stem}{number:06}.ers" for number in count(FIRST + 1))
    return [first, *takewhile(work.store.has, later)]


def _members(leaf: Leaf, groups: Groups, name: str, needed: tuple[str, ...], work: Sealing) -> Mapping[str, Hashes]:
    """The digests of the leaf's group, by the algorithms that the record called `name` was made with.

    Those of this run, unless an earlier run made the record, with another algorithm: then all is read again.
    """
    if set(needed) <= set(groups.algorithms):
        digests = {algorithm: groups.of(leaf, algorithm) for algorithm in groups.algorithms}
        return {
            f"{leaf.subject} {place}": {algorithm: found[place] for algorithm, found in digests.items()}
            for place in range(leaf.count)
        }
    if leaf.count == 1:
        return {leaf.subject: hashes(work.store.get(leaf.subject), needed)}
    trust, parsed = Trust(work.providers, work.policy), layout.parse(name)
    assert parsed is not None, "a leaf's record has a name of ours"
    if parsed.kind is layout.Kind.VOLUME_RECORD:
        where = (work.store, parsed.holder, parsed.id)
        return judge_volume(*where, trust=trust, at=work.clock(), contents=False, also=needed).members
    return judge_group(work.store, name, trust=trust, at=work.clock(), also=needed)[1]


def hashes(octets: bytes, algorithms: Iterable[str]) -> Hashes:
    """The digests of some octets."""
    return {algorithm: hashlib.new(algorithm, octets).digest() for algorithm in algorithms}


def hashes_of(pieces: Iterable[bytes], algorithms: Iterable[str]) -> Hashes:
    """The digests of octets that come in pieces."""
    made = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    for piece in pieces:
        for one in made.values():
            one.update(piece)
    return {algorithm: one.digest() for algorithm, one in made.items()}

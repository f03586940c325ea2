"""The night's evidence: one tree over its rapporti and volumes, one token of each line, one record a leaf.

RFC 4998, 4: a rapporto is a leaf of its own, a volume one data object group of all its files.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryFile
from typing import IO

from archiver.digest import sha512
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder, reader
from archiver.package import layout
from archiver.seal.stamp import Stamper
from archiver.seal.values import Authority, Failure, Line, Report, Sealing
from archiver.submission.rows import EvidenceRow, PdvRow
from archiver.verdict import Indication

DIGEST = 64
FIRST = 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing to be covered: its kind (`pdv`, `volume`), id and object, and its group's digests.

    `record` tells where its first record of an authority lies.
    """

    kind: str
    id: str
    subject: str
    record: Callable[[str], str]
    start: int
    count: int


class Groups:
    """The digests of every group of a run, kept in a file: a thousand volumes are too many for memory."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115  (lives as long as the run)
        self._end = 0

    def add(
        self, kind: str, identifier: str, subject: str, record: Callable[[str], str], group: Sequence[bytes]
    ) -> Leaf:
        """A leaf for `group`; `subject` is the object that it stands for."""
        self._file.seek(self._end * DIGEST)
        self._file.write(b"".join(group))
        leaf = Leaf(kind, identifier, subject, record, self._end, len(group))
        self._end += len(group)
        return leaf

    def of(self, leaf: Leaf) -> list[bytes]:
        """The digests of a leaf's group."""
        self._file.seek(leaf.start * DIGEST)
        octets = self._file.read(leaf.count * DIGEST)
        return [octets[at : at + DIGEST] for at in range(0, len(octets), DIGEST)]


def pdv_leaves(line: Line, groups: Groups, work: Sealing, report: Report) -> Iterator[Leaf]:
    """A leaf for each rapporto that this line has not covered yet, over the bytes that are in the store."""
    tsas = [authority.port.id for authority in line]
    for pdv in work.catalog.pdvs_without_evidence(tsas, records=len(work.lines)):
        octets = work.store.get(pdv.name)
        if sha512(octets) != pdv.sha512:
            reason = f"expected SHA-512 {pdv.sha512}, found {sha512(octets)}"
            report.failures.append(Failure(pdv.name, reason))
            continue
        yield groups.add("pdv", pdv.id, pdv.name, partial(pdv_record, pdv), [bytes.fromhex(pdv.sha512)])


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
    tree = Tree.build([group_hash(groups.of(leaf)) for leaf in missing])
    authority, token = Stamper(line, work, report).stamped("sha512", tree.root)
    for position, leaf in enumerate(missing):
        record = builder.initial(groups.of(leaf), tree.path(position), token)
        work.store.put(leaf.record(authority.port.id), record)


def covering(leaf: Leaf, line: Line, work: Sealing) -> Authority | None:
    """The first of the line whose record of the leaf is in the store."""
    return next((authority for authority in line if work.store.has(leaf.record(authority.port.id))), None)


def note(leaf: Leaf, members: dict[str, bytes], line: Line, work: Sealing, report: Report) -> bool:
    """Notes a leaf's record once the judge has passed it as read back; otherwise reports why not."""
    authority = covering(leaf, line, work)
    assert authority is not None, "cover() has put one"
    name = leaf.record(authority.port.id)
    judged = reader.judge(
        work.store.get(name),
        members=members,
        anchors=authority.anchors,
        crls=authority.crls,
        at=work.clock(),
        subject=name,
    )
    if judged.verdict.indication is not Indication.PASSED or judged.proven_at is None:
        report.failures.append(Failure(name, verdict=judged.verdict))
        return False
    row = EvidenceRow(leaf.kind, leaf.id, authority.port.id, FIRST, name, judged.proven_at)
    work.catalog.record_evidence([row])
    return True

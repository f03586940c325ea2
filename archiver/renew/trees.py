"""Hash-tree renewal: every file is read again, and hashed with another algorithm (RFC 4998, 5.2).

What was read of one thing is noted at once, so that days of reading survive a power cut; nothing is stamped before all
of it has been read, so that all of it shares one token.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from archiver.errors import Malformed
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import renewal
from archiver.evidence.record.judge import Examined
from archiver.evidence.record.members import Hashes
from archiver.renew.due import Lists
from archiver.renew.grow import Growing
from archiver.renew.reading import read
from archiver.renew.tokens import Ready, asked, prepared
from archiver.renew.values import Due
from archiver.stamping import Line
from archiver.submission.rows import EvidenceRow, RereadRow
from archiver.verdict import Finding

FRESH = timedelta(days=30)
"""What was read longer ago is read again: a new tree is a sweep too."""


def reread(dues: list[Due], growing: Growing) -> None:
    """Reads and judges everything that `dues` stand on, and notes its digests by the old and the new algorithms."""
    catalog = growing.work.catalog
    for item in dues:
        for row in growing.records(item):
            before = catalog.reread(row.subject, row.subject_id)
            if before and before.algorithms.endswith(item.target) and growing.now - before.at < FRESH:
                continue
            members = read(row, item.target, growing)
            if members is not None:
                catalog.note_reread(_packed(row, members, item.target, growing))
                growing.report.reread += len(members)
                growing.progress(growing.report.reread)


def rehash(dues: list[Due], algorithm: str, line: Line, growing: Growing, lists: Lists) -> None:
    """One tree over what was read, one token; every record grows by a chain.

    Raises Unavailable or ConfigError when no authority of the line gives a token.
    """
    waited = [item for item in dues if any(growing.records(item))]
    ready = [(item, done) for item in waited if (done := prepared(item, growing, lists))]
    waiting = [(item, done, row) for item, done in ready for row in _waiting(item, growing)]
    leaves: list[bytes] = []
    stamped: list[tuple[Due, Ready, EvidenceRow]] = []
    for item, done, row in waiting:
        if (group := _group(row, done, algorithm, growing)) is not None:
            leaves.append(group_hash(group, algorithm))
            stamped.append((item, done, row))
    if not leaves:
        return
    tree = Tree.build(leaves, algorithm)
    token = asked(algorithm, tree.root, line, growing)
    for place, (item, done, row) in enumerate(stamped):
        if token.gains(item, growing, row):
            _grow(row, tree.path(place), token.octets, done, algorithm, growing)
    growing.flush()


def _waiting(item: Due, growing: Growing) -> list[EvidenceRow]:
    """The records that are not renewed yet, and of which everything was read."""
    return [row for row in growing.records(item) if _fresh(row, item, growing)]


def _fresh(row: EvidenceRow, item: Due, growing: Growing) -> bool:
    noted = growing.work.catalog.reread(row.subject, row.subject_id)
    return noted is not None and noted.algorithms.endswith(item.target) and growing.now - noted.at < FRESH


def _group(row: EvidenceRow, done: Ready, algorithm: str, growing: Growing) -> list[bytes] | None:
    """The first list of the new chain; None, and a failure, for a record that must not be renewed."""
    older, noted = growing.before(row, done.policy), growing.work.catalog.reread(row.subject, row.subject_id)
    if older is None or noted is None:
        return None
    try:
        digests = [member[algorithm] for member in unpacked(noted).values()]
        return renewal.rehashed_group(done.complete(older), digests, algorithm)
    except (Malformed, KeyError) as error:
        growing.spoilt(row, str(error))
        return None


def _grow(
    row: EvidenceRow,
    path: tuple[tuple[bytes, ...], ...],
    token: bytes,
    done: Ready,
    algorithm: str,
    growing: Growing,
) -> None:
    # made again, not kept: the digests of a thousand volumes are too many for memory
    group, noted = _group(row, done, algorithm, growing), growing.work.catalog.reread(row.subject, row.subject_id)
    if group is None or noted is None:
        return
    older = growing.work.store.get(row.name)
    newer = renewal.rehashed(done.complete(older), group, path, token, algorithm)
    members = unpacked(noted)

    def check(examined: Examined) -> tuple[Finding, ...]:
        return examined.covers(members, partial=True)  # that the group is whole was judged when it was read

    growing.put(row, older, newer, done.policy, check)


def _packed(row: EvidenceRow, members: Sequence[Hashes], target: str, growing: Growing) -> RereadRow:
    algorithms = (*(name for name in members[0] if name != target), target)  # the last is what it was read for
    digests = b"".join(member[algorithm] for member in members for algorithm in algorithms)
    return RereadRow(row.subject, row.subject_id, ",".join(algorithms), digests, growing.now)


def unpacked(row: RereadRow) -> dict[str, Hashes]:
    """The digests of each member, by a number for a name."""
    algorithms = row.algorithms.split(",")
    sizes = [hashlib.new(algorithm).digest_size for algorithm in algorithms]
    found: dict[str, Hashes] = {}
    place = 0
    while place < len(row.digests):
        member = {}
        for algorithm, size in zip(algorithms, sizes, strict=True):
            member[algorithm] = row.digests[place : place + size]
            place += size
        found[str(len(found))] = member
    return found

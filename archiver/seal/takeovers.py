"""Packages of other conservatori as leaves of the night's evidence: each ZIP that keeps their files is one."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import BinaryIO

from archiver.digest import Sha256
from archiver.errors import Absent, Unavailable
from archiver.evidence.record.members import Hashes
from archiver.package import layout
from archiver.package.layout import Kind, Parsed
from archiver.seal.evidence import FIRST, Groups, Leaf, hashes_of
from archiver.seal.values import Failure, Report, Sealing
from archiver.submission.subjects import TAKEOVER, subject_id

_PIECE = 1 << 20


def takeover_leaves(
    holder: str, proven: Collection[str], groups: Groups, work: Sealing, said: Report
) -> Iterator[Leaf]:
    """A leaf for each ZIP that is not `proven` yet, by id; an altered one is a failure, and gets none."""
    for item in work.store.list(f"{holder}/takeovers/"):
        parsed = layout.parse(item.name)
        if parsed is None or parsed.kind is not Kind.TAKEOVER or subject_id(parsed) in proven:
            continue
        try:
            with work.store.open(item.name) as file:
                found = hashes_of(_pieces(file), {*groups.algorithms, "sha256"})
        except (Absent, Unavailable) as error:
            said.failures.append(Failure(item.name, str(error)))
            continue
        if found["sha256"].hex() != parsed.id:
            reason = f"expected SHA-256 {parsed.id}, found {found['sha256'].hex()}: archiver sweep --repair"
            said.failures.append(Failure(item.name, reason))
            continue
        group: list[Hashes] = [{name: found[name] for name in groups.algorithms}]
        yield groups.add(TAKEOVER, subject_id(parsed), item.name, partial(_record, parsed), group)


def _record(parsed: Parsed, tsa: str) -> str:
    return layout.takeover_record(parsed.holder, Sha256(parsed.package), Sha256(parsed.id), tsa=tsa, number=FIRST)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece

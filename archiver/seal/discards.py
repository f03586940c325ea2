"""Records of destructions as leaves of the night's evidence: what they explain must be proven for ever."""

from collections.abc import Collection, Iterator
from functools import partial

from archiver.errors import Absent, Unavailable
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.layout import Kind, Parsed
from archiver.seal.evidence import FIRST, Groups, Leaf, hashes
from archiver.seal.values import Failure, Report, Sealing
from archiver.submission.subjects import DISCARD, subject_id


def discard_leaves(holder: str, proven: Collection[str], groups: Groups, work: Sealing, said: Report) -> Iterator[Leaf]:
    """A leaf for each of the holder's records that is not `proven` yet, by id.

    One whose seal is altered is a failure, and gets none: once it is repaired, evidence over it would be against it.
    """
    for item in work.store.list(f"{holder}/discards/"):
        parsed = layout.parse(item.name)
        if parsed is None or parsed.kind is not Kind.DISCARD or subject_id(parsed) in proven:
            continue
        try:
            octets = work.store.get(item.name)
        except (Absent, Unavailable) as error:
            said.failures.append(Failure(item.name, str(error)))
            continue
        if parsed.extension != "xml":
            judged = judge_seal(octets, work.policy, at=work.clock(), subject=item.name).verdict
            if any(found.altered for found in judged.findings):
                said.failures.append(Failure(item.name, verdict=judged))
                continue
        group = [hashes(octets, groups.algorithms)]
        yield groups.add(DISCARD, subject_id(parsed), item.name, partial(_record, parsed), group)


def _record(parsed: Parsed, tsa: str) -> str:
    return layout.discard_record(parsed.holder, parsed.id, tsa=tsa, number=FIRST)

"""The register as a leaf of the night's evidence: its newest act proves all behind it (readings 36).

An act that is damaged or gone is a failure of every night, and keeps no other from its evidence.
"""

from collections.abc import Collection, Iterator
from functools import partial

from archiver.digest import sha256
from archiver.errors import Absent, Unavailable
from archiver.package import act, layout
from archiver.seal.evidence import FIRST, Groups, Leaf, hashes
from archiver.seal.values import Failure, Report, Sealing
from archiver.submission.acts import caught_up, listed
from archiver.submission.rows import ActRow
from archiver.submission.subjects import ACT


def act_leaves(holder: str, proven: Collection[str], groups: Groups, work: Sealing, said: Report) -> Iterator[Leaf]:
    """A leaf for the newest act that is whole, and for those whose records are in the store, unless `proven` by id.

    What the catalog knows and the store does not have is a failure.
    """
    caught_up(work.store, work.catalog, holder, at=work.clock())
    known = work.catalog.act_ids(holder)  # before the listing: what is written meanwhile is in the store first
    there, recorded = listed(work.store, holder)
    said.failures += _gone(holder, known - there, work)
    begun = (recorded & there).difference(proven)
    whole = {one: octets for one in sorted(begun) if (octets := _whole(holder, one, work, said)) is not None}
    for row in reversed(_uncovered(holder, act.MOST, work)):
        if row.id in there and row.id not in begun and (octets := _whole(holder, row.id, work, said)) is not None:
            whole[row.id] = octets
        if row.id in whole:
            break
    for one, octets in sorted(whole.items()):
        record = partial(_record, holder, one)
        yield groups.add(ACT, one, layout.act(holder, one), record, [hashes(octets, groups.algorithms)])


def behind(leaf: Leaf, work: Sealing) -> Iterator[str]:
    """The acts that this one is to prove, by name, as far as the catalog knows of octets; some may be gone."""
    parsed = layout.parse(leaf.subject)
    if leaf.kind == ACT and parsed:
        _, number = act.place(parsed.id)
        yield from (row.name for row in _uncovered(parsed.holder, number - 1, work) if row.size >= 0)


def _uncovered(holder: str, until: int, work: Sealing) -> list[ActRow]:
    """The acts behind the last one of which a record is noted, by number."""
    before = work.catalog.last_covered(holder, work.catalog.lineages_of_all(ACT))
    return work.catalog.acts_between(holder, before.number if before else 0, until)


def _gone(holder: str, missing: Collection[str], work: Sealing) -> list[Failure]:
    """One failure for all acts that were in the store once; those that a rebuild did not find have no size."""
    if not missing:
        return []
    rows = [row for row in work.catalog.acts_between(holder, 0, act.MOST) if row.id in missing and row.size >= 0]
    more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
    reason = f"the catalog knows this act{more}, and the store has it no longer: archiver sweep --repair"
    return [Failure(rows[0].name, reason)] if rows else []


def _whole(holder: str, act_id: str, work: Sealing, said: Report) -> bytes | None:
    """The octets of an act; None, and a failure, for others: once it is repaired, evidence would be against it."""
    name = layout.act(holder, act_id)
    try:
        octets = work.store.get(name)
    except (Absent, Unavailable) as error:
        said.failures.append(Failure(name, str(error)))
        return None
    if act_id.endswith(sha256(octets)[:32]):
        return octets
    reason = f"expected an act whose SHA-256 begins {act_id[-32:]}, found {sha256(octets)}: archiver sweep --repair"
    said.failures.append(Failure(name, reason))
    return None


def _record(holder: str, act_id: str, tsa: str) -> str:
    return layout.act_record(holder, act_id, tsa=tsa, number=FIRST)

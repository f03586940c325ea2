"""What else the night's evidence covers: trust batches, reports, takeovers, records of discards, and the last act of
each holder's register.

Each is a leaf of its own.

A leaf comes back every night until a record of every line is noted in the catalog: an object in the store is not
enough, for only what is noted is ever renewed. It is kept before it is noted: what is noted is not looked at again.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial

from archiver.collect import Batch, batches
from archiver.collect.shelf import Shelf
from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ConfigError, Conflict, Malformed, Unavailable
from archiver.package import batch as manifest
from archiver.package import layout
from archiver.seal.acts import act_leaves, behind
from archiver.seal.discards import discard_leaves
from archiver.seal.evidence import FIRST, Groups, Leaf, Noting, covering, hashes
from archiver.seal.reports import report_leaves
from archiver.seal.takeovers import takeover_leaves
from archiver.seal.values import Failure, Report, Sealing
from archiver.submission.keeping import kept_until
from archiver.submission.subjects import ACT, BATCH, DISCARD, REPORT, TAKEOVER, batch_id


def other_leaves(groups: Groups, work: Sealing, report: Report) -> tuple[list[Leaf], list[tuple[Leaf, Batch]]]:
    """The leaves of batches, acts and reports that some line has no evidence of, and the batches among them."""
    found: list[Leaf] = []
    made: list[tuple[Leaf, Batch]] = []
    reports, acts, takeovers = _done(REPORT, work), _done(ACT, work), _done(TAKEOVER, work)
    discards = _done(DISCARD, work)
    for holder in work.holders:
        for batch in _waiting(holder, work, report):
            if proven(BATCH, _id(batch), work):  # a run was cut short behind its evidence
                _cover(batch, work)
            else:
                try:
                    made.append((_batch(batch, groups, work), batch))
                except Malformed as error:
                    report.failures.append(Failure(batch.name, str(error)))
        found += act_leaves(holder, acts, groups, work, report)
        found += report_leaves(holder, reports, groups, work, report)
        found += takeover_leaves(holder, takeovers, groups, work, report)
        found += discard_leaves(holder, discards, groups, work, report)
    return [*(leaf for leaf, _ in made), *found], made


def _waiting(holder: str, work: Sealing, report: Report) -> tuple[Batch, ...]:
    """The holder's batches; none while a manifest is altered whose bytes only it should have."""
    try:
        return batches(holder, work.store, work.catalog, at=work.clock())
    except Conflict as error:
        report.failures.append(Failure(f"{holder}: trust batches", f"{error}: archiver sweep --repair"))
        return ()


def note_other(leaf: Leaf, noting: Noting) -> bool:
    """Keeps one of them for ever, with this line's record of it, and notes the record.

    Whether it is new. What the store cannot keep is a failure, and comes back.
    """
    work = noting.work
    authority = covering(leaf, noting.line, work)
    if authority is None or authority.id in work.catalog.lineages(leaf.kind, leaf.id):
        return False
    end = kept_until(None, now=work.clock())
    try:
        for name in (*_objects(leaf, work), leaf.record(authority.id)):
            work.store.retain(name, until=end)
        for name in behind(leaf, work):
            with suppress(Absent):  # it was said, and must not keep the others from their evidence
                work.store.retain(name, until=end)
    except (Absent, Unavailable, ConfigError) as error:
        noting.report.failures.append(Failure(leaf.subject, str(error)))
        return False
    return noting.note(leaf)


def settle(made: Iterable[tuple[Leaf, Batch]], work: Sealing) -> None:
    """Notes as covered what is in batches that every line has evidence of by now."""
    for _, batch in made:
        if proven(BATCH, _id(batch), work):
            _cover(batch, work)


def _cover(batch: Batch, work: Sealing) -> None:
    since = min(row.at for row in work.catalog.evidence_of(BATCH, _id(batch)))
    work.catalog.cover(batch.holder, batch.digests, batch.id, since)


def proven(kind: str, identifier: str, work: Sealing) -> bool:
    """Whether every line has a record noted."""
    return sufficient(work.catalog.lineages(kind, identifier), work)


def sufficient(tsas: Iterable[str], work: Sealing) -> bool:
    """Whether every line is among them; an authority that is asked no more stands for a line of today's."""
    noted = set(tsas)
    lines = [{authority.id for authority in line} for line in work.lines]
    lacking = sum(line.isdisjoint(noted) for line in lines)
    return lacking <= len(noted.difference(*lines)) and bool(noted)


def heal_trust(work: Sealing) -> None:
    """Notes trust material that is in the store and in no row: a run was cut short, or a backup was put back."""
    shelf = Shelf(work.store, work.catalog)
    for holder in work.holders:
        shelf.heal(holder, at=work.clock())


def _done(kind: str, work: Sealing) -> set[str]:
    """The ids of all things of one sort of which every line has a record noted."""
    return {one for one, tsas in work.catalog.lineages_of_all(kind).items() if sufficient(tsas, work)}


def _objects(leaf: Leaf, work: Sealing) -> Iterator[str]:
    """The leaf's object, and what a batch lists."""
    yield leaf.subject
    parsed = layout.parse(leaf.subject)
    if leaf.kind == BATCH and parsed:
        for digest, extension in manifest.read(work.store.get(leaf.subject)):
            yield layout.trust(parsed.holder, digest, extension)


def _id(batch: Batch) -> str:
    return batch_id(batch.holder, batch.id)


def _batch(batch: Batch, groups: Groups, work: Sealing) -> Leaf:
    wanted = zip(batch.members, (batch.id, *batch.digests), strict=True)
    members = [hashes(_whole(name, digest, work), groups.algorithms) for name, digest in wanted]
    record = partial(_batch_record, batch)
    # trust material alone waits: a list a night would be a token a night
    return groups.add(BATCH, _id(batch), batch.name, record, members, urgent=False)


def _whole(name: str, digest: Sha256, work: Sealing) -> bytes:
    """Raises Malformed for an object that is altered: once it is repaired, evidence over it would be against it."""
    octets = work.store.get(name)
    if sha256(octets) != digest:
        raise Malformed(f"{name}: expected SHA-256 {digest}, found {sha256(octets)}: archiver sweep --repair")
    return octets


def _batch_record(batch: Batch, tsa: str) -> str:
    return layout.batch_record(batch.holder, batch.id, tsa=tsa, number=FIRST)

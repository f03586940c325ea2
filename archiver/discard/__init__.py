"""Discard (scarto): what may go is listed, two persons decide, then it goes from every store (AgID guidelines 4.11).

Everything is checked, and a sealed record of the effects is in every store, before the first byte is destroyed. A run
may be cut anywhere: the record says what was decided, and the same run again goes on.
"""

from collections.abc import Callable, Iterable

from archiver.digest import sha256
from archiver.discard.after import insist, outlooks
from archiver.discard.check import check
from archiver.discard.choose import candidates, content, messages_in, named, rule_of, volumes_in
from archiver.discard.destroy import Step, destroy, kept_everywhere
from archiver.discard.effects import effects, plan, plan_of
from archiver.discard.forget import forget
from archiver.discard.values import Discarding, Listed, Named, Order, Report
from archiver.errors import ArchiverError, Conflict, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout, rules
from archiver.package.discard import builder, reader
from archiver.package.discard.values import Discard, SegmentChange
from archiver.submission.keeping import kept_until

__all__ = [
    "Discarding",
    "Listed",
    "Named",
    "Order",
    "Report",
    "begun",
    "candidates",
    "content",
    "execute",
    "forget",
    "messages_in",
    "named",
    "plan",
    "plan_of",
    "rule_of",
    "volumes_in",
]


def begun(discard: str, work: Discarding) -> tuple[Discard, bytes] | None:
    """The record of a destruction that was begun, and its octets, from the first store that has it; None without one.

    Raises Malformed for one that is not what its name says.
    """
    name = layout.discard(work.holder, discard, sealed=True)
    for store in work.stores.values():
        try:
            if not store.has(name):
                continue
            octets = store.get(name)
        except ArchiverError:
            continue  # one that does not answer is looked at before anything is destroyed
        record = reader.read(open_signed(octets).content or b"")
        if (record.holder, record.id) != (work.holder, discard):
            raise Malformed(f"{name}: expected {work.holder}/{discard}, found {record.holder}/{record.id}")
        return record, octets
    return None


def execute(
    order: Order,
    work: Discarding,
    *,
    primary_done: bool,
    held: Iterable[str],
    noted: Callable[[str, str], None],
    step: Step = lambda done, total: None,
) -> Report:
    """Destroys what was ordered, in the primary first, then in every other store.

    `primary_done`: an earlier run destroyed it in the primary; then a store that is down does not keep the others from
    going on. `held`: in words, what a hold forbids. `noted` hears of a state that was reached (`primary`, `copies`) and
    the digest of the record. Raises as `check`, and what signer and stores raise; then nothing was destroyed unless
    the record says so.
    """
    name, report = layout.discard(work.holder, order.id, sealed=True), Report()
    found = begun(order.id, work)
    there = list(work.stores) if not primary_done else _answering(work, report)
    check(plan(order, work) if found is None else plan_of(found[0]), work, stores=there, held=held)
    if found is None:
        found = _prepared(order, name, work, report)
        if found is None:
            report.waiting = True
            return report
    record, octets = found
    report.record = name
    for id in there:
        kept_everywhere(name, octets, work.stores[id])
        work.stores[id].retain(name, until=kept_until(None, now=work.clock()))
    _destroy_all(record, octets, name, there, work, report, primary_done=primary_done, noted=noted, step=step)
    return report


def _answering(work: Discarding, report: Report) -> list[str]:
    found = []
    for id, store in work.stores.items():
        try:
            store.has("x")
            found.append(id)
        except ArchiverError as error:
            report.behind[id] = str(error)
    return found


def _prepared(order: Order, name: str, work: Discarding, report: Report) -> tuple[Discard, bytes] | None:
    """The sealed record, with all that takes the place of what goes in every store; None when it waits for a hand."""

    def put(segment: str, octets: bytes) -> None:
        for store in work.stores.values():
            kept_everywhere(segment, octets, store)

    made = effects(order, work, put)
    record = Discard(
        id=order.id,
        holder=work.holder,
        at=rules.moment(work.clock()),
        reason=order.reason,
        decided_by=order.role,
        authorization=order.authorization,
        segments=tuple(made.segments),
        metadata=tuple(made.metadata),
        members=tuple(made.members),
        volumes=tuple(made.volumes),
    )
    octets = work.seal(builder.build(record), name)
    if octets is None:
        return None
    sealed = reader.read(open_signed(octets).content or b"")
    if (sealed.replaced, sealed.volumes, set(sealed.members)) != (record.replaced, record.volumes, set(record.members)):
        raise Conflict(f"{name}: il verbale firmato non dice ciò che va distrutto ora (signed: other effects than now)")
    _lock_alike(made.segments, work)
    report.warnings += insist(outlooks(name, octets, made, plan(order, work), work))
    return sealed, octets


def _lock_alike(changes: Iterable[SegmentChange], work: Discarding) -> None:
    """New segments are locked as long as those whose place they take."""
    for change in changes:
        if change.new is None:
            continue
        for store in work.stores.values():
            until = store.locked_until(layout.segment(work.holder, change.old)) if store.locks else None
            if until is not None:
                store.retain(layout.segment(work.holder, change.new), until=until)


def _destroy_all(
    record: Discard,
    octets: bytes,
    name: str,
    there: list[str],
    work: Discarding,
    report: Report,
    *,
    primary_done: bool,
    noted: Callable[[str, str], None],
    step: Step,
) -> None:
    first = next(iter(work.stores))
    for id in there:
        others = [store for other, store in work.stores.items() if other != id and other in there]
        try:
            report.destroyed[id] = destroy(record, work.stores[id], others, step)
        except ArchiverError as error:
            if id == first:
                raise
            report.behind[id] = str(error)
            continue
        if id == first:
            if not primary_done or all(row.id != record.id for row in work.catalog.discards(work.holder)):
                report.forgotten = forget(record, name, octets, work)
            if not primary_done:
                noted("primary", sha256(octets))
        report.done.append(id)
    if not report.behind:
        noted("copies", sha256(octets))

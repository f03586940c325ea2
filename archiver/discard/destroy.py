"""The destruction itself, in one store, as its record says; the same again destroys nothing more."""

from collections.abc import Callable, Iterable

from archiver.digest import sha256
from archiver.discard.effects import plan_of, rewritten_metadata
from archiver.errors import Absent, Conflict
from archiver.package import layout
from archiver.package.discard.values import Discard, MetadataChange
from archiver.ports import Erasable

Step = Callable[[int, int | None], None]


def destroy(record: Discard, store: Erasable, others: Iterable[Erasable], step: Step) -> int:
    """Destroys in `store` what the record lists; how many objects that were, or were other bytes.

    A metadata.zip that was lost here is made from one of the `others`. Raises as `Erasable.erase`; Conflict when the
    octets that are to stay are nowhere.
    """
    plan = plan_of(record)
    doomed = plan.doomed(store)
    total, done = len(doomed) + len(record.metadata), 0
    for change in record.metadata:  # first: what remains must be right before anything else is touched
        _metadata(change, record, store, others)
        done += 1
        step(done, total)
    for name in doomed:
        done_here = store.has(name)
        store.erase(name)
        done += done_here
        step(done, total)
    return done


def _metadata(change: MetadataChange, record: Discard, store: Erasable, others: Iterable[Erasable]) -> None:
    name = layout.metadata(record.holder, change.volume)
    if change.new is None:
        store.erase(name)
        return
    for source in (store, *others):
        octets = rewritten_metadata(change, record.members, source, record.holder)
        if octets is not None:
            store.replace(name, octets)
            return
    raise Conflict(f"{name}: non c'è in alcuno store ciò che deve restarne (what is to be left of it is in no store)")


def kept_everywhere(name: str, octets: bytes, store: Erasable) -> None:
    """Puts an object, and reads it back. Raises Conflict for a store that gives back others."""
    store.put(name, octets)
    try:
        found = store.get(name)
    except Absent as error:
        raise Conflict(f"{name}: scritto, e non c'è (put, and not there)") from error
    if sha256(found) != sha256(octets):
        raise Conflict(f"{name}: riletto con altri byte (read back with other bytes): {sha256(found)}")

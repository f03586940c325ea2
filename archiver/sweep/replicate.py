"""Replicate: what a store has not, or never gave back, is brought to it and read back; one that is down delays nothing.

A message is safe when the configured number of stores have given back its bytes.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Unavailable
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow
from archiver.sweep.census import census
from archiver.sweep.checked import checked
from archiver.sweep.content import Found, answers, digested, grave
from archiver.sweep.values import DIGEST, MISSING, UNREADABLE, Failure, Replicated, Sweeping

_NOTED = 50
"""Copies that are noted together: what a cut leaves unnoted is looked at again."""


def replicate(work: Sweeping, *, progress: Callable[[int, int | None], None] = lambda done, total: None) -> Replicated:
    """Brings every store up to what is promised, the primary first: there, what was written is read back."""
    census(work)
    report = Replicated()
    for id in work.stores:
        try:
            _bring_all(id, work, report, progress)
            _lock_all(id, work, report)
        except (Unavailable, ConfigError) as error:
            report.failures.append(Failure(id, str(error), passing=isinstance(error, Unavailable)))
    # what a store has that does not answer, nobody can have; those too are asked to which nothing was to be brought
    there = [id for id in work.stores if answers(work.stores[id])]
    report.safe, report.unsafe = work.catalog.safety(there, work.copies)
    return report


def _bring_all(id: str, work: Sweeping, report: Replicated, progress: Callable[[int, int | None], None]) -> None:
    noted: list[CopyRow] = []
    damaged = grave(work.catalog.damages(id))
    try:
        for row in _uncopied(id, work):
            copy = _bring(row, id, work, report)
            if copy:
                noted.append(copy)
                work.catalog.resolve(damaged.get((id, row.name), ()))
            progress(report.read, None)
            if len(noted) >= _NOTED:
                work.catalog.note_copies(noted)
                noted = []
    finally:
        work.catalog.note_copies(noted)


def _uncopied(id: str, work: Sweeping) -> Iterator[ObjectRow]:
    after = ""
    while rows := work.catalog.uncopied(id, after=after):
        yield from rows
        after = rows[-1].name


def _bring(row: ObjectRow, id: str, work: Sweeping, report: Replicated) -> CopyRow | None:
    """One object into one store, if it is not there, and read back; None when it is not right there."""
    found = _found(row, id, work)
    if found.code == MISSING and id != work.primary:
        if not _copy(row, id, work, report):
            return None
        found = _found(row, id, work)
    wrong = found.code or (DIGEST if found.digest != row.sha256 else "")
    now = work.clock()
    if wrong:
        damage = DamageRow(id, row.name, wrong, now, now, (found.reason or found.digest)[:500])
        work.catalog.note_damages([damage])
        report.wrong.append(damage)
        return None
    report.read += 1
    known = work.catalog.copies(id, [row.name]).get(row.name)
    return replace(known, read=now) if known else CopyRow(id, row.name, now, now)


def _found(row: ObjectRow, id: str, work: Sweeping) -> Found:
    """What is there. Raises Unavailable when the store does not answer; an object that it cannot read stops nothing."""
    store = work.stores[id]
    try:
        return digested(store, row.name)
    except Absent:
        return Found(code=MISSING)
    except Unavailable as error:
        if not answers(store):
            raise
        return Found(code=UNREADABLE, reason=str(error))


def _copy(row: ObjectRow, id: str, work: Sweeping, report: Replicated) -> bool:
    """Puts the object into a replica, from the first other store that has it right."""
    for source in work.stores:
        if source == id or not _right(row, source, work):
            continue
        with work.stores[source].open(row.name) as good:
            try:
                work.stores[id].put(row.name, checked(good, row.name, row.sha256))
                work.stores[id].retain(row.name, until=work.term(row.subject).wanted)
            except ArchiverError as error:  # another's object under this name, a folder, one that is too large
                if not isinstance(error, Conflict) and not answers(work.stores[id]):
                    raise
                report.failures.append(Failure(id, str(error)))
                return False
        report.copied += 1
        report.bytes += max(0, row.size)
        return True
    return False


def _right(row: ObjectRow, id: str, work: Sweeping) -> bool:
    try:
        return digested(work.stores[id], row.name).digest == row.sha256
    except ArchiverError:
        return False


def _lock_all(id: str, work: Sweeping, report: Replicated) -> None:
    """Locks what is kept for another's sake now than when it was locked: a volume has closed.

    What is refused for one may be granted to the next: all are tried, and one failure tells of those that were refused.
    """
    store, after, refused = work.stores[id], "", list[str]()
    while pairs := work.catalog.to_lock(id, after=after):
        after = pairs[-1][0].name
        done = []
        for row, copy in pairs:
            try:
                store.retain(row.name, until=work.term(row.subject).wanted)
            except Absent:
                continue  # whoever lists says so
            except (ConfigError, Unavailable) as error:
                if not answers(store):
                    raise
                refused.append(f"{row.name}: {error}")
                continue
            done.append(replace(copy, kept=row.subject))
        work.catalog.note_copies(done)
        report.locked += len(done) if store.locks else 0
    if refused:
        others = f" (+{len(refused) - 1})" if len(refused) > 1 else ""
        report.failures.append(Failure(id, refused[0] + others))

"""Repair: from a store whose bytes have the right digest, as a new version; nothing is ever overwritten.

What no store has right stays open, and loud.
"""

from collections.abc import Callable
from datetime import datetime
from itertools import groupby

from archiver.errors import ArchiverError
from archiver.package.layout import Kind
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow
from archiver.sweep.checked import checked
from archiver.sweep.content import digested
from archiver.sweep.members import Members
from archiver.sweep.values import GRAVE, HIDDEN, LOCK, MEMBERS, Failure, Repair, Report, Sweeping

_REPLACED = GRAVE | {HIDDEN}


def repair(work: Sweeping, report: Report, step: Callable[[int], None]) -> None:
    """Repairs what is open and can be; each repair is in the report, with what was there before and after."""
    damages = [row for row in work.catalog.damages() if row.store in work.stores]
    promised = work.catalog.objects({row.name for row in damages})
    done = 0
    for together in _in_turn(damages):
        row = promised.get(together[0].name)
        if row is None:
            continue
        try:
            _repair_one(together, row, work, report)
        except ArchiverError as error:
            failure = Failure(together[0].store, str(error))
            if failure not in report.failures:
                report.failures.append(failure)
        done += len(together)
        step(done)


def _in_turn(damages: list[DamageRow]) -> list[list[DamageRow]]:
    """All that one new version puts right together; then locks; members last, as their objects hold them."""
    replaced = [row for row in damages if row.code in _REPLACED]
    objects = [list(rows) for _, rows in groupby(replaced, key=lambda row: (row.store, row.name))]
    return objects + [[row] for code in (LOCK, MEMBERS) for row in damages if row.code == code]


def _repair_one(together: list[DamageRow], row: ObjectRow, work: Sweeping, report: Report) -> None:
    damage = together[0]
    if damage.code == LOCK:
        work.stores[damage.store].retain(row.name, until=work.term(row.subject).wanted)
        report.repairs.append(Repair(damage, damage.found, f"{work.term(row.subject).wanted:%Y-%m-%d}", damage.store))
        work.catalog.resolve([damage])
    elif damage.code == MEMBERS:
        _look_again(damage, row, work, report)
    elif row.sha256:
        _replace(together, row, work, report)


def _replace(together: list[DamageRow], row: ObjectRow, work: Sweeping, report: Report) -> None:
    id, hidden = together[0].store, any(damage.code == HIDDEN for damage in together)
    store, source = work.stores[id], id
    before = _digest(id, row.name, work)
    if before != row.sha256 or hidden:
        found = _right(row, work, but="" if hidden else id)
        if found is None:
            return
        source = found
        with work.stores[source].open(row.name) as good:
            store.repair(row.name, checked(good, row.name, row.sha256))
        store.retain(row.name, until=work.term(row.subject).wanted)
    after = _digest(id, row.name, work)
    if after != row.sha256:
        return  # the store does not give back what it was given: still open
    now = work.clock()
    work.catalog.note_copies([_read(id, row, now, work)])
    work.catalog.resolve(together)
    report.repairs += [Repair(damage, before, after, source) for damage in together]


def _look_again(damage: DamageRow, row: ObjectRow, work: Sweeping, report: Report) -> None:
    """Members that were wrong are right when the objects that hold them are: the judge is asked once more."""
    if row.kind not in (Kind.INDEX, Kind.SEGMENT):
        return
    if not Members(work, report).wrong(row, work.stores[damage.store]):
        work.catalog.resolve([damage])
        report.repairs.append(Repair(damage, damage.found, "PASSED", damage.store))


def _right(row: ObjectRow, work: Sweeping, *, but: str) -> str | None:
    """A store that has the object with the right digest, as it is read now."""
    return next((id for id in work.stores if id != but and _digest(id, row.name, work) == row.sha256), None)


def _digest(store: str, name: str, work: Sweeping) -> str:
    """What is there: its SHA-256; empty when nothing is, or nothing can be read."""
    try:
        return digested(work.stores[store], name).digest
    except ArchiverError:
        return ""


def _read(store: str, row: ObjectRow, now: datetime, work: Sweeping) -> CopyRow:
    known = work.catalog.copies(store, [row.name]).get(row.name)
    opened = known.opened if known else None
    return CopyRow(store, row.name, known.at if known else now, now, opened, row.subject)

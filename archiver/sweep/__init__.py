"""Sweep: everything that the archive promises is looked for in every store, read in rotation, and repaired.

Missing is failure. What is found stays written down until it is put right.
"""

from archiver.errors import ConfigError, Unavailable
from archiver.sweep.census import census
from archiver.sweep.content import read_content
from archiver.sweep.listing import list_store
from archiver.sweep.repair import repair as repair_all
from archiver.sweep.replicate import replicate
from archiver.sweep.told import damages_of, recalled, told
from archiver.sweep.values import (
    Budget,
    Catalog,
    Failure,
    Progress,
    Repair,
    Replicated,
    Report,
    Sweeping,
    Term,
)

__all__ = [
    "Budget",
    "Catalog",
    "Failure",
    "Progress",
    "Repair",
    "Replicated",
    "Report",
    "Sweeping",
    "Term",
    "census",
    "damages_of",
    "read_content",
    "recalled",
    "replicate",
    "sweep",
    "told",
]


def sweep(
    work: Sweeping,
    budget: Budget,
    *,
    days: int,
    repair: bool = False,
    progress: Progress = lambda what, done, total: None,
    already: Report | None = None,
) -> Report:
    """Lists every store, reads the oldest copies within the budget, repairs if asked to.

    `days` is the promise: every object on every replica read within so many. A store that does not answer is a failure
    in the report, and its findings stay as they were. `already`: what was read before for the same sweep; its figures
    are gone on with, and nothing more is read.
    """
    report = already or Report(days=days)
    census(work)
    for id in work.stores:
        try:
            list_store(id, work, report, lambda done: progress("list", done, None))
        except (Unavailable, ConfigError) as error:
            report.failures.append(Failure(id, str(error), passing=isinstance(error, Unavailable)))
    if already is None:
        read_content(budget, work, report, lambda done: progress("read", done, budget.bytes))
    # what a store has that does not answer, nobody can have; what it refuses to have repaired says nothing of the rest
    down = {failure.store for failure in report.failures}
    if repair:
        repair_all(work, report, lambda done: progress("repair", done, None))
    # a store that is no longer configured is nobody's business any more
    report.open = tuple(row for row in work.catalog.damages() if row.store in work.stores)
    report.at = work.clock()
    for id in work.stores:
        oldest = work.catalog.unread_since(id)
        if oldest is not None:
            report.unread_since[id] = oldest
    report.safe, report.unsafe = work.catalog.safety([id for id in work.stores if id not in down], work.copies)
    return report

"""Replicas and sweeps, with everything that the configuration gives them."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.sharded import OfShard
from archiver.compose.archive import Archive
from archiver.compose.reporting import filed
from archiver.compose.sealing import catch_up
from archiver.compose.terms import Terms
from archiver.errors import ArchiverError, Unavailable
from archiver.submission.keeping import PERMANENT, WAITING
from archiver.submission.shard import Shard
from archiver.sweep import Budget, Replicated, Report, Sweeping, Term, read_content, told
from archiver.sweep import replicate as bring
from archiver.sweep import sweep as sweep_stores
from archiver.sweep.census import promised_by_name
from archiver.sweep.values import FOR_EVER, Failure, Progress

Clock = Callable[[], datetime]

_THREADS = 8
"""Objects that are read at once: more would only wait for the same disk."""


def replicate(
    archive: Archive, *, clock: Clock, progress: Callable[[int, int | None], None], shard: Shard | None = None
) -> Replicated:
    """Brings every store up to what the archive promises, and reads back what was never read. Raises Busy.

    With `shard`, as far as that part goes; others bring theirs meanwhile, and the first sees to the catalog.
    """
    with archive.alone("replicate", part=shard.name if shard else None):
        found = catch_up(archive, clock) if shard is None or shard.number == 0 else []
        behind = [Failure(failure.subject, failure.reason) for failure in found]
        report = bring(sweeping(archive, clock, shard), progress=progress)
        for id, store in archive.stores.items():
            try:
                store.tidy(at=clock())
            except ArchiverError as error:
                if (failure := Failure(id, str(error), passing=isinstance(error, Unavailable))) not in report.failures:
                    report.failures.append(failure)
    report.failures[:0] = behind
    return report


def sweep(
    archive: Archive,
    *,
    budget: int | timedelta | None = None,
    everything: bool = False,
    deep: bool = False,
    repair: bool | None = None,
    clock: Clock,
    progress: Progress = lambda what, done, total: None,
    already: Report | None = None,
) -> Report:
    """Lists every store, and reads what was not read for longest; `budget` in bytes or in time.

    Without a budget: what has not been read for half of the promised time; with one, the oldest first, whatever their
    age; `everything` reads all. Leaves a report with every holder. With `already`, what others have read for this sweep
    (`reread`), only the rest of it is done: listing, repair, the report on all. Raises Busy, Unavailable.
    """
    rule = archive.config.sweep
    with archive.alone("sweep"):
        behind = [Failure(failure.subject, failure.reason) for failure in catch_up(archive, clock)]
        work = sweeping(archive, clock)
        mend = rule.repair if repair is None else repair
        spend = _spend(archive, 0 if already else budget, everything=everything, deep=deep, at=clock())
        report = sweep_stores(work, spend, days=rule.days, repair=mend, progress=progress, already=already)
        if behind and report.repairs:  # what it stumbled over may be whole again
            behind = [Failure(failure.subject, failure.reason) for failure in catch_up(archive, clock)]
        report.failures[:0] = behind
        _file(archive, work, report, clock)
    return report


def reread(
    archive: Archive,
    shard: Shard,
    *,
    budget: int | timedelta | None,
    clock: Clock,
    progress: Progress = lambda what, done, total: None,
) -> Report:
    """Reads what was not read for longest, of one shard, within its share of the budget; what it found is noted.

    Nothing is listed or repaired, and no report is left: `sweep` does that, once all shards are read. Raises Busy,
    Unavailable.
    """
    budget = archive.config.sweep.budget if budget is None else budget
    share = -(-budget // shard.of) if isinstance(budget, int) else budget
    report = Report(days=archive.config.sweep.days)
    with archive.alone("sweep", part=shard.name):
        spend = _spend(archive, share, at=clock())
        work = sweeping(archive, clock, shard)
        read_content(spend, work, report, lambda done: progress("read", done, spend.bytes))
    return report


def _spend(
    archive: Archive, budget: int | timedelta | None, *, everything: bool = False, deep: bool = False, at: datetime
) -> Budget:
    """What one run may read, as asked for or else as configured."""
    rule = archive.config.sweep
    if budget is None and not everything:
        budget = rule.budget
    return Budget(
        before=None if everything or deep or budget is not None else at - timedelta(days=rule.days) / 2,
        opened=at - timedelta(days=rule.opened_days),
        bytes=budget if isinstance(budget, int) and not everything else None,
        time=budget if isinstance(budget, timedelta) else None,
        deep=deep,
    )


def sweeping(archive: Archive, clock: Clock, shard: Shard | None = None) -> Sweeping:
    """What a sweep works with, of the whole or of one shard."""
    return Sweeping(
        stores=archive.stores,
        catalog=archive.catalog if shard is None else cast(Catalog, OfShard(archive.catalog, shard)),
        copies=archive.config.copies,
        term=_terms(archive, clock),
        trust=archive.trust,
        clock=clock,
        threads=min(_THREADS, os.cpu_count() or 1),
    )


def _terms(archive: Archive, clock: Clock) -> Callable[[str], Term]:
    """How long each subject is to be locked: its term, or, past that, as long as a hold stands."""
    terms = Terms(archive)

    @cache
    def term(subject: str) -> Term:
        now = clock()
        if subject == FOR_EVER:
            return Term(now + PERMANENT / 2, now + PERMANENT)
        if not subject:
            return Term(now + WAITING / 2, now + WAITING)
        volume = archive.catalog.volume(subject)
        if volume is None or terms.last_day(volume) is None:
            return Term(now + PERMANENT / 2, now + PERMANENT)
        end = terms.kept(volume, now)
        if subject in terms.held and end < now + WAITING:
            return Term(max(end, now + WAITING / 2), now + WAITING)
        # what was locked for less before somebody decided otherwise is locked for longer, and was no damage
        return Term(end, end + timedelta(seconds=1) if terms.lengthened(volume) else end)

    return term


def _file(archive: Archive, work: Sweeping, report: Report, clock: Clock) -> None:
    """Leaves the report in the store, one a holder; what cannot be left is said."""
    told_here = told(report, tuple(archive.config.holders), work)
    for holder, part in ((holder, part) for holder, parts in told_here for part in parts):
        try:
            left = filed(archive, kind="sweep", holder=holder, content=part, clock=clock)
        except ArchiverError as error:
            report.failures.append(Failure(work.primary, str(error), passing=isinstance(error, Unavailable)))
            continue
        promised_by_name(left.name, archive.store.get(left.name), work)
        report.reports.append(left.name)
        report.warnings += left.warnings

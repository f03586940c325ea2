"""Replicas and sweeps, with everything that the configuration gives them."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from archiver.compose.archive import Archive
from archiver.compose.renewing import keep
from archiver.compose.reporting import filed
from archiver.compose.sealing import catch_up
from archiver.errors import ArchiverError
from archiver.submission.keeping import PERMANENT, WAITING
from archiver.sweep import Budget, Replicated, Report, Sweeping, Term, told
from archiver.sweep import replicate as bring
from archiver.sweep import sweep as sweep_stores
from archiver.sweep.census import promised_by_name
from archiver.sweep.values import FOR_EVER, Failure, Progress

Clock = Callable[[], datetime]

_THREADS = 8
"""Objects that are read at once: more would only wait for the same disk."""


def replicate(archive: Archive, *, clock: Clock, progress: Callable[[int, int | None], None]) -> Replicated:
    """Brings every store up to what the archive promises, and reads back what was never read. Raises Busy."""
    with archive.alone("replicate"):
        behind = [Failure(failure.subject, failure.reason) for failure in catch_up(archive, clock)]
        report = bring(sweeping(archive, clock), progress=progress)
        for id, store in archive.stores.items():
            try:
                store.tidy(at=clock())
            except ArchiverError as error:
                if (failure := Failure(id, str(error))) not in report.failures:
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
) -> Report:
    """Lists every store, and reads what was not read for longest; `budget` in bytes or in time.

    Without a budget: what has not been read for half of the promised time; with one, the oldest first, whatever their
    age; `everything` reads all. Leaves a report with every holder. Raises Busy, Unavailable.
    """
    rule, now = archive.config.sweep, clock()
    if budget is None and not everything:
        budget = rule.budget
    spend = Budget(
        before=None if everything or deep or budget is not None else now - timedelta(days=rule.days) / 2,
        opened=now - timedelta(days=rule.opened_days),
        bytes=budget if isinstance(budget, int) and not everything else None,
        time=budget if isinstance(budget, timedelta) else None,
        deep=deep,
    )
    with archive.alone("sweep"):
        behind = [Failure(failure.subject, failure.reason) for failure in catch_up(archive, clock)]
        work = sweeping(archive, clock)
        mend = rule.repair if repair is None else repair
        report = sweep_stores(work, spend, days=rule.days, repair=mend, progress=progress)
        if behind and report.repairs:  # what it stumbled over may be whole again
            behind = [Failure(failure.subject, failure.reason) for failure in catch_up(archive, clock)]
        report.failures[:0] = behind
        _file(archive, work, report, clock)
    return report


def sweeping(archive: Archive, clock: Clock) -> Sweeping:
    """What a sweep works with."""
    return Sweeping(
        stores=archive.stores,
        catalog=archive.catalog,
        copies=archive.config.copies,
        term=_terms(archive, clock),
        trust=archive.trust,
        clock=clock,
        threads=min(_THREADS, os.cpu_count() or 1),
    )


def _terms(archive: Archive, clock: Clock) -> Callable[[str], Term]:
    """How long each subject is to be locked, as its class has it today."""

    @cache
    def term(subject: str) -> Term:
        now = clock()
        if subject == FOR_EVER:
            return Term(now + PERMANENT / 2, now + PERMANENT)
        if not subject:
            return Term(now + WAITING / 2, now + WAITING)
        volume = archive.catalog.volume(subject)
        end = keep(archive, volume, now)
        # a term of ten years from the year's end reaches further than ten years from today: only the other kind moves
        permanent = keep(archive, volume, now + timedelta(days=1)) > end
        return Term(now + PERMANENT / 2 if permanent else end, end)

    return term


def _file(archive: Archive, work: Sweeping, report: Report, clock: Clock) -> None:
    """Leaves the report in the store, one a holder; what cannot be left is said."""
    told_here = told(report, tuple(archive.config.holders), work)
    for holder, part in ((holder, part) for holder, parts in told_here for part in parts):
        try:
            left = filed(archive, kind="sweep", holder=holder, content=part, clock=clock)
        except ArchiverError as error:
            report.failures.append(Failure(work.primary, str(error)))
            continue
        promised_by_name(left.name, archive.store.get(left.name), work)
        report.reports.append(left.name)
        report.warnings += left.warnings

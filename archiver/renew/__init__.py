"""Renew: evidence that nears its end grows, before it ends, by a new timestamp or by a new tree (RFC 4998, 5.2).

Old records stay, and each new one holds all of the one before. A run that is cut leaves every record whole; the next
one finds what was put, and goes on.
"""

from collections.abc import Callable
from datetime import timedelta

from archiver.digest import sha256
from archiver.errors import Absent, ArchiverError, Malformed
from archiver.evidence.record import reader, renewal
from archiver.evidence.timestamp import read_token
from archiver.renew.due import Lists, due, groups, owner
from archiver.renew.grow import Growing
from archiver.renew.timestamps import restamp
from archiver.renew.tokens import policy_of
from archiver.renew.trees import FRESH, rehash, reread
from archiver.renew.values import MARGIN, Catalog, Due, Failure, Gather, Learning, Renewing, Report
from archiver.stamping import end_with, stopping
from archiver.submission.rows import EvidenceRow, TokenRow
from archiver.verdict import finding

__all__ = [
    "MARGIN",
    "Catalog",
    "Due",
    "Failure",
    "Gather",
    "Learning",
    "Renewing",
    "Report",
    "learn",
    "planned",
    "renew",
]

Progress = Callable[[int, int | None], None]


def planned(work: Renewing, *, horizon: timedelta = MARGIN, target: str = "") -> Report:
    """What `renew` would do: no token is asked for, nothing written but what the catalog learns of older records.

    Raises ConfigError for a `target` that would be weaker than what is there.
    """
    return _planned(work, Report(), Lists(work, work.clock()), horizon, target)


def renew(
    work: Renewing,
    *,
    horizon: timedelta = MARGIN,
    target: str = "",
    progress: Progress = lambda done, total: None,
) -> Report:
    """Renews all that ends within `horizon`; with `target`, makes a new tree of everything under another digest.

    What cannot be renewed is a failure in the report. Raises Unavailable or ConfigError when an authority gives no
    token: what the others gave is put first.
    """
    now = work.clock()
    lists = Lists(work, now)
    report = _planned(work, Report(), lists, horizon, target)
    report.bytes = 0
    trees = [item for item in report.plan if item.target]
    growing = Growing(work, report, now, lambda done: progress(done, None if trees else report.due))
    for item in report.plan:  # those that ended meanwhile too: an older catalog may have been put back
        growing.adopt(item, policy_of(item, growing, lists))
    reread(trees, growing)
    growing.now = work.clock()  # reading may have taken days
    stops: list[ArchiverError] = []
    for line, algorithm, tree, items in groups(report.plan, work.lines):
        with stopping(stops):
            if tree:
                rehash(items, algorithm, line, growing, lists)
            else:
                restamp(items, algorithm, line, growing, lists)
    growing.settle()
    work.catalog.forget_reread(growing.now - FRESH)
    end_with(stops)
    return report


def learn(work: Learning) -> list[Failure]:
    """Looks at the newest token of records that the catalog knows by name only; those that cannot be read are failures.

    They are looked at again by every run.
    """
    failures: list[Failure] = []
    after = ("", "", "", 0)
    while rows := work.catalog.evidence_to_read(after=after):
        last = rows[-1]
        after = (last.subject, last.subject_id, last.tsa, last.number)
        read = [_read(row, work, failures) for row in rows]
        work.catalog.note_read([found for found in read if found])
    return failures


def _planned(work: Renewing, report: Report, lists: Lists, horizon: timedelta, target: str) -> Report:
    report.failures += learn(work)
    report.plan = tuple(due(work, lists, horizon=horizon, target=target))
    report.due = sum(item.newest.records for item in report.plan)
    report.bytes = sum(item.newest.bytes for item in report.plan if item.target)
    report.expected_tokens = sum(1 for _ in groups(report.plan, work.lines))
    strangers = {item.newest.tsa for item in report.plan if owner(item.newest.tsa, work.lines) is None}
    report.warnings += [finding("LINEAGE_ADOPTED", f"TSA {tsa}", tsa=work.lines[0][0].id) for tsa in sorted(strangers)]
    return report


def _read(row: EvidenceRow, work: Learning, failures: list[Failure]) -> tuple[EvidenceRow, TokenRow] | None:
    try:
        octets = work.store.get(row.name)
        token = reader.read(octets).chains[-1][-1].token
        at = read_token(token).gen_time
        algorithm = renewal.algorithm_of(octets)
    except (Malformed, Absent) as error:
        failures.append(Failure(row.name, str(error), str(error)))
        return None
    grown = EvidenceRow(row.subject, row.subject_id, row.tsa, row.number, row.name, row.at, algorithm)
    return grown, TokenRow(sha256(token), token, at)

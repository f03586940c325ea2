"""What only the yearly integrity report tells: events, availability, changes of providers, what is due next year."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.renewing import simulate
from archiver.compose.verifica_told import Period
from archiver.compose.watching import answering
from archiver.package.act import ActKind
from archiver.renew import MARGIN
from archiver.submission.rows import ActRow

Told = dict[str, Any]

AHEAD = timedelta(days=365)
_PAGE = 1000


def integrity_told(archive: Archive, period: Period, *, at: datetime) -> Told:
    """What happened in the period beside sweeps and renewals, and what is due within a year from `at`."""
    acts = list(_acts(archive, period))
    steps = simulate(archive, until=at + AHEAD, horizon=MARGIN, clock=lambda: at)
    return {
        "acts": dict(sorted(Counter(row.kind or "?" for row in acts).items())),
        "decisions": [
            {"at": _moment(row.at), "kind": row.kind, "id": row.id}
            for row in acts
            if row.kind in (ActKind.TRUST_CONFIRMED, ActKind.TRUST_REVOKED, ActKind.TAKEOVER)
        ],
        "steps": [
            {"day": step.day.date().isoformat(), "tsa": step.tsa, "reason": step.reason, "target": step.target,
             "records": step.records, "bytes": step.bytes, "tokens": step.tokens}
            for step in steps
        ],
        "met": list(_met(archive, period)),
        "polls": {
            box.name: _moment(polls[box.id]) for polls in [archive.catalog.counts()["polls"]]
            for box in period.mailboxes if box.id in polls
        },
        "answering": sorted(answering(archive)),
        "ahead": _moment(at + AHEAD),
    }  # fmt: skip


def _acts(archive: Archive, period: Period) -> Iterator[ActRow]:
    after = None
    while True:
        page = archive.catalog.find_acts(
            [period.holder], since=period.since, until=period.until, limit=_PAGE, after=after
        )
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]
        after = (last.at.astimezone(UTC), last.holder, last.id)


def _met(archive: Archive, period: Period) -> Iterator[Told]:
    """Certificates of authorities, of the seal and of PEC providers that were met for the first time."""
    for row in archive.catalog.trust_of(period.holder):
        if row.kind in ("tsa", "provider", "signer") and period.since <= row.at < period.until:
            yield {"kind": row.kind, "name": row.name, "sha256": row.sha256, "at": _moment(row.at),
                   "until": _moment(row.until)}  # fmt: skip


def _moment(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None

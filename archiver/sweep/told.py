"""What a sweep leaves in the store, one report a holder; and what such a report still knows years later."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from archiver.package import layout, rules
from archiver.package.report.values import ReportKind
from archiver.ports import ObjectStore
from archiver.submission.reports import backwards
from archiver.submission.rows import DamageRow
from archiver.sweep.values import Repair, Report, Sweeping

PART = 5_000
"""Repairs, and damages, that one report tells; what is more stands in reports that follow at once."""


def told(report: Report, holders: Sequence[str], work: Sweeping) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """The reports about each holder's objects; what belongs to none of them stands with the first.

    Names of strangers may say something about people: their digest stands for them.
    """
    for holder in holders:
        mine = partial(_belongs, holder=holder, holders=holders)
        open = [row for row in report.open if mine(row.name)]
        repairs = [repair for repair in report.repairs if mine(repair.damage.name)]
        parts = range(0, max(len(open), len(repairs), 1), PART)
        yield (
            holder,
            (
                _part(report, work, open[at : at + PART], repairs[at : at + PART], number)
                for number, at in enumerate(parts, 1)
            ),
        )


def _part(report: Report, work: Sweeping, open: list[DamageRow], repairs: list[Repair], number: int) -> dict[str, Any]:
    return {
        "part": number,
        "stores": list(work.stores),
        "listed": report.listed,
        "read": {"objects": report.objects, "bytes": report.bytes},
        "safe": {"copies": work.copies, "messages": report.safe, "others": report.unsafe},
        "promise": {
            "days": report.days,
            "kept": report.kept,
            "oldest": {store: _moment(at) for store, at in sorted(report.unread_since.items())},
        },
        "opened": {"segments": report.opened, **report.readable.as_json()},
        "repairs": [_repair(repair) for repair in repairs],
        "open": [_damage(row) for row in open],
        "failures": [failure.text("it") for failure in report.failures],
    }


def recalled(store: ObjectStore, holder: str) -> list[DamageRow]:
    """What was open when a store was swept last, as the reports in it tell; one sweep may have left several."""
    found: list[DamageRow] = []
    for report in backwards(store, holder, ReportKind.SWEEP):
        found += damages_of(report.content)
        if report.content.get("part", 1) == 1:
            break
    return found


def damages_of(content: Mapping[str, Any]) -> Iterator[DamageRow]:
    """What was open when a report was written: for a catalog that is made again. Raises ValueError."""
    for item in content.get("open", ()):
        yield DamageRow(
            store=str(item["store"]),
            name=str(item["name"]),
            code=str(item["code"]),
            since=rules.instant(str(item["since"])),
            seen=rules.instant(str(item["seen"])),
            found=str(item["found"]),
        )


def shown_name(name: str) -> str:
    """A name as a report may have it: that of a stranger may say something about people, so its digest does."""
    return name if layout.parse(name) else f"sha256:{sha256(name.encode()).hexdigest()}"


def _damage(row: DamageRow) -> dict[str, str]:
    return {
        "store": row.store,
        "name": shown_name(row.name),
        "code": row.code,
        "since": _moment(row.since),
        "seen": _moment(row.seen),
        "found": _line(row.found),
    }


def _belongs(name: str, *, holder: str, holders: Sequence[str]) -> bool:
    parsed = layout.parse(name)
    whose = parsed.holder if parsed and parsed.holder in holders else holders[0]
    return whose == holder


def _repair(repair: Repair) -> dict[str, str]:
    told = repair.as_json()
    return {
        **told,
        "before": _line(told["before"]),
        "name": shown_name(told["name"]),
        "since": _moment(repair.damage.since),
    }


def _line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _moment(at: datetime) -> str:
    return f"{rules.moment(at):%Y-%m-%dT%H:%M:%SZ}"

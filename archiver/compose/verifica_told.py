"""What a period did to one holder's archive: sweeps, repairs, renewals, readability; for the verbale and the report.

Everything is read from what errands left: reports in the store, and the catalog. Nothing is judged anew here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.adapters.catalog.holding import Due
from archiver.compose.archive import Archive
from archiver.compose.described import archive_told, held_told, party_told
from archiver.config import MailboxConfig
from archiver.package import layout
from archiver.package.report.values import Report, ReportKind
from archiver.package.report.values import told as told_by_id
from archiver.pec.readable.formats import TABLE, Readability
from archiver.renew import MARGIN
from archiver.renew.due import ends
from archiver.submission import reports
from archiver.submission.rows import DamageRow
from archiver.sweep.told import shown_name
from archiver.sweep.values import said
from archiver.verdict import Finding, Severity, finding, verdict
from archiver.verdict.table import TABLE as TABLE_OF_FINDINGS

Told = dict[str, Any]

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
NAMED = 200
"""Damages and repairs that a document names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Period:
    """Of one holder, some mailboxes (all, unless somebody asks for one), from `since` and before `until`."""

    holder: str
    mailboxes: tuple[MailboxConfig, ...]
    since: datetime
    until: datetime
    one: bool = False


def period_told(archive: Archive, period: Period, *, at: datetime) -> Told:
    """All that both documents say, as of `at`."""
    told = archive_told(archive, at)
    ids = [box.id for box in period.mailboxes]
    held = held_told(archive, list(period.mailboxes), until=period.until)
    sweeps = list(_sweeps(archive, period))
    volumes, in_volumes = archive.catalog.closed_between(ids, since=period.since, until=period.until)
    opened = _summed(sweeps)
    damages = _damages(archive, period)
    copies = archive.catalog.read_copies(
        period.holder, list(archive.stores), since=period.since, due=_terms(archive, period)
    )
    renewed = archive.catalog.renewed(since=period.since, until=period.until)
    due = _due(archive, at)
    found = [*_of_sweeps(archive, period, sweeps, copies, damages), *_of_evidence(due), *_of_mail(opened, held)]
    judged = verdict(found)
    return {
        **told,
        "format": 1,
        "holder": {"id": period.holder, **party_told(archive.config.holders[period.holder])},
        "responsible": responsible(archive, at),
        "by": {"login": archive.who.login, "role": archive.who.role},
        "asked": [box.name for box in period.mailboxes] if period.one else [],
        "since": None if period.since == FIRST else _moment(period.since),
        "until": _moment(period.until),
        "held": held,
        "totals": {key: sum(row[key] for row in held) for key in ("messages", "bytes", "volumes", "pending")},
        "kinds": archive.catalog.kinds_of(ids, until=period.until),
        "contents": archive.catalog.contents_of(ids, until=period.until),
        "closed": {"volumes": volumes, "messages": in_volumes},
        "copies_read": [{**asdict(row), "oldest": _moment(row.oldest)} for row in copies],
        "sweeps": sweeps,
        "opened": opened,
        "repairs": [item for sweep in sweeps for item in sweep["repairs"]][:NAMED],
        "repaired": sum(len(sweep["repairs"]) for sweep in sweeps),
        "open": [_damage(row) for row in damages if _is_grave(row.code)][:NAMED],
        "noted": list(_noted(damages)),
        "renewed": [{"tsa": row.tsa, "algorithm": row.algorithm, "at": _moment(row.at), "records": row.records}
                    for row in renewed],
        "due": due,
        "indication": judged.indication.value,
        "findings": [{**item.as_json("it"), "it": item.text("it"), "en": item.text("en")} for item in found],
    }  # fmt: skip


def responsible(archive: Archive, at: datetime) -> str:
    """Who is responsabile della conservazione on the day; empty when the configuration names nobody."""
    day = at.date()
    found = (one for one in archive.config.responsibles if one.since <= day and (not one.until or day <= one.until))
    return next((one.party.display for one in found), "")


def _terms(archive: Archive, period: Period) -> Due:
    """What is late at the end of the period: what was there for longer than the promise, and was read neither in the
    period nor within the promise; messages are opened once in so many days.
    """
    promised = timedelta(days=archive.config.sweep.days)
    return Due(
        settled=period.until - promised,
        read=min(period.since, period.until - promised),
        opened=min(period.since, period.until - timedelta(days=archive.config.sweep.opened_days)),
    )


def _sweeps(archive: Archive, period: Period) -> Iterator[Told]:
    """Each sweep of the period, the oldest first: one may have left several reports, the first of them numbered 1."""
    filed = _filed(archive, period)
    run: list[Report] = []
    found: list[Told] = []
    for report in reports.backwards(archive.store, period.holder, ReportKind.SWEEP):
        if report.at >= period.until:
            continue
        if report.at < period.since:
            break
        run.append(report)
        if report.content.get("part", 1) == 1:
            found.append(_sweep(run[::-1], sealed=filed[report.at].sealed))
            run = []
    yield from reversed(found)


def _filed(archive: Archive, period: Period) -> dict[datetime, reports.Filed]:
    """The reports of sweeps of the period that lie in the store, by their times: no two have the same."""
    found = reports.filed(archive.store, period.holder)
    mine = (one for one in found if told_by_id(one.id)[0] is ReportKind.SWEEP)
    return {one.at: one for one in mine if period.since <= one.at < period.until}


def _sweep(parts: Sequence[Report], *, sealed: bool) -> Told:
    first = parts[0].content
    opened = _mapping(first, "opened")
    return {
        "at": _moment(parts[0].at),
        "software": parts[0].software,
        "signed": sealed,
        "parts": [_moment(part.at) for part in parts],
        "stores": [str(one) for one in first.get("stores", ())],
        "listed": _whole(first, "listed"),
        "read": _whole(_mapping(first, "read"), "objects"),
        "bytes": _whole(_mapping(first, "read"), "bytes"),
        "kept": bool(_mapping(first, "promise").get("kept")),
        "segments": _whole(opened, "segments"),
        "messages": _whole(opened, "messages"),
        "headers": _whole(opened, "headers"),
        "mime": _whole(opened, "mime"),
        "classes": {kind.value: _whole(_mapping(opened, "classes"), kind.value) for kind in Readability},
        "formats": {str(name): int(count) for name, count in _mapping(opened, "formats").items()},
        "open": sum(_is_grave(item.get("code")) for part in parts for item in _items(part.content, "open")),
        "noted": sum(not _is_grave(item.get("code")) for part in parts for item in _items(part.content, "open")),
        "repairs": [
            {key: str(item.get(key, "")) for key in ("store", "name", "code", "from")} | {"at": _moment(parts[0].at)}
            for part in parts
            for item in _items(part.content, "repairs")
        ],
        "failures": [str(one) for one in first.get("failures", ())],
    }


def _summed(sweeps: Sequence[Told]) -> Told:
    """What was opened in all; a message that was opened twice counts twice."""
    classes, formats = Counter[str](), Counter[str]()
    for sweep in sweeps:
        classes.update(sweep["classes"])
        formats.update(sweep["formats"])
    by_class = {kind.value: [[name, n] for name, n in formats.most_common() if TABLE.readability(name) is kind]
                for kind in Readability}  # fmt: skip
    return {
        **{key: sum(sweep[key] for sweep in sweeps) for key in ("segments", "messages", "headers", "mime")},
        "classes": {kind.value: classes[kind.value] for kind in Readability},
        "formats": by_class,
        "table": TABLE.issued.isoformat(),
    }


def _damages(archive: Archive, period: Period) -> list[DamageRow]:
    """What is open now about the holder's objects; what belongs to no holder is everybody's."""
    found = (row for row in archive.catalog.damages() if row.store in archive.stores)
    return [row for row in found if not (parsed := layout.parse(row.name)) or parsed.holder == period.holder]


def _is_grave(code: object) -> bool:
    """Whether a damage of this code is one that must be put right; of a code that nobody knows it is."""
    row = TABLE_OF_FINDINGS.get(f"SWEEP_{code}")
    return row is None or row.severity in (Severity.ERROR, Severity.DOUBT)


def _noted(damages: Sequence[DamageRow]) -> Iterator[Told]:
    """The others, by store and code: how many, since when, in the words of the first."""
    rows: dict[tuple[str, str], list[DamageRow]] = {}
    for row in damages:
        if not _is_grave(row.code):
            rows.setdefault((row.store, row.code), []).append(row)
    for (store, code), mine in sorted(rows.items()):
        first = min(mine, key=lambda row: row.since)
        yield {**_damage(first), "store": store, "code": code, "name": "", "number": len(mine)}


def _damage(row: DamageRow) -> Told:
    item = said(row)
    return {"store": row.store, "name": shown_name(row.name), "code": row.code, "since": _moment(row.since),
            "severity": item.severity.value, "it": item.text("it"), "en": item.text("en")}  # fmt: skip


def _due(archive: Archive, at: datetime) -> list[Told]:
    """What ends next, by token, the earliest first."""
    policy = archive.policy
    known = [
        (row, *ends(row, policy.catalogue, policy.material.certificates)) for row in archive.catalog.newest_tokens()
    ]
    return [
        {"tsa": row.tsa, "algorithm": row.algorithm, "records": row.records, "until": _moment(until), "reason": reason,
         "past": until <= at, "near": until <= at + MARGIN}
        for row, until, reason in sorted(known, key=lambda item: (item[1], item[0].tsa))
    ]  # fmt: skip


def _of_sweeps(
    archive: Archive, period: Period, sweeps: Sequence[Told], copies: Sequence[Any], damages: Sequence[DamageRow]
) -> Iterator[Finding]:
    if not sweeps:
        yield finding("VERIFICA_NO_SWEEP", period.holder)
    read = {at for sweep in sweeps for at in sweep["parts"]}
    for one in _filed(archive, period).values():
        if _moment(one.at) not in read:
            yield finding("VERIFICA_REPORT_LOST", one.name, name=one.name)
    primary = next(iter(archive.stores))
    if not any(row.objects for row in copies):
        yield finding("VERIFICA_NO_CENSUS", period.holder)
    for row in copies:
        if row.late and row.oldest:
            yield finding("VERIFICA_UNREAD", f"store {row.store}", number=row.late, oldest=f"{row.oldest:%Y-%m-%d}")
        if row.store == primary and row.unopened:
            yield finding("VERIFICA_UNOPENED", f"store {row.store}", number=row.unopened)
    grave = sum(_is_grave(row.code) for row in damages)
    if grave:
        yield finding("VERIFICA_OPEN", period.holder, number=grave)
    if len(damages) > grave:
        yield finding("VERIFICA_LOOKED_AT", period.holder, number=len(damages) - grave)
    incomplete = sum(bool(sweep["failures"]) for sweep in sweeps)
    if incomplete:
        yield finding("VERIFICA_INCOMPLETE", period.holder, number=incomplete)


def _of_evidence(due: Sequence[Told]) -> Iterator[Finding]:
    for code, which in (("VERIFICA_RENEWAL_PAST", "past"), ("VERIFICA_RENEWAL_DUE", "near")):
        rows = [row for row in due if row[which] and not (which == "near" and row["past"])]
        if rows:
            number = sum(row["records"] for row in rows)
            yield finding(code, "evidence", number=number, until=rows[0]["until"][:10])


def _of_mail(opened: Told, held: Sequence[Told]) -> Iterator[Finding]:
    if broken := max(opened["headers"], opened["mime"]):
        yield finding("VERIFICA_BROKEN_MAIL", "archive", number=broken)
    codes = {"at_risk": "VERIFICA_AT_RISK", "unknown": "VERIFICA_UNKNOWN", "encrypted": "VERIFICA_ENCRYPTED"}
    for kind, code in codes.items():
        if number := opened["classes"][kind]:
            names = ", ".join(name for name, _ in opened["formats"][kind][:8]) or "-"
            yield finding(code, "archive", number=number, formats=names)
    if pending := sum(row["pending"] for row in held):
        yield finding("VERIFICA_PENDING", "archive", number=pending)


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _items(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = value.get(key)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, (list, tuple)) else []


def _whole(value: Mapping[str, Any], key: str) -> int:
    found = value.get(key, 0)
    return found if isinstance(found, int) else 0


def _moment(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None

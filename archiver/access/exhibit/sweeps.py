"""The sweeps of the copies since the intake, as their reports in the store tell: what they found and repaired."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from archiver.package.report.values import Report as Filed
from archiver.package.report.values import ReportKind
from archiver.ports import ObjectStore
from archiver.submission.reports import backwards
from archiver.verdict import Indication

Check = dict[str, str]

SHOWN = 12
"""Sweeps without a finding that are told one by one, the newest; those before them in one sentence."""


def check(at: datetime, kind: str, outcome: str, italian: str, english: str) -> Check:
    """One check in both languages; `outcome` is an Indication, or UNSIGNED where there was nothing to judge."""
    moment = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"at": moment, "kind": kind, "outcome": str(outcome), "it": italian, "en": english}


def sweeps(store: ObjectStore, holder: str, names: Collection[str], *, since: str) -> Iterator[Check]:
    """Every sweep since the intake: what it looked at, and what it found and repaired among these objects."""
    clean: list[Check] = []
    for report in backwards(store, holder, ReportKind.SWEEP):
        told = _sweep(report, names)
        if told["at"] < since:
            break
        yield from _repairs(report, names)
        if told["outcome"] == Indication.PASSED:
            clean.append(told)
        else:
            yield told
    yield from clean[:SHOWN]
    yield from _together(clean[SHOWN:])


def _together(clean: list[Check]) -> Iterator[Check]:
    """Years of sweeps without a finding, in one sentence; the newest comes first."""
    if len(clean) < 2:
        yield from clean
        return
    last, first = clean[0]["at"], clean[-1]["at"]
    yield {
        "at": last,
        "kind": "sweep",
        "outcome": Indication.PASSED.value,
        "it": f"{len(clean)} controlli periodici delle copie, dal {first} al {last}: nessun danno su questi oggetti.",
        "en": f"{len(clean)} periodic checks of the copies, from {first} to {last}: no damage of these objects.",
    }


def _sweep(report: Filed, names: Collection[str]) -> Check:
    content = report.content
    wrong = [item for item in _items(content, "open") if item.get("name") in names]
    read = content.get("read") if isinstance(content.get("read"), Mapping) else {}
    copies = ", ".join(map(str, content.get("stores", ()))) or "-"
    objects = read.get("objects", 0) if isinstance(read, Mapping) else 0
    failed = bool(content.get("failures"))
    outcome = Indication.FAILED if wrong else Indication.INDETERMINATE if failed else Indication.PASSED
    italian = (f"{len(wrong)} danni aperti su questi oggetti" if wrong else "nessun danno su questi oggetti") + (
        "; controllo incompleto" if failed else ""
    )
    english = f"{len(wrong)} open damages of these objects" if wrong else "no damage of these objects"
    english += "; the check is incomplete" if failed else ""
    return check(
        report.at,
        "sweep",
        outcome,
        f"Controllo periodico delle copie {copies}: {content.get('listed', 0)} oggetti elencati, {objects} riletti per"
        f" intero; {italian}.",
        f"Periodic check of the copies {copies}: {content.get('listed', 0)} objects listed, {objects} read whole;"
        f" {english}.",
    )


def _repairs(report: Filed, names: Collection[str]) -> Iterator[Check]:
    for item in _items(report.content, "repairs"):
        if item.get("name") in names:
            told = {key: str(item.get(key, "?")) for key in ("code", "store", "from")}
            yield check(
                report.at,
                "repair",
                Indication.PASSED,
                f"Riparazione nella copia {told['store']} ({told['code']}): oggetto ripristinato, identico, da"
                f" {told['from']}; nulla è stato sovrascritto.",
                f"Repair in the copy {told['store']} ({told['code']}): object restored, identical, from"
                f" {told['from']}; nothing was overwritten.",
            )


def _items(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = content.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []

"""The last night at a glance: when it was, what failed in it, and since when there has been none."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from archiver.access.alarms import Alarm, Level
from archiver.compose.archive import Archive
from archiver.nightly.words import STEPS

FULL = 0.9
"""The share of its quota from which a mailbox is about to refuse mail."""

_ROME = ZoneInfo("Europe/Rome")


@dataclass(frozen=True, slots=True)
class Last:
    """The last night that came to its end: `failed` are the names of its steps that were not wholly done."""

    at: datetime
    ended: datetime
    code: int
    failed: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "began": self.at.isoformat(), "ended": self.ended.isoformat(), "code": self.code,
            "failed": list(self.failed),
        }  # fmt: skip


def last(archive: Archive) -> Last | None:
    """None when no night has come to its end."""
    for row in archive.catalog.nights(1, ended=True):
        if row.ended is not None and row.code is not None:
            return Last(row.at, row.ended, row.code, tuple(json.loads(row.told)["failed"]))
    return None


def nightly_alarms(archive: Archive, *, at: datetime, lang: str) -> Iterator[Alarm]:
    """No night for too long; a last one that failed; mailboxes that it found nearly full."""
    found = last(archive)
    hours = archive.config.night.hours
    since = found.ended if found else _expected(archive)
    if since is not None and at - since > timedelta(hours=hours):
        yield Alarm("NIGHT_SILENT", Level.ERROR, "night", _silent(found, since, hours, lang), since, "archiver nightly")
    if found and found.code:
        steps = ", ".join(STEPS[name][lang] for name in found.failed if name in STEPS)
        text = {
            "it": f"l'ultima notte ({_moment(found.ended, lang)}) è finita con codice {found.code}: {steps}",
            "en": f"the last night ({_moment(found.ended, lang)}) ended with code {found.code}: {steps}",
        }[lang]
        yield Alarm("NIGHT_FAILED", Level.WARNING, "night", text, found.ended, "archiver nightly")
    yield from _full(archive, lang)


def _expected(archive: Archive) -> datetime | None:
    """Since when a configured night has been waited for that never was: since the first message is waiting."""
    if not archive.config.night.expected:
        return None
    polls = archive.catalog.counts()["polls"]
    return min(polls.values(), default=None)


def _silent(found: Last | None, since: datetime, hours: int, lang: str) -> str:
    if found is None:
        return {
            "it": f"nessuna notte è mai stata eseguita fino alla fine (attesa ogni {hours} ore)",
            "en": f"no night has ever come to its end (expected every {hours} hours)",
        }[lang]
    return {
        "it": f"nessuna notte conclusa dal {_moment(since, lang)} (attesa ogni {hours} ore)",
        "en": f"no night has come to its end since {_moment(since, lang)} (expected every {hours} hours)",
    }[lang]


def _full(archive: Archive, lang: str) -> Iterator[Alarm]:
    for row in archive.catalog.nights(1, ended=True):
        boxes = json.loads(row.told)["steps"].get("ingest", {}).get("mailboxes", {})
        for name, box in boxes.items():
            if "limit" in box and box["used"] >= FULL * box["limit"]:
                share = 100 * box["used"] // box["limit"]
                text = {
                    "it": f"{name}: casella piena al {share} %: oltre il 100 % il gestore rifiuta i messaggi in arrivo",
                    "en": f"{name}: the mailbox is {share} % full: beyond 100 % the provider refuses what arrives",
                }[lang]
                command = f"archiver purge {name} --older-than 90d --dry-run"
                yield Alarm("MAILBOX_FULL", Level.WARNING, name, text, row.ended, command)


def _moment(at: datetime, lang: str) -> str:
    local = at.astimezone(_ROME)
    return f"{local:%d/%m/%Y %H:%M}" if lang == "it" else f"{local:%Y-%m-%d %H:%M}"

"""The state of the archive in a few numbers, and what wants attention."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from archiver.access import question
from archiver.submission.rows import PdvRow

MONTH = timedelta(days=30)

UNCOVERED = timedelta(days=2)
"""A rapporto without evidence for longer wants attention: `seal` covers it every night."""


class Catalog(question.Catalog, Protocol):
    """The questions of `status`."""

    def pdvs_without_evidence(self, tsas: Collection[str], *, records: int) -> list[PdvRow]:
        """Rapporti without a record from any of these authorities, and from fewer than `records` in all."""


@dataclass(frozen=True, slots=True)
class Status:
    """Totals, and `alerts` as sentences; none means that nothing is wrong that the catalog knows of.

    `tokens`: by authority, how many questions it was `asked` in the last month and how many tokens it `granted`;
    `safe`: messages that as many stores as configured have given back; `night`: what the last one came to.
    """

    messages: int
    pending: int
    volumes: int
    rapporti: int
    bytes: int
    kinds: dict[str, int]
    polls: dict[str, datetime]
    tokens: dict[str, dict[str, int]]
    safe: int
    alerts: tuple[str, ...]
    night: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"polls": {name: at.isoformat() for name, at in self.polls.items()}}


def status(
    catalog: Catalog, *, at: datetime, safe: int, alerts: tuple[str, ...], night: Mapping[str, Any] | None = None
) -> Status:
    """What the catalog says; the caller adds what it knows itself."""
    counts = catalog.counts()
    return Status(
        messages=counts["messages"],
        pending=counts["pending"],
        volumes=counts["volumes"],
        rapporti=counts["pdvs"],
        bytes=counts["bytes"],
        kinds=counts["kinds"],
        polls=counts["polls"],
        tokens={
            tsa: {"asked": asked, "granted": granted}
            for tsa, (asked, granted) in catalog.spent((at - MONTH).date()).items()
        },
        safe=safe,
        alerts=alerts,
        night=night,
    )


def uncovered(catalog: Catalog, *, at: datetime, lang: str) -> list[str]:
    """An alert when rapporti have had no evidence at all for too long; `at` is aware, `lang` is `it` or `en`."""
    late = [pdv.at for pdv in catalog.pdvs_without_evidence([], records=1) if at - pdv.at > UNCOVERED]
    if not late:
        return []
    count, since = len(late), min(late)
    if lang == "it":
        return [f"rapporti senza alcuna evidenza: {count}, il più vecchio del {since:%Y-%m-%d}: `archiver seal`"]
    return [f"rapporti without any evidence: {count}, the oldest of {since:%Y-%m-%d}: `archiver seal`"]


def spent_up(catalog: Catalog, caps: Mapping[str, int], *, night: date, lang: str) -> list[str]:
    """An alert for each authority that was asked as often in this night as its cap allows."""
    asked = {tsa: count for tsa, (count, _) in catalog.spent(night).items()}
    reached = {tsa: cap for tsa, cap in caps.items() if asked.get(tsa, 0) >= cap}
    if lang == "it":
        text = "TSA {}: tetto di {} richieste raggiunto per la notte del {}: alzare `tokens_per_night` o attendere"
    else:
        text = "TSA {}: cap of {} questions reached for the night of {}: raise `tokens_per_night`, or wait"
    return [text.format(tsa, cap, night) for tsa, cap in reached.items()]

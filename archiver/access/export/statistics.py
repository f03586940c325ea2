"""Figures of a period: messages and bytes per day and kind, outcomes of recipients, times, and providers."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from archiver.pec.dossier import Dossier
from archiver.pec.kind import Kind
from archiver.pec.outcome import Recipient
from archiver.pec.piece import Piece
from archiver.pec.state import State
from archiver.submission.rows import KeptRow

ROME = ZoneInfo("Europe/Rome")
BOUNDS = (60, 300, 1800, 7200, 43200, 86400)
"""Ends of the classes of a histogram of times, in seconds: a minute, five, half an hour, two hours, twelve, a day."""


class Sending(Protocol):
    """One sending, folded."""

    @property
    def dossier(self) -> Dossier: ...


@dataclass(slots=True)
class Times:
    """Seconds between two events."""

    seconds: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, begin: datetime, end: datetime) -> None:
        """Two clocks may disagree: what is negative counts as nothing."""
        self.seconds.append(max((end - begin).total_seconds(), 0.0))

    def as_json(self) -> dict[str, Any]:
        """Number, quantiles (None when there is nothing), and the classes of `BOUNDS`."""
        ordered = sorted(self.seconds)
        classes = [0] * (len(BOUNDS) + 1)
        for value in ordered:
            classes[next((place for place, end in enumerate(BOUNDS) if value < end), len(BOUNDS))] += 1
        quantile = {name: _quantile(ordered, share) for name, share in (("median", 0.5), ("p90", 0.9), ("p99", 0.99))}
        return {"count": len(ordered), **quantile, "max": ordered[-1] if ordered else None, "classes": classes}


@dataclass(slots=True)
class Provider:
    """What one provider delivered and did not, and how fast."""

    accepted: int = 0
    delivered: int = 0
    failed: int = 0
    delivering: Times = field(default_factory=Times)


@dataclass(slots=True)
class Figures:
    """The figures under way: rows go into `row`, sendings into `sending`."""

    days: dict[date, list[int]] = field(default_factory=dict)
    kinds: dict[str, list[int]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    accepting: Times = field(default_factory=Times)
    delivering: Times = field(default_factory=Times)
    providers: dict[str, Provider] = field(default_factory=lambda: defaultdict(Provider))
    sendings: int = 0

    def row(self, row: KeptRow) -> None:
        """One message: its day in Rome, its kind, its bytes."""
        day = self.days.setdefault(row.date.astimezone(ROME).date(), [0, 0])
        kind = self.kinds.setdefault(row.kind, [0, 0])
        for held in (day, kind):
            held[0] += 1
            held[1] += row.size

    def rows(self, rows: Iterable[KeptRow]) -> None:
        """Many."""
        for row in rows:
            self.row(row)

    def sending(self, dossier: Dossier) -> None:
        """One sending: each recipient's outcome, and the times that intact receipts state."""
        self.sendings += 1
        self.outcomes.update(str(item.state) for item in dossier.recipients)
        accepted = _first(dossier, Kind.ACCETTAZIONE)
        if accepted is None:
            return
        self._provider(accepted).accepted += 1
        if sent := _first(dossier, Kind.INVIATO):
            self.accepting.add(sent.at, accepted.at)
        pieces = {piece.sha256: piece for piece in dossier.pieces}
        for recipient in dossier.recipients:
            self._recipient(recipient, accepted, pieces.get(recipient.sha256) if recipient.sha256 else None)

    def as_json(self) -> dict[str, Any]:
        """For machines; times in seconds."""
        return {
            "days": [[day.isoformat(), *self.days[day]] for day in sorted(self.days)],
            "kinds": {kind: list(self.kinds[kind]) for kind in sorted(self.kinds)},
            "sendings": self.sendings,
            "outcomes": dict(sorted(self.outcomes.items())),
            "accepting": self.accepting.as_json(),
            "delivering": self.delivering.as_json(),
            "bounds": list(BOUNDS),
            "providers": [_told(name, self.providers[name]) for name in sorted(self.providers)],
        }

    def _provider(self, piece: Piece) -> Provider:
        return self.providers[(piece.daticert.gestore if piece.daticert else "").strip() or "?"]

    def _recipient(self, recipient: Recipient, accepted: Piece, said: Piece | None) -> None:
        if said is None:
            return
        if recipient.state is State.DELIVERED and recipient.at is not None:
            self.delivering.add(accepted.at, recipient.at)
            provider = self._provider(said)
            provider.delivered += 1
            provider.delivering.add(accepted.at, recipient.at)
        elif recipient.state in (State.FAILED, State.EXPIRED):
            self._provider(said).failed += 1


def _first(dossier: Dossier, kind: Kind) -> Piece | None:
    return next((piece for piece in dossier.pieces if piece.kind is kind and piece.intact), None)


def _quantile(ordered: list[float], share: float) -> float | None:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else None


def _told(name: str, provider: Provider) -> Mapping[str, Any]:
    return {
        "name": name,
        "accepted": provider.accepted,
        "delivered": provider.delivered,
        "failed": provider.failed,
        "delivering": provider.delivering.as_json(),
    }

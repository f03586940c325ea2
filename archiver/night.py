"""The night: what is asked for once a night is asked for once from noon to noon, Europe/Rome; and what one came to.

Many machines share a night by its units; what is known of each is a row too.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_ROME = ZoneInfo("Europe/Rome")
_HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class NightRow:
    """One run of the night: `id` is that of its log, `at` when it began, `pid` its process on `host`.

    `ended` is None while it runs, and for ever where it was cut short; `code` is its exit code, `told` the JSON of its
    steps.
    """

    id: str
    at: datetime
    host: str
    pid: int
    ended: datetime | None = None
    code: int | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A part of a night that one process does: the `step` it belongs to, and which part of it that is.

    `key` is an identifier: the id of a mailbox or of a holder, the name of a shard, or nothing.
    """

    step: str
    key: str = ""

    @property
    def name(self) -> str:
        """How queues and locks call it."""
        return f"{self.step}-{self.key}" if self.key else self.step


@dataclass(frozen=True, slots=True)
class UnitRow:
    """What is known of a unit of a night: `starts` are those who began it, `told` is the JSON of what it came to.

    `troubled` is when it first found a service down; None while it did not.
    """

    night: str
    unit: Unit
    starts: int = 0
    begun: datetime | None = None
    troubled: datetime | None = None
    ended: datetime | None = None
    told: str = ""


def night_of(at: datetime) -> date:
    """The night to which a moment (aware) belongs: from noon to noon in Rome, called by the day of its evening."""
    return (at.astimezone(_ROME) - _HALF_A_DAY).date()

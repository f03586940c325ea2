"""The night: what is asked for once a night is asked for once from noon to noon, Europe/Rome."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_ROME = ZoneInfo("Europe/Rome")
_HALF_A_DAY = timedelta(hours=12)


def night_of(at: datetime) -> date:
    """The night to which a moment (aware) belongs: from noon to noon in Rome, called by the day of its evening."""
    return (at.astimezone(_ROME) - _HALF_A_DAY).date()

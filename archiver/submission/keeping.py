"""How long the store is asked to keep what: the end of a volume's term, or a short while for what waits for one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
PERMANENT = timedelta(days=3653)
"""How far a lock for ever reaches: it is lengthened when it nears its end."""

WAITING = timedelta(days=60)
"""What waits for its volume longer than half of this is kept for so long again."""


def kept_until(day: date | None, *, now: datetime) -> datetime:
    """The first moment after `day` in Italy; without a day, what stands for ever today."""
    if day is None:
        return now + PERMANENT
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ROME).astimezone(UTC)

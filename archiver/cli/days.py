"""Days as people write them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click

_ROME = ZoneInfo("Europe/Rome")


def first_moment(text: str, option: str, *, after: int = 0) -> datetime:
    """The first moment in Rome of a day, or of one that many days `after` it, in UTC. Raises UsageError."""
    try:
        return datetime.combine(date.fromisoformat(text) + timedelta(days=after), time(), _ROME).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{option} {text!r}: a day such as 2026-03-01 is expected") from error

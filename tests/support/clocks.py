"""Clocks that are wrong, for commands in this process and in others.

python -m support.clocks -3600 --config archiver.toml ingest          # an hour slow
python -m support.clocks 0,-86400,5 --config archiver.toml seal       # a day back after five readings
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from archiver.cli import door, main


def wrong(first: timedelta, later: timedelta | None = None, *, after: int = 0) -> Callable[[], datetime]:
    """A clock that is off by `first`, and from the reading after so many others by `later`."""
    readings = iter(range(1 << 62))

    def now() -> datetime:
        return datetime.now(UTC) + (later if later is not None and next(readings) >= after else first)

    return now


@contextmanager
def clock(now: Callable[[], datetime]) -> Iterator[None]:
    """Commands of this process read this clock."""

    class Watch(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "datetime", Watch)
        yield


def told(offsets: str) -> AbstractContextManager[None]:
    """The clock of `FIRST` or `FIRST,LATER,READINGS`, in seconds."""
    first, *more = (float(text) for text in offsets.split(","))
    later = timedelta(seconds=more[0]) if more else None
    return clock(wrong(timedelta(seconds=first), later, after=int(more[1]) if more else 0))


if __name__ == "__main__":
    with told(sys.argv[1]):
        main(args=sys.argv[2:], prog_name="archiver")

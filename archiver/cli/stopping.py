"""SIGTERM and Ctrl-C: the first one ends what is under way between two units, the second, or a minute, at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GRACE = 60
"""Seconds until an interruption does not wait for the unit any more: all that is safe stays safe anyway."""


class Stop:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def check(self) -> None:
        """Between two units. Raises KeyboardInterrupt when somebody asked."""
        if self.asked:
            signal.alarm(0)
            raise KeyboardInterrupt

    def hear(self, number: int, _: FrameType | None) -> None:
        """A signal came."""
        if self.asked or number == signal.SIGALRM:
            raise KeyboardInterrupt
        self.asked = True
        signal.alarm(GRACE)


@contextmanager
def stopping() -> Iterator[Stop]:
    """Hears the signals within the block; in the main thread only, where they arrive."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    heard = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    before = {number: signal.signal(number, stop.hear) for number in heard}
    try:
        yield stop
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)

"""One process at a time: a lock on a file, which the system lets go of when the process ends, however it ends."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from archiver.errors import Busy, Unavailable

PATIENCE = 1.0
"""Seconds to wait for a lock that another process may need for a moment only."""

_PAUSE = 0.02


@contextmanager
def exclusive(path: Path, *, busy: str, patience: float = PATIENCE, shared: bool = False) -> Iterator[None]:
    """Holds the lock at `path`, or with `shared` beside others who do so.

    Raises Busy with this text when another process has it otherwise for longer than `patience`.
    """
    try:
        file = path.open("a")
    except OSError as error:
        raise Unavailable(f"{path}: cannot be opened: {error.strerror}") from error

    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX

    def take() -> bool:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    with file:
        if not patiently(take, patience):
            raise Busy(busy)
        yield


def patiently(take: Callable[[], bool], patience: float) -> bool:
    """Whether `take` succeeds, tried again and again for `patience` seconds."""
    for _ in range(int(patience / _PAUSE)):
        if take():
            return True
        sleep(_PAUSE)
    return take()

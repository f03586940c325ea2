"""One process at a time: a lock on a file, which the system lets go of when the process ends, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archiver.errors import Unavailable


@contextmanager
def exclusive(path: Path, errand: str) -> Iterator[None]:
    """Holds the lock at `path` for an errand. Raises Unavailable while another process holds it."""
    try:
        file = path.open("a")
    except OSError as error:
        raise Unavailable(f"{path}: cannot be opened: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(
                f"another `archiver {errand}` is at work on this archive; try again when it is done"
            ) from error
        yield

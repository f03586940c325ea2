"""What the program closes behind itself before it does anything: its files, its memory, its last words.

Files that it makes are its user's alone (0600, folders 0700). Two things are not: objects of a store in a folder (0444,
read-only also for their owner; the folder around them is closed), and the folder for a court's filing system (0755).
"""

import ctypes
import os
import resource
import sys
import traceback
from contextlib import suppress
from types import TracebackType

from archiver.compose.redaction import redacted

_PR_SET_DUMPABLE = 4


def harden() -> None:
    """For the rest of this process, and of those that it starts."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump holds every key
    with suppress(OSError, AttributeError):  # not on every kernel; without it other processes of this user can look in
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    sys.excepthook = _last_words


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """The traceback of what nobody foresaw, without values of variables, and without any secret that was used."""
    sys.stderr.write(redacted("".join(traceback.format_exception(kind, error, trace))))

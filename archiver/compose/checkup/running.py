"""One look at a time, each to its end or to its time: none that fails or hangs keeps the others from being taken."""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

from archiver.compose.checkup.values import FAILED, OK, Check, Checkup, Look
from archiver.errors import ArchiverError, ConfigError, Unavailable

_END = None


def taken(name: str, look: Look, checkup: Checkup) -> Iterator[Check]:
    """What `look` finds, as it finds it; that it failed, or took longer than it may, is a check called `name`.

    A look that hangs is left behind in its thread, which ends with the program.
    """
    found: SimpleQueue[Check | None] = SimpleQueue()

    def work() -> None:
        try:
            for check in look(checkup):
                found.put(check)
        except (ArchiverError, OSError) as error:
            found.put(refused(name, error, checkup))
        except Exception as error:  # a defect of one look must not hide what the others find
            found.put(_unforeseen(name, error, checkup))
        finally:
            found.put(_END)

    Thread(target=work, name=f"doctor {name}", daemon=True).start()
    until = monotonic() + checkup.seconds
    while True:
        try:
            check = found.get(timeout=max(0.0, until - monotonic()))
        except Empty:
            text = checkup.say("cut", seconds=checkup.seconds)
            yield Check(name, FAILED, checkup.say("unforeseen.looked"), text, checkup.longer)
            return
        if check is _END:
            return
        yield check


def tried(checkup: Checkup, name: str, looked: str, look: Callable[[], str], *, next: str = "") -> Check:
    """What `look` says that it found, or why it found nothing; `next` is what mends that, if there is one thing."""
    try:
        return Check(name, OK, looked, look())
    except (ArchiverError, OSError) as error:
        found = refused(name, error, checkup)
        return replace(found, looked=looked, next=next or found.next)


def refused(name: str, error: ArchiverError | OSError, checkup: Checkup) -> Check:
    """A check that failed with this error: what the configuration causes is mended there, the rest is tried again."""
    way = checkup.edit if isinstance(error, ConfigError) else ""
    if isinstance(error, Unavailable | OSError):
        way = checkup.command("doctor")
    return Check(name, FAILED, checkup.say("unforeseen.looked"), str(error), way)


def mended(check: Check, checkup: Checkup) -> Check:
    """The check, once what is harmless was done; why it was not, if that failed."""
    if check.mend is None or check.state == OK:
        return check
    try:
        return replace(check, state=OK, mended=check.mend(), next="", mend=None)
    except (ArchiverError, OSError) as error:
        return replace(check, found=checkup.say("unmended", found=check.found, reason=error), mend=None)


def _unforeseen(name: str, error: Exception, checkup: Checkup) -> Check:
    """Where it broke off: never what the error says, which may hold anything."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__}, {Path(last.filename).name}:{last.lineno}"
    return Check(name, FAILED, checkup.say("unforeseen.looked"), checkup.say("unforeseen", error=where))

"""The steps of a night, one after the other: what stops one does not stop the next.

Nothing depends on what came before but by what lies in the archive: `seal` covers what `ingest` brought, `replicate`
copies what `seal` wrote, and each finds the rest where the last night left it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archiver.errors import ArchiverError, Unavailable, of_the_system, unforeseen
from archiver.nightly.discreet import Discreet
from archiver.nightly.values import Alert, Done, Failure, Step, code_of

_LOOK = {"ingest": "archiver doctor", "alarms": "archiver status"}


@dataclass(frozen=True, slots=True)
class Task:
    """One step to be done, by its name."""

    name: str
    work: Callable[[], Done]


@dataclass(slots=True)
class Heard:
    """What the steps told on their way, for people."""

    alerts: list[Alert] = field(default_factory=list)
    interrupted: bool = False


def run(
    tasks: Sequence[Task],
    *,
    clock: Callable[[], datetime],
    discreet: Discreet,
    heard: Heard,
    begun: Callable[[str], object] = lambda name: None,
    foreign: Callable[[str, Exception], object] = lambda name, error: None,
) -> Iterator[Step]:
    """Does them in this order; each step when it is over.

    An interruption (KeyboardInterrupt) ends the step under way, and those after it are skipped. `begun` hears the name
    of each step, `foreign` of errors that nobody foresaw: these are faults of the program, and stop only their step.
    """
    for task in tasks:
        if heard.interrupted:
            yield Step.skipped(task.name)
            continue
        begun(task.name)
        since = clock()
        try:
            done = task.work()
        except KeyboardInterrupt:
            heard.interrupted = True
            reason = "interrotto, la prossima notte riprende da qui (interrupted, the next night goes on)"
            yield _stopped(task.name, since, clock(), Unavailable(reason), discreet)
        except ArchiverError as error:
            yield _stopped(task.name, since, clock(), error, discreet)
        except OSError as error:
            yield _stopped(task.name, since, clock(), of_the_system(error), discreet)
        except Exception as error:  # whatever it is, the other steps have nothing to do with it
            foreign(task.name, error)
            yield _stopped(task.name, since, clock(), unforeseen(error), discreet)
        else:
            heard.alerts += done.alerts
            yield Step.ended(task.name, _seconds(since, clock()), done)


def attempted(
    task: Task, *, discreet: Discreet, foreign: Callable[[str, Exception], object] = lambda name, error: None
) -> Done:
    """A part of a step, done or failed as a whole; an interruption is left to whoever calls."""
    try:
        return task.work()
    except ArchiverError as error:
        failure = _failure(task.name, error, discreet)
    except OSError as error:
        failure = _failure(task.name, of_the_system(error), discreet)
    except Exception as error:  # whatever it is, the other parts have nothing to do with it
        foreign(task.name, error)
        failure = _failure(task.name, unforeseen(error), discreet)
    return Done(failures=(failure,), code=failure.code)


def _stopped(name: str, since: datetime, now: datetime, error: ArchiverError, discreet: Discreet) -> Step:
    return Step.stopped(name, _seconds(since, now), _failure(name, error, discreet))


def _failure(name: str, error: ArchiverError, discreet: Discreet) -> Failure:
    return Failure(name, discreet(str(error)), code_of(error), _LOOK.get(name, f"archiver {name}"))


def _seconds(since: datetime, now: datetime) -> float:
    """The clock may be set under way."""
    return max(0.0, (now - since).total_seconds())

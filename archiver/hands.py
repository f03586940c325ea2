"""Processes beside this one, each at the end of a line, with which it ends; and tasks for several of them.

They begin as copies of this process (fork), so nothing is read or imported twice; no connection is shared, since each
opens its own. The key is used here alone: a signing device does not survive a fork, and a person is asked once.
"""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from archiver.errors import ArchiverError, Unavailable, of_the_system, unforeseen

Seal = Callable[[bytes], bytes]
Task = TypeVar("Task")
Result = TypeVar("Result")

_CLOSED = (EOFError, BrokenPipeError, ConnectionResetError)
PATIENCE = 2.0
"""Seconds that a process has to end when its line is closed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """News: these octets are to be sealed; the answer is the sealed ones."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class _Done:
    """News: the task is done, or has failed."""

    result: Any
    failure: ArchiverError | None = None


@dataclass(slots=True)
class Beside:
    """A process, seen from here."""

    process: BaseProcess
    line: "Connection[Any, Any]"


@dataclass(slots=True)
class _Hand:
    """One process, and the task that it has."""

    beside: Beside
    task: Any = None

    @property
    def line(self) -> "Connection[Any, Any]":
        return self.beside.line


def begin(labour: Callable[..., None], *given: Any, others: Sequence[Beside] = ()) -> Beside:
    """Has another process do `labour` with its end of the line and `given`; `others` have been begun before.

    It begins anew (spawn) beside threads of this one: a copy could wait for ever for a lock that one of them held.
    What is given must then be such as can be pickled.
    """
    copied = copies()
    context: Any = get_context("fork" if copied else "spawn")
    ours, theirs = context.Pipe()
    foreign = [other.line for other in others] + [ours] if copied else []
    process = context.Process(target=_run, args=(theirs, foreign, labour, *given), daemon=True)
    process.start()
    theirs.close()
    return Beside(process, ours)


def end(all_of_them: Iterable[Beside]) -> None:
    """Closes the lines; what does not end with its line is terminated: it waits for a server."""
    ending = list(all_of_them)
    for beside in ending:
        beside.line.close()
    for beside in ending:
        beside.process.join(PATIENCE)
        if beside.process.is_alive():
            beside.process.terminate()
            beside.process.join()


def copies() -> bool:
    """Whether processes that are begun now are copies of this one."""
    return threading.active_count() == 1


def cores() -> int:
    """On how many cores this process may run."""
    return len(os.sched_getaffinity(0))


def usual() -> int:
    """How many processes share a work unless somebody says otherwise."""
    return min(4, cores())


class Hands(Generic[Task, Result]):
    """So many processes; `furnish` makes, in each, what does a task, with a seal that asks here for `seal`'s."""

    def __init__(self, furnish: Callable[[Seal], Callable[[Task], Result]], size: int, *, seal: Seal | None) -> None:
        self._furnish = furnish
        self._size = size
        self._seal = seal

    def work(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
        """Does all tasks, begun in their order; each with what came of it, as it comes.

        Raises the first failure of a task or a seal, and Unavailable when a process has ended. Beside threads of this
        process, of which no copy can be made, it does them itself.
        """
        if not copies():
            alone = self._furnish(self._seal or bytes)
            yield from ((task, alone(task)) for task in tasks)
            return
        waiting = deque(tasks)
        hands: list[_Hand] = []
        try:
            for _ in range(min(self._size, len(waiting))):
                others = [hand.beside for hand in hands]
                hands.append(_Hand(begin(_labour, self._furnish, others=others)))
                self._give(hands[-1], waiting)
            while busy := [hand for hand in hands if hand.task is not None]:
                ready = wait([hand.line for hand in busy])
                for hand in busy:
                    if hand.line in ready:
                        yield from self._heard(hand, waiting)
        finally:
            end(hand.beside for hand in hands)

    def _give(self, hand: _Hand, waiting: "deque[Task]") -> None:
        hand.task = waiting.popleft() if waiting else None
        if hand.task is not None:
            hand.line.send(hand.task)

    def _heard(self, hand: _Hand, waiting: "deque[Task]") -> Iterator[tuple[Task, Result]]:
        try:
            news = hand.line.recv()
            if isinstance(news, _Asked):
                hand.line.send(self._seal(news.octets) if self._seal else news.octets)
                return
            if news.failure:
                raise news.failure
            done = hand.task
            self._give(hand, waiting)
        except (EOFError, OSError) as error:
            process = hand.beside.process
            process.join(PATIENCE)
            raise Unavailable(
                f"un processo è terminato (codice {process.exitcode}): ripetere; quanto è finito resta"
                " (a process has ended: run again)"
            ) from error
        yield done, news.result


def _run(
    line: "Connection[Any, Any]", foreign: "list[Connection[Any, Any]]", labour: Callable[..., None], *given: Any
) -> None:
    """The other side. It ends with its line, which nobody else may hold open."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began this process ends it, by closing the line
    for other in foreign:
        other.close()
    try:
        labour(line, *given)
    except _CLOSED:
        pass
    except Exception as error:  # its own words may hold anything: its kind and its place are said
        sys.exit(str(unforeseen(error)))


def _labour(line: "Connection[Any, Any]", furnish: Callable[[Seal], Callable[[Any], Any]]) -> None:
    def seal(octets: bytes) -> bytes:
        line.send(_Asked(octets))
        return bytes(line.recv())

    work = furnish(seal)
    while True:
        task = line.recv()
        try:
            done = _Done(work(task))
        except ArchiverError as error:
            done = _Done(None, error)
        except _CLOSED:
            raise
        except OSError as error:
            done = _Done(None, of_the_system(error))
        except Exception as error:  # a fault of the program: said here, it would come with its traceback
            done = _Done(None, unforeseen(error))
        line.send(done)

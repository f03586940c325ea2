"""Several processes that each do one task at a time; this one hands out, and puts the seals.

They begin as copies of this process (fork), so nothing is read or imported twice; no connection is shared, since each
opens its own. The key is used here alone: a signing device does not survive a fork, and a person is asked once.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from archiver.errors import ArchiverError, Unavailable

Seal = Callable[[bytes], bytes]
Task = TypeVar("Task")
Result = TypeVar("Result")

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
class _Hand:
    """One process, seen from here, and the task that it has."""

    process: BaseProcess
    line: "Connection[Any, Any]"
    task: Any = None


def cores() -> int:
    """On how many cores this process may run."""
    return len(os.sched_getaffinity(0))


class Hands(Generic[Task, Result]):
    """So many processes; `furnish` makes, in each, what does a task, with a seal that asks here for `seal`'s."""

    def __init__(self, furnish: Callable[[Seal], Callable[[Task], Result]], size: int, *, seal: Seal | None) -> None:
        self._furnish = furnish
        self._size = size
        self._seal = seal

    def work(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Result]]:
        """Does all tasks, begun in their order; each with what came of it, as it comes.

        Raises the first failure of a task or a seal, and Unavailable when a process has ended.
        """
        waiting = deque(tasks)
        hands: list[_Hand] = []
        try:
            for _ in range(min(self._size, len(waiting))):
                hands.append(self._hire([hand.line for hand in hands]))
                self._give(hands[-1], waiting)
            while busy := [hand for hand in hands if hand.task is not None]:
                ready = wait([hand.line for hand in busy])
                for hand in busy:
                    if hand.line in ready:
                        yield from self._heard(hand, waiting)
        finally:
            for hand in hands:
                hand.line.close()
            for hand in hands:
                hand.process.join(PATIENCE)
                if hand.process.is_alive():
                    hand.process.terminate()
                    hand.process.join()

    def _hire(self, others: "list[Connection[Any, Any]]") -> _Hand:
        context = get_context("fork")
        ours, theirs = context.Pipe()
        process = context.Process(target=_labour, args=(theirs, [*others, ours], self._furnish), daemon=True)
        process.start()
        theirs.close()
        return _Hand(process, ours)

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
            hand.process.join(PATIENCE)
            raise Unavailable(
                f"un processo è terminato (codice {hand.process.exitcode}): ripetere; quanto è finito resta"
                " (a process has ended: run again)"
            ) from error
        yield done, news.result


def _labour(
    line: "Connection[Any, Any]", others: "list[Connection[Any, Any]]", furnish: Callable[[Seal], Callable[[Any], Any]]
) -> None:
    """The other side. It ends with its line, which nobody else may hold open."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in others:
        other.close()

    def seal(octets: bytes) -> bytes:
        line.send(_Asked(octets))
        return bytes(line.recv())

    try:
        work = furnish(seal)
        while True:
            task = line.recv()
            try:
                done = _Done(work(task))
            except ArchiverError as error:
                done = _Done(None, error)
            line.send(done)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass

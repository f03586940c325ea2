"""Volumes drafted and judged by processes beside this one, each volume whole; what came of them, in their order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from archiver.hands import Hands, copies
from archiver.seal.values import Sealing

Task = TypeVar("Task")
Result = TypeVar("Result")

WORTH = 500
"""Messages from which another process is worth its beginning."""


def each(
    work: Sealing, do: Callable[[Task, Sealing], Result], tasks: Sequence[Task], *, messages: int
) -> Iterator[Result]:
    """What `do`, which only reads, makes of each task, here or in as many processes as `work` says.

    `messages` is how many there are in all. Raises the first failure, and Unavailable when a process has ended.
    """
    apart = work.apart
    if apart is None or min(work.jobs, len(tasks)) < 2 or messages < WORTH or not copies():
        yield from (do(task, work) for task in tasks)
        return

    def furnish(_: object) -> Callable[[int], Result]:
        store, catalog = apart()
        here = replace(work, store=store, catalog=catalog, jobs=1)
        return lambda number: do(tasks[number], here)

    early: dict[int, Result] = {}
    turn = 0
    for number, result in Hands(furnish, work.jobs, seal=None).work(range(len(tasks))):
        early[number] = result
        while turn in early:
            yield early.pop(turn)
            turn += 1

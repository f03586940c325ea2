"""How messages arrive: written one after the other, each at its time, late, shuffled or twice; few are held at once."""

import hashlib
import heapq
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from simulator.plan import Plan
from simulator.story import SPAN, Turn
from simulator.tale import Conversation, Draft

WINDOW = 2_000  # a shuffled message arrives among about so many
HELD = 64 << 20  # octets that may wait for their time


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it lies in a folder of a mailbox, and what it truly is; `at` is the event's time.

    Identifiers are without angle brackets, empty when absent; `sha256` is of `raw`, in hex. `arrived` never goes back.
    """

    raw: bytes
    sha256: str
    kind: str
    at: datetime
    arrived: datetime
    author: str
    mailbox: str
    folder: str
    message_id: str = ""
    identificativo: str = ""


class Witness(Protocol):
    """Who is told what a conversation became: one row of digests for each chapter."""

    def noted(self, conversation: Conversation, digests: list[list[str]]) -> None: ...


def arriving(turns: Iterable[Turn], plan: Plan, witness: Witness) -> Iterator[Message]:
    """Every message of the conversations in the order in which they arrive."""
    queue = _Queue()
    dice = random.Random(f"{plan.seed}/arrivi")
    spread = int(min(SPAN, SPAN * WINDOW / plan.messages).total_seconds()) if plan.shuffle else 0
    for turn in turns:
        yield from queue.until(turn.begins)
        digests: list[list[str]] = []
        for chapter in turn.conversation.chapters:
            digests.append([])
            for draft in chapter.drafts:
                for message in written(draft, turn.reuse):
                    digests[-1].append(message.sha256)
                    queue.put(_later(message, dice.randrange(spread)) if spread else message)
                yield from queue.overflow()
        witness.noted(turn.conversation, digests)
    yield from queue.until(None)


def written(draft: Draft, reuse: int) -> Iterator[Message]:
    """A draft's copies, octet for octet, then the same signed part under other outer headers: the same event again."""
    raw = draft.write()
    first = _message(draft, raw)
    for _ in range(draft.copies):
        yield first
    for number in range(2, (reuse if draft.certified else 1) + 1):
        again = b"X-Pecsim-Riuso: %d\r\n" % number + raw  # no signature covers the headers of the message
        yield _message(draft, again)


def _later(message: Message, seconds: int) -> Message:
    return replace(message, arrived=message.arrived + timedelta(seconds=seconds))


def _message(draft: Draft, raw: bytes) -> Message:
    return Message(
        raw=raw,
        sha256=hashlib.sha256(raw).hexdigest(),
        kind=draft.kind,
        at=draft.at,
        arrived=draft.at + draft.delay,
        author=draft.author,
        mailbox=draft.mailbox,
        folder=draft.folder,
        message_id=draft.message_id,
        identificativo=draft.identificativo,
    )


class _Queue:
    """Messages that wait for their time of arrival."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Message]] = []
        self._count = self._octets = 0
        self._last: datetime | None = None

    def put(self, message: Message) -> None:
        self._count += 1
        self._octets += len(message.raw)
        heapq.heappush(self._waiting, (message.arrived, self._count, message))

    def until(self, moment: datetime | None) -> Iterator[Message]:
        """All that arrive up to then; None for all."""
        while self._waiting and (moment is None or self._waiting[0][0] <= moment):
            yield self._next()

    def overflow(self) -> Iterator[Message]:
        """The next ones, while too much is held."""
        while self._octets > HELD:
            yield self._next()

    def _next(self) -> Message:
        _, _, message = heapq.heappop(self._waiting)
        self._octets -= len(message.raw)
        self._last = max(message.arrived, self._last or message.arrived)
        return message if message.arrived == self._last else replace(message, arrived=self._last)

"""Several processes that fetch, read and pack, each over its own connection; this one decides, writes and records.

Between them go orders and news, in order: a share to fetch, what of a chunk is wanted, "pack all that you have"; and
back what a chunk holds, a segment that is in the store, that all is packed, that a share is done.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection, wait
from select import POLLOUT, poll

from archiver.errors import Absent, ArchiverError, Unavailable
from archiver.hands import Beside, begin, end
from archiver.ingest.chunk import Chunk, Heard, Stream, pack
from archiver.ingest.packer import Packed, Packer
from archiver.ingest.watch import Share, Watch
from archiver.ports import Mailbox

Furnish = Callable[[datetime], tuple[Mailbox, Packer]]
"""Makes, in another process, a connection of its own and a packer for the poll of that moment. It can be pickled."""

SHARES = 2
"""So many are given to each: the next is there before the first is done. Twice as many while a rapporto is written."""

AHEAD_BYTES = 24 << 20
"""What one process may have read ahead of the decisions about it."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An order: which messages of the oldest undecided chunk are wanted."""

    which: list[bool]


@dataclass(frozen=True, slots=True)
class _Flush:
    """An order: put all that is packed into the store."""


@dataclass(frozen=True, slots=True)
class _Flushed:
    """News: that is done, or the store has failed."""

    failure: ArchiverError | None


@dataclass(frozen=True, slots=True)
class _Done:
    """News: the share was fetched, or failed."""

    failure: ArchiverError | None


@dataclass(slots=True)
class _Hand:
    """One process, seen from here."""

    beside: Beside
    shares: deque[Share] = field(default_factory=deque)
    flushing: bool = False

    @property
    def line(self) -> "Connection[object, object]":
        return self.beside.line


class Crew:
    """So many processes, started when there is work and ended with it."""

    def __init__(self, furnish: Furnish, size: int) -> None:
        self._furnish = furnish
        self._size = size

    def fetch(self, shares: Iterable[Share], watch: Watch, progress: Callable[[int], None]) -> None:
        """Fetches all shares, and closes the poll's rapporti. A failure is left in `watch`."""
        waiting = deque(shares)
        hands: list[_Hand] = []
        try:
            for _ in range(min(self._size, len(waiting))):
                others = [hand.beside for hand in hands]
                hands.append(_Hand(begin(_labour, self._furnish, watch.at, others=others)))
            _Work(hands, waiting, watch, progress).finish()
        finally:
            end(hand.beside for hand in hands)


class _Work:
    """The side of the crew that decides."""

    def __init__(
        self, hands: list[_Hand], waiting: deque[Share], watch: Watch, progress: Callable[[int], None]
    ) -> None:
        self._hands = list(hands)
        self._waiting = waiting
        self._watch = watch
        self._progress = progress
        self._done = 0
        self._early: list[Packed] = []

    def finish(self) -> None:
        """Hands out all shares, and hears all news."""
        for hand in self._hands:
            self._give(hand, SHARES)
        while any(hand.shares or hand.flushing for hand in self._hands):
            self._listen()
        self._flush()
        while self._flushing:
            self._listen()
        if not self._hands:
            self._watch.desk.close()

    def _give(self, hand: _Hand, most: int) -> None:
        while self._waiting and not self._watch.failure and len(hand.shares) < most:
            hand.shares.append(self._waiting.popleft())
            self._tell(hand, hand.shares[-1])

    def _listen(self) -> None:
        for line in wait([hand.line for hand in self._hands]):
            hand = next((hand for hand in self._hands if hand.line is line), None)
            if hand:
                self._hear(hand)

    def _hear(self, hand: _Hand) -> None:
        try:
            news = hand.line.recv()
        except (EOFError, OSError):
            self._lost(hand)
            return
        match news:
            case Heard():
                self._done += news.total
                self._tell(hand, _Wanted(self._watch.hear(hand.shares[0].folder, news)))
                self._progress(self._done)
                if not self._flushing and self._watch.desk.turn():
                    self._flush()
            case Packed() if self._flushing and not hand.flushing:
                self._early.append(news)  # wanted after the turn: belongs to the next rapporto
            case Packed():
                self._watch.accept(news)
            case _Flushed():
                hand.flushing = False
                if news.failure:
                    self._fail(news.failure)
                self._turned()
            case _Done():
                self._finished(hand, news.failure)

    @property
    def _flushing(self) -> bool:
        return any(hand.flushing for hand in self._hands)

    def _flush(self) -> None:
        """Has all put what they have packed; when all have, the rapporto is written."""
        for hand in list(self._hands):
            self._give(hand, 2 * SHARES)
            hand.flushing = True
            self._tell(hand, _Flush())

    def _turned(self) -> None:
        if not self._flushing:
            self._watch.desk.close()
            early, self._early = self._early, []
            for packed in early:
                self._watch.accept(packed)

    def _finished(self, hand: _Hand, failure: ArchiverError | None) -> None:
        share = hand.shares.popleft()
        if isinstance(failure, Absent):
            self._watch.broken(share.folder.name, failure)
            self._waiting = deque(other for other in self._waiting if other.folder.name != share.folder.name)
        elif failure:
            self._fail(failure)
        self._give(hand, SHARES)

    def _tell(self, hand: _Hand, order: object) -> None:
        try:
            hand.line.send(order)
        except OSError:
            pass  # it has ended: the next news from it says so

    def _lost(self, hand: _Hand) -> None:
        """A process has ended: what it had not put into the store will be fetched again by the next run."""
        self._hands.remove(hand)
        process = hand.beside.process
        process.join()
        self._fail(
            Unavailable(
                f"un processo di lettura è terminato (codice {process.exitcode}): ripetere; quanto già in archivio"
                " resta (a fetching process has ended: run again)"
            )
        )
        if hand.flushing:
            self._turned()

    def _fail(self, failure: ArchiverError) -> None:
        if not isinstance(failure, Unavailable):
            raise failure
        self._watch.failure = self._watch.failure or failure


def _labour(line: "Connection[object, object]", furnish: Furnish, at: datetime) -> None:
    """The other side: fetches what it is told to, and packs what is wanted of it."""
    mailbox, packer = furnish(at)
    _Labour(line, mailbox, packer).work()


class _Labour:
    """One pair of hands."""

    def __init__(self, line: "Connection[object, object]", mailbox: Mailbox, packer: Packer) -> None:
        self._line = line
        self._mailbox = mailbox
        self._packer = packer
        self._shares: deque[Share] = deque()
        self._undecided: deque[Chunk] = deque()
        self._unsaid: deque[object] = deque()
        self._ear = poll()
        self._ear.register(line.fileno(), POLLOUT)
        self._failure: ArchiverError | None = None

    def work(self) -> None:
        """Obeys until the line is closed."""
        while True:
            self._obey()
            while self._shares:
                self._say(_Done(self._fetch(self._shares.popleft())))

    def _fetch(self, share: Share) -> ArchiverError | None:
        stream = Stream(share.fetch(self._mailbox))
        for chunk in stream:
            self._undecided.append(chunk)
            self._say(chunk.heard)
            del chunk
            while self._undecided and (self._ahead > AHEAD_BYTES or self._line.poll()):
                self._obey()
        return self._failure or stream.failure

    @property
    def _ahead(self) -> int:
        return sum(chunk.size for chunk in self._undecided)

    def _obey(self) -> None:
        """One order. Until it comes, while a rapporto is written say, what has been fetched is read: most is wanted."""
        while not self._line.poll():
            if any(chunk.read_on(self._packer) for chunk in self._undecided):
                self._speak()
            elif self._unsaid:
                self._line.send(self._unsaid.popleft())
            else:
                break
        order = self._line.recv()
        match order:
            case Share():
                self._shares.append(order)
            case _Wanted():
                self._send(pack(self._undecided.popleft(), order.which, self._packer))
            case _Flush():
                self._send(self._packer.flush())
                self._say(_Flushed(self._failure))

    def _send(self, packed: Iterator[Packed]) -> None:
        """What is in the store now. A store that fails is said with the share."""
        try:
            for segment in packed:
                self._say(segment)
        except ArchiverError as error:
            self._failure = self._failure or error

    def _say(self, news: object) -> None:
        """News. While a rapporto is written nobody hears: a line that is full would hold up whoever speaks."""
        self._unsaid.append(news)
        self._speak()

    def _speak(self) -> None:
        while self._unsaid and self._ear.poll(0):
            self._line.send(self._unsaid.popleft())

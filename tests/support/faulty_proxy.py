"""A wire that fails, for tests: hands on octets between two ends, and does one kind of harm to them when told to.

    with FaultyProxy(gateway_port) as proxy:
        proxy.trouble(Trouble(Harm.CUT, after=2_000, times=3))     # three connections are cut
        ...
        proxy.heal()

It reads nothing of what is said, so TLS passes as it is; only harms that answer by themselves want plain HTTP. It
listens on `proxy.port` of 127.0.0.1, one thread a connection; `proxy.struck` counts what was harmed.
"""

import re
import select
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from random import Random

ADDRESS = "127.0.0.1"
ALWAYS = 1 << 30
"""Until it is healed."""

_REQUEST = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) \S+ HTTP/1\.1\r\n")
_QUIET = 0.02
"""Seconds without a word, after which a request is taken to have been said."""


class Harm(Enum):
    """What happens at the octet in question; those before it still arrive."""

    CUT = "cut"  # the connection is reset
    TRUNCATE = "truncate"  # the connection ends in good order, as if all had been said
    DELAY = "delay"  # nothing more comes for `seconds`, then all goes on
    REFUSE = "refuse"  # nobody listens
    ERROR_500 = "error-500"  # the answer is one of the server's own making: it failed,
    BUSY_503 = "busy-503"  # it has no time,
    SLOW_DOWN = "slow-down"  # or it is asked too often


WIRE = (Harm.CUT, Harm.TRUNCATE, Harm.DELAY, Harm.REFUSE)
"""What can happen to any protocol."""
HTTP = (Harm.ERROR_500, Harm.BUSY_503, Harm.SLOW_DOWN)
"""What only a server of HTTP says."""
_ANSWERS = {
    Harm.ERROR_500: ("500 Internal Server Error", "InternalError"),
    Harm.BUSY_503: ("503 Service Unavailable", "ServiceUnavailable"),
    Harm.SLOW_DOWN: ("503 Slow Down", "SlowDown"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One harm, done `times` often: `after` so many octets of a connection, from the server or to it (`upstream`).

    Of an answer by itself, `after` counts the requests that go through first.
    """

    harm: Harm
    after: int = 0
    times: int = 1
    upstream: bool = False
    seconds: float = 0.0

    @classmethod
    def drawn(cls, dice: Random, *, http: bool, seconds: float = 1.0) -> "Trouble":
        """One by lot: most strike early, some far into a long answer, some every time."""
        harm = dice.choice((*WIRE, *HTTP) if http else WIRE)
        after = dice.randrange(12) if harm in HTTP else int(10 ** dice.uniform(0, 4.3))
        times = ALWAYS if harm is Harm.REFUSE else dice.choice((1, 1, 2, 5, ALWAYS))
        return cls(harm, after, 1 if harm is Harm.DELAY else times, dice.random() < 0.4, seconds)

    def __str__(self) -> str:
        way = "to" if self.upstream else "from"
        times = "always" if self.times == ALWAYS else f"{self.times} times"
        return f"{self.harm.value} after {self.after} {way} the server, {times}"


@dataclass
class FaultyProxy:
    """Stands before `behind`, a port of 127.0.0.1."""

    behind: int
    port: int = 0
    struck: int = 0
    connections: int = 0
    _trouble: Trouble | None = None
    _left: int = 0
    _asked: int = 0
    _ends: set[socket.socket] = field(default_factory=set)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _listener: socket.socket | None = None

    def __enter__(self) -> "FaultyProxy":
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def trouble(self, trouble: Trouble) -> None:
        """From now on; connections that stand are ended, so that what comes next meets it."""
        self.heal()
        if trouble.harm is Harm.REFUSE:
            self._close()
        self._end()
        with self._guard:
            self._trouble, self._left, self._asked = trouble, trouble.times, 0

    def heal(self) -> None:
        """All is well again."""
        with self._guard:
            self._trouble, self._left = None, 0
        if self._listener is None:
            self._open()

    def stop(self) -> None:
        """Ends every connection, and takes no more."""
        self._close()
        self._end()

    def _open(self) -> None:
        self._listener = socket.create_server((ADDRESS, self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, args=(self._listener,), daemon=True).start()

    def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _end(self) -> None:
        for end in tuple(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with suppress(OSError, ValueError), client, socket.create_connection((ADDRESS, self.behind)) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends.update((client, server))
            try:
                _Conversation(self, client, server).go_on()
            finally:
                self._ends -= {client, server}

    def due(self, *, upstream: bool) -> Trouble | None:
        """What is to happen to octets on this way, as long as there is some left of it."""
        with self._guard:
            found = self._trouble
            return found if found and self._left > 0 and found.upstream == upstream and found.harm in WIRE else None

    def strike(self, trouble: Trouble) -> bool:
        """Whether it happens now, and not somewhere else at the same time."""
        with self._guard:
            if trouble is not self._trouble or self._left <= 0:
                return False
            self._left -= 1
            self.struck += 1
            return True

    def answer(self) -> str | None:
        """What a request is told without asking the server; None: it goes through."""
        with self._guard:
            found = self._trouble
            if found is None or found.harm not in HTTP or self._left <= 0:
                return None
            self._asked += 1
            if self._asked <= found.after:
                return None
            self._left -= 1
            self.struck += 1
            return _answer(found.harm)


@dataclass
class _Conversation:
    """One connection, and how many octets went each way; `asking` when what comes next begins a request."""

    proxy: FaultyProxy
    client: socket.socket
    server: socket.socket
    counts: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    asking: bool = True

    def go_on(self) -> None:
        """Until an end has gone, or is made to."""
        while True:
            for end in select.select((self.client, self.server), (), ())[0]:
                octets = end.recv(1 << 16)
                if not octets or not self._hand_on(octets, upstream=end is self.client):
                    return

    def _hand_on(self, octets: bytes, *, upstream: bool) -> bool:
        if upstream and self.asking and _REQUEST.match(octets) and (answer := self.proxy.answer()):
            self._tell(octets, answer)
            return False
        self.asking = not upstream
        to, already = self.server if upstream else self.client, self.counts[upstream]
        self.counts[upstream] += len(octets)
        trouble = self.proxy.due(upstream=upstream)
        if trouble is None or not already <= trouble.after < already + len(octets) or not self.proxy.strike(trouble):
            to.sendall(octets)
            return True
        place = trouble.after - already
        to.sendall(octets[:place])
        return self._harm(trouble, to, octets[place:])

    def _harm(self, trouble: Trouble, to: socket.socket, rest: bytes) -> bool:
        match trouble.harm:
            case Harm.CUT:
                for end in (self.client, self.server):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            case Harm.DELAY:
                threading.Event().wait(trouble.seconds)
                to.sendall(rest)
                return True
        return False

    def _tell(self, request: bytes, answer: str) -> None:
        """The whole request is heard first, or its sender would see a connection that is reset."""
        head = request.partition(b"\r\n\r\n")[0].lower()
        while b"100-continue" not in head and select.select((self.client,), (), (), _QUIET)[0]:
            if not self.client.recv(1 << 16):
                return
        if head.startswith(b"head "):  # whose answer has no body (RFC 9110, 9.3.2)
            answer = answer.partition("\r\n\r\n")[0] + "\r\n\r\n"
        self.client.sendall(answer.encode())
        self.client.shutdown(socket.SHUT_WR)


def _answer(harm: Harm) -> str:
    status, code = _ANSWERS[harm]
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{status}</Message></Error>'
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}"
    )

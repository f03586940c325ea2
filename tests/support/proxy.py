"""A man in the middle, for tests: hands on what two ends say to each other, and at one place harms it.

    with Proxy(dovecot.tls, Tls(dovecot.home)) as proxy:          # within TLS: patterns see the plain text
        proxy.faults = [Fault(Harm.CUT, rb"BODY\\[\\] \\{(\\d)")]
    with Proxy(dovecot.tls) as proxy:                             # outside TLS: offsets into what is encrypted
        proxy.faults = [Fault(Harm.CORRUPT, 20_000)]

It listens on `proxy.port` of 127.0.0.1, one thread a connection.
"""

import re
import select
import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import TracebackType

ADDRESS = "127.0.0.1"
_BEFORE = 4096  # a pattern may begin so far back in what was handed on already
_LINE = 1 << 16


class Harm(Enum):
    """What happens at the octet in question; those before it still arrive."""

    CUT = "cut"  # the connection is reset
    TRUNCATE = "truncate"  # the connection ends in good order, as if all had been said
    CORRUPT = "corrupt"  # its lowest bit is turned over; all goes on
    DELAY = "delay"  # nothing more comes for `seconds`


@dataclass
class Fault:
    """One harm `at` an octet: so many into the connection, or the first group of a pattern (DOTALL, MULTILINE)."""

    harm: Harm
    at: bytes | int
    times: int = 1
    """So often in all, over all connections."""
    seconds: float = 0.0
    upstream: bool = False
    """From the client to the server; otherwise from the server to the client."""

    def found(self, seen: bytes, fresh: int, offset: int) -> int | None:
        """Where in `seen` it strikes, not before `fresh`; `offset` is how much came before `seen`."""
        if isinstance(self.at, int):
            place = self.at - offset
            return place if fresh <= place < len(seen) else None
        matches = re.finditer(self.at, seen, re.DOTALL | re.MULTILINE)
        return next((match.start(1) for match in matches if match.start(1) >= fresh), None)


@dataclass(frozen=True)
class Tls:
    """The folder with cert.pem and key.pem of the server behind: the proxy shows the same certificate."""

    folder: Path


@dataclass
class Proxy:
    """Stands before `port`; with `tls` it reads what is said."""

    behind: int
    tls: Tls | None = None
    faults: list[Fault] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    struck: int = 0
    """How often a fault has happened."""
    _ends: set[socket.socket] = field(default_factory=set)

    def __enter__(self) -> "Proxy":
        self._listener = socket.create_server((ADDRESS, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends every connection, and takes no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in tuple(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        server: socket.socket | None = None
        try:
            server = socket.create_connection((ADDRESS, self.behind))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                client = self._context(ssl.PROTOCOL_TLS_SERVER).wrap_socket(client, server_side=True)
                server = self._context(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(server, server_hostname="localhost")
            self._ends.update((client, server))
            self._between(client, server)
        except OSError:
            pass  # an end has gone: so does the other
        finally:
            for end in (client, server):
                if end is not None:
                    self._ends.discard(end)
                    end.close()

    def _context(self, protocol: int) -> ssl.SSLContext:
        assert self.tls
        context = ssl.SSLContext(protocol)
        if protocol == ssl.PROTOCOL_TLS_SERVER:
            context.load_cert_chain(self.tls.folder / "cert.pem", self.tls.folder / "key.pem")
        else:
            context.load_verify_locations(self.tls.folder / "cert.pem")
        return context

    def _between(self, client: socket.socket, server: socket.socket) -> None:
        ways = {server: _Way(client, upstream=False), client: _Way(server, upstream=True)}
        while True:
            for end in _readable(tuple(ways)):
                octets = end.recv(1 << 16)
                if not octets or not self._hand_on(ways[end], octets, client):
                    return

    def _hand_on(self, way: "_Way", octets: bytes, client: socket.socket) -> bool:
        """Whether it goes on. With TLS read, an unfinished line waits for its end, so that patterns see it whole."""
        way.seen += octets
        while True:
            strikes = [
                (place, fault)
                for fault in self.faults
                if fault.times > 0 and fault.upstream == way.upstream
                if (place := fault.found(bytes(way.seen), way.done, way.dropped)) is not None
            ]
            if not strikes:
                break
            place, fault = min(strikes, key=lambda strike: strike[0])
            fault.times -= 1
            self.struck += 1
            way.give(place)
            if not _strike(fault, way, client):
                return False
        rest = len(way.seen) - way.seen.rfind(b"\n") - 1 if self.tls else 0
        way.give(len(way.seen) - (rest if rest < _LINE else 0))
        return True


@dataclass
class _Way:
    """What came from one end, and how much of it was handed `to` the other."""

    to: socket.socket
    upstream: bool
    seen: bytearray = field(default_factory=bytearray)
    done: int = 0
    dropped: int = 0

    def give(self, until: int) -> None:
        if until > self.done:
            self.to.sendall(self.seen[self.done : until])
            self.done = until
        if (old := self.done - _BEFORE) > 1 << 18:
            del self.seen[:old]
            self.done, self.dropped = self.done - old, self.dropped + old


def _strike(fault: Fault, way: _Way, client: socket.socket) -> bool:
    match fault.harm:
        case Harm.CUT:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        case Harm.TRUNCATE:
            if isinstance(client, ssl.SSLSocket):
                client.settimeout(1)
                client.unwrap()
            return False
        case Harm.CORRUPT:
            way.seen[way.done] ^= 1
            way.give(way.done + 1)
        case Harm.DELAY:
            time.sleep(fault.seconds)
            way.give(way.done + 1)
    return True


def _readable(ends: tuple[socket.socket, ...]) -> list[socket.socket]:
    pending = [end for end in ends if isinstance(end, ssl.SSLSocket) and end.pending()]
    return pending or select.select(ends, [], [])[0]

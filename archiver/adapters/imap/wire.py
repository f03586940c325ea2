"""Commands and answers on a connection that imaplib has opened: several commands may be under way at once.

imaplib's own commands keep the whole answer in memory and wait for it; here answers are handed on one by one, and a
literal is copied once. Of imaplib only what it documents is used: `send`, `read`, `readline`, `shutdown`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from imaplib import IMAP4

from archiver.adapters.imap.syntax import Drained, Literal, quoted, shown
from archiver.errors import Unavailable

Take = Callable[[bytes, Sequence[Literal]], object]
"""Takes one untagged answer: its lines, literals announced in place, and the literals."""

CHATTER = 10_000
"""So many answers that nobody asked for are borne during one command."""
TEXT = 1 << 20
"""Octets of literals in the answer to a command that fetches no message."""

_ANNOUNCED = re.compile(rb"\{(\d{1,10})\+?\}\r\n\Z")
_STATUS = re.compile(rb"\* (?:OK|NO|BAD|PREAUTH|BYE)\b", re.IGNORECASE)
_CODE = re.compile(r"\[([A-Za-z0-9-]+)")
_CHUNK = 1 << 20


class Broken(Unavailable):
    """This connection cannot be used any more: cut, silent for too long, or not to be understood."""


class Refused(Broken):
    """The server said no for reasons that may pass, on a connection that stands; asked again, it may go better."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: OK, NO or BAD, and what the server said, for people."""

    status: str
    said: str

    @property
    def ok(self) -> bool:
        return self.status == "OK"

    @property
    def code(self) -> str:
        """The response code (RFC 5530), in capitals, or nothing."""
        match = _CODE.match(self.said)
        return match[1].upper() if match else ""


def nothing(text: bytes, literals: Sequence[Literal]) -> None:
    """Takes an answer, and leaves it."""


class Wire:
    """One logged-in connection to `place`."""

    def __init__(self, session: IMAP4, place: str) -> None:
        self.place = place
        self.selection: object = None
        """Whoever selected the folder that is open now."""
        self.room = TEXT
        """Octets of literals that are kept until further notice."""
        self._session = session
        self._count = 0
        self._open: set[bytes] = set()

    @property
    def idle(self) -> bool:
        """Whether every command was answered."""
        return not self._open

    def command(self, *parts: bytes | str, take: Take = nothing, room: int = TEXT, most: int = CHATTER) -> Done:
        """One command and its answers, while nothing else is under way; a `bytes` part is an argument as it is meant.

        Raises Broken.
        """
        if not self.idle:
            raise self.broken("un altro comando è in corso (another command is under way)")
        self.room = room
        pending = self._tag()
        for part in parts:
            if isinstance(part, str):
                pending += b" " + part.encode("ascii")
            elif (safe := quoted(part)) is not None:
                pending += b" " + safe
            else:
                self._write(pending + b" {%d}\r\n" % len(part))
                if (refused := self._go_ahead()) is not None:
                    return refused
                pending = part
        self._write(pending + b"\r\n")
        return self.ended(take, most)[1]

    def send(self, command: str) -> bytes:
        """Sends a command and does not wait; its tag. Its answers come with `ended`. Raises Broken."""
        tag = self._tag()
        self._write(tag + b" " + command.encode("ascii") + b"\r\n")
        return tag

    def ended(self, take: Take, most: int) -> tuple[bytes, Done]:
        """Hands each answer to `take` until the server says how some command ended: its tag, and how.

        A server may answer commands that are under way in any order, and mix their answers (RFC 3501, 5.5); Dovecot
        does. Literals beyond `room` are read and dropped; more than `most` answers are too many. Raises Broken, also
        when `take` raises ValueError.
        """
        for _ in range(most):
            line = self._line()
            if line.startswith(b"* "):
                self._hand(line, take)
                continue
            tag, _, ending = line.partition(b" ")
            if tag not in self._open or (done := _done(ending)) is None:
                raise self.garbled(line)
            self._open.remove(tag)
            return tag, done
        raise self.broken("il server non finisce di rispondere (the server's answer has no end)")

    def close(self) -> None:
        """Lets the connection go, with a word to the server if nothing is under way."""
        try:
            if self.idle:
                self._session.send(b"bye LOGOUT\r\n")
            self._session.shutdown()
        except (OSError, ValueError):
            pass  # it is gone already

    def broken(self, why: str) -> Broken:
        """The error that says why this connection is of no more use."""
        return Broken(f"{self.place}: {why}")

    def garbled(self, line: bytes) -> Broken:
        """The error for an answer that cannot be understood."""
        return self.broken(f"risposta incomprensibile (cannot be understood): {shown(line, 80)!r}")

    def _hand(self, line: bytes, take: Take) -> None:
        whole, literals = self._whole(line)
        if whole[2:5].upper() == b"BYE":
            raise self.broken(f"il server ha chiuso (the server hung up): {shown(whole[5:])}")
        try:
            take(whole, literals)
        except ValueError as error:
            raise self.garbled(whole) from error

    def _whole(self, line: bytes) -> tuple[bytes, list[Literal]]:
        """An answer with the literals in it; the texts of status answers announce none."""
        literals: list[Literal] = []
        if not line.endswith(b"}\r\n") or _STATUS.match(line):
            return line, literals
        whole = line
        while (announced := _ANNOUNCED.search(line)) is not None:
            size = int(announced[1])
            literals.append(self._octets(size) if size <= self.room else self._drain(size))
            self.room -= min(size, self.room)
            line = self._line()
            whole += line
        return whole, literals

    def _go_ahead(self) -> Done | None:
        """Waits until the server wants the literal; how the command ended, if it does not."""
        for _ in range(CHATTER):
            line = self._line()
            if line.startswith(b"+"):
                return None
            tag, _, ending = line.partition(b" ")
            if tag in self._open and (done := _done(ending)) is not None:
                self._open.remove(tag)
                return done
            if not line.startswith(b"* "):
                break
            self._hand(line, nothing)
        raise self.garbled(line)

    def _tag(self) -> bytes:
        self._count += 1
        tag = b"x%d" % self._count
        self._open.add(tag)
        return tag

    def _write(self, octets: bytes) -> None:
        try:
            self._session.send(octets)
        except (OSError, ValueError) as error:
            raise self.broken(trouble(error)) from error

    def _line(self) -> bytes:
        try:
            line: bytes = self._session.readline()
        except (OSError, ValueError, IMAP4.error) as error:
            raise self.broken(trouble(error)) from error
        if not line.endswith(b"\n"):
            raise self.broken("connessione interrotta (connection cut)")
        return line

    def _octets(self, size: int) -> bytes:
        try:
            octets: bytes = self._session.read(size)
        except (OSError, ValueError) as error:
            raise self.broken(trouble(error)) from error
        if len(octets) != size:
            raise self.broken("connessione interrotta in un messaggio (connection cut within a message)")
        return octets

    def _drain(self, size: int) -> Drained:
        while size > 0:
            size -= len(self._octets(min(size, _CHUNK)))
        return Drained()


def capabilities(wire: Wire) -> frozenset[str]:
    """What the server can do for whoever has logged in, in capitals. Raises Broken."""
    found: set[str] = set()

    def take(text: bytes, literals: Sequence[Literal]) -> None:  # noqa: ARG001  (as Take wants it)
        if text[:13].upper() == b"* CAPABILITY ":
            found.update(text[13:].decode("ascii", "replace").upper().split())

    wire.command("CAPABILITY", take=take)
    return frozenset(found)


def trouble(error: Exception) -> str:
    """What happened to a connection, for people."""
    if isinstance(error, TimeoutError):
        return "nessuna risposta entro il tempo previsto (timed out)"
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"connessione interrotta (connection lost): {shown(reason.encode())}"


def _done(ending: bytes) -> Done | None:
    status, _, said = ending.strip().partition(b" ")
    status = status.upper()
    return Done(status.decode(), shown(said)) if status in (b"OK", b"NO", b"BAD") else None

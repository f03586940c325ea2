"""An IMAP server that says what it is told to say: for what no real server can be brought to do.

Without lies it is a plain server of one mailbox, any user with the password `pw` (or the token `pw`, XOAUTH2):

    with Liar(certificate, {5: b"From: ..."}) as liar:            # a folder with cert.pem and key.pem
        liar.tells = lambda told: [told.answer.replace(b"UID 5", b"UID 6")]

`uids` and `body` may be any sequence and any function, so that a mailbox of 200,000 costs nothing.
"""

import re
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

ADDRESS = "127.0.0.1"
PASSWORD = "pw"
PLAIN = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 ESEARCH"
DATE = '"02-Nov-2026 10:11:12 +0100"'

_OCTETS = "utf-8", "surrogateescape"
_PART = re.compile(r"BODY\.PEEK\[\](?:<(\d+)\.(\d+)>)?")
_SET = re.compile(r"\d+(?::(?:\d+|\*))?(?:,\d+(?::(?:\d+|\*))?)*")


class HangUp(Exception):
    """Raised by a lie: the server closes the connection at once."""


@dataclass(frozen=True)
class Told:
    """One answer to a FETCH as an honest server would give it."""

    uid: int
    command: str
    answer: bytes

    @property
    def body(self) -> bool:
        """Whether the body was asked for."""
        return "BODY" in self.command


Lie = Callable[[Told], Iterable[bytes]]
"""What is sent instead of an answer to a FETCH; may raise HangUp."""


@dataclass
class Times:
    """A lie about the body of one message, told so often; then the truth."""

    uid: int
    lie: Lie
    times: int = 1_000_000

    def __call__(self, told: Told) -> Iterable[bytes]:
        if told.uid == self.uid and told.body and self.times:
            self.times -= 1
            return self.lie(told)
        return [told.answer]


def hanging_up(told: Told) -> Iterable[bytes]:
    """Closes the connection instead of answering."""
    raise HangUp


class Liar:
    """The server. Its lies may be changed at any time; `heard` is every command without its tag, in order."""

    def __init__(self, certificate: Path, messages: Mapping[int, bytes] | None = None) -> None:
        held = dict(messages or {})
        self.uids: Sequence[int] = sorted(held)
        self.body: Callable[[int], bytes] = held.__getitem__
        self.validity = 7
        self.next: int | None = None
        """UIDNEXT; None: it is not told."""
        self.capabilities = PLAIN
        self.folders: list[bytes] = [b'() "/" INBOX']
        """What follows `* LIST `, line end excluded."""
        self.tells: Lie = lambda told: [told.answer]
        self.order: Callable[[list[bytes]], list[bytes]] = lambda answers: answers
        """In which order, where there are at most 1,000."""
        self.before: Callable[[str], bytes] = lambda command: b""
        """What is sent before the answer to a command; may raise HangUp."""
        self.instead: Callable[[str, str], bytes | None] = lambda tag, command: None
        """The whole answer to a command, if not the honest one; after BYE the server hangs up."""
        self.ending = "OK done"
        """How a FETCH ends."""
        self.selecting = "OK [READ-WRITE] open"
        """How a SELECT ends."""
        self.heard: list[str] = []
        self.password = PASSWORD
        self.said = b""
        """What was last said to log in."""
        self.challenge = b""
        """A second one (base64), when the first answer is not to its liking."""
        self.opened: list[bytes] = []
        """The folders of EXAMINE and SELECT, as they were written."""
        self.port = 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def __enter__(self) -> "Liar":
        self._listener = socket.create_server((ADDRESS, 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(client, server_side=True) as secure, secure.makefile("rwb") as stream:
                stream.write(b"* OK ready\r\n")
                stream.flush()
                while line := stream.readline():
                    tag, _, command = line.decode("latin-1").strip().partition(" ")
                    self.heard.append(command)
                    for octets in self._answer(tag, command, lambda more: _asked(stream, more)):
                        stream.write(octets)
                        if octets.startswith(b"* BYE"):
                            return
                    stream.flush()
        except (OSError, HangUp):
            return

    def _answer(self, tag: str, command: str, ask: Callable[[bytes], bytes]) -> Iterator[bytes]:
        yield self.before(command)
        if (other := self.instead(tag, command)) is not None:
            yield other
            return
        ending = "OK done"
        match command.split():
            case ["CAPABILITY"]:
                yield f"* CAPABILITY {self.capabilities}\r\n".encode()
            case ["AUTHENTICATE", mechanism]:
                self.said = b64decode(ask(b""))
                right = b"auth=Bearer %b\x01\x01" if mechanism == "XOAUTH2" else b"\0%b"
                ending = "OK in" if self.said.endswith(right % self.password.encode(*_OCTETS)) else _REFUSED
                if self.challenge and ending == _REFUSED and (said := ask(self.challenge)):
                    ending = f"BAD {said!r}: an empty answer was expected"
            case ["LOGIN", *_]:
                self.said = _last(command, lambda: ask(b""))
                ending = "OK in" if self.said == self.password.encode(*_OCTETS) else _REFUSED
            case ["LIST", *_]:
                yield from (b"* LIST " + folder + b"\r\n" for folder in self.folders)
            case ["EXAMINE" | "SELECT" as verb, *_]:
                self.opened.append(_last(command, lambda: ask(b"")))
                yield from self._opened()
                ending = "OK [READ-ONLY] open" if verb == "EXAMINE" else self.selecting
            case ["UID", "EXPUNGE", which]:
                self.uids = [uid for uid in self.uids if not _within(which, uid)]
            case ["UID", "SEARCH", *_]:
                every = f" ALL {_ranges(self.uids)}" if self.uids else ""
                yield f'* ESEARCH (TAG "{tag}") UID{every}\r\n'.encode()
            case ["UID", "FETCH", which, *_]:
                yield from self._fetched(which, command)
                ending = self.ending
        yield f"{tag} {ending}\r\n".encode()

    def _opened(self) -> Iterator[bytes]:
        yield f"* {len(self.uids)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] valid\r\n".encode()
        if self.next is not None:
            yield f"* OK [UIDNEXT {self.next}] next\r\n".encode()

    def _fetched(self, which: str, command: str) -> Iterator[bytes]:
        answers: list[bytes] = []
        for position, uid in enumerate(self.uids, 1):
            if not _within(which, uid):
                continue
            try:
                for answer in self.tells(Told(uid, command, self._honest(position, uid, command))):
                    answers.append(answer)
            except HangUp:
                yield from answers
                raise
            if len(answers) > 1000:
                yield b"".join(answers)
                answers = []
        yield from self.order(answers)

    def _honest(self, position: int, uid: int, command: str) -> bytes:
        words = [f"UID {uid}"]
        if "FLAGS" in command:
            words.append(r"FLAGS (\Seen)")
        if "INTERNALDATE" in command:
            words.append(f"INTERNALDATE {DATE}")
        body = self.body(uid) if "RFC822.SIZE" in command or "BODY" in command else b""
        if "RFC822.SIZE" in command:
            words.append(f"RFC822.SIZE {len(body)}")
        answer = f"* {position} FETCH ({' '.join(words)}".encode()
        if part := _PART.search(command):
            at = "" if part[1] is None else f"<{part[1]}>"
            piece = body if part[1] is None else body[int(part[1]) :][: int(part[2])]
            answer += f" BODY[]{at} {{{len(piece)}}}\r\n".encode() + piece
        return answer + b")\r\n"


_REFUSED = "NO [AUTHENTICATIONFAILED] wrong user or password"


def _asked(stream: BinaryIO, more: bytes) -> bytes:
    """Asks the client to go on; what it says."""
    stream.write(b"+ " + more + b"\r\n")
    stream.flush()
    return stream.readline().rstrip(b"\r\n")


def _last(command: str, ask: Callable[[], bytes]) -> bytes:
    """The last argument of a command: a literal that has yet to come, a quoted string, or an atom."""
    octets = command.encode("latin-1")
    while literal := re.search(rb" \{(\d+)\}$", octets):
        octets = b"literal " + ask()
        if len(octets) - 8 == int(literal[1]):
            return octets[8:]
    quoted = re.search(rb'"((?:[^"\\]|\\.)*)"$', octets)
    return re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else octets.rsplit(b" ", 1)[-1]


def _within(which: str, uid: int) -> bool:
    if which == "1:*":
        return True
    for part in which.split(","):
        first, _, last = part.partition(":")
        if int(first) <= uid <= int(last or first):
            return True
    return False


def _ranges(uids: Sequence[int]) -> str:
    ranges: list[list[int]] = []
    for uid in uids:
        if ranges and ranges[-1][1] == uid - 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(f"{first}:{last}" for first, last in ranges)

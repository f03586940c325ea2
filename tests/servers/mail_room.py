"""A mail server that takes notices, for tests: SMTP with STARTTLS or TLS and a login, on a free port of 127.0.0.1."""

import base64
import email
import email.policy
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

USER, PASSWORD = "archivio", "smtp-segreta-4711"


@dataclass
class Room:
    """What came in, and whether it came over TLS; `refuses`: the reply to every recipient in which `refused` stands."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    refuses: str = ""
    refused: str = ""
    starttls: bool = True


class MailRoom:
    """Runs from entering to leaving; `folder` holds cert.pem and key.pem, for localhost."""

    def __init__(self, folder: Path, *, tls: bool = False, starttls: bool = True, refuses: str = "") -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.room = Room(starttls=starttls and not tls, refuses=refuses)
        room, context = self.room, self.context

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    _Session(self.request, room, context, secured=tls).hold()
                except (OSError, ValueError):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.room.port = self.server.server_address[1]

    def __enter__(self) -> Room:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self.room

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Session:
    """One connection: the few commands of RFC 5321 that a client needs."""

    def __init__(self, raw: Any, room: Room, context: ssl.SSLContext, *, secured: bool) -> None:
        self.room, self.context, self.secured = room, context, secured
        self.raw = context.wrap_socket(raw, server_side=True) if secured else raw
        self.file = self.raw.makefile("rb")
        self.known = False

    def hold(self) -> None:
        self.say("220 here")
        while line := self.file.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if verb.upper() == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"do_{verb.lower()}", self.unknown)(rest)

    def say(self, *lines: str) -> None:
        for number, line in enumerate(lines, 1):
            code, text = line[:3], line[4:]
            self.raw.sendall(f"{code}{'-' if number < len(lines) else ' '}{text}\r\n".encode())

    def unknown(self, _: str) -> None:
        self.say("500 what")

    def do_ehlo(self, _: str) -> None:
        more = ["250 STARTTLS"] if self.room.starttls and not self.secured else []
        more += ["250 AUTH PLAIN"] if self.secured else []
        self.say("250 here", *more, "250 8BITMIME")

    def do_starttls(self, _: str) -> None:
        if not self.room.starttls:
            self.unknown("")
            return
        self.say("220 go")
        self.raw = self.context.wrap_socket(self.raw, server_side=True)
        self.file, self.secured = self.raw.makefile("rb"), True

    def do_auth(self, rest: str) -> None:
        said = base64.b64decode(rest.partition(" ")[2])
        self.room.logins.append(said)
        self.known = said == f"\0{USER}\0{PASSWORD}".encode()
        self.say("235 ok" if self.known else f"535 no such login: {said.decode()}")

    def do_mail(self, _: str) -> None:
        self.say("250 ok")

    def do_rcpt(self, rest: str) -> None:
        refused = self.room.refuses and self.room.refused in rest
        self.say(f"{self.room.refuses} {rest}" if refused else "250 ok")

    def do_rset(self, _: str) -> None:
        self.say("250 ok")

    def do_data(self, _: str) -> None:
        self.say("354 go")
        lines = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        octets = b"".join(lines)
        self.room.raw.append(octets)
        found = email.message_from_bytes(octets, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.room.mails.append(found)
        self.room.secured.append(self.secured)
        self.say("250 taken")

"""A real mail server for one test: mail put into its folders, an account that reads them, everything that it shows."""

import imaplib
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.dovecot import PASSWORD, ROOT_OWNER, Dovecot

from archiver.adapters.imap import Account, ImapMailbox
from archiver.ports import Fetched, Gone, Mailbox, Unfetched
from archiver.uids import Uids

Outcome = Fetched | Unfetched | Gone
HOST = "localhost"


def letter(number: int, size: int = 200) -> bytes:
    """A message with a line MARK-number within and END-number at its end, of about `size` octets."""
    head = f"From: a@pec.example\r\nSubject: {number}\r\n\r\nMARK-{number} here\r\n".encode()
    line = b"%064d\r\n" % number
    return head + line * (max(0, size - len(head)) // len(line)) + f"END-{number}\r\n".encode()


MAIL = {uid: letter(uid) for uid in (3, 4, 7, 8, 9, 20, 21)}
"""What a lying server holds."""
VICTIM = 8
"""About which of them it lies."""


@dataclass(frozen=True)
class Server:
    """A Dovecot, and one user of it."""

    dovecot: Dovecot
    user: str
    boxes: list[ImapMailbox] = field(default_factory=list)

    def close(self) -> None:
        """Lets every connection go: Dovecot waits for them when it ends."""
        for box in self.boxes:
            box.close()

    def put(self, messages: Iterable[bytes], folder: str = "INBOX") -> list[bytes]:
        """Delivers messages; the UIDs of the first to come are 1, 2, ... in this order. They are given back."""
        held = list(messages)
        place = self.dovecot.maildir(self.user, folder)
        already = len(list((place / "cur").iterdir()))
        for number, octets in enumerate(held, already):
            (place / "cur" / f"{1_790_000_000 + number}.M{number:06d}P1.host:2,S").write_bytes(octets)
        self._hand_over()
        return held

    def account(self, **changes: Any) -> Account:
        """The account of this user."""
        settings = {"host": HOST, "port": self.dovecot.tls, "user": self.user, "ca": self.dovecot.ca}
        return Account(**({"secret": lambda: PASSWORD} | settings | changes))

    def mailbox(self, *, timeout: float = 20.0, **changes: Any) -> ImapMailbox:
        """The mailbox of this user; it does not wait between attempts."""
        self.boxes.append(mailbox(self.account(**changes), timeout=timeout))
        return self.boxes[-1]

    def client(self) -> imaplib.IMAP4_SSL:
        """Another program on the same account."""
        context = ssl.create_default_context(cafile=str(self.dovecot.ca))
        client = imaplib.IMAP4_SSL(HOST, self.dovecot.tls, ssl_context=context)
        client.login(self.user, PASSWORD)
        return client

    def everything(self, folder: str) -> tuple[Any, ...]:
        """Whatever the server shows of a folder without being changed by it, and the names of its files."""
        client = self.client()
        status = client.status(folder, "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ)")
        client.select(folder, readonly=True)
        listed = client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ)")
        client.logout()
        place = self.dovecot.home / "mail" / self.user / ("" if folder == "INBOX" else f".{folder}")
        files = sorted((path.parent.name, path.name) for part in ("cur", "new") for path in (place / part).iterdir())
        return status, listed, files

    def _hand_over(self) -> None:
        if os.geteuid() == 0:
            for path in (home := self.dovecot.home / "mail" / self.user, *home.rglob("*")):
                os.chown(path, ROOT_OWNER, ROOT_OWNER)


def mailbox(account: Account, *, timeout: float = 20.0) -> ImapMailbox:
    """The mailbox of an account; it does not wait between attempts."""
    return ImapMailbox(account, timeout=timeout, pause=lambda seconds: None)


def taken(box: Mailbox, folder: str = "INBOX", uids: Uids | None = None) -> list[Outcome]:
    """Everything in a folder, and no connection left."""
    try:
        there = box.look(folder)
        return list(box.fetch(there, there.uids if uids is None else uids))
    finally:
        box.close()


def bodies(outcomes: Iterable[Outcome]) -> dict[int, bytes]:
    """What was fetched, by UID."""
    return {outcome.uid: outcome.raw for outcome in outcomes if isinstance(outcome, Fetched)}

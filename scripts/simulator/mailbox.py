"""The three shapes of a mailbox on disk, Maildir, mbox and .eml files, all with the same octets in each message.

A Maildir has its folders beside the INBOX as Maildir++ (`.Sent`); the other two have none, and hold everything in the
order of arrival. Each mailbox (an address) has a folder of its own to lie in.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC
from pathlib import Path

from simulator.arrival import Message

INBOX = "INBOX"
UNREAD = 10  # in a Maildir, one message in ten is still in new/
_FROM_LINE = re.compile(rb"^(?=>*From )", re.MULTILINE)

Shape = Callable[[Iterable[Message], Mapping[str, Path]], Counter[str]]
"""Writes messages below the folder that their mailbox has; says how many each mailbox got."""


def write_maildir(messages: Iterable[Message], folders: Mapping[str, Path]) -> Counter[str]:
    """`folder`/mailbox/{cur,new,tmp} and `folder`/mailbox/.Sent/... The names begin with the second of arrival."""
    counts = Counter(dict.fromkeys(folders, 0))
    made: dict[tuple[str, str], Path] = {}
    for address, folder in folders.items():
        made[address, INBOX] = _maildir(folder / "mailbox", INBOX)
    for message in messages:
        counts[message.mailbox] += 1
        place = message.mailbox, message.folder
        if place not in made:
            made[place] = _maildir(folders[message.mailbox] / "mailbox", message.folder)
        count = counts[message.mailbox]
        deliver(message, made[place], count, unread=count % UNREAD == 0)
    return counts


def deliver(message: Message, maildir: Path, count: int, *, unread: bool = False) -> None:
    """One file in `cur`, or `new`, of a Maildir; `count` makes its name unique and keeps the order of arrival."""
    unique = f"{int(message.arrived.timestamp())}.M{count:08d}.pecsim"
    _write(f"{maildir}/new/{unique}" if unread else f"{maildir}/cur/{unique}:2,S", message)


def write_eml(messages: Iterable[Message], folders: Mapping[str, Path]) -> Counter[str]:
    """`folder`/mailbox/00000001.eml and so on."""
    counts = Counter(dict.fromkeys(folders, 0))
    for folder in folders.values():
        (folder / "mailbox").mkdir(parents=True)
    for message in messages:
        counts[message.mailbox] += 1
        _write(f"{folders[message.mailbox]}/mailbox/{counts[message.mailbox]:08d}.eml", message)
    return counts


def write_mbox(messages: Iterable[Message], folders: Mapping[str, Path]) -> Counter[str]:
    """`folder`/mailbox.mbox in mboxrd.

    The separators end in LF as mbox wants; the messages keep their own CRLF, and only lines like `From ` gain a `>`.
    """
    counts = Counter(dict.fromkeys(folders, 0))
    with ExitStack() as stack:
        boxes = {}
        for address, folder in folders.items():
            folder.mkdir(parents=True, exist_ok=True)
            boxes[address] = stack.enter_context((folder / "mailbox.mbox").open("wb"))
        for message in messages:
            counts[message.mailbox] += 1
            separator = f"From {message.author} {message.arrived.astimezone(UTC).ctime()}\n"
            quoted = _FROM_LINE.sub(b">", message.raw) if b"From " in message.raw else message.raw
            boxes[message.mailbox].writelines((separator.encode("ascii"), quoted, b"\n"))
    return counts


FORMATS: dict[str, Shape] = {"maildir": write_maildir, "mbox": write_mbox, "eml": write_eml}


def _maildir(root: Path, folder: str) -> Path:
    path = root if folder == INBOX else root / f".{folder}"
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    if path != root:
        (path / "maildirfolder").touch()
    return path


def _write(path: str, message: Message) -> None:
    seconds = message.arrived.timestamp()
    with open(path, "wb", buffering=0) as file:
        file.write(message.raw)
        os.utime(file.fileno(), (seconds, seconds))

"""The three shapes of a mailbox on disk, Maildir, mbox and .eml files, all with the same octets in each message."""

import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC
from pathlib import Path

from simulator.story import Message

UNREAD = 10  # in a Maildir, one message in ten is still in new/
_FROM_LINE = re.compile(rb"^(?=>*From )", re.MULTILINE)


def write_maildir(messages: Iterable[Message], folder: Path) -> int:
    """Writes `folder`/mailbox/{cur,new,tmp}; returns how many messages."""
    count = 0
    for name in ("cur", "new", "tmp"):
        (folder / "mailbox" / name).mkdir(parents=True)
    for count, message in enumerate(messages, start=1):
        unique = f"{int(message.at.timestamp())}.M{count:08d}.pecsim"
        name = f"new/{unique}" if count % UNREAD == 0 else f"cur/{unique}:2,S"
        _write(folder / "mailbox" / name, message)
    return count


def write_eml(messages: Iterable[Message], folder: Path) -> int:
    """Writes `folder`/mailbox/00000001.eml and so on; returns how many messages."""
    count = 0
    (folder / "mailbox").mkdir()
    for count, message in enumerate(messages, start=1):
        _write(folder / "mailbox" / f"{count:08d}.eml", message)
    return count


def write_mbox(messages: Iterable[Message], folder: Path) -> int:
    """Writes `folder`/mailbox.mbox in mboxrd; returns how many messages.

    The separators end in LF as mbox wants; the messages keep their own CRLF, and only lines like `From ` gain a `>`.
    """
    count = 0
    with (folder / "mailbox.mbox").open("wb") as mbox:
        for message in messages:
            count += 1
            separator = f"From {message.author} {message.at.astimezone(UTC).ctime()}\n"
            mbox.writelines((separator.encode("ascii"), _FROM_LINE.sub(b">", message.raw), b"\n"))
    return count


FORMATS: dict[str, Callable[[Iterable[Message], Path], int]] = {
    "maildir": write_maildir,
    "mbox": write_mbox,
    "eml": write_eml,
}


def _write(path: Path, message: Message) -> None:
    path.write_bytes(message.raw)
    seconds = message.at.timestamp()
    os.utime(path, (seconds, seconds))

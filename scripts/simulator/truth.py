"""The ground truth beside the mailbox, `expected.json`: what every message is, and what became of every sending.

    messages   sha256, kind, message_id (own header), identificativo (in daticert), mailbox (address), folder, in the
               order of their arrival; what arrives twice stands here twice
    dossiers   variant, message_id (the client's), identificativo (in acceptance or envelope), state, contradiction,
               recipients (address, role, state, receipt, content, at, reason), messages and related (digests)

A dossier is one sending, or one message that was received; the latter has no recipients here. The story tells what is
true of a dossier when it makes the drafts (`outcomes`); here it is only written down.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from simulator.arrival import Message
from simulator.tale import Chapter, Conversation, Fate

Recorded = dict[str, object]


class Truth:
    """Notes what is true while the messages pass by, into files in `folder`; nothing at all without one."""

    def __init__(self, mailbox: str, folder: Path | None = None) -> None:
        self.mailbox = mailbox
        self._parts = {name: _Part(folder / f".{name}.part") for name in ("messages", "dossiers")} if folder else {}
        self.variants: dict[str, int] = {}
        """How many conversations of each kind there were."""

    def passing(self, arriving: Iterable[Message]) -> Iterator[Message]:
        """The same messages, in order; each is noted before it is handed on."""
        part = self._parts.get("messages")
        for message in arriving:
            if part:
                part.add(_message(message))
            yield message

    def noted(self, conversation: Conversation, digests: list[list[str]]) -> None:
        """The dossiers of a conversation, of which these are the digests, chapter by chapter."""
        self.variants[conversation.variant] = self.variants.get(conversation.variant, 0) + 1
        part = self._parts.get("dossiers")
        for place, chapter in enumerate(conversation.chapters):
            others = [each for row in digests[:place] + digests[place + 1 :] for each in row]
            if part:
                related = others if conversation.matter else []
                part.add(_dossier(conversation.variant, chapter, digests[place], related))

    def write(self, path: Path) -> None:
        """Writes the JSON, UTF-8, one line a message and a dossier. ValueError when it had no folder for its notes."""
        if not self._parts:
            raise ValueError("this truth was told no folder, and noted nothing")
        with path.open("wb") as file:
            for number, (name, part) in enumerate(self._parts.items()):
                file.write(f'{"," if number else "{"}\n"{name}": [\n'.encode())
                part.pour(file)
                file.write(b"\n]")
            file.write(b"\n}\n")


class _Part:
    """One list of the JSON, on disk while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._empty = True

    def add(self, row: Recorded) -> None:
        self._file.write((b"" if self._empty else b",\n") + json.dumps(row).encode())
        self._empty = False

    def pour(self, file: BinaryIO) -> None:
        self._file.close()
        with self._path.open("rb") as rows:
            shutil.copyfileobj(rows, file, 1 << 20)
        self._path.unlink()


def _message(message: Message) -> Recorded:
    return {
        "sha256": message.sha256,
        "kind": message.kind,
        "message_id": message.message_id,
        "identificativo": message.identificativo,
        "mailbox": message.mailbox,
        "folder": message.folder,
    }


def _dossier(variant: str, chapter: Chapter, digests: list[str], related: list[str]) -> Recorded:
    return {
        "variant": variant,
        "message_id": chapter.message_id,
        "identificativo": chapter.identificativo,
        "state": chapter.state,
        "contradiction": chapter.contradiction,
        "recipients": [_recipient(fate) for fate in chapter.recipients],
        "messages": sorted(set(digests)),
        "related": sorted(set(related)),
    }


def _recipient(fate: Fate) -> Recorded:
    return {
        "address": fate.address,
        "role": fate.role,
        "state": fate.state,
        "receipt": fate.receipt,
        "content": fate.content,
        "at": fate.at.isoformat() if fate.at else None,
        "reason": fate.reason,
    }

"""The ground truth beside the mailbox, `expected.json`: what every message is, and what became of every sending.

    messages   sha256, kind, message_id (own header), identificativo (in daticert), mailbox (the holder's address)
    dossiers   message_id (the client's), identificativo (in acceptance or envelope), recipients: address, state

A dossier is one sent message or one received envelope; the latter has no recipients here.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from simulator.story import Message

Recorded = dict[str, object]


class Truth:
    """Gathers what is true while the messages pass by; keeps no message."""

    def __init__(self, mailbox: str) -> None:
        self._mailbox = mailbox
        self._messages: list[Recorded] = []
        self._dossiers: list[Recorded] = []

    def passing(self, conversation: Iterable[Message]) -> Iterator[Message]:
        """The same messages, in order; each is noted before it is handed on, the dossier after the last."""
        dossier: Recorded = {}
        states: dict[str, str] = {}
        for message in conversation:
            self._messages.append(self._recorded(message))
            if message.kind in ("inviato", "posta-certificata"):
                dossier = {"message_id": message.msgid, "identificativo": ""}
            if message.kind in ("accettazione", "posta-certificata"):
                dossier["identificativo"] = message.identificativo
            states.update(message.states)
            yield message
        if dossier:
            recipients = [{"address": address, "state": state} for address, state in states.items()]
            self._dossiers.append(dossier | {"recipients": recipients})

    def write(self, path: Path) -> None:
        """Writes the JSON, UTF-8, one line a message and a dossier."""
        rows = {"messages": self._messages, "dossiers": self._dossiers}
        blocks = (f'"{name}": [\n' + ",\n".join(map(json.dumps, each)) + "\n]" for name, each in rows.items())
        path.write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="utf-8")

    def _recorded(self, message: Message) -> Recorded:
        return {
            "sha256": hashlib.sha256(message.raw).hexdigest(),
            "kind": message.kind,
            "message_id": message.message_id,
            "identificativo": message.identificativo,
            "mailbox": self._mailbox,
        }

"""One message of an exhibit as page, report and machines show it; read while its bytes are at hand."""

from dataclasses import dataclass
from typing import Any

from archiver.access.exhibit.brief import calm, line
from archiver.access.exhibit.sanitised import sanitised
from archiver.access.question import stated
from archiver.digest import sha256
from archiver.pec.content import Attachment, Content, read_content
from archiver.pec.signature import read_outcomes
from archiver.submission.rows import MessageRow


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a message is shown: characters of its text, of its HTML, of each header; its .eml has it whole."""

    text: int
    html: int
    value: int


WHOLE = Room(text=500_000, html=500_000, value=5_000)
BRIEF = Room(text=4_000, html=0, value=500)
"""A receipt's: where 500 recipients were written to, each of 500 receipts lists them all."""

HEADERS = 200
"""Headers of one message that are shown."""


def view(octets: bytes, room: Room = WHOLE) -> dict[str, Any]:
    """What a message says to people: headers, text, sanitised HTML, attachments, and the message that it wraps."""
    return _view(read_content(octets), room)


def facts(row: MessageRow) -> dict[str, Any]:
    """What the archive knows of a message. `content`: the four answers on the provider's signature, at intake."""
    return {
        "sha256": row.sha256,
        "kind": row.kind,
        "date": stated(row).isoformat(),
        "received": row.received.isoformat(),
        "size": row.size,
        "subject": line(row.subject),
        "from": row.sender,
        "to": list(row.recipients),
        "message_id": row.message_id,
        "content": answers(row.content),
    }


def answers(content: str) -> dict[str, str] | None:
    """The four answers by name; None for a message that no provider signed."""
    if not content:
        return None
    names = ("integrity", "origin", "time", "algorithm")
    return {name: outcome.value for name, outcome in zip(names, read_outcomes(content), strict=True)}


def _view(content: Content, room: Room) -> dict[str, Any]:
    html = sanitised(content.html) if content.html and (room.html or not content.text) else ""
    most = room.html or room.text
    return {
        "headers": [[name, _cut(value, room.value)] for name, value in content.headers[:HEADERS]],
        "text": _cut(content.text, room.text),
        "html": html if len(html) <= most else "",
        "attachments": [_attachment(item) for item in content.attachments],
        "inner": _view(content.inner, room) if content.inner else None,
        "whole": content.whole and len(content.text) <= room.text and len(html) <= most,
    }


def _attachment(item: Attachment) -> dict[str, Any]:
    octets = item.octets
    return {"name": line(item.name), "media_type": item.media_type, "size": len(octets), "sha256": sha256(octets)}


def _cut(text: str, most: int) -> str:
    return calm(text) if len(text) <= most else f"{calm(text[: most - 1])}…"

"""What many messages came to: how many opened, and what they carry, by format and by class."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from archiver.pec.readable import formats
from archiver.pec.readable.look import Look, look


class Tally:
    """Counts over messages. One thread adds to one tally; tallies are merged."""

    def __init__(self) -> None:
        self.messages = 0
        self.headers = 0
        self.mime = 0
        self.formats: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()

    def add(self, raw: bytes) -> Look:
        """Opens one message and counts it. Never raises, whatever it holds."""
        found = look(raw)
        self.messages += 1
        self.headers += not found.headers
        self.mime += not found.mime
        for item in found.attachments:
            self.formats[item.format] += 1
            self.classes[item.readability.value] += 1
        return found

    def merge(self, other: "Tally") -> None:
        """Takes over what `other` counted."""
        self.messages += other.messages
        self.headers += other.headers
        self.mime += other.mime
        self.formats.update(other.formats)
        self.classes.update(other.classes)

    @classmethod
    def told(cls, counts: Mapping[str, Any]) -> "Tally":
        """What `as_json` tells, again."""
        found = cls()
        found.messages, found.headers, found.mime = (int(counts[name]) for name in ("messages", "headers", "mime"))
        found.formats.update(counts["formats"])
        found.classes.update(counts["classes"])
        return found

    def as_json(self) -> dict[str, Any]:
        """For machines: `headers` and `mime` count messages that did not open, `classes` has all four always."""
        return {
            "messages": self.messages,
            "headers": self.headers,
            "mime": self.mime,
            "formats": dict(sorted(self.formats.items())),
            "classes": {kind.value: self.classes[kind.value] for kind in formats.Readability},
            "table": formats.TABLE.issued.isoformat(),
        }

"""What one question over HTTP comes to: an answer, a trouble that may pass, or one that will not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from archiver.errors import Unavailable

LARGEST = 1 << 20
"""Octets of an answer that are read; a token has a few thousand."""


class Passing(Unavailable):
    """What may go better a moment later; `wait` is what the server asks for, in seconds."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


class Refused(Unavailable):
    """What will not go better by itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; of `body` no more than `LARGEST` and one octet. Headers by name, in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def wait(self) -> float | None:
        """Retry-After in seconds (RFC 9110, 10.2.3); a date counts from the answer's own."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked[:9])
        try:
            until, since = (parsedate_to_datetime(value) for value in (asked, self.headers.get("date", "")))
            return max(0.0, (until - since).total_seconds())
        except (ValueError, TypeError):
            return None

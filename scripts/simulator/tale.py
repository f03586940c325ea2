"""What a conversation leaves in the mailboxes, and what is true of it: drafts, not yet written, and their dossiers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to be written, and what it truly is.

    `message_id` is its own header, `identificativo` that in its daticert, without angle brackets, empty when absent. It
    arrives in `folder` of `mailbox` (an address) `delay` after `at`, so many `copies` of it, octet for octet. What is
    `certified` tells of one event however often it is told; anything else is another message each time.
    """

    write: Callable[[], bytes]
    kind: str
    at: datetime
    author: str
    mailbox: str
    folder: str
    message_id: str = ""
    identificativo: str = ""
    certified: bool = False
    delay: timedelta = timedelta(0)
    copies: int = 1

    def uses(self, reuse: int) -> int:
        """How many messages it becomes when certified ones are used so many times."""
        return self.copies + (reuse - 1 if self.certified else 0)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the message for one recipient; words and rules as in the readings of dossiers (20 to 23)."""

    address: str
    role: str
    state: str
    receipt: str = "none"
    content: str = "none"
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One dossier: its messages, and what they say together. What was received has no recipients here."""

    drafts: tuple[Draft, ...]
    state: str
    message_id: str = ""
    identificativo: str = ""
    recipients: tuple[Fate, ...] = ()
    contradiction: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """Chapters that follow from one another; in one `matter` each is related to all the others (reading 24)."""

    variant: str
    chapters: tuple[Chapter, ...]
    matter: bool = False

    def messages(self, reuse: int) -> int:
        """How many messages it leaves when certified ones are used so many times."""
        return sum(draft.uses(reuse) for chapter in self.chapters for draft in chapter.drafts)

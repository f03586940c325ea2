"""The archive that the tables are filled with: how much of everything, and the names that its rows have.

A poll of a mailbox brings 20 messages in one segment; 20 segments are a volume; a mailbox was polled 242 times over six
years, and its last two segments are in no volume yet. Everything lies in two stores and was read in the last 90 days.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5

from archiver.digest import Sha256

POLLS, OPEN = 242, 2
"""Of a mailbox; and those at the end that no volume has yet."""
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=2190)
LAST = FIRST + SPAN


def digest(name: str) -> Sha256:
    """As the SQL of the filling makes it: no digest of anything, but as wide and as random."""
    return Sha256(_md5(name) + _md5("b" + name))


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Shape:
    """So many `messages`: a multiple of a mailbox's; a segment has so many of them, a volume so many segments."""

    messages: int
    per_segment: int = 20
    per_volume: int = 20

    @classmethod
    def of(cls, rows: int, *, per_segment: int = 20, per_volume: int = 20) -> "Shape":
        """The next one of at least so many messages."""
        box = per_segment * POLLS
        return cls(-(-rows // box) * box, per_segment, per_volume)

    @property
    def segments(self) -> int:
        """As many as rapporti."""
        return self.messages // self.per_segment

    @property
    def boxes(self) -> int:
        """Mailboxes."""
        return self.segments // POLLS

    @property
    def volumes(self) -> int:
        """Closed ones of all mailboxes."""
        return self.boxes * ((POLLS - OPEN) // self.per_volume)

    @property
    def closed(self) -> int:
        """Segments in volumes: those before the last two polls of every mailbox."""
        return self.boxes * (POLLS - OPEN)

    @property
    def step(self) -> float:
        """Seconds from one segment to the next."""
        return SPAN.total_seconds() / self.segments

    def at(self, segment: int) -> datetime:
        """When a segment came."""
        return FIRST + timedelta(seconds=int(segment * self.step))

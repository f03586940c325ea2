"""What the catalog must forget after a destruction, and what it must remember instead."""

from dataclasses import dataclass, field

from archiver.digest import Sha256
from archiver.submission.discards import DestroyedRow, DiscardRow, TombstoneRow
from archiver.submission.rows import SegmentRow


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A segment that lost messages: `old` became `new` (None: nothing is left), in which messages lie at `offsets`."""

    old: Sha256
    mailbox: str
    new: SegmentRow | None
    offsets: dict[Sha256, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Oblivion:
    """All that a discard leaves the catalog to forget, and what it must remember instead.

    `objects` are the names of what is gone for good, and all below `folders` (with a slash at their end); `changed` of
    what has other bytes now (their digest and size). `touched` volumes lost messages, `volumes` are gone whole.
    """

    record: DiscardRow
    destroyed: tuple[DestroyedRow, ...]
    tombstones: tuple[TombstoneRow, ...]
    volumes: tuple[str, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()
    touched: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    changed: tuple[tuple[str, Sha256, int], ...] = ()

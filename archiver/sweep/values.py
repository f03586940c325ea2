"""What sweeping asks, works with and reports."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.pec.readable import Tally
from archiver.ports import ObjectStore
from archiver.submission.discards import DestroyedRow, DiscardRow
from archiver.submission.rows import (
    ActRow,
    CopyRow,
    DamageRow,
    EvidenceRow,
    MessageRow,
    ObjectRow,
    PdvRow,
    SegmentRow,
    TrustRow,
    VolumeRow,
)
from archiver.verdict import Finding, Severity, finding
from archiver.verify import Trust

FOR_EVER, WAITING = "*", ""
"""Subjects of what is kept for ever, and of what waits for its volume."""

MISSING, SIZE, DIGEST, UNREADABLE = "MISSING", "SIZE", "DIGEST", "UNREADABLE"
BEHIND, HIDDEN, OTHERS, LOCK = "BEHIND", "HIDDEN", "OTHERS", "LOCK"
MEMBERS, UNEXPECTED, UNFINISHED = "MEMBERS", "UNEXPECTED", "UNFINISHED"
DISCARDED = "DISCARDED"

GRAVE = frozenset({MISSING, SIZE, DIGEST, UNREADABLE})
"""After these the store does not have the object any more."""

LISTED = frozenset({MISSING, BEHIND, SIZE, HIDDEN, OTHERS, LOCK, UNEXPECTED, UNFINISHED, DISCARDED})
"""What a listing finds, and what is put right when the next one does not."""


class Catalog(Protocol):
    """What is promised, where it is, what is wrong with it; see `archiver.adapters.catalog.sweeping`."""

    def unpromised_segments(self, *, after: str = ..., limit: int = ...) -> list[SegmentRow]:
        """Segments whose object is not promised yet."""

    def unpromised_pdvs(self, *, after: str = ..., limit: int = ...) -> list[PdvRow]:
        """Rapporti that are not."""

    def unpromised_volumes(self, *, after: str = ..., limit: int = ...) -> list[VolumeRow]:
        """Volumes whose index is not."""

    def unpromised_trust(self, *, after: tuple[str, str, str] = ..., limit: int = ...) -> list[TrustRow]:
        """Trust material that is not."""

    def unpromised_evidence(self, *, after: tuple[str, str, str, int] = ..., limit: int = ...) -> list[EvidenceRow]:
        """Records that are not."""

    def unpromised_acts(self, *, after: tuple[str, str] = ..., limit: int = ...) -> list[ActRow]:
        """Acts that are not, behind that holder and id."""

    def unpromised_discards(self) -> list[DiscardRow]:
        """Records of destructions that are not."""

    def destroyed(self, holder: str, digests: Iterable[str]) -> dict[str, DestroyedRow]:
        """Those of these segments, metadata.zip and volumes that a discard destroyed."""

    def promise(self, new: Collection[ObjectRow]) -> None:
        """These belong to the archive."""

    def unlearned(self, *, after: str = ..., limit: int = ...) -> list[ObjectRow]:
        """Objects of which digest or size is not known yet."""

    def learned(self, row: ObjectRow) -> None:
        """It is known now."""

    def assign(self, subject: str, names: Collection[str]) -> None:
        """These are kept for this one's sake from now on."""

    def expected(self, *, after: str = ..., limit: int = ...) -> list[ObjectRow]:
        """Everything, by name."""

    def objects(self, names: Iterable[str]) -> dict[str, ObjectRow]:
        """Those of these that are promised."""

    def copies(self, store: str, names: Iterable[str]) -> dict[str, CopyRow]:
        """What is known of these in one store."""

    def note_copies(self, found: Collection[CopyRow]) -> None:
        """What is known now."""

    def uncopied(self, store: str, *, after: str = ..., limit: int = ...) -> list[ObjectRow]:
        """Never read back from this store."""

    def to_lock(self, store: str, *, after: str = ..., limit: int = ...) -> list[tuple[ObjectRow, CopyRow]]:
        """Locked for another's sake than that for which they are kept."""

    def oldest(
        self, *, before: datetime, after: tuple[datetime, str, str] | None = ..., limit: int = ...
    ) -> list[tuple[ObjectRow, CopyRow]]:
        """Not read since then, or never, the oldest first."""

    def unopened(
        self, store: str, *, before: datetime, after: tuple[datetime, str] | None = ..., limit: int = ...
    ) -> list[tuple[ObjectRow, CopyRow]]:
        """Segments whose messages nobody has opened since then, by since when and by name."""

    def unread_since(self, store: str) -> datetime | None:
        """The oldest unread."""

    def safety(self, stores: Sequence[str], copies: int) -> tuple[int, int]:
        """Messages that are safe, and that are not."""

    def damages(self, store: str = ...) -> list[DamageRow]:
        """All that is wrong."""

    def note_damages(self, seen: Collection[DamageRow]) -> None:
        """Seen now."""

    def resolve(self, gone: Collection[DamageRow]) -> None:
        """Put right."""

    def volume(self, id: str) -> VolumeRow | None:
        """The volume of this id."""

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]:
        """The records of one thing."""

    def messages_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[MessageRow]:
        """The messages in these segments."""

    def pending(self, holder: str | None = ...) -> list[SegmentRow]:
        """Segments without a volume."""


Progress = Callable[[str, int, int | None], None]
"""What is under way (`list`, `read`, `repair`), how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long something is to be locked: at least until `least`, or else it is locked again until `wanted`.

    A term whose end moves on with the years (for ever, or until a volume closes) wants more than the least.
    """

    least: datetime
    wanted: datetime

    @property
    def moves(self) -> bool:
        """Whether a lock must be made longer from time to time, though nothing was wrong with it."""
        return self.least < self.wanted


@dataclass(frozen=True, slots=True)
class Sweeping:
    """Everything that one run works with: the stores by id, the primary first; `term` is that of an object's subject.

    `copies`: on how many stores a message is safe. `trust` judges volumes member by member. `threads` read at once.
    """

    stores: Mapping[str, ObjectStore]
    catalog: Catalog
    copies: int
    term: Callable[[str], Term]
    trust: Trust
    clock: Callable[[], datetime]
    threads: int = 2

    @property
    def primary(self) -> str:
        """The store that errands read from."""
        return next(iter(self.stores))


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may read: copies not read since `before` (None: all), so many bytes, for so long (None: no end).

    `deep`: every member of every volume too, by both digests, and every message opened; else messages are opened that
    were not since `opened`.
    """

    before: datetime | None
    opened: datetime
    bytes: int | None = None
    time: timedelta | None = None
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A store that could not be worked on (to the end), and why; `passing`: it may be there again by itself."""

    store: str
    reason: str
    passing: bool = False

    def text(self, lang: str) -> str:  # noqa: ARG002  (texts of errors carry both languages)
        """The sentence for people."""
        return f"store {self.store}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Repair:
    """One object that is whole again: what was wrong, what was there (a digest, or nothing), what is there now."""

    damage: DamageRow
    before: str
    after: str
    source: str

    def as_json(self) -> dict[str, str]:
        """For machines, and for the report."""
        return {
            "store": self.damage.store,
            "name": self.damage.name,
            "code": self.damage.code,
            "before": self.before,
            "after": self.after,
            "from": self.source,
        }


@dataclass(slots=True)
class Replicated:
    """What bringing objects to replicas came to; `read` were read back, `locked` locked anew, `wrong` others."""

    copied: int = 0
    bytes: int = 0
    read: int = 0
    locked: int = 0
    safe: int = 0
    unsafe: int = 0
    wrong: list[DamageRow] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, in words."""
        return tuple(said(row) for row in self.wrong)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "copied": self.copied,
            "bytes": self.bytes,
            "read": self.read,
            "locked": self.locked,
            "safe": self.safe,
            "unsafe": self.unsafe,
            "findings": [found.as_json("en") for found in self.findings],
            "failures": [failure.text("en") for failure in self.failures],
        }


@dataclass(slots=True)
class Report:
    """What one sweep did. `objects` were read, over `bytes`; `listed` were seen in listings.

    `open` is wrong at the end, `repairs` was put right; `extended` locks for ever were made longer; `unread_since` is
    the oldest copy that nobody has read, `days` the promise.
    """

    listed: int = 0
    objects: int = 0
    bytes: int = 0
    opened: int = 0
    extended: int = 0
    open: tuple[DamageRow, ...] = ()
    repairs: list[Repair] = field(default_factory=list)
    readable: Tally = field(default_factory=Tally)
    unread_since: dict[str, datetime] = field(default_factory=dict)
    days: int = 0
    at: datetime | None = None
    safe: int = 0
    unsafe: int = 0
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)

    @property
    def damages(self) -> list[DamageRow]:
        """All that was wrong: what is, and what was repaired."""
        return [*self.open, *(repair.damage for repair in self.repairs)]

    def count(self, *codes: str) -> int:
        """How many objects, each in its store, have one of these damages."""
        return len({(row.store, row.name) for row in self.damages if row.code in codes})

    @property
    def oldest_unread_days(self) -> int:
        """Whole days since the copy that was not read for longest was read, or noted."""
        oldest = min(self.unread_since.values(), default=None)
        return 0 if oldest is None or self.at is None else max(0, (self.at - oldest).days)

    @property
    def kept(self) -> bool:
        """Whether the promise is: every object on every replica read within so many days."""
        return self.oldest_unread_days <= self.days

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is open, in words."""
        return tuple(said(row) for row in self.open)

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong, and everything was looked at that should have been."""
        grave = [found for found in self.findings if found.severity in (Severity.ERROR, Severity.DOUBT)]
        return not grave and not self.failures and self.kept

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "objects": self.objects,
            "bytes": self.bytes,
            "listed": self.listed,
            "missing": self.count(MISSING),
            "behind": self.count(BEHIND),
            "corrupt": self.count(SIZE, DIGEST, UNREADABLE, MEMBERS),
            "unexpected": self.count(UNEXPECTED),
            "discarded": self.count(DISCARDED),
            "locks": self.count(LOCK),
            "repaired": len({(repair.damage.store, repair.damage.name) for repair in self.repairs}),
            "extended": self.extended,
            "open": sum(found.severity is not Severity.INFO for found in self.findings),
            "oldest_unread_days": self.oldest_unread_days,
            "promise_days": self.days,
            "promise_kept": self.kept,
            "safe": self.safe,
            "unsafe": self.unsafe,
            "opened": self.opened,
            "readable": self.readable.as_json(),
            "repairs": [repair.as_json() for repair in self.repairs],
            "findings": [found.as_json("en") for found in self.findings],
            "failures": [failure.text("en") for failure in self.failures],
            "warnings": [found.as_json("en") for found in self.warnings],
            "reports": self.reports,
        }


def said(row: DamageRow) -> Finding:
    """A damage as a finding about the object, in its store."""
    return finding(f"SWEEP_{row.code}", f"{row.store}: {row.name}", found=row.found, since=f"{row.since:%Y-%m-%d}")

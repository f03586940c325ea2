"""What purging asks, works with and reports: every message of the server is either proven or has a reason to stay."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.ports import Folder, ObjectStore, Purgeable
from archiver.submission.rows import DamageRow, EvidenceRow, LedgerRow, MessageRow, SegmentRow, VolumeRow
from archiver.verdict import Finding, Verdict
from archiver.verify import Trust

Progress = Callable[[int, int | None], None]

SHOWN = 1000
"""So many messages are named that should have been proven and were not; the others are counted."""


class Reason(StrEnum):
    """Why a message stays on the server."""

    YOUNG = "young"  # came in too lately, to the server or to the archive
    UNDATED = "undated"  # the server does not say when it came in
    UNREAD = "unread"
    FLAGGED = "flagged"
    UNPOLLED = "unpolled"  # no poll has accounted for it
    VANISHED = "vanished"  # somebody else deleted it under way
    OPEN = "open"  # its volume is not closed
    UNCOVERED = "uncovered"  # an authority that is asked today has not covered its volume yet
    UNFETCHED = "unfetched"  # the server does not give it now
    UNKNOWN = "unknown"  # its bytes are not those of any message of the mailbox that the archive has
    DAMAGED = "damaged"  # a finding about one of its objects is open
    UNPROVEN = "unproven"  # the judge does not pass its volume
    COPIES = "copies"  # too few stores gave it back whole
    UNDELETED = "undeleted"  # it was proven, and the server has it still


GRAVE = frozenset(
    (
        Reason.UNFETCHED,
        Reason.UNKNOWN,
        Reason.DAMAGED,
        Reason.UNPROVEN,
        Reason.COPIES,
        Reason.UNDELETED,
    )
)
"""Those that somebody should look into; the others are how things are."""


class Catalog(Protocol):
    """Where messages lie, what covers them, and what is wrong."""

    def ledger(self, mailbox: str) -> list[LedgerRow]:
        """What became of every UID."""

    def places(self, mailbox: str, messages: Collection[Sha256]) -> Mapping[Sha256, tuple[MessageRow, SegmentRow]]:
        """Those of these messages that the mailbox has, each with its segment."""

    def volume(self, id: str) -> VolumeRow | None:
        """The closed volume of this id."""

    def lineages(self, subject: str, subject_id: str) -> list[str]:
        """The authorities whose records of one thing are noted."""

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]:
        """The records of one `volume` or `pdv`."""

    def damages(self) -> list[DamageRow]:
        """All that is wrong and not put right yet."""


@dataclass(frozen=True, slots=True)
class Purging:
    """Everything that one run works with: the mailbox called `mailbox` (its id) of `holder`, and the ports.

    A message must be read back from `copies` of the `stores` (by id, the primary first), and its volume have a record
    for each of `lines`. `file` keeps a report in the store: its name, and what is to be said of it.
    """

    holder: str
    mailbox: str
    server: Purgeable
    stores: Mapping[str, ObjectStore]
    copies: int
    lines: int
    catalog: Catalog
    trust: Trust
    file: Callable[[Mapping[str, Any]], tuple[str, tuple[Finding, ...]]]
    clock: Callable[[], datetime]

    @property
    def primary(self) -> ObjectStore:
        """The archive's own store."""
        return next(iter(self.stores.values()))


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to go: what is older than `before`; `unread` ones only when that is said."""

    before: datetime
    days: int
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Proven:
    """One message on the server that is not needed there: its volume, and the `stores` that gave it back `at`."""

    folder: Folder
    uid: int
    sha256: Sha256
    size: int
    volume: str
    stores: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that stays for a reason that somebody should look into."""

    folder: str
    uid: int
    reason: Reason


@dataclass(slots=True)
class Report:
    """What became of the messages that were there: `proven` of them, of which `deleted` are gone, `bytes` in all.

    `skipped` counts the others by reason, `refused` names those whose reason is grave. `folders` could not be worked
    through, `stores` did not answer, `volumes` did not pass. `certificates` are those of this run, `outcomes` tell
    what was deleted of them; all are objects in the store.
    """

    messages: int = 0
    proven: int = 0
    deleted: int = 0
    bytes: int = 0
    skipped: Counter[Reason] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    folders: list[tuple[str, str]] = field(default_factory=list)
    stores: dict[str, str] = field(default_factory=dict)
    volumes: dict[str, Verdict] = field(default_factory=dict)
    certificates: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing wants attention."""
        return not (self.folders or self.stores or any(reason in GRAVE for reason in self.skipped))

    def skip(self, reason: Reason, folder: str = "", *uids: int, count: int = 0) -> None:
        """These messages stay, or so many."""
        if number := len(uids) + count:
            self.skipped[reason] += number
        if reason in GRAVE:
            room = max(0, SHOWN - len(self.refused))
            self.refused += [Refused(folder, uid, reason) for uid in uids[:room]]

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return {
            "messages": self.messages,
            "proven": self.proven,
            "deleted": self.deleted,
            "bytes": self.bytes,
            "skipped": {reason.value: count for reason, count in sorted(self.skipped.items())},
            "refused": [{"folder": one.folder, "uid": one.uid, "reason": one.reason.value} for one in self.refused],
            "folders": [{"folder": name, "reason": reason} for name, reason in self.folders],
            "stores": [{"store": name, "reason": reason} for name, reason in self.stores.items()],
            "volumes": [
                {
                    "volume": volume,
                    "indication": verdict.indication.value,
                    "findings": [found.as_json(lang) for found in verdict.findings],
                }
                for volume, verdict in self.volumes.items()
            ],
            "certificates": list(self.certificates),
            "outcomes": list(self.outcomes),
            "warnings": [found.as_json(lang) for found in self.warnings],
        }

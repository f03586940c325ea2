"""What renewing asks, works with and reports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from archiver.chain import Material
from archiver.ports import ObjectStore
from archiver.stamping import Asked, Line
from archiver.submission.rows import EvidenceRow, NewestRow, RereadRow, TokenRow, VolumeRow
from archiver.verdict import Finding
from archiver.verify import Trust


class Catalog(Protocol):
    """Which evidence stands on which token, and what was renewed."""

    def evidence_to_read(self, *, after: tuple[str, str, str, int] = ..., limit: int = ...) -> list[EvidenceRow]:
        """Records whose newest token nobody has looked at yet, by their keys, behind `after`."""

    def note_read(self, found: Sequence[tuple[EvidenceRow, TokenRow]]) -> None:
        """What was found in them."""

    def newest_tokens(self, *, counted: bool = ...) -> list[NewestRow]:
        """Every token that is the newest of some lineage; `counted`: with how many records stand on it."""

    def counted(self, newest: NewestRow) -> NewestRow:
        """The same, with its numbers."""

    def records_on(self, newest: NewestRow, *, after: tuple[str, str] = ..., limit: int = ...) -> list[EvidenceRow]:
        """Those records, by subject and id, behind `after`."""

    def lineages(self, subject: str, subject_id: str) -> list[str]:
        """The authorities whose records one thing has."""

    def record_evidence(self, records: Sequence[EvidenceRow], tokens: Sequence[TokenRow]) -> None:
        """These records are in the store, and these are their newest tokens."""

    def reread(self, subject: str, subject_id: str) -> RereadRow | None:
        """What was read of one thing for a new tree."""

    def note_reread(self, row: RereadRow) -> None:
        """It was read now."""

    def forget_reread(self, before: datetime) -> int:
        """Forgets what is in every lineage's newest record by now, and what was read before that moment."""

    def volume(self, id: str) -> VolumeRow | None:
        """The volume of this id."""


Gather = Callable[[Sequence[bytes]], tuple[Material, tuple[Finding, ...]]]
"""Certificates, lists and OCSP answers of today for a path (DER, the leaf first), and what was said."""


class Reading(Protocol):
    """A store to read from."""

    def get(self, name: str) -> bytes: ...


class Learning(Protocol):
    """What it takes to look at records."""

    @property
    def store(self) -> Reading: ...

    @property
    def catalog(self) -> Catalog: ...


@dataclass(frozen=True, slots=True)
class Renewing:
    """Everything that one run works with.

    `trust` judges volumes and tokens; `keep` says until when the store keeps the evidence of a volume (None: of
    anything else), None: for ever.
    """

    store: ObjectStore
    catalog: Catalog
    lines: tuple[Line, ...]
    trust: Trust
    gather: Gather
    keep: Callable[[VolumeRow | None], datetime]
    clock: Callable[[], datetime]
    nonce: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Due:
    """Records that stand on one token and are due together, before `until`.

    `reason` is `certificate`, `signature`, `digest`, `revoked`, or `asked` for; `target` is the algorithm of a new tree
    over all files (hash-tree renewal), empty when a new timestamp is enough.
    """

    newest: NewestRow
    until: datetime
    reason: str
    target: str = ""

    @property
    def algorithm(self) -> str:
        """What the renewing token's imprint is made with: that of the chain it stands in."""
        return self.target or self.newest.algorithm


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be renewed, and why, in Italian and English."""

    subject: str
    italian: str
    english: str

    def text(self, lang: str) -> str:
        """The sentence for people."""
        return f"{self.subject}: {self.english if lang == 'en' else self.italian}"


@dataclass(slots=True)
class Report(Asked):
    """What one run did, or with a dry run would do: `due` records, of which `renewed`; `bytes` read for new trees.

    `fallen` could not be renewed, but another lineage of the same thing holds. `plan` says what was due and why.
    """

    due: int = 0
    renewed: int = 0
    bytes: int = 0
    reread: int = 0
    plan: tuple[Due, ...] = ()
    expected_tokens: int = 0
    failures: list[Failure] = field(default_factory=list)
    fallen: list[Failure] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "due": self.due,
            "renewed": self.renewed,
            "failed": len(self.failures),
            "tokens": self.tokens,
            "expected_tokens": self.expected_tokens,
            "reread": self.reread,
            "bytes": self.bytes,
            "plan": [
                {
                    "tsa": due.newest.tsa,
                    "records": due.newest.records,
                    "bytes": due.newest.bytes if due.target else 0,
                    "until": due.until.isoformat(),
                    "reason": due.reason,
                    "algorithm": due.newest.algorithm,
                    "target": due.target,
                }
                for due in self.plan
            ],
            "failures": [failure.text("en") for failure in self.failures],
            "fallen": [failure.text("en") for failure in self.fallen],
            "warnings": [found.as_json("en") for found in self.warnings],
        }


MARGIN = timedelta(days=90)
"""How long before its end evidence is renewed: time to find another authority."""

"""What a rebuild asks, works with and reports."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.package.rdv.values import Item
from archiver.ports import ObjectStore
from archiver.submission.acts import Noted
from archiver.submission.certificates import Met
from archiver.submission.discards import DestroyedRow, DiscardRow, TombstoneRow
from archiver.submission.rapporti import Brought
from archiver.submission.rows import (
    EvidenceRow,
    LedgerRow,
    MessageRow,
    PdvRow,
    SegmentRow,
    StandingRow,
    TokenRow,
    TrustRow,
    VolumeRow,
)
from archiver.verdict import Finding
from archiver.verify import Trust


class Catalog(Protocol):
    """Rows, as the errands record them; see the adapter for the promises."""

    def head(self, mailbox: str) -> PdvRow | None: ...

    def pdvs_known(self, mailbox: str) -> frozenset[str]: ...

    def pdvs_lost(self, mailbox: str) -> list[PdvRow]: ...

    def named(self, holder: str) -> dict[str, str]: ...

    def segments_known(self, mailbox: str) -> frozenset[Sha256]: ...

    def ledger(self, mailbox: str) -> list[LedgerRow]: ...

    def pending(self, holder: str | None = None) -> list[SegmentRow]: ...

    def restore(self, brought: Collection[Brought], met: Collection[TrustRow]) -> None: ...

    def seen(self, found: Collection[TrustRow]) -> None: ...

    def adopt(self, segments: Sequence[SegmentRow], messages: Sequence[MessageRow]) -> None: ...

    def record_volume(self, volume: VolumeRow, segments: Collection[Sha256], pdvs: Collection[str]) -> None: ...

    def record_evidence(self, records: Sequence[EvidenceRow], tokens: Sequence[TokenRow] = ()) -> None: ...

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]: ...

    def record_trust(self, found: Sequence[TrustRow]) -> None: ...

    def cover(self, holder: str, digests: Collection[Sha256], covered: str, at: datetime) -> None: ...

    def stand(self, said: Sequence[StandingRow]) -> None: ...

    def note_acts(self, acts: Sequence[Noted]) -> None: ...

    def note_discards(
        self,
        records: Sequence[DiscardRow] = ...,
        destroyed: Sequence[DestroyedRow] = ...,
        tombstones: Sequence[TombstoneRow] = ...,
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Whose a message is: see `archiver.submission.intake.Place`."""

    holder: str
    mailbox: str
    own: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ask:
    """One segment to be read: where it is, and what its rapporto `pdv` (of `at`) says of its messages.

    `sha256` is the digest of what stands in its place today (another one after a discard); `items` are those that are
    to be there.
    """

    place: Place
    pdv: str
    at: datetime
    named: Sha256
    sha256: Sha256
    items: tuple[Item, ...]

    @property
    def size(self) -> int:
        """Bytes of all its messages."""
        return sum(item.size for item in self.items)


@dataclass(frozen=True, slots=True)
class Read:
    """A segment as it was read: the rows of its messages, certificates that they brought, what is wrong with it.

    `unvouched` are certificates behind signatures that lead to no provider's CA: sealing keeps these too.
    `size` is that of the object; None for what could not be read.
    """

    rows: tuple[MessageRow, ...]
    met: tuple[Met, ...]
    wrong: tuple[Finding, ...]
    unvouched: tuple[Met, ...] = ()
    size: int | None = None


Mapped = Callable[[Iterable[Ask]], Iterator[Read]]
"""Reads segments, some of them ahead, and gives them in their order."""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """Everything that a rebuild works with: the store to be read, the catalog to be filled, the judge's `trust`.

    `own`: by mailbox id, all addresses of its owner, where it is configured still. `lines`: the ids of the authorities
    that give one record each, as sealing asks them: what one of them has not covered is not closed. `others`: the other
    stores, by id; one that is not there raises Unavailable or ConfigError when it is read.
    """

    store: ObjectStore
    catalog: Catalog
    trust: Trust
    own: Mapping[str, frozenset[str]]
    lines: tuple[frozenset[str], ...]
    mapped: Mapped
    clock: Callable[[], datetime]
    progress: Callable[[int, int | None], None] = lambda done, total: None
    others: Mapping[str, ObjectStore] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """What a rebuild made, and what it found missing, altered or unreadable (`lost`)."""

    rapporti: int = 0
    messages: int = 0
    volumes: int = 0
    records: int = 0
    trust: int = 0
    acts: int = 0
    lost: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "rapporti": self.rapporti,
            "messages": self.messages,
            "volumes": self.volumes,
            "records": self.records,
            "trust": self.trust,
            "acts": self.acts,
            "lost": [found.as_json() for found in self.lost],
            "notes": [found.as_json() for found in self.notes],
        }

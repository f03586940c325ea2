"""What discarding asks, works with and reports."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from archiver.digest import Sha256
from archiver.package.agents import Retention
from archiver.package.discard.values import Authorization, NotRequired
from archiver.ports import Erasable
from archiver.submission.discards import DiscardRow
from archiver.submission.oblivion import Oblivion
from archiver.submission.rows import MessageRow, SegmentRow, VolumeRow
from archiver.verify import Trust


class Catalog(Protocol):
    """What may go, what belongs together, and what is to be forgotten; see `archiver.adapters.catalog.discarding`."""

    def closed(self, holder: str) -> list[VolumeRow]:
        """The holder's volumes."""

    def volume(self, id: str) -> VolumeRow | None:
        """The volume of this id."""

    def segments_of(self, volume: str) -> list[SegmentRow]:
        """Its segments as they are today."""

    def messages_in(
        self, volumes: Collection[str], *, after: tuple[str, str] = ..., limit: int = ...
    ) -> list[MessageRow]:
        """The messages of these volumes, a page."""

    def placed(self, holder: str, digests: Collection[Sha256]) -> list[tuple[MessageRow, SegmentRow]]:
        """These messages in every mailbox, each with its segment."""

    def reaching(self, volumes: Collection[str]) -> dict[str, list[Sha256]]:
        """By volume, its messages whose transaction reaches into none of these volumes."""

    def discards(self, holder: str = ...) -> list[DiscardRow]:
        """The records whose destruction is noted."""

    def covered_by(self, volumes: Collection[str]) -> frozenset[Sha256]:
        """Trust material that the evidence of these volumes covers."""

    def cover(
        self, holder: str, digests: Collection[Sha256], covered: str, at: datetime, *, instead: Collection[str] = ...
    ) -> None:
        """The evidence of a volume covers these."""

    def forget_discarded(self, what: Oblivion) -> int:
        """All of it, or nothing."""


@dataclass(frozen=True, slots=True)
class Discarding:
    """Everything that a destruction works with: the stores by id, the primary first.

    `trust` judges what remains; `seal` puts the archive's seal on a record (its octets, its name), or gives None when
    it waits for a hand. `successor`: what stands in the place of a segment or metadata.zip after earlier discards.
    """

    holder: str
    stores: Mapping[str, Erasable]
    catalog: Catalog
    trust: Trust
    successor: Callable[[Sha256], Sha256 | None]
    seal: Callable[[bytes, str], bytes | None]
    clock: Callable[[], datetime]

    @property
    def primary(self) -> Erasable:
        """The store that errands read from."""
        return next(iter(self.stores.values()))


@dataclass(frozen=True, slots=True)
class Listed:
    """A volume in the list: its row, the rule under which it was kept, the last day of its term.

    `reaching` are those of its messages whose dossiers have messages in volumes that are not in the list.
    """

    volume: VolumeRow
    rule: Retention
    term: date
    reaching: tuple[Sha256, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A message in the list of an exceptional discard, in one mailbox and one closed volume."""

    message: MessageRow
    volume: str


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be destroyed: whole `volumes`, or single `messages` (digest and volume), and by whose leave."""

    id: str
    reason: str
    role: str
    authorization: Authorization | NotRequired
    volumes: tuple[str, ...] = ()
    messages: tuple[tuple[Sha256, str], ...] = ()


@dataclass(slots=True)
class Report:
    """What one run of a destruction came to.

    `destroyed`: objects by store; `behind`: stores that were not reached, with the reason; `waiting`: the record waits
    for a hand that signs. `forgotten`: messages that no search finds any more. `warnings`: of what remains.
    """

    record: str = ""
    destroyed: dict[str, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    behind: dict[str, str] = field(default_factory=dict)
    waiting: bool = False
    forgotten: int = 0
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "record": self.record,
            "objects": self.destroyed,
            "behind": self.behind,
            "waiting": self.waiting,
            "forgotten": self.forgotten,
            "warnings": self.warnings,
        }

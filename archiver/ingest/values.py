"""What ingest asks, works with and reports."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from archiver.digest import Sha256
from archiver.pec.providers import Providers
from archiver.ports import ObjectStore
from archiver.submission.box import Box
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow, VolumeRow


class Catalog(Protocol):
    """The three questions that ingest asks, and the one thing it notes."""

    def head(self, mailbox: str) -> PdvRow | None:
        """The mailbox's last rapporto."""

    def known(self, mailbox: str, digests: Collection[Sha256]) -> frozenset[Sha256]:
        """Which of these messages the archive has from this mailbox."""

    def volumes_to_name(self, mailbox: str) -> list[VolumeRow]:
        """Closed volumes of the mailbox that no rapporto has named yet."""

    def record_pdv(
        self,
        pdv: PdvRow,
        segments: Sequence[SegmentRow],
        messages: Sequence[MessageRow],
        volumes: Collection[str] = (),
    ) -> None:
        """Rows and cursor, both or neither; the same once more changes nothing."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that one poll works with: the mailbox's rules, and the ports.

    `sign` seals a rapporto (CAdES, attached) where the manual asks for that (AgID guidelines 4.7 e).
    """

    box: Box
    store: ObjectStore
    catalog: Catalog
    providers: Providers
    clock: Callable[[], datetime]
    sign: Callable[[bytes], bytes] | None = None


@dataclass(slots=True)
class Report:
    """What a poll brought. What could not be read is in `refused`, origin and reason."""

    new: int = 0
    known: int = 0
    bytes: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    pdvs: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many could not be read."""
        return len(self.refused)

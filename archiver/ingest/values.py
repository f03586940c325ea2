"""What ingest asks, works with and reports."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from archiver.digest import Sha256
from archiver.pec.providers import Providers
from archiver.ports import ObjectStore
from archiver.submission.attachments import Inspector
from archiver.submission.box import Box
from archiver.submission.ledger import Note
from archiver.submission.rows import (
    AttemptRow,
    FailingRow,
    LedgerRow,
    MessageRow,
    PdvRow,
    ReckoningRow,
    SegmentRow,
    StandingRow,
    TrustRow,
    VolumeRow,
)
from archiver.verdict import Finding


class Catalog(Protocol):
    """What ingest asks, and what it notes."""

    def head(self, mailbox: str) -> PdvRow | None:
        """The mailbox's last rapporto."""

    def known(self, mailbox: str, digests: Collection[Sha256]) -> frozenset[Sha256]:
        """Which of these messages the archive has from this mailbox."""

    def discarded(self, mailbox: str, digests: Collection[Sha256]) -> frozenset[Sha256]:
        """Which of these messages the archive had from this mailbox, and discarded."""

    def volumes_to_name(self, mailbox: str) -> list[VolumeRow]:
        """Closed volumes of the mailbox that no rapporto has named yet."""

    def ledger(self, mailbox: str) -> list[LedgerRow]:
        """What became of every UID."""

    def failing(self, mailbox: str) -> list[FailingRow]:
        """What could not be fetched yet."""

    def record_pdv(
        self,
        pdv: PdvRow,
        segments: Sequence[SegmentRow],
        messages: Sequence[MessageRow],
        volumes: Collection[str] = (),
        notes: Sequence[Note] = (),
    ) -> None:
        """Rows and outcomes of UIDs, all or none; the same once more changes nothing."""

    def note_outcomes(self, mailbox: str, notes: Sequence[Note], at: datetime) -> None:
        """Outcomes of UIDs that no rapporto names: the newest note on a UID holds."""

    def note_failing(self, failing: FailingRow) -> None:
        """A message could not be fetched; the newest word on it holds."""

    def attempt(self, mailbox: str) -> AttemptRow | None:
        """The last poll of the mailbox."""

    def note_attempt(self, attempt: AttemptRow) -> None:
        """A poll begins."""

    def trust_with(self, digests: Collection[Sha256], *, holder: str = "") -> list[TrustRow]:
        """These certificates, whoever has them, or this holder's alone."""

    def record_trust(self, found: Sequence[TrustRow]) -> None:
        """These certificates are in the store; what is recorded already stays as it was."""

    def standings(self) -> dict[Sha256, StandingRow]:
        """What persons said of certificates."""

    def note_poll(self, attempt: AttemptRow, reckonings: Sequence[ReckoningRow]) -> None:
        """A poll has ended; how each folder compares with the server."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Everything that one poll works with: the mailbox's rules, and the ports.

    `sign` seals a rapporto (CAdES, attached) where the manual asks for that (AgID guidelines 4.7 e); `inspector` looks
    at signed attachments, where that is configured.
    """

    box: Box
    store: ObjectStore
    catalog: Catalog
    providers: Providers
    clock: Callable[[], datetime]
    sign: Callable[[bytes], bytes] | None = None
    inspector: Inspector | None = None


@dataclass(slots=True)
class Report:
    """What a poll brought.

    `refused`: what could not be read, where and why; `broken`: folders that could not be read, name and reason;
    `gone`: deleted on the server before we looked; `missing`: on the server, and not accounted for, at the end.
    `certificates`: of providers, never seen before, one finding each. `discarded` of the `known` came back after a
    discard: they are not taken in again.
    """

    new: int = 0
    known: int = 0
    discarded: int = 0
    bytes: int = 0
    gone: int = 0
    missing: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    pdvs: list[str] = field(default_factory=list)
    certificates: list[Finding] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many could not be read."""
        return len(self.refused)

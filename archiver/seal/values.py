"""What sealing asks, works with and reports."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from archiver import collect
from archiver.chain import Material
from archiver.collect import Collector
from archiver.digest import Sha256
from archiver.evidence.algorithms import CATALOGUE
from archiver.evidence.policy import Policy
from archiver.pec.providers import Providers
from archiver.ports import ObjectStore, Signer
from archiver.stamping import Asked, Line
from archiver.submission.acts import Noted
from archiver.submission.box import Box
from archiver.submission.rows import ActRow, EvidenceRow, MessageRow, PdvRow, SegmentRow, TokenRow, VolumeRow
from archiver.verdict import Finding, Verdict


class Catalog(collect.Catalog, Protocol):
    """What is due, and what was done."""

    def pending(self) -> list[SegmentRow]:
        """Segments without a volume, by mailbox, class and year, then by arrival."""

    def messages_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[MessageRow]:
        """The messages of these segments, by digest."""

    def pdvs_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[PdvRow]:
        """The rapporti that brought these segments."""

    def pdvs_without_volume(self, mailbox: str) -> list[PdvRow]:
        """Rapporti that brought only duplicates, and stand in no volume yet."""

    def pdvs_without_evidence(self, tsas: Collection[str], *, records: int) -> list[PdvRow]:
        """Rapporti without a record of any of these authorities, and with fewer than so many `records` in all."""

    def record_volume(self, volume: VolumeRow, segments: Collection[Sha256], pdvs: Collection[str]) -> None:
        """The volume is closed."""

    def record_evidence(self, rows: Sequence[EvidenceRow], tokens: Sequence[TokenRow]) -> None:
        """These records are in the store, and these are their newest tokens."""

    def annotations(self, mailbox: str) -> Mapping[str, str]:
        """The holder's own protocol (JSON) by identificativo, Message-ID or digest, from the sidecar."""

    def hand_out(self, volume: str, sha256: Sha256, xml: bytes, at: datetime) -> None:
        """An index was given out to be signed by hand."""

    def out_for_signing(self, volume: str) -> bytes | None:
        """The index of a volume that was given out and has not come back."""

    def taken_back(self, volume: str) -> None:
        """The signed index has come back."""

    def evidence_of(self, subject: str, subject_id: str) -> list[EvidenceRow]:
        """The records of one thing that are noted."""

    def lineages(self, subject: str, subject_id: str) -> list[str]:
        """The authorities whose records of one thing are noted."""

    def lineages_of_all(self, subject: str) -> Mapping[str, Sequence[str]]:
        """The same of all things of one sort that have a record, by id."""

    def last_act(self, holder: str) -> ActRow | None:
        """The holder's act with the greatest number."""

    def last_covered(self, holder: str, ids: Collection[str]) -> ActRow | None:
        """The one of these with the greatest number."""

    def acts_between(self, holder: str, after: int, until: int) -> list[ActRow]:
        """The holder's acts with numbers above `after`, up to `until`."""

    def act_ids(self, holder: str, *, since: datetime | None = None) -> frozenset[str]:
        """The ids of those that are not older."""

    def note_acts(self, acts: Sequence[Noted]) -> None:
        """These are in the store."""

    def cover(
        self, holder: str, digests: Collection[Sha256], covered: str, at: datetime, *, instead: Collection[str] = ()
    ) -> None:
        """This trust material is covered by the evidence of a volume or of a batch, since `at`."""


Admits = Callable[[bytes, tuple[bytes, ...], datetime], tuple[Finding, ...]]
"""What is to be said of a signing certificate and the chain above it (DER) at a moment; errors and doubts refuse it."""


@dataclass(frozen=True, slots=True)
class Seals:
    """Who seals (None: by hand), at which level, and what a seal must lead to: anchors and CRLs, DER.

    `admits` knows whose certificate it must be: that it leads to an anchor is not enough.
    """

    signer: Signer | None
    stamped: bool
    anchors: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    admits: Admits = lambda certificate, chain, at: ()


@dataclass(frozen=True, slots=True)
class Sealing:
    """Everything that one run works with: the rules of each mailbox by its id, and the ports.

    Whatever is to be proven gets one record for each of the `lines`; `signing` gives the stamps of seals (empty: all of
    the lines in turn). Tokens of `former` authorities are still judged. The
    `collector` brings the lists and OCSP answers of the day (None: nothing but what is configured), also about those
    who signed attachments and lead to one of `attachment_anchors` (DER). `jobs` processes draft and judge volumes, each
    over the store and the catalog that `apart` opens there (None: all is done here).
    """

    boxes: Mapping[str, Box]
    store: ObjectStore
    catalog: Catalog
    providers: Providers
    seals: Seals
    lines: tuple[Line, ...]
    clock: Callable[[], datetime]
    nonce: Callable[[], int]
    signing: Line = ()
    former: Line = ()
    collector: Collector | None = None
    attachment_anchors: tuple[bytes, ...] = ()
    jobs: int = 1
    apart: Callable[[], tuple[ObjectStore, Catalog]] | None = None

    @property
    def holders(self) -> tuple[str, ...]:
        """Whose archives these are, each once."""
        return tuple(sorted({box.holder for box in self.boxes.values()}))

    @property
    def authorities(self) -> Line:
        """All that are asked."""
        return tuple(authority for line in self.lines for authority in line)

    @property
    def policy(self) -> Policy:
        """What seals and tokens are judged with, whoever gave them."""
        known = (*self.authorities, *self.former)
        anchors = (*self.seals.anchors, *(anchor for authority in known for anchor in authority.anchors))
        crls = (*self.seals.crls, *(crl for authority in known for crl in authority.trusted.material.crls))
        catalogue = known[0].trusted.catalogue if known else CATALOGUE
        return Policy(Material(anchors, crls=crls), catalogue)

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The digests that evidence is made with, each once."""
        return tuple(dict.fromkeys(line[0].digest for line in self.lines))


@dataclass(frozen=True, slots=True)
class Failure:
    """A volume or a rapporto that stays open, and why: the judge's findings, or a sentence."""

    subject: str
    reason: str = ""
    verdict: Verdict | None = None

    def text(self, lang: str) -> str:
        """The sentence for people."""
        if self.verdict is None:
            return f"{self.subject}: {self.reason}"
        found = "; ".join(f"{item.subject}: {item.text(lang)}" for item in self.verdict.findings[:5])
        return f"{self.subject}: {self.verdict.indication}: {found}"


@dataclass(slots=True)
class Report(Asked):
    """What one run did; `waiting` volumes need to be signed by hand; `others` are trust batches, acts and reports."""

    volumes: int = 0
    messages: int = 0
    rapporti: int = 0
    others: int = 0
    waiting: int = 0
    handed_out: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "volumes": self.volumes,
            "messages": self.messages,
            "tokens": self.tokens,
            "rapporti": self.rapporti,
            "waiting": self.waiting,
            "handed_out": [str(path) for path in self.handed_out],
            "failures": [failure.text("en") for failure in self.failures],
            "warnings": [found.as_json("en") for found in self.warnings],
        }

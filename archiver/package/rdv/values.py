"""What a rapporto di versamento says: who, when, from where, and what became of each object."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from archiver.digest import Sha256, Sha512
from archiver.package import rules
from archiver.package.agents import Agent, Retention
from archiver.plain import Plain

NAMESPACE: Final = "urn:pec-archiver:rdv:1"
FORMAT: Final = "1"
NOT_DONE: Final = "non-eseguito"
"""The virus check when there was none."""


class Provenienza(StrEnum):
    """Whether we watched the mailbox, or take the word of whoever handed the files in."""

    OSSERVATA = "osservata"
    DICHIARATA = "dichiarata"


class Esito(StrEnum):
    """What became of one object."""

    ACCETTATO = "accettato"
    DUPLICATO = "duplicato"
    NON_ACQUISITO = "non-acquisito"


@dataclass(frozen=True, slots=True)
class Previous:
    """The mailbox's previous rapporto: its id and the SHA-256 of its bytes, so that none can go missing unseen."""

    id: str
    sha256: Sha256

    def __post_init__(self) -> None:
        rules.sha256(self.id)
        rules.sha256(self.sha256)


@dataclass(frozen=True, slots=True)
class System:
    """The software that made the rapporto, and the version of the manual in force."""

    name: str
    version: str
    manual: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment that this poll brought: `first` and `last` are the messages with the lowest and the highest digest.

    `size` is in bytes; `year` is the calendar year (Europe/Rome) from whose end the retention runs.
    """

    sha256: Sha256
    size: int
    messages: int
    first: Sha256
    last: Sha256
    retention: Retention
    year: int

    def __post_init__(self) -> None:
        for digest in (self.sha256, self.first, self.last):
            rules.sha256(digest)
        rules.at_least(1, self.messages, f"segment {self.sha256}: messages")
        rules.at_least(1, self.size, f"segment {self.sha256}: size")
        if self.first > self.last:
            raise ValueError(f"segment {self.sha256}: first {self.first} after last {self.last}")


@dataclass(frozen=True, slots=True)
class Signature(Plain):
    """What was found about the provider's signature at intake, in four answers (an indication of EN 319 102-1 each)."""

    integrity: str
    origin: str
    time: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Remark(Plain):
    """A finding as it was written: its code in the table of findings, and its values."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Item(Plain):
    """One object of the PdV. What was not acquired has no digests, size 0, and says why in its remarks.

    `date` is the document's (a claim of the message), `received` the mailbox's own; `origin` says where it lay;
    `segment` holds an accepted object, and may name the earlier segment of a duplicate. Texts may be empty.
    """

    outcome: Esito
    sha256: Sha256 | None = None
    sha512: Sha512 | None = None
    size: int = 0
    kind: str = ""
    date: datetime | None = None
    segment: Sha256 | None = None
    origin: str = ""
    folder: str = ""
    received: datetime | None = None
    format: str = "message/rfc822"
    virus: str = NOT_DONE
    signature: Signature | None = None
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        acquired = self.outcome is not Esito.NON_ACQUISITO
        if {self.sha256 is not None, self.sha512 is not None} != {acquired}:
            raise ValueError(f"object {self.sha256 or self.origin}: {self.outcome}, with the wrong number of digests")
        if self.sha256 is not None and self.sha512 is not None:
            rules.sha256(self.sha256)
            rules.sha512(self.sha512)
        if self.outcome is Esito.ACCETTATO and self.segment is None:
            raise ValueError(f"object {self.sha256}: accepted, expected a segment, found none")
        rules.at_least(0, self.size, f"object {self.sha256}: size")


@dataclass(frozen=True, slots=True)
class ClosedVolume:
    """A volume of the mailbox, and the SHA-256 of its sealed index."""

    id: str
    sha256: Sha256

    def __post_init__(self) -> None:
        rules.sha256(self.id)
        rules.sha256(self.sha256)


@dataclass(frozen=True, slots=True)
class Rdv:
    """One rapporto; `items` in order of arrival, `holder_id` and `mailbox` opaque ids, `address` the mailbox's own.

    `volumes` are those closed since the rapporto before, so that no volume can go missing unseen either.
    Raises ValueError unless every segment holds exactly the accepted objects that name it, each accepted once.
    """

    id: str
    previous: Previous | None
    at: datetime
    system: System
    holder_id: str
    holder: Agent
    producer: Agent
    mailbox: str
    address: str
    provenance: Provenienza
    folders: tuple[str, ...]
    before: str
    after: str
    segments: tuple[Segment, ...]
    items: tuple[Item, ...]
    volumes: tuple[ClosedVolume, ...] = ()

    def __post_init__(self) -> None:
        rules.sha256(self.id)
        rules.moment(self.at)
        rules.opaque(self.holder_id)
        rules.opaque(self.mailbox)
        self._check_segments()

    @property
    def accepted(self) -> tuple[Item, ...]:
        """The objects taken in charge, in order of arrival."""
        return tuple(item for item in self.items if item.outcome is Esito.ACCETTATO)

    def _check_segments(self) -> None:
        names = [segment.sha256 for segment in self.segments]
        digests = [item.sha256 for item in self.accepted]
        if len(set(names)) != len(names) or len(set(digests)) != len(digests):
            raise ValueError(f"rapporto {self.id}: expected each segment and accepted object once, found one twice")
        expected = {segment.sha256: segment.messages for segment in self.segments}
        found = Counter(item.segment for item in self.accepted)
        if expected != found:
            raise ValueError(f"rapporto {self.id}: messages by segment: expected {expected}, found {dict(found)}")

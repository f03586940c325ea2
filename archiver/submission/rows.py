"""What the catalog keeps of the archive, as values. Every row can be made again from the objects of the store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archiver.digest import Sha256, Sha512


@dataclass(frozen=True, slots=True)
class PdvRow:
    """One rapporto di versamento. `number` counts the mailbox's rapporti from 1; `cursor` is that after the poll."""

    id: str
    holder: str
    mailbox: str
    number: int
    at: datetime
    sha256: Sha256
    sha512: Sha512
    size: int
    name: str
    cursor: str


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment and where it belongs; `volume` is None until the volume that holds it is closed.

    `retention`, `years`, `event` and `basis` are the rule under which it came in, as its rapporto states it.
    """

    sha256: Sha256
    holder: str
    mailbox: str
    pdv: str
    retention: str
    years: int
    event: str
    basis: str
    year: int
    messages: int
    size: int
    first: Sha256
    last: Sha256
    at: datetime
    volume: str | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message of one mailbox: where its bytes lie, and what was read in it (all of it claims but the digests).

    `date` is the document's date (readings of AgID metadata), `offset_minutes` the offset its clock stated.
    `content` is four outcomes, integrity origin time algorithm, separated by blanks, or empty when nobody signed it.
    `daticert` is the JSON of `archiver.pec.daticert.to_json`, or empty; `links` name what it is related to without
    being part of (a deposit in court, an invoice).
    """

    sha256: Sha256
    sha512: Sha512
    size: int
    holder: str
    mailbox: str
    pdv: str
    segment: Sha256
    offset: int
    kind: str
    date: datetime
    offset_minutes: int
    received: datetime
    subject: str
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    reference: str
    identificativo: str
    msgid: str
    content: str
    daticert: str
    has_original: bool
    findings: tuple[str, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """One closed volume; its members are those of its segments. `sha256` is that of its sealed index."""

    id: str
    sha256: Sha256
    holder: str
    mailbox: str
    retention: str
    year: int
    messages: int
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One evidence record: what it covers (`volume` or `pdv` and its id), by which authority, which number."""

    subject: str
    subject_id: str
    tsa: str
    number: int
    name: str
    at: datetime


class Outcome(StrEnum):
    """What became of a UID: its message is kept, was kept already, was deleted before we read it, cannot be read."""

    ARCHIVED = "archived"
    KNOWN = "known"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What became of the UIDs `first` to `last` of one folder under one UIDVALIDITY, and when that was noted."""

    mailbox: str
    folder: str
    validity: int
    first: int
    last: int
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class FailingRow:
    """A message that is there and could not be fetched: on how many nights, when last, and why."""

    mailbox: str
    folder: str
    validity: int
    uid: int
    nights: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """The last poll of a mailbox: when it began, whether it came to its end, which folders it was to read.

    `unread` are those of them that could not be read, or not to their end.
    """

    mailbox: str
    at: datetime
    ended: bool
    folders: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReckoningRow:
    """A folder compared with our ledger at the end of a poll: of the UIDs below `next`, how many are there now.

    `kept` of these are accounted for, `failing` will be tried again, `missing` are neither: there must be none.
    `first` and `last` are the lowest and the highest UID there, 0 when it is empty.
    """

    mailbox: str
    folder: str
    validity: int
    at: datetime
    next: int
    present: int
    first: int
    last: int
    kept: int
    failing: int
    missing: int

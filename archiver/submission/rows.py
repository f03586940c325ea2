"""What the catalog keeps of the archive, as values. Every row can be made again from the objects of the store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from archiver.digest import Sha256, Sha512
from archiver.package import layout
from archiver.plain import Plain


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
class MessageRow(Plain):
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


class Kept(Protocol):
    """Where a message lies: all that whoever reads its bytes needs of a row."""

    @property
    def sha256(self) -> Sha256: ...
    @property
    def size(self) -> int: ...
    @property
    def holder(self) -> str: ...
    @property
    def mailbox(self) -> str: ...
    @property
    def pdv(self) -> str: ...
    @property
    def segment(self) -> Sha256: ...
    @property
    def offset(self) -> int: ...


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One message as an export needs it: where its bytes lie, and what is counted and listed. See `MessageRow`."""

    sha256: Sha256
    size: int
    holder: str
    mailbox: str
    pdv: str
    segment: Sha256
    offset: int
    kind: str
    date: datetime
    content: str


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
    """One evidence record: what it covers (its sort and id, as `subjects` has them), whose lineage, which number.

    `tsa` is the authority of the first record of the lineage, whoever renews it; `at` since when it proves;
    `algorithm` that of the newest chain, `token` the SHA-256 of its newest token (empty: not looked at yet).
    """

    subject: str
    subject_id: str
    tsa: str
    number: int
    name: str
    at: datetime
    algorithm: str = "sha512"
    token: str = ""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token that is some record's newest: its octets, and its genTime."""

    sha256: str
    octets: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class NewestRow:
    """So many `records` of one lineage and one algorithm, over so many `bytes` of messages, stand on this token."""

    tsa: str
    algorithm: str
    records: int
    bytes: int
    token: TokenRow


@dataclass(frozen=True, slots=True)
class RereadRow:
    """What a hash-tree renewal has read of one thing: for each member its digests, by `algorithms` (comma), joined."""

    subject: str
    subject_id: str
    algorithms: str
    digests: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class TrustRow:
    """One piece of trust material in the store of `holder`.

    `kind` is `ca`, `provider`, `tsa`, `signer`, `crl`, `ocsp` or `list`; `name` and `issuer` are what a certificate or
    list says; `since` and `until` its term (thisUpdate and nextUpdate of lists). `at`: first seen; `covered`: the id of
    the volume or trust batch whose evidence covers it, empty until then.
    """

    holder: str
    sha256: Sha256
    extension: str
    kind: str
    name: str
    issuer: str
    since: datetime
    until: datetime | None
    at: datetime
    covered: str = ""


@dataclass(frozen=True, slots=True)
class FetchedRow:
    """One question of one night (its date, ISO): `reason` says why nothing came, empty when `sha256` did."""

    source: str
    night: str
    at: datetime
    reason: str = ""
    sha256: str = ""
    extension: str = ""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """What a person said of a certificate: `confirmed` or `revoked`, since when, in which act (its name)."""

    sha256: Sha256
    state: str
    at: datetime
    act: str


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act of a holder's register: its `id` begins its name, `kind` and `who` are what it says.

    Of one that was lost, and that only the act after it tells of, `kind`, `who` and `sha256` are empty, and `size` is
    negative.
    """

    holder: str
    id: str
    number: int
    at: datetime
    kind: str
    who: str
    sha256: Sha256
    sha512: Sha512
    size: int

    @property
    def name(self) -> str:
        """Where it lies in the store."""
        return layout.act(self.holder, self.id)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One object that the archive promises to have: what it must be, and who needs it how long.

    `kind` is that of its name (`archiver.package.layout.Kind`), `subject` the volume whose term decides how long it is
    kept, empty while it waits for one, and `*` for what is kept for ever. `at`: since when it is promised. `sha256` is
    empty, and `size` negative, until somebody has read what only the object can tell.
    """

    name: str
    holder: str
    kind: str
    sha256: Sha256
    size: int
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CopyRow:
    """One object in one store (by its id): noted there `at`; `read` when every byte of it was read last and was right.

    `opened` when its messages were opened last to see whether people can read them; `kept` the subject (see
    `ObjectRow`) for whose sake it was locked last, `-` for nobody's.
    """

    store: str
    name: str
    at: datetime
    read: datetime | None = None
    opened: datetime | None = None
    kept: str = "-"


@dataclass(frozen=True, slots=True)
class DamageRow:
    """What is wrong with one object in one store, by the code of its finding, until it is put right.

    `since` the first time it was seen, `seen` the last; `found` what is there instead, in words for machines.
    """

    store: str
    name: str
    code: str
    since: datetime
    seen: datetime
    found: str = ""


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

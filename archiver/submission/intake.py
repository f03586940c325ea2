"""One message at the door: read, named, and written down, for the rapporto and for the catalog alike."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from archiver.digest import Digests, Sha256, digests
from archiver.package import rules
from archiver.package.rdv.values import Esito, Item, Remark, Signature
from archiver.pec import daticert
from archiver.pec.address import Address
from archiver.pec.message import Message, read
from archiver.pec.piece import Piece, is_intact
from archiver.pec.providers import Providers
from archiver.ports import Fetched, Unfetched
from archiver.submission.attachments import NOTHING, Inspector
from archiver.submission.certificates import Met
from archiver.submission.rows import MessageRow
from archiver.verdict import Finding, finding

ROME = ZoneInfo("Europe/Rome")
FIRST_YEAR = 1996
"""No message is kept as older than Italian law on electronic documents lets it be (law 59/1997 was being written)."""


class Place(Protocol):
    """Where a message belongs: holder and mailbox (opaque ids), and the addresses of the mailbox's owner."""

    @property
    def holder(self) -> str: ...

    @property
    def mailbox(self) -> str: ...

    @property
    def own(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """One message taken in charge: its digests, what was read in it, and the calendar year it is kept under.

    `met` are certificates behind signatures of its attachments.
    """

    fetched: Fetched
    digests: Digests
    message: Message
    year: int
    findings: tuple[Finding, ...]
    met: tuple[Met, ...] = ()


def take(
    fetched: Fetched,
    *,
    box: Place,
    providers: Providers,
    at: datetime,
    known: Digests | None = None,
    inspector: Inspector | None = None,
) -> Taken:
    """Reads one message that came in at `at`; its signed attachments too, with an `inspector`.

    Never raises on what a message holds.
    """
    named = known or digests(fetched.raw)
    message = read(
        fetched.raw, own=box.own, providers=providers, proof=at, received=fetched.received, subject=named.sha256
    )
    year, doubts = _year(message, named.sha256, at)
    noted = (finding(fetched.note, named.sha256),) if fetched.note else ()
    signed = inspector.inspect(fetched.raw, message, subject=named.sha256) if inspector else NOTHING
    return Taken(fetched, named, message, year, (*message.findings, *noted, *doubts, *signed.findings), signed.met)


def item(taken: Taken, segment: Sha256 | None) -> Item:
    """What the rapporto says of a message that was accepted into `segment`."""
    signature = taken.message.signature
    return Item(
        outcome=Esito.ACCETTATO,
        sha256=taken.digests.sha256,
        sha512=taken.digests.sha512,
        size=taken.digests.size,
        kind=taken.message.kind,
        date=taken.message.date,
        segment=segment,
        origin=taken.fetched.origin,
        folder=taken.fetched.folder,
        received=taken.fetched.received,
        signature=Signature(*signature.outcomes.split()) if signature else None,
        remarks=tuple(Remark(found.code, found.values) for found in taken.findings),
    )


def duplicate(named: Digests, origin: str, folder: str, received: datetime | None) -> Item:
    """What the rapporto says of a message that the mailbox holds a second time."""
    return Item(
        outcome=Esito.DUPLICATO,
        sha256=named.sha256,
        sha512=named.sha512,
        size=named.size,
        origin=origin,
        folder=folder,
        received=received,
    )


def refused(unfetched: Unfetched) -> Item:
    """What the rapporto says of a message that could not be read."""
    remark = Remark("NOT_FETCHED", (("reason", unfetched.reason),))
    return Item(
        outcome=Esito.NON_ACQUISITO, origin=unfetched.origin, folder=unfetched.folder, format="", remarks=(remark,)
    )


def row(taken: Taken, *, box: Place, pdv: str, segment: Sha256, offset: int, at: datetime) -> MessageRow:
    """What the catalog says of it: the same facts, to be found again."""
    message = taken.message
    stated = message.date.utcoffset()
    certified = message.daticert
    return MessageRow(
        sha256=taken.digests.sha256,
        sha512=taken.digests.sha512,
        size=taken.digests.size,
        holder=box.holder,
        mailbox=box.mailbox,
        pdv=pdv,
        segment=segment,
        offset=offset,
        kind=message.kind,
        date=message.date,
        offset_minutes=int(stated.total_seconds() // 60) if stated else 0,
        received=taken.fetched.received or at,
        subject=message.subject,
        sender=shown(message.sender),
        recipients=tuple(shown(address) for address in message.to) + tuple(f"cc:{shown(a)}" for a in message.cc),
        message_id=message.message_id,
        reference=message.reference,
        identificativo=certified.identificativo if certified else "",
        msgid=certified.msgid if certified else "",
        content=message.signature.outcomes if message.signature else "",
        daticert=daticert.to_json(certified) if certified else "",
        has_original=message.has_original,
        findings=tuple(found.code for found in taken.findings),
        links=message.links,
    )


def as_stated(row: MessageRow, item: Item) -> MessageRow:
    """A kept message read again: what intake saw of it, and the rapporto states, counts, not what is seen today.

    So an address that was added since makes no letter another kind, nor does a CA that was taken away change a verdict.
    """
    signature = item.signature
    content = (signature.integrity, signature.origin, signature.time, signature.algorithm) if signature else ()
    stated = item.date if item.date is not None and item.date != rules.moment(row.date) else row.date
    return replace(
        row,
        kind=item.kind,
        date=stated,
        content=" ".join(content),
        findings=tuple(remark.code for remark in item.remarks),
    )


def unread(item: Item, *, box: Place, pdv: str, segment: Sha256, offset: int, at: datetime) -> MessageRow:
    """What the rapporto alone tells of a message whose bytes cannot be read.

    Raises ValueError unless `item` was accepted.
    """
    if item.sha256 is None or item.sha512 is None:
        raise ValueError(f"{item.origin}: expected an accepted object, found one without digests")
    nothing = MessageRow(
        sha256=item.sha256,
        sha512=item.sha512,
        size=item.size,
        holder=box.holder,
        mailbox=box.mailbox,
        pdv=pdv,
        segment=segment,
        offset=offset,
        kind=item.kind,
        date=item.date or at,
        offset_minutes=0,
        received=item.received or at,
        subject="",
        sender="",
        recipients=(),
        message_id="",
        reference="",
        identificativo="",
        msgid="",
        content="",
        daticert="",
        has_original=False,
        findings=(),
    )
    return as_stated(nothing, item)


def piece_of(message: Message, sha256: Sha256) -> Piece:
    """A message as a dossier needs it."""
    return Piece(
        sha256=sha256,
        kind=message.kind,
        date=message.date,
        message_id=message.message_id,
        reference=message.reference,
        subject=message.subject,
        sender=message.sender.address,
        to=tuple(item.address for item in message.to),
        cc=tuple(item.address for item in message.cc),
        daticert=message.daticert,
        has_original=message.has_original,
        intact=is_intact(message.kind, message.signature.integrity.indication if message.signature else None),
    )


def shown(address: Address) -> str:
    """An address as people write it: `Name <address>`, or the address alone."""
    return f"{address.name} <{address.address}>" if address.name else address.address


def _year(message: Message, subject: Sha256, at: datetime) -> tuple[int, tuple[Finding, ...]]:
    """The year (Europe/Rome) of the document's date; one that cannot be is replaced by that of intake, and noted."""
    stated, today = message.date.astimezone(ROME).year, at.astimezone(ROME).year
    if FIRST_YEAR <= stated <= today:
        return stated, ()
    return today, (finding("DATE_IMPLAUSIBLE", subject, found=message.date.isoformat(), expected=today),)

"""One message, read: what it is, what it claims, what its provider signed. Ugly mail gives findings, never errors."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from archiver.digest import sha256
from archiver.pec import address, links, mime, notice, parts, provider
from archiver.pec.address import Address
from archiver.pec.daticert import Daticert
from archiver.pec.kind import Kind
from archiver.pec.mime import Entity
from archiver.pec.provider import Wrapping
from archiver.pec.providers import Providers
from archiver.pec.signature import Signature
from archiver.verdict import Finding, finding

_ONCE = ("from", "date", "message-id", "subject", "x-ricevuta", "x-trasporto")
_UNWRAPPED = frozenset({Kind.INVIATO, Kind.ORDINARIO})


class DateSource(StrEnum):
    """Where the date of a message comes from, the most trustworthy first."""

    DATICERT = "daticert"
    HEADER = "header"
    RECEIVED = "received"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Message:
    """A reading of one message; all of it claims, but for what `signature` says is intact.

    `message_id` and `reference` (X-Riferimento-Message-ID) have no angle brackets. `original` is where the original
    message lies in the bytes (offset, length) when it is not encoded; `has_original` is true also when it is.
    `attachments` are those of the original, or of the message itself when no provider wrapped it, and `links` what they
    say of other messages (see `archiver.pec.links`). `daticert` and `signature` are None when no provider speaks.
    `date` is aware; `findings` include those of the signature.
    """

    kind: Kind
    subject: str
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    message_id: str
    reference: str
    header_date: datetime | None
    daticert: Daticert | None
    signature: Signature | None
    original: tuple[int, int] | None
    has_original: bool
    attachments: tuple[str, ...]
    date: datetime
    date_source: DateSource
    findings: tuple[Finding, ...]
    links: tuple[str, ...] = ()


def read(
    raw: bytes,
    *,
    own: frozenset[str],
    providers: Providers,
    proof: datetime,
    received: datetime | None = None,
    subject: str = "",
) -> Message:
    """Read `raw`. Never raises, whatever it holds.

    `own` are the addresses of the mailbox's holder: what they send without a provider's signature is `inviato`.
    `proof` is the moment at which the archive can show that the message was there, `received` the mailbox's own date
    of it (both aware). `subject` is what findings name, by default the SHA-256 of `raw`.
    """
    subject = subject or sha256(raw)
    whole = mime.entity(raw)
    headers = whole.headers
    wrapping = provider.read(raw, whole, providers=providers, proof=proof, subject=subject)
    kind, notes = provider.classify(wrapping, headers, own, subject)
    wrapped = kind not in _UNWRAPPED
    part = wrapping.parts.original if wrapped else None
    attached = parts.attached(raw, part) if wrapped else parts.to_message(raw, whole)
    header_date = address.moment(headers.first("date"))
    date, source = _date(wrapping, header_date, received, proof)
    return Message(
        kind=kind,
        subject=headers.text("subject"),
        sender=provider.sender(headers),
        to=address.addresses(headers.joined("to")),
        cc=address.addresses(headers.joined("cc")),
        message_id=address.identifier(headers.first("message-id")),
        reference=address.identifier(headers.first("x-riferimento-message-id")),
        header_date=header_date,
        daticert=wrapping.daticert if wrapped else None,
        signature=wrapping.signature if wrapped else None,
        original=(part.body, part.end - part.body) if part and parts.is_plain(part) else None,
        has_original=part is not None,
        attachments=attached.names,
        date=date,
        date_source=source,
        findings=(
            *_ugliness(raw, whole, subject),
            *wrapping.findings,
            *notes,
            *_undated(source, subject),
            *(_hours(raw, wrapping, subject) if kind is Kind.PREAVVISO_ERRORE_CONSEGNA else ()),
        ),
        links=links.of(attached),
    )


def _date(
    wrapping: Wrapping, header: datetime | None, received: datetime | None, proof: datetime
) -> tuple[datetime, DateSource]:
    """The document's date: the provider's when it is signed and intact, else the best claim there is."""
    if wrapping.intact and wrapping.daticert and wrapping.daticert.data:
        return wrapping.daticert.data, DateSource.DATICERT
    if header:
        return header, DateSource.HEADER
    return (received, DateSource.RECEIVED) if received else (proof, DateSource.PROOF)


def _undated(source: DateSource, subject: str) -> tuple[Finding, ...]:
    if source in (DateSource.DATICERT, DateSource.HEADER):
        return ()
    return (finding("DATE_NOT_STATED", subject, source=source),)


def _hours(raw: bytes, wrapping: Wrapping, subject: str) -> tuple[Finding, ...]:
    """Which of the two notices it is, when its text for people says so: daticert.xml has no element for that."""
    found = wrapping.content and notice.names_24(parts.text(raw, wrapping.content))
    return (finding(notice.SECOND, subject),) if found else ()


def _ugliness(raw: bytes, whole: Entity, subject: str) -> tuple[Finding, ...]:
    """What is odd about the message as mail; none of it keeps it from being archived."""
    odd = []
    if not whole.headers.fields:
        odd.append(finding("MAIL_WITHOUT_HEADERS", subject, octets=len(raw)))
    if whole.headers.broken:
        odd.append(finding("MAIL_HEADER_BROKEN", subject))
    repeated = [name for name in _ONCE if len(whole.headers.fields.get(name, ())) > 1]
    if repeated:
        odd.append(finding("MAIL_HEADER_REPEATED", subject, names=", ".join(repeated)))
    if mime.is_broken(raw, whole):
        odd.append(finding("MAIL_BOUNDARY_ABSENT", subject, found=whole.parameters.get("boundary", "")))
    return tuple(odd)

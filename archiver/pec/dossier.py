"""A dossier: a message, its acceptance, each recipient's outcome, folded from whatever has come, in any order.

Nothing is stored of it: receipts come days later, or never, and the answer is made new each time it is asked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from archiver.digest import Sha256
from archiver.pec import address, reason
from archiver.pec.daticert import Daticert
from archiver.pec.kind import RECEIPTS, Kind
from archiver.pec.reason import Reason
from archiver.pec.state import TRANSITIONS, WORST_FIRST, Event, State

EXPIRY = timedelta(hours=22)
"""No notice of 24 hours comes before (RFC 6109, 3.1.6)."""

_NAMES_24 = re.compile(r"(?<!\d)24\s*(h\b|ore\b|hours?\b)|ventiquattr", re.IGNORECASE)
_EVENTS = {Kind.AVVENUTA_CONSEGNA: Event.DELIVERY, Kind.ERRORE_CONSEGNA: Event.FAILURE}
_ALONE = {
    Kind.POSTA_CERTIFICATA: State.RECEIVED,
    Kind.ANOMALIA: State.ANOMALY,
    Kind.REM: State.REM,
    Kind.ORDINARIO: State.ORDINARY,
}


class Role(StrEnum):
    """Where the sender put a recipient; unknown without the sent copy or the envelope."""

    TO = "to"
    CC = "cc"
    UNKNOWN = "unknown"


class Receipt(StrEnum):
    """The kind of the delivery receipt."""

    COMPLETA = "completa"
    BREVE = "breve"
    SINTETICA = "sintetica"
    NONE = "none"


class Content(StrEnum):
    """What the delivery receipt proves of the content: all of it, hashes of its attachments, nothing."""

    WHOLE = "whole"
    HASHES = "hashes"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Piece:
    """One message as far as a dossier needs it. Addresses bare, identifiers without angle brackets, `date` aware.

    `intact` is False when the provider's signature on it is broken: it is shown, and changes no outcome.
    """

    sha256: Sha256
    kind: Kind
    date: datetime
    message_id: str
    reference: str
    subject: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    daticert: Daticert | None
    has_original: bool
    intact: bool = True

    @property
    def at(self) -> datetime:
        """The provider's time of it when stated, else the message's date."""
        return self.daticert.data if self.daticert and self.daticert.data else self.date

    @property
    def order(self) -> tuple[datetime, int, Sha256]:
        """The one order of pieces: by time, at one time in the order of a transmission, then by digest."""
        return self.at, _ORDER.index(self.kind), self.sha256


_ORDER = (
    Kind.INVIATO,
    Kind.NON_ACCETTAZIONE,
    Kind.ACCETTAZIONE,
    Kind.PRESA_IN_CARICO,
    Kind.POSTA_CERTIFICATA,
    Kind.RILEVAZIONE_VIRUS,
    Kind.PREAVVISO_ERRORE_CONSEGNA,
    Kind.ERRORE_CONSEGNA,
    Kind.AVVENUTA_CONSEGNA,
    Kind.ANOMALIA,
    Kind.REM,
    Kind.ORDINARIO,
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """The outcome for one address (written as it was first given). `at` is the time of what gave the state.

    `reason` is set for `failed` and `refused`; `detail` is what the provider wrote about it, raw.
    """

    address: str
    role: Role
    state: State
    receipt: Receipt = Receipt.NONE
    content: Content = Content.NONE
    at: datetime | None = None
    reason: Reason = Reason.NONE
    contradiction: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """`message_id` is the client's, `identificativo` the provider's; either may be empty. `pieces` are in time order.

    Of a message that was received nothing is known about the others' outcome: it has no recipients here.
    """

    message_id: str
    identificativo: str
    state: State
    contradiction: bool
    recipients: tuple[Recipient, ...]
    pieces: tuple[Piece, ...]


def fold(pieces: Iterable[Piece]) -> Dossier:
    """The dossier of `pieces`, which belong together (see `archiver.pec.matching`); their order does not matter."""
    shown = tuple(sorted(set(pieces), key=lambda piece: piece.order))
    ordered = tuple(piece for piece in shown if piece.intact) or shown
    accepted = _first(ordered, Kind.ACCETTAZIONE)
    refused = _first(ordered, Kind.NON_ACCETTAZIONE)
    recipients = _recipients(ordered, accepted, refused) if _sending(ordered) else ()
    return Dossier(
        message_id=_message_id(ordered),
        identificativo=next((name for name in map(identificativo, ordered) if name), ""),
        state=_state(ordered, accepted, refused, recipients),
        contradiction=any(item.contradiction for item in recipients) or bool(accepted and refused),
        recipients=recipients,
        pieces=shown,
    )


def identificativo(piece: Piece) -> str:
    """The provider's identifier that a piece carries; of an envelope its own Message-ID (RFC 6109, 3.1.2)."""
    if piece.daticert and piece.daticert.identificativo:
        return piece.daticert.identificativo
    return piece.message_id if piece.kind is Kind.POSTA_CERTIFICATA else ""


def msgid(piece: Piece) -> str:
    """The client's Message-ID that a piece carries, without angle brackets; of unwrapped mail its own."""
    if piece.daticert and piece.daticert.msgid:
        return address.identifier(piece.daticert.msgid)
    return piece.reference if piece.kind in RECEIPTS or piece.kind is Kind.POSTA_CERTIFICATA else piece.message_id


def _message_id(ordered: tuple[Piece, ...]) -> str:
    return next((name for name in map(msgid, ordered) if name), "")


def _first(ordered: tuple[Piece, ...], kind: Kind) -> Piece | None:
    return next((piece for piece in ordered if piece.kind is kind), None)


def _sending(ordered: tuple[Piece, ...]) -> bool:
    return any(piece.kind is Kind.INVIATO or piece.kind in RECEIPTS for piece in ordered)


def _state(
    ordered: tuple[Piece, ...], accepted: Piece | None, refused: Piece | None, recipients: tuple[Recipient, ...]
) -> State:
    """Readings of the dossier's state: the worst of its recipients, once a provider has spoken."""
    if not _sending(ordered):
        return _ALONE[ordered[0].kind] if ordered else State.ORDINARY
    if refused and not accepted:
        return State.REFUSED
    if not any(piece.kind in RECEIPTS for piece in ordered):
        return State.SENT
    states = {item.state for item in recipients}
    return next((state for state in WORST_FIRST if state in states), State.PENDING)


def _recipients(ordered: tuple[Piece, ...], accepted: Piece | None, refused: Piece | None) -> tuple[Recipient, ...]:
    start = accepted or _first(ordered, Kind.INVIATO)
    table = _table(ordered, accepted)
    if refused and not accepted:
        table = {key: _refuse(item, refused) for key, item in table.items()}
    for piece in ordered:
        data = piece.daticert
        event = _event(piece, start.at if start else None)
        if data and event and data.consegna:
            key = data.consegna.lower()
            table[key] = _after(table[key], event, piece, data)
    return tuple(table.values())


def _table(ordered: tuple[Piece, ...], accepted: Piece | None) -> dict[str, Recipient]:
    """Every address once, each pending or external: those that the provider lists, until then those of To and Cc."""
    certified = _certified((accepted, *ordered) if accepted else ordered)  # the acceptance says it first
    roles = {name.lower(): (name, role) for name, role in _stated(ordered)}
    if certified:
        roles = {key: roles[key] for key in roles if key in certified}
    for key, (name, _) in certified.items():
        roles.setdefault(key, (name, Role.UNKNOWN))
    return {
        key: Recipient(name, role, State.PENDING if certified.get(key, (name, True))[1] else State.EXTERNAL)
        for key, (name, role) in roles.items()
    }


def _certified(pieces: Iterable[Piece]) -> dict[str, tuple[str, bool]]:
    """Each address that a provider names, as written, and whether it is PEC; whoever got a receipt is."""
    found: dict[str, tuple[str, bool]] = {}
    named = [piece.daticert for piece in pieces if piece.daticert]
    for item in (item for data in named for item in data.destinatari):
        found.setdefault(item.address.lower(), (item.address, item.certified))
    for data in named:
        if data.consegna:
            found.setdefault(data.consegna.lower(), (data.consegna, True))
    return found


def _stated(ordered: tuple[Piece, ...]) -> list[tuple[str, Role]]:
    """To and Cc of the sent copy, else of the envelope; who stands in both is a To."""
    for kind in (Kind.INVIATO, Kind.POSTA_CERTIFICATA):
        piece = _first(ordered, kind)
        if piece:
            names = {name.lower() for name in piece.to}
            copies = [(name, Role.CC) for name in piece.cc if name.lower() not in names]
            return [*((name, Role.TO) for name in piece.to), *copies]
    return []


def _refuse(item: Recipient, refused: Piece) -> Recipient:
    data = refused.daticert
    why = reason.of(data.errore, data.errore_esteso) if data else Reason.OTHER
    return replace(item, state=State.REFUSED, at=refused.at, reason=why, detail=data.errore_esteso if data else "")


def _event(piece: Piece, start: datetime | None) -> Event | None:
    """What a piece reports of a recipient; which of the two notices, by its words or by the hours since acceptance."""
    if piece.kind is not Kind.PREAVVISO_ERRORE_CONSEGNA:
        return _EVENTS.get(piece.kind)
    words = piece.daticert.errore_esteso if piece.daticert else ""
    long_after = start is not None and piece.at - start >= EXPIRY
    return Event.NOTICE_24 if long_after or _NAMES_24.search(words) else Event.NOTICE_12


def _after(item: Recipient, event: Event, piece: Piece, data: Daticert) -> Recipient:
    state, contradiction = TRANSITIONS[item.state, event]
    contradiction = contradiction or item.contradiction
    if event is Event.DELIVERY:
        return _delivered(item, piece, data, contradiction=contradiction)
    if state is item.state:
        return replace(item, contradiction=contradiction)
    why = reason.of(data.errore, data.errore_esteso) if event is Event.FAILURE else Reason.NONE
    return replace(item, state=state, at=piece.at, reason=why, contradiction=contradiction, detail=data.errore_esteso)


def _delivered(item: Recipient, piece: Piece, data: Daticert, *, contradiction: bool) -> Recipient:
    """The first delivery gives the time; the receipt that proves most gives the content."""
    receipt, content = _receipt(piece, data)
    if item.state is State.DELIVERED:
        better = _PROVES.index(content) < _PROVES.index(item.content)
        receipt, content = (receipt, content) if better else (item.receipt, item.content)
    at = item.at if item.state is State.DELIVERED else piece.at
    return Recipient(item.address, item.role, State.DELIVERED, receipt, content, at, contradiction=contradiction)


_PROVES = (Content.WHOLE, Content.HASHES, Content.NONE)


def _receipt(piece: Piece, data: Daticert) -> tuple[Receipt, Content]:
    """What is not stated is `completa` (RFC 6109, 3.3.2); without postacert.eml it proves nothing of the content."""
    stated = next((item for item in Receipt if item == data.ricevuta), Receipt.COMPLETA)
    if not piece.has_original or stated is Receipt.SINTETICA:
        return stated, Content.NONE
    return stated, Content.HASHES if stated is Receipt.BREVE else Content.WHOLE

"""The outcome of a sending for each of its recipients: from the pieces in time order, by the table of transitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from archiver.digest import Sha256
from archiver.pec import notice, reason
from archiver.pec.daticert import Daticert
from archiver.pec.daticert import Recipient as Listed
from archiver.pec.kind import Kind
from archiver.pec.original import Original
from archiver.pec.piece import Piece
from archiver.pec.reason import Reason
from archiver.pec.state import TRANSITIONS, Event, State

_EVENTS = {Kind.AVVENUTA_CONSEGNA: Event.DELIVERY, Kind.ERRORE_CONSEGNA: Event.FAILURE}
_BEGINNINGS = (Kind.ACCETTAZIONE, Kind.POSTA_CERTIFICATA, Kind.INVIATO)


class Role(StrEnum):
    """Where the sender put a recipient; unknown where nothing with a To and a Cc has come."""

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


_PROVES = (Content.WHOLE, Content.HASHES, Content.NONE)


@dataclass(frozen=True, slots=True)
class Recipient:
    """The outcome for one address (written as it was first given). `at` is the time of what gave the state.

    `sha256` is the message that gave it, for a delivery the one that proves most. `trusted` is
    whether a provider that the archive knows signed it. `reason` is set for `failed` and `refused`; `detail` is what
    the provider wrote about it, raw.
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
    sha256: Sha256 | None = None
    trusted: bool | None = None


def recipients(
    ordered: tuple[Piece, ...], original: Original | None, contents: Mapping[Sha256, Content]
) -> tuple[Recipient, ...]:
    """Every address once. `ordered` are intact pieces in time order; the other two as `archiver.pec.dossier.fold`."""
    accepted = first(ordered, Kind.ACCETTAZIONE)
    refused = first(ordered, Kind.NON_ACCETTAZIONE)
    table = _table(ordered, accepted, original)
    if refused and not accepted:
        table = {key: _refuse(item, refused) for key, item in table.items()}
    start = _start(ordered)
    for piece in ordered:
        event = _event(piece, start)
        data = piece.daticert
        if event and data and data.consegna:
            key = data.consegna.lower()
            table[key] = _after(table[key], event, piece, data, contents)
    return tuple(table.values())


def first(ordered: Iterable[Piece], *kinds: Kind) -> Piece | None:
    """The first piece of the first of these kinds that there is."""
    return next((piece for kind in kinds for piece in ordered if piece.kind is kind), None)


def _start(ordered: tuple[Piece, ...]) -> datetime | None:
    """When the transmission began: its acceptance; without one the earliest trace of it, which can only be later."""
    begun = first(ordered, *_BEGINNINGS) or next((piece for piece in ordered if piece.daticert), None)
    return begun.at if begun else None


def _table(ordered: tuple[Piece, ...], accepted: Piece | None, original: Original | None) -> dict[str, Recipient]:
    """Every address once, each pending or external: those that the provider lists, until then those of To and Cc."""
    certified = _certified((accepted, *ordered) if accepted else ordered)  # the acceptance says it first
    roles = _stated(ordered, original)
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
    listed: tuple[Listed, ...] = ()
    for data in named:
        for item in data.destinatari if data.destinatari != listed else ():  # 500 receipts have one list of 500
            found.setdefault(item.address.lower(), (item.address, item.certified))
        listed = data.destinatari
    for data in named:
        if data.consegna:
            found.setdefault(data.consegna.lower(), (data.consegna, True))
    return found


def _stated(ordered: tuple[Piece, ...], original: Original | None) -> dict[str, tuple[str, Role]]:
    """To and Cc of the sent copy, else of the envelope, else of the message in a receipt; in both is a To."""
    found: dict[str, tuple[str, Role]] = {}
    piece = first(ordered, Kind.INVIATO, Kind.POSTA_CERTIFICATA)
    source = piece or original
    if source:
        for names, role in ((source.to, Role.TO), (source.cc, Role.CC)):
            for name in names:
                found.setdefault(name.lower(), (name, role))
    return found


def _refuse(item: Recipient, refused: Piece) -> Recipient:
    data = refused.daticert
    return replace(
        item,
        state=State.REFUSED,
        at=refused.at,
        reason=reason.of(data.errore, data.errore_esteso) if data else Reason.OTHER,
        detail=data.errore_esteso if data else "",
        sha256=refused.sha256,
        trusted=refused.trusted,
    )


def _event(piece: Piece, start: datetime | None) -> Event | None:
    """What a piece reports of a recipient."""
    if piece.kind is not Kind.PREAVVISO_ERRORE_CONSEGNA:
        return _EVENTS.get(piece.kind)
    words = piece.daticert.errore_esteso if piece.daticert else ""
    second = notice.is_second(words, by_text=piece.names_24, waited=piece.at - start if start else None)
    return Event.NOTICE_24 if second else Event.NOTICE_12


def _after(
    item: Recipient, event: Event, piece: Piece, data: Daticert, contents: Mapping[Sha256, Content]
) -> Recipient:
    state, contradiction = TRANSITIONS[item.state, event]
    item = replace(item, contradiction=contradiction or item.contradiction)
    if event is Event.DELIVERY:
        return _delivered(item, piece, data, contents)
    if state is item.state:
        return item
    return replace(
        item,
        state=state,
        at=piece.at,
        reason=reason.of(data.errore, data.errore_esteso) if event is Event.FAILURE else Reason.NONE,
        detail=data.errore_esteso,
        sha256=piece.sha256,
        trusted=piece.trusted,
    )


def _delivered(item: Recipient, piece: Piece, data: Daticert, contents: Mapping[Sha256, Content]) -> Recipient:
    """The first delivery gives the time; the receipt that proves most gives the content."""
    receipt, content = _receipt(piece, data, contents)
    again = item.state is State.DELIVERED
    if again and _PROVES.index(content) >= _PROVES.index(item.content):
        return item
    return Recipient(
        address=item.address,
        role=item.role,
        state=State.DELIVERED,
        receipt=receipt,
        content=content,
        at=item.at if again else piece.at,
        contradiction=item.contradiction,
        sha256=piece.sha256,
        trusted=piece.trusted,
    )


def _receipt(piece: Piece, data: Daticert, contents: Mapping[Sha256, Content]) -> tuple[Receipt, Content]:
    """What is not stated is `completa` (RFC 6109, 3.3.2); without postacert.eml it proves nothing of the content."""
    stated = next((item for item in Receipt if item == data.ricevuta), Receipt.COMPLETA)
    if not piece.has_original or stated is Receipt.SINTETICA:
        return stated, Content.NONE
    return stated, contents.get(piece.sha256, Content.NONE) if stated is Receipt.BREVE else Content.WHOLE

"""The outcome of a sending for each of its recipients: from the pieces in time order, by the table of transitions.

Where a provider that the archive knows has spoken, nobody else moves anything: anyone can sign as a provider of his
own making. What such a stranger says fills what is open, and is a contradiction where it is something else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from archiver.digest import Sha256
from archiver.pec import notice, reason
from archiver.pec.daticert import Daticert
from archiver.pec.daticert import Recipient as Listed
from archiver.pec.kind import CERTIFIED, Kind
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
    """The outcome for one address (written as it was first given).

    `sha256` is the message that gave the state, `at` its time, `trusted` whether a provider that the archive knows
    signed it. `proof` is the receipt that gave `receipt` and `content`: of several the one that proves most, and by a
    known provider when `trusted`. `reason` is set for `failed` and `refused`; `detail` is what the provider wrote about
    it, raw.
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
    proof: Sha256 | None = None


def recipients(
    ordered: tuple[Piece, ...], original: Original | None, contents: Mapping[Sha256, Content]
) -> tuple[Recipient, ...]:
    """Every address once. `ordered` are intact pieces in time order; the other two as `archiver.pec.dossier.fold`."""
    known, strangers = known_first(ordered)
    settled = _certified(known)
    table = _table((*known, *strangers), settled | _named_by_strangers(strangers, settled), original)
    refused = refusal(ordered)
    if refused:
        table = {key: _refuse(item, refused) for key, item in table.items()}
    fixed = {key for key, (_, is_pec) in settled.items() if not is_pec}
    fixed |= set(table) if refused and refused.trusted else set()
    start = _start(known if spoken(known) else ordered)
    for piece in (*known, *strangers):
        event = _event(piece, start)
        data = piece.daticert
        if event and data and data.consegna:
            key = data.consegna.lower()
            if _is_known(piece):
                fixed.add(key)
            elif key in fixed:
                table[key] = _disputed(table[key], event, piece)
                continue
            table[key] = _after(table[key], event, piece, data, contents)
    return tuple(table.values())


def second_notices(ordered: tuple[Piece, ...]) -> frozenset[Sha256]:
    """Which of these pieces, in time order, are notices of 24 hours, after which nothing more is to be expected."""
    known, _ = known_first(ordered)
    start = _start(known if spoken(known) else ordered)
    return frozenset(piece.sha256 for piece in ordered if _event(piece, start) is Event.NOTICE_24)


def known_first(ordered: tuple[Piece, ...]) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The holder's own mail and what known providers signed; and what was signed by others. Both in the same order."""
    return tuple(filter(_is_known, ordered)), tuple(piece for piece in ordered if not _is_known(piece))


def spoken(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Those of the pieces that speak for a provider."""
    return tuple(piece for piece in pieces if piece.kind in CERTIFIED)


def refusal(ordered: tuple[Piece, ...]) -> Piece | None:
    """The refusal that counts: none once a message was accepted, or a known provider says anything else of it."""
    speakers = spoken(known_first(ordered)[0]) or ordered
    return None if first(speakers, Kind.ACCETTAZIONE) else first(speakers, Kind.NON_ACCETTAZIONE)


def first(ordered: Iterable[Piece], *kinds: Kind) -> Piece | None:
    """The first piece of the first of these kinds that there is."""
    return next((piece for kind in kinds for piece in ordered if piece.kind is kind), None)


def _start(ordered: tuple[Piece, ...]) -> datetime | None:
    """When the transmission began: its acceptance; without one the earliest trace of it, which can only be later."""
    begun = first(ordered, *_BEGINNINGS) or next((piece for piece in ordered if piece.daticert), None)
    return begun.at if begun else None


def _is_known(piece: Piece) -> bool:
    return piece.trusted or piece.kind not in CERTIFIED


def _table(
    ordered: tuple[Piece, ...], certified: Mapping[str, tuple[str, bool]], original: Original | None
) -> dict[str, Recipient]:
    """Every address once, each pending or external: those that the provider lists, until then those of To and Cc."""
    roles = _stated(ordered, original)
    if certified:
        roles = {key: roles[key] for key in roles if key in certified}
    for key, (name, _) in certified.items():
        roles.setdefault(key, (name, Role.UNKNOWN))
    return {
        key: Recipient(name, role, State.PENDING if certified.get(key, (name, True))[1] else State.EXTERNAL)
        for key, (name, role) in roles.items()
    }


def _named_by_strangers(
    strangers: tuple[Piece, ...], settled: Mapping[str, tuple[str, bool]]
) -> dict[str, tuple[str, bool]]:
    """What only they name; where a known provider has listed somebody, no more than whose outcome they report."""
    told = {piece.daticert.consegna.lower() for piece in strangers if piece.daticert and settled}
    found = _certified(strangers)
    return {key: named for key, named in found.items() if key not in settled and (not settled or key in told)}


def _certified(pieces: tuple[Piece, ...]) -> dict[str, tuple[str, bool]]:
    """Each address that a provider names, as written, and whether it is PEC; whoever got a receipt is."""
    found: dict[str, tuple[str, bool]] = {}
    accepted = first(pieces, Kind.ACCETTAZIONE)  # it says it first
    named = [piece.daticert for piece in ((accepted, *pieces) if accepted else pieces) if piece.daticert]
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


def _disputed(item: Recipient, event: Event, piece: Piece) -> Recipient:
    """What a known provider said stays; another state, or another time of the delivery, is a contradiction."""
    state, contradiction = TRANSITIONS[item.state, event]
    elsewhen = event is Event.DELIVERY and piece.at != item.at
    return replace(item, contradiction=item.contradiction or contradiction or state is not item.state or elsewhen)


def _delivered(item: Recipient, piece: Piece, data: Daticert, contents: Mapping[Sha256, Content]) -> Recipient:
    """The first delivery gives the state; the receipt that proves most gives the content."""
    receipt, content = _receipt(piece, data, contents)
    again = item.state is State.DELIVERED
    if again and _PROVES.index(content) >= _PROVES.index(item.content):
        return item
    if again:
        return replace(item, receipt=receipt, content=content, proof=piece.sha256)
    return Recipient(
        address=item.address,
        role=item.role,
        state=State.DELIVERED,
        receipt=receipt,
        content=content,
        at=piece.at,
        contradiction=item.contradiction,
        sha256=piece.sha256,
        trusted=piece.trusted,
        proof=piece.sha256,
    )


def _receipt(piece: Piece, data: Daticert, contents: Mapping[Sha256, Content]) -> tuple[Receipt, Content]:
    """What is not stated is `completa` (RFC 6109, 3.3.2); without postacert.eml it proves nothing of the content."""
    stated = next((item for item in Receipt if item == data.ricevuta), Receipt.COMPLETA)
    if not piece.has_original or stated is Receipt.SINTETICA:
        return stated, Content.NONE
    return stated, contents.get(piece.sha256, Content.NONE) if stated is Receipt.BREVE else Content.WHOLE

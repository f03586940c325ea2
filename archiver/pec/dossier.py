"""A dossier: a message, its acceptance, each recipient's outcome, folded from whatever has come, in any order.

Nothing is stored of it: receipts come days later, or never, and the answer is made new each time it is asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from archiver.digest import Sha256
from archiver.pec.kind import RECEIPTS, Kind
from archiver.pec.original import Original
from archiver.pec.outcome import Content, Recipient, first, known_first, recipients, refusal, spoken
from archiver.pec.piece import Piece
from archiver.pec.state import WORST_FIRST, State

_ALONE = {
    Kind.POSTA_CERTIFICATA: State.RECEIVED,
    Kind.ANOMALIA: State.ANOMALY,
    Kind.REM: State.REM,
    Kind.ORDINARIO: State.ORDINARY,
}
_BETWEEN_PROVIDERS = frozenset({Kind.PRESA_IN_CARICO, Kind.RILEVAZIONE_VIRUS})
_UNCHECKED: Mapping[Sha256, Content] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dossier:
    """`message_id` is the client's, `identificativo` the provider's; either may be empty. `pieces` are in time order.

    Of a message that was received nothing is known about the others' outcome: it has no recipients here. `trusted` is
    whether `state` would be the same without what providers say that the archive does not know; None where no
    provider has spoken.
    """

    message_id: str
    identificativo: str
    state: State
    contradiction: bool
    recipients: tuple[Recipient, ...]
    pieces: tuple[Piece, ...]
    trusted: bool | None = None

    @property
    def message_itself(self) -> Piece | None:
        """The sent copy, else the envelope; None where only receipts tell of it."""
        return first(self.pieces, Kind.INVIATO, Kind.POSTA_CERTIFICATA)


def fold(
    pieces: Iterable[Piece], *, original: Original | None = None, contents: Mapping[Sha256, Content] = _UNCHECKED
) -> Dossier:
    """The dossier of `pieces`, which belong together (see `archiver.pec.matching`); their order does not matter.

    What their bytes tell is passed in by who has read them: `original`, the message in a receipt, gives the roles where
    no sent copy does; `contents` says of `breve` receipts what was found (`archiver.pec.breve`), by default nothing.
    """
    shown = tuple(sorted(set(pieces), key=lambda piece: piece.order))
    ordered = tuple(piece for piece in shown if piece.intact)
    known, strangers = known_first(ordered or shown)
    named = (*known, *strangers)
    sending = _sending(named)
    found = recipients(ordered, original, contents) if sending else ()
    state = _sent(ordered, found) if sending else _alone(shown)
    return Dossier(
        message_id=next(filter(None, (piece.msgid for piece in named)), ""),
        identificativo=next(filter(None, (piece.identificativo for piece in named)), ""),
        state=state,
        contradiction=_disputed(ordered) or any(item.contradiction for item in found),
        recipients=found,
        pieces=shown,
        trusted=(not spoken(strangers) or _state_alone(shown) is state) if spoken(ordered) else None,
    )


def _disputed(ordered: tuple[Piece, ...]) -> bool:
    """Whether somebody says that it was refused, and somebody else that it was not."""
    refused = first(ordered, Kind.NON_ACCETTAZIONE)
    return bool(refused and (first(ordered, Kind.ACCETTAZIONE) or not refusal(ordered)))


def _state_alone(shown: tuple[Piece, ...]) -> State:
    """The state by what known providers say, and nobody else."""
    known = tuple(piece for piece in known_first(shown)[0] if piece.intact)
    return _sent(known, recipients(known, None, _UNCHECKED)) if _sending(known) else _alone(known)


def _sending(pieces: tuple[Piece, ...]) -> bool:
    """Whether the holder sent it: he has the sent copy, or what providers tell a sender (they tell each other more)."""
    kinds = {piece.kind for piece in pieces}
    told = kinds & RECEIPTS
    return Kind.INVIATO in kinds or bool(told - _BETWEEN_PROVIDERS if Kind.POSTA_CERTIFICATA in kinds else told)


def _alone(shown: tuple[Piece, ...]) -> State:
    return next((_ALONE[piece.kind] for piece in shown if piece.kind in _ALONE), State.ORDINARY)


def _sent(ordered: tuple[Piece, ...], found: tuple[Recipient, ...]) -> State:
    """Readings of the state of a sending: the worst of its recipients, once a provider has spoken."""
    kinds = {piece.kind for piece in ordered}
    if refusal(ordered):
        return State.REFUSED
    if not kinds & RECEIPTS:
        return State.SENT
    states = {item.state for item in found}
    return next((state for state in WORST_FIRST if state in states), State.PENDING)

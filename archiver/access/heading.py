"""Who wrote what to whom, by the best that a dossier has: the message, the one in a receipt, what a provider says.

Of a message received the envelope's own headers are the provider's: its daticert.xml names who wrote, and about what.
"""

from typing import Any

from archiver.access.told import Told
from archiver.pec.kind import Kind
from archiver.pec.outcome import first, known_first
from archiver.pec.piece import Piece

DECLARED = "daticert"
"""The source where nobody has the message: a provider declares its sender, recipients and subject."""

_ALONE = (Kind.ANOMALIA, Kind.REM, Kind.ORDINARIO)


def heading(told: Told) -> dict[str, Any] | None:
    """For machines. `source`: `inviato`, `posta-certificata`, another kind of mail received, `avvenuta-consegna` (the
    receipt whose postacert.eml it is), or `daticert`; None when there is nothing of all that.
    """
    dossier, inner = told.dossier, told.original
    itself = dossier.message_itself
    if itself:
        return _itself(itself)
    if inner:
        return {
            "source": "avvenuta-consegna",
            "sha256": told.carrier,
            "date": inner.date.isoformat() if inner.date else None,
            "from": inner.sender.address,
            "to": list(inner.to),
            "cc": list(inner.cc),
            "subject": inner.subject,
            "attachments": list(inner.attachments),
        }
    intact = tuple(piece for piece in dossier.pieces if piece.intact)
    alone = first(dossier.pieces, *_ALONE)
    return _declared(intact) or (_itself(alone) if alone else None)


def _itself(piece: Piece) -> dict[str, Any]:
    data = piece.daticert if piece.kind is Kind.POSTA_CERTIFICATA and piece.intact else None
    wrote = (data.mittente if data else "") or piece.sender
    found = {
        "source": piece.kind,
        "sha256": piece.sha256,
        "date": piece.date.isoformat(),
        "from": wrote,
        "to": list(piece.to),
        "cc": list(piece.cc),
        "subject": (data.oggetto if data else "") or piece.subject,
    }
    return found if wrote == piece.sender else {**found, "envelope": piece.sender}


def _declared(intact: tuple[Piece, ...]) -> dict[str, Any] | None:
    """What the acceptance says of the message, else any other receipt; by a known provider if there is one."""
    ordered = [piece for group in known_first(intact) for piece in group if piece.daticert and piece.daticert.mittente]
    piece = first(ordered, Kind.ACCETTAZIONE) or next(iter(ordered), None)
    if piece is None or piece.daticert is None:
        return None
    data = piece.daticert
    return {
        "source": DECLARED,
        "sha256": piece.sha256,
        "date": None,
        "from": data.mittente,
        "to": [item.address for item in data.destinatari],
        "cc": [],
        "subject": data.oggetto,
    }

"""An exhibit for one recipient: sent copy, acceptance, and that recipient's receipts; no other's.

Readings 29. The sent copy, the acceptance and a `completa` receipt, which holds the message, are single documents,
signed as they are: they name all recipients, and the exhibit says so.
"""

from dataclasses import replace

from archiver.access.exhibit.timeline import concerns
from archiver.access.show import Shown
from archiver.errors import ConfigError
from archiver.pec.kind import Kind
from archiver.pec.piece import Piece

OF_ALL = frozenset(
    (
        Kind.INVIATO,
        Kind.ACCETTAZIONE,
        Kind.NON_ACCETTAZIONE,
        Kind.POSTA_CERTIFICATA,
        Kind.ANOMALIA,
        Kind.REM,
        Kind.ORDINARIO,
    )
)
"""Messages that are about the whole sending."""


def narrowed(shown: Shown, recipient: str) -> Shown:
    """The same dossier as far as it concerns `recipient`. Raises ConfigError for an address that it does not have."""
    known = {item.address.lower(): item for item in shown.dossier.recipients}
    if recipient.lower() not in known:
        called = shown.proofs[0].message.sha256[:16]
        raise ConfigError(
            f"--recipient {recipient}: is none of the {len(known)} recipients of {called}: `archiver show {called}`"
            " lists them"
        )
    kept = {piece.sha256: piece for piece in shown.dossier.pieces if _kept(piece, recipient)}
    mine = known[recipient.lower()]
    narrow = replace(shown.dossier, recipients=(mine,), pieces=tuple(kept.values()), state=mine.state)
    carrier = shown.told.carrier if shown.told.carrier in kept else None
    told = replace(
        shown.told,
        dossier=replace(narrow, contradiction=mine.contradiction),
        original=shown.told.original if carrier else None,
        carrier=carrier,
        findings=tuple(found for found in shown.told.findings if found.subject in kept),
    )
    proofs = tuple(proof for proof in shown.proofs if proof.message.sha256 in kept)
    return replace(shown, told=told, proofs=proofs, related=(), addressed=len(known))


def _kept(piece: Piece, recipient: str) -> bool:
    return piece.kind in OF_ALL or concerns(piece).lower() == recipient.lower()

"""What happened, in order of time, a sentence each: the messages of a dossier, and the archive's time stamps."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from archiver.access.show import Shown
from archiver.access.words import REASONS
from archiver.digest import Sha256
from archiver.pec.kind import Kind
from archiver.pec.outcome import Recipient, second_notices
from archiver.pec.piece import Piece

ROME = ZoneInfo("Europe/Rome")
NIGHT_BEGINS, NIGHT_ENDS = 21, 7
STAMPED, RENEWED = "archive-stamp", "archive-renewal"
"""What the archive did, among the kinds of the messages."""

FIRST_NOTICE, SECOND_NOTICE = "preavviso-errore-consegna-12h", "preavviso-errore-consegna-24h"
"""The two notices that have one kind as messages: after the first a delivery may still come (RFC 6109, 3.1.6)."""

_SENTENCES: dict[str, tuple[str, str]] = {
    Kind.INVIATO: ("Messaggio inviato", "Message sent"),
    Kind.ACCETTAZIONE: (
        "Ricevuta di accettazione del gestore del mittente",
        "Ricevuta di accettazione by the sender's provider",
    ),
    Kind.NON_ACCETTAZIONE: ("Avviso di non accettazione", "Avviso di non accettazione"),
    Kind.PRESA_IN_CARICO: ("Ricevuta di presa in carico", "Ricevuta di presa in carico"),
    Kind.AVVENUTA_CONSEGNA: ("Ricevuta di avvenuta consegna", "Ricevuta di avvenuta consegna"),
    Kind.ERRORE_CONSEGNA: ("Avviso di mancata consegna", "Avviso di mancata consegna"),
    FIRST_NOTICE: (
        "Avviso delle 12 ore: nessuna consegna finora, ancora possibile",
        "Notice of 12 hours: no delivery so far, still possible",
    ),
    SECOND_NOTICE: (
        "Avviso delle 24 ore (mancata consegna per superamento dei tempi massimi): nessuna consegna",
        "Notice of 24 hours (mancata consegna per superamento dei tempi massimi): no delivery",
    ),
    Kind.RILEVAZIONE_VIRUS: ("Avviso di rilevazione di virus", "Avviso di rilevazione di virus"),
    Kind.POSTA_CERTIFICATA: (
        "Messaggio PEC ricevuto (busta di trasporto)",
        "PEC message received (busta di trasporto)",
    ),
    Kind.ANOMALIA: ("Messaggio ricevuto in busta di anomalia", "Message received in a busta di anomalia"),
    Kind.REM: ("Messaggio REM", "REM message"),
    Kind.ORDINARIO: ("Messaggio di posta ordinaria", "Message of ordinary mail"),
}
_TO = ("a", "to")
_NIGHT = (
    "tra le 21 e le 7: art. 147 c. 3 c.p.c., se notificazione",
    "between 21:00 and 07:00: art. 147 c. 3 c.p.c., if it is a notificazione",
)


def timeline(shown: Shown, stamps: Iterable[tuple[str, datetime, str]], only: str) -> list[dict[str, Any]]:
    """The events, times as stated with their offset and in UTC. `stamps` are kind, time and authority.

    With `only`, an address, no other recipient is named.
    """
    outcomes = {item.sha256: item for item in shown.dossier.recipients if item.sha256}
    final = second_notices(tuple(piece for piece in shown.dossier.pieces if piece.intact))
    events = [_event(piece, outcomes.get(piece.sha256), only, final) for piece in shown.dossier.pieces]
    events += [_stamp(*stamp) for stamp in stamps]
    return sorted(events, key=lambda event: event["at_utc"])


def concerns(piece: Piece) -> str:
    """The address of the one recipient whose outcome a message reports; empty when it reports none."""
    return piece.daticert.consegna if piece.daticert else ""


def night(at: datetime) -> bool:
    """Whether a delivery falls where art. 147 c. 3 c.p.c. may matter: from 21 to 7, in Rome."""
    hour = at.astimezone(ROME).hour
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def _event(piece: Piece, outcome: Recipient | None, only: str, final: Collection[Sha256]) -> dict[str, Any]:
    recipient, kind = concerns(piece), piece.kind.value
    if piece.kind is Kind.PREAVVISO_ERRORE_CONSEGNA:
        kind = SECOND_NOTICE if piece.sha256 in final else FIRST_NOTICE
    texts = list(_SENTENCES[kind])
    for place in (0, 1):
        if recipient and (not only or recipient.lower() == only.lower()):
            texts[place] += f" {_TO[place]} {recipient}"
        if outcome and outcome.reason and outcome.reason.value in REASONS:
            texts[place] += f" ({REASONS[outcome.reason.value][place]})"
        if piece.kind is Kind.AVVENUTA_CONSEGNA and night(piece.at):
            texts[place] += f" [{_NIGHT[place]}]"
    return _told(piece.at, kind, recipient or None, piece.sha256, texts[0], texts[1])


def _stamp(kind: str, at: datetime, tsa: str) -> dict[str, Any]:
    italian, english = {
        STAMPED: (
            f"Prima marca temporale dell'archivio ({tsa}): da qui il contenuto è provato immutato",
            f"First time stamp of the archive ({tsa}): from here the content is proven unchanged",
        ),
        RENEWED: (
            f"Rinnovo della marca temporale dell'archivio ({tsa})",
            f"Renewal of the archive's time stamp ({tsa})",
        ),
    }[kind]
    return _told(at, kind, None, None, italian, english)


def _told(
    at: datetime, kind: str, recipient: str | None, sha256: str | None, italian: str, english: str
) -> dict[str, Any]:
    return {
        "at": at.isoformat(),
        "at_utc": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "kind": kind,
        "recipient": recipient,
        "sha256": sha256,
        "it": italian,
        "en": english,
    }

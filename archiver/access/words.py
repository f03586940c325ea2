"""A dossier in words, Italian or English, a line at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime

from archiver.access.question import stated
from archiver.access.show import Proof, Shown
from archiver.pec.dossier import Recipient

STATES = {
    "pending": "in attesa",
    "late": "in ritardo (avviso delle 12 ore)",
    "delivered": "consegnato",
    "failed": "non consegnato",
    "expired": "non consegnato nei tempi massimi (24 ore)",
    "external": "posta ordinaria: nessuna prova possibile",
    "refused": "non accettato dal gestore",
    "sent": "inviato, nessuna ricevuta",
    "received": "ricevuto",
    "anomaly": "busta di anomalia",
    "ordinary": "posta ordinaria",
    "rem": "REM",
}


_ENGLISH = {
    "stato": "state",
    "con contraddizioni": "contradictory",
    "destinatari": "recipients",
    "messaggi": "messages",
    "firma del gestore": "provider signature",
    "nessuna": "none",
    "non ancora chiuso": "not closed yet",
    "esistenza provata dal": "proven to exist since",
}


def lines(shown: Shown, lang: str) -> Iterator[str]:
    """The whole dossier; `lang` is `it` or `en`."""
    dossier = shown.dossier
    contradiction = f" ({_say('con contraddizioni', lang)})" if dossier.contradiction else ""
    yield shown.subject
    yield f"  {_say('stato', lang)}: {_state(dossier.state, lang)}{contradiction}"
    yield f"  Message-ID: {dossier.message_id or '-'}"
    yield f"  identificativo: {dossier.identificativo or '-'}"
    if dossier.recipients:
        yield f"{_say('destinatari', lang)}:"
    for recipient in dossier.recipients:
        yield _outcome(recipient, lang)
    yield f"{_say('messaggi', lang)}:"
    for proof in shown.proofs:
        yield from _proven(proof, lang)


def _outcome(item: Recipient, lang: str) -> str:
    """Times as the receipt states them, local, with their offset."""
    at = f" {_local(item.at)}" if item.at else ""
    why = f" - {item.reason}: {item.detail}" if item.detail else ""
    return f"  {item.address} ({item.role}): {_state(item.state, lang)}{at}{why}"


def _proven(proof: Proof, lang: str) -> Iterator[str]:
    row = proof.message
    since = f"{proof.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if proof.since else "-"
    yield f"  {_local(stated(row))}  {row.kind}  {row.sha256}"
    yield f"      {_say('firma del gestore', lang)}: {row.content or _say('nessuna', lang)}"
    yield f"      volume: {proof.volume or _say('non ancora chiuso', lang)}"
    yield f"      {_say('esistenza provata dal', lang)}: {since}"


def _local(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %H:%M:%S (%z)}"


def _state(state: str, lang: str) -> str:
    return STATES[state] if lang == "it" else str(state)


def _say(italian: str, lang: str) -> str:
    return italian if lang == "it" else _ENGLISH[italian]

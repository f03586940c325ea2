"""One dossier for people: the message, each recipient's outcome, every piece with its proofs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archiver.access.question import Catalog, dossier_of, stated
from archiver.errors import Absent, ConfigError
from archiver.pec.dossier import Dossier
from archiver.submission.rows import EvidenceRow, MessageRow

SHORTEST = 4
"""Digits of a digest that `show` takes as one."""

_STATES = {
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


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves one message: the rapporto and the volume it stands in (None: not closed yet), and their records."""

    message: MessageRow
    rapporto: str
    volume: str | None
    records: tuple[EvidenceRow, ...]

    @property
    def since(self) -> datetime | None:
        """The first time stamp that covers it."""
        return min((record.at for record in self.records), default=None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A dossier with the rows and proofs of its pieces, in time order."""

    dossier: Dossier
    proofs: tuple[Proof, ...]
    mailboxes: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "dossier": self.proofs[0].message.sha256,
            "message_id": self.dossier.message_id,
            "identificativo": self.dossier.identificativo,
            "subject": _subject(self),
            "state": self.dossier.state,
            "contradiction": self.dossier.contradiction,
            "recipients": [
                {
                    "address": item.address,
                    "role": item.role,
                    "state": item.state,
                    "receipt": item.receipt,
                    "content": item.content,
                    "at": item.at.isoformat() if item.at else None,
                    "reason": item.reason,
                    "detail": item.detail,
                }
                for item in self.dossier.recipients
            ],
            "messages": [
                {
                    "sha256": proof.message.sha256,
                    "kind": proof.message.kind,
                    "date": stated(proof.message).isoformat(),
                    "content": proof.message.content or "UNSIGNED",
                    "mailbox": self.mailboxes.get(proof.message.mailbox, proof.message.mailbox),
                }
                for proof in self.proofs
            ],
            "proofs": [
                {
                    "sha256": proof.message.sha256,
                    "segment": proof.message.segment,
                    "rapporto": proof.rapporto,
                    "volume": proof.volume,
                    "records": [record.name for record in proof.records],
                    "since": proof.since.isoformat() if proof.since else None,
                }
                for proof in self.proofs
            ],
        }

    def lines(self, lang: str) -> Iterator[str]:
        """For people."""
        say: Callable[[str, str], str] = lambda italian, english: italian if lang == "it" else english  # noqa: E731
        state = _STATES[self.dossier.state] if lang == "it" else str(self.dossier.state)
        yield f"{_subject(self)}"
        yield f"  {say('stato', 'state')}: {state}{say(' (con contraddizioni)', ' (contradictory)') if self.dossier.contradiction else ''}"
        yield f"  Message-ID: {self.dossier.message_id or '-'}"
        yield f"  identificativo: {self.dossier.identificativo or '-'}"
        if self.dossier.recipients:
            yield say("destinatari:", "recipients:")
        for item in self.dossier.recipients:
            outcome = _STATES[item.state] if lang == "it" else str(item.state)
            at = f" {item.at:%d/%m/%Y %H:%M:%S (%z)}" if item.at else ""
            why = f" - {item.reason}: {item.detail}" if item.detail else ""
            yield f"  {item.address} ({item.role}): {outcome}{at}{why}"
        yield say("messaggi:", "messages:")
        for proof in self.proofs:
            row = proof.message
            yield f"  {stated(row):%d/%m/%Y %H:%M:%S (%z)}  {row.kind}  {row.sha256}"
            yield f"      {say('firma del gestore', 'provider signature')}: {row.content or say('nessuna', 'none')}"
            volume = proof.volume or say("non ancora chiuso", "not closed yet")
            since = f"{proof.since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if proof.since else "-"
            yield f"      {say('volume', 'volume')}: {volume}"
            yield f"      {say('esistenza provata dal', 'proven to exist since')}: {since}"


def show(catalog: Catalog, name: str, *, mailboxes: Mapping[str, str]) -> Shown:
    """The dossier called `name`: an identificativo, a Message-ID, or the beginning of a digest of any message in it.

    Raises Absent when there is none, ConfigError when several dossiers match.
    """
    rows = _named(catalog, name)
    if not rows:
        raise Absent(f"{name}: no message in the archive has this identificativo, Message-ID or digest")
    dossiers: dict[tuple[str, ...], tuple[Dossier, tuple[MessageRow, ...]]] = {}
    for row in rows:
        found = dossier_of(row, catalog)
        dossiers.setdefault(tuple(item.sha256 for item in found[1]), found)
    if len(dossiers) > 1:
        choices = "\n".join(
            f"  {rows[0].sha256[:16]}  {stated(rows[0]):%Y-%m-%d %H:%M}  {rows[0].subject}"
            for _, rows in dossiers.values()
        )
        raise ConfigError(f"{name}: several dossiers match, name one by its digest:\n{choices}")
    dossier, members = next(iter(dossiers.values()))
    return Shown(dossier, tuple(_proof(row, catalog) for row in members), mailboxes)


def _named(catalog: Catalog, name: str) -> list[MessageRow]:
    bare = name.strip().strip("<>")
    digits = bare.lower()
    if len(digits) >= SHORTEST and not set(digits) - set("0123456789abcdef"):
        return catalog.message(digits)
    return catalog.same_transaction(identificativi=(bare,), msgids=(bare,))


def _proof(row: MessageRow, catalog: Catalog) -> Proof:
    segment = catalog.segment_of(row.segment, mailbox=row.mailbox)
    volume = segment.volume if segment else None
    records = [*catalog.evidence_of("pdv", row.pdv), *(catalog.evidence_of("volume", volume) if volume else ())]
    return Proof(row, row.pdv, volume, tuple(records))


def _subject(shown: Shown) -> str:
    first = next(
        (proof.message for proof in shown.proofs if proof.message.kind in ("inviato", "posta-certificata")), None
    )
    return (first or shown.proofs[0].message).subject or "(senza oggetto)"

"""One dossier for people: the message, each recipient's outcome, every piece with its proofs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.access.question import Catalog, dossier_of, stated
from archiver.errors import Absent, ConfigError
from archiver.pec.dossier import Dossier, Recipient
from archiver.submission.rows import EvidenceRow, MessageRow

SHORTEST = 4
"""Digits of a digest that `show` takes as one."""


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

    @property
    def subject(self) -> str:
        """The subject of the message itself, else of whatever is there."""
        wanted = ("inviato", "posta-certificata")
        rows = [proof.message for proof in self.proofs]
        return next((row for row in rows if row.kind in wanted), rows[0]).subject or "(senza oggetto)"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "dossier": self.proofs[0].message.sha256,
            "message_id": self.dossier.message_id,
            "identificativo": self.dossier.identificativo,
            "subject": self.subject,
            "state": self.dossier.state,
            "contradiction": self.dossier.contradiction,
            "recipients": [_recipient(item) for item in self.dossier.recipients],
            "messages": [_message(proof.message, self.mailboxes) for proof in self.proofs],
            "proofs": [_proven(proof) for proof in self.proofs],
        }


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


def _recipient(item: Recipient) -> dict[str, Any]:
    return {
        "address": item.address,
        "role": item.role,
        "state": item.state,
        "receipt": item.receipt,
        "content": item.content,
        "at": item.at.isoformat() if item.at else None,
        "reason": item.reason,
        "detail": item.detail,
    }


def _message(row: MessageRow, mailboxes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "sha256": row.sha256,
        "kind": row.kind,
        "date": stated(row).isoformat(),
        "content": row.content or "UNSIGNED",
        "mailbox": mailboxes.get(row.mailbox, row.mailbox),
    }


def _proven(proof: Proof) -> dict[str, Any]:
    return {
        "sha256": proof.message.sha256,
        "segment": proof.message.segment,
        "rapporto": proof.rapporto,
        "volume": proof.volume,
        "records": [record.name for record in proof.records],
        "since": proof.since.isoformat() if proof.since else None,
    }

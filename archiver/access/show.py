"""One dossier for people: the message, each recipient's outcome, every piece with its proofs, and what is related."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.access.heading import heading
from archiver.access.question import Catalog, dossier_of, stated
from archiver.access.related import Related, related
from archiver.access.told import Told, tell
from archiver.errors import Absent, ConfigError
from archiver.pec.dossier import Dossier
from archiver.pec.outcome import Recipient
from archiver.ports import ObjectStore
from archiver.submission.rows import EvidenceRow, MessageRow

SHORTEST = 4
"""Digits of a digest that `show` takes as one."""

Members = tuple[Dossier, tuple[MessageRow, ...]]


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


class Ambiguous(ConfigError):
    """Several dossiers match; its text names some messages of each, which are `seen`."""

    def __init__(self, text: str, seen: tuple[MessageRow, ...]) -> None:
        super().__init__(text)
        self.seen = seen


@dataclass(frozen=True, slots=True)
class Shown:
    """A dossier with the rows and proofs of its pieces, in time order, and with what is related to it.

    `withheld`: how many messages of it lie in mailboxes that whoever asks may not read; `restricted`: how many others
    are restricted (GDPR, art. 18), and not shown. `addressed`: how many recipients it has, where fewer are shown.
    """

    told: Told
    proofs: tuple[Proof, ...]
    related: tuple[Related, ...]
    mailboxes: Mapping[str, str]
    withheld: int = 0
    addressed: int = 0
    restricted: int = 0

    @property
    def dossier(self) -> Dossier:
        """The dossier itself."""
        return self.told.dossier

    @property
    def hidden(self) -> int:
        """How many messages of it are not shown, for whatever reason."""
        return self.withheld + self.restricted

    @property
    def subject(self) -> str:
        """The subject of the message, by whatever knows it best; else of what is there."""
        known = heading(self.told)
        return (known["subject"] if known else self.proofs[0].message.subject) or "(senza oggetto)"

    @property
    def counts(self) -> dict[str, int]:
        """How many recipients are in each state, the most frequent first."""
        return {str(state): number for state, number in Counter(item.state for item in _all(self)).most_common()}

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines; the texts of findings in `lang`."""
        return {
            "dossier": self.proofs[0].message.sha256,
            "message_id": self.dossier.message_id,
            "identificativo": self.dossier.identificativo,
            "subject": self.subject,
            "state": self.dossier.state,
            "trusted": self.dossier.trusted,
            "contradiction": self.dossier.contradiction,
            "counts": self.counts,
            "withheld": self.withheld,
            "restricted": self.restricted,
            "recipients": [_recipient(item) for item in _all(self)],
            "original": heading(self.told),
            "messages": [_message(proof.message, self.mailboxes) for proof in self.proofs],
            "related": [item.as_json() for item in self.related],
            "findings": [item.as_json(lang) for item in self.told.findings],
            "proofs": [_proven(proof) for proof in self.proofs],
        }


def show(
    catalog: Catalog,
    store: ObjectStore,
    name: str,
    *,
    mailboxes: Mapping[str, str],
    mailbox: str | None = None,
    whole: Catalog | None = None,
    behind: Catalog | None = None,
) -> Shown:
    """The dossier called `name`: an identificativo, a Message-ID, or the beginning of a digest of any message in it.

    `mailboxes` are names by id; `mailbox` is the id of the one in which the message called so must lie, None for any.
    `behind` is the catalog with the messages too that are restricted, `whole` the one with those of all mailboxes: what
    they have more is counted, and nothing else is told. Raises Absent when there is none, or nothing that is not
    restricted; ConfigError when several dossiers match.
    """
    dossiers = _dossiers(catalog, name, mailbox)
    if not dossiers and behind and any(row for row in _named(behind, name) if mailbox in (None, row.mailbox)):
        raise Absent(
            f"{name}: trattamento limitato (GDPR, art. 18): non si mostra; il responsabile può, con --restricted e"
            " --reason (its processing is restricted: it is not shown)"
        )
    if not dossiers:
        where = f"in the mailbox {mailboxes.get(mailbox, mailbox)}" if mailbox else "in the archive"
        raise Absent(f"{name}: no message {where} has this identificativo, Message-ID or digest")
    if len(dossiers) > 1:
        choices = "\n".join(_choice(rows[0], mailboxes) for _, rows in dossiers)
        raise Ambiguous(
            f"{name}: several dossiers match, name one by its digest, and its mailbox with --mailbox:\n{choices}",
            tuple(rows[0] for _, rows in dossiers),
        )
    dossier, rows = dossiers[0]
    told = tell(dossier, rows, store)
    limited = _more(rows, behind) if behind else 0
    hidden = _more(rows, whole) - limited if whole else 0
    return Shown(
        told, _proofs(rows, catalog), related(dossier, rows, catalog), mailboxes, max(0, hidden), restricted=limited
    )


def members(catalog: Catalog, name: str, *, mailbox: str | None = None) -> tuple[MessageRow, ...]:
    """The messages of the one dossier called so, the one that was named by its digest first. Raises as `show`."""
    dossiers = _dossiers(catalog, name, mailbox)
    if not dossiers:
        raise Absent(f"{name}: no message in the archive has this identificativo, Message-ID or digest")
    if len(dossiers) > 1:
        choices = "\n".join(_choice(rows[0], {}) for _, rows in dossiers)
        raise Ambiguous(
            f"{name}: several dossiers match, name one by its digest:\n{choices}",
            tuple(rows[0] for _, rows in dossiers),
        )
    named = {row.sha256 for row in _named(catalog, name)}
    return tuple(sorted(dossiers[0][1], key=lambda row: row.sha256 not in named))


def _more(rows: tuple[MessageRow, ...], whole: Catalog) -> int:
    """How many messages of a dossier `whole` has beyond these."""
    _, everything = dossier_of(rows[0], whole)
    return len({row.sha256 for row in everything} - {row.sha256 for row in rows})


def _choice(row: MessageRow, mailboxes: Mapping[str, str]) -> str:
    where = mailboxes.get(row.mailbox, row.mailbox)
    return f"  {row.sha256[:16]}  {where}  {stated(row):%Y-%m-%d %H:%M}  {row.subject}"


def _dossiers(catalog: Catalog, name: str, mailbox: str | None) -> list[Members]:
    """The dossiers of all messages of that name, each folded once."""
    found: list[Members] = []
    seen: set[tuple[str, str]] = set()
    for row in _named(catalog, name):
        if mailbox in (None, row.mailbox) and (row.holder, row.sha256) not in seen:
            dossier, members = dossier_of(row, catalog)
            found.append((dossier, members))
            seen |= {(row.holder, item.sha256) for item in members}
    return found


def _named(catalog: Catalog, name: str) -> list[MessageRow]:
    bare = name.strip().strip("<>")
    digits = bare.lower()
    if len(digits) >= SHORTEST and not set(digits) - set("0123456789abcdef"):
        return catalog.message(digits)
    return catalog.same_transaction(identificativi=(bare,), msgids=(bare,))


def _proofs(rows: tuple[MessageRow, ...], catalog: Catalog) -> tuple[Proof, ...]:
    """The same rapporto and the same volume prove many messages: each is asked for once."""
    volumes: dict[tuple[str, str], str | None] = {}
    records: dict[tuple[str, str], tuple[EvidenceRow, ...]] = {}

    def recorded(subject: str, subject_id: str) -> tuple[EvidenceRow, ...]:
        if (subject, subject_id) not in records:
            records[subject, subject_id] = tuple(catalog.evidence_of(subject, subject_id))
        return records[subject, subject_id]

    def proof(row: MessageRow) -> Proof:
        place = (row.segment, row.mailbox)
        if place not in volumes:
            segment = catalog.segment_of(row.segment, mailbox=row.mailbox)
            volumes[place] = segment.volume if segment else None
        volume = volumes[place]
        return Proof(row, row.pdv, volume, recorded("pdv", row.pdv) + (recorded("volume", volume) if volume else ()))

    return tuple(map(proof, rows))


def _all(shown: Shown) -> tuple[Recipient, ...]:
    return shown.dossier.recipients


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
        "contradiction": item.contradiction,
        "sha256": item.sha256,
        "trusted": item.trusted,
        "proof": item.proof,
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

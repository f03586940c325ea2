"""Messages that belong to a dossier's story without being part of it: a court's answers, the notices on an invoice."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from archiver.access.question import Catalog, dossier_of, stated
from archiver.pec import links
from archiver.pec.dossier import Dossier
from archiver.submission.rows import MessageRow

MOST = 100
"""Related dossiers that are looked at."""


@dataclass(frozen=True, slots=True)
class Related:
    """One message of another dossier, and the links that lead there: `filing:...`, `invoice:...`, `sdi:...`."""

    message: MessageRow
    why: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "sha256": self.message.sha256,
            "kind": self.message.kind,
            "date": stated(self.message).isoformat(),
            "subject": self.message.subject,
            "why": list(self.why),
        }


def related(dossier: Dossier, rows: Sequence[MessageRow], catalog: Catalog) -> tuple[Related, ...]:
    """All messages of the dossiers that are related to one, in either direction, of the same holder, in time order."""
    holder, seen = rows[0].holder, {row.sha256 for row in rows}
    claims = dict.fromkeys(link for row in rows for link in row.links)
    ours = {*claims, *_own(dossier)}
    found: list[Related] = []
    others = 0
    for row in _led_to(claims, _own(dossier), catalog):
        if row.holder == holder and row.sha256 not in seen and others < MOST:
            other, members = dossier_of(row, catalog)
            theirs = dict.fromkeys((*(link for member in members for link in member.links), *_own(other)))
            why = tuple(link for link in theirs if link in ours)
            found += [Related(member, why) for member in members if member.sha256 not in seen]
            seen |= {member.sha256 for member in members}
            others += 1
    return tuple(sorted(found, key=lambda item: (item.message.date, item.message.sha256)))


def _own(dossier: Dossier) -> tuple[str, ...]:
    """What a court's answer to this dossier would name."""
    return tuple(links.filing(name) for name in (dossier.identificativo, dossier.message_id) if name)


def _led_to(claims: Collection[str], own: Collection[str], catalog: Catalog) -> Iterator[MessageRow]:
    yield from catalog.linked([*claims, *own])
    deposits = [name for name in map(links.deposit, claims) if name]
    yield from catalog.same_transaction(identificativi=deposits, msgids=deposits)

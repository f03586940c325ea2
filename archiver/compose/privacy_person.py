"""`archiver privacy access`: all that is kept of a person, on which basis, until when, and who looked at it."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from archiver.access.printing import canonical
from archiver.access.privacy.person import Concerned, concerned, looks
from archiver.access.privacy.told import accesses_csv, messages_csv, page
from archiver.access.question import stated
from archiver.access.registered.entry import Entry
from archiver.access.registered.find import entry
from archiver.compose.archive import Archive
from archiver.compose.described import archive_told, last_day
from archiver.compose.durable import replaced
from archiver.compose.privacy_restrict import catch_up
from archiver.compose.register import check_reason, register
from archiver.compose.terms import Terms
from archiver.compose.verifica_told import responsible
from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ConfigError, Conflict
from archiver.package.act import ActKind

MOST = 10_000
"""Digests that one act names; of more it names the digest of their list."""
PRIVATE = 0o700

MESSAGES, ACCESSES, DATA, PAGE = "messaggi.csv", "accessi.csv", "dati.json", "rapporto.pdf"


@dataclass(frozen=True, slots=True)
class Accessed:
    """The folder that answers a person, and what is in it."""

    path: Path
    messages: int
    accesses: int
    restricted: int
    unread: int
    acts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"path": str(self.path), "messages": self.messages, "accesses": self.accesses,
                "restricted": self.restricted, "unread": self.unread, "acts": list(self.acts)}  # fmt: skip


def person_access(
    archive: Archive, persons: Sequence[str], target: Path, *, reason: str, lang: str, clock: Callable[[], datetime]
) -> Accessed:
    """Writes what is kept of a person into a new folder, readable for whoever runs this alone (GDPR, art. 15).

    `persons`: the addresses, names, codici fiscali and partite IVA by which one person is known. The register has the
    digest of the question and of the messages, and no address. Raises Absent when nothing is found, Conflict for a
    folder that is there, ConfigError, and as `register`.
    """
    check_reason(archive, reason)
    if target.exists() or target.is_symlink():
        raise Conflict(f"{target}: is there already, and is not written over: choose another name with -o")
    if not target.parent.is_dir():
        raise ConfigError(f"-o {target}: there is no folder {target.parent}")
    catch_up(archive)
    found = concerned(archive.catalog, persons)
    acts = _registered(archive, persons, found, reason, clock)  # also that nothing was found is an answer
    if not found:
        raise Absent("nessun messaggio riguarda questa persona, in intestazioni o testi letti (nothing was found)")
    digests = {item.row.sha256 for item in found}
    holders = {item.row.holder for item in found}
    seen = looks(archive.catalog, partial(_read, archive), holders, digests)
    told = _told(archive, persons, found, seen, digests, clock(), lang)
    target.mkdir(mode=PRIVATE)
    for name, octets in (
        (MESSAGES, messages_csv(told, lang)),
        (ACCESSES, accesses_csv(told, lang)),
        (DATA, canonical(told)),
        (PAGE, page(told)),
    ):
        replaced(target / name, octets)
        (target / name).chmod(0o600)
    return Accessed(target, len(digests), len(seen), told["restricted"], told["unread"], acts)


def _registered(
    archive: Archive, persons: Iterable[str], found: Sequence[Concerned], reason: str, clock: Callable[[], datetime]
) -> tuple[str, ...]:
    question = json.dumps(sorted(one.strip().lower() for one in persons), ensure_ascii=False, separators=(",", ":"))
    acts: list[str] = []
    for holder in sorted({item.row.holder for item in found} or set(archive.config.holders)):
        mine = sorted({item.row.sha256 for item in found if item.row.holder == holder})
        named = (
            {"messages": mine} if len(mine) <= MOST else {"list": sha256("".join(f"{one}\n" for one in mine).encode())}
        )
        what = {"question": sha256(question.encode()), "results": len(mine), **named}
        acts += register(archive, holders=[holder], kind=ActKind.PERSON, what=what, reason=reason, clock=clock).values()
    return tuple(acts)


def _read(archive: Archive, row: Any) -> Entry:
    return entry(row, archive.store, proven=False)


def _told(
    archive: Archive,
    persons: Sequence[str],
    found: Sequence[Concerned],
    seen: Sequence[Entry],
    digests: set[Sha256],
    at: datetime,
    lang: str,
) -> dict[str, Any]:
    limited = archive.catalog.restricted(digests)
    names = {box.id: box.name for box in archive.config.mailboxes}
    segments: dict[tuple[str, str], Any] = {}
    terms = Terms(archive)

    def kept(item: Concerned) -> Mapping[str, Any]:
        row = item.row
        place = (row.segment, row.mailbox)
        if place not in segments:
            segments[place] = archive.catalog.segment_of(row.segment, mailbox=row.mailbox)
        segment = segments[place]
        return {
            "sha256": row.sha256,
            "date": stated(row).isoformat(),
            "received": row.received.astimezone(UTC).isoformat(),
            "mailbox": names.get(row.mailbox, row.mailbox),
            "holder": row.holder,
            "kind": row.kind,
            "from": row.sender,
            "to": list(row.recipients),
            "subject": row.subject,
            "message_id": row.message_id,
            "roles": sorted(item.roles),
            "bytes": row.size,
            "class": segment.retention if segment else "",
            "basis": segment.basis if segment else "",
            "until": last_day(archive, segment, terms) if segment else None,
            "held": bool(segment and segment.volume in terms.held),
            "restricted": (row.holder, row.sha256) in limited,
        }

    described = archive_told(archive, at)
    return {
        "format": 1,
        "kind": "person",
        "lang": lang,
        "made": described["made"],
        "legal_value": described["legal_value"],
        "software": described["software"],
        "controllers": [one for one in described["holders"] if one["id"] in {item.row.holder for item in found}],
        "responsible": responsible(archive, at),
        "asked": list(persons),
        "messages": [kept(item) for item in found],
        "accesses": [_access(item, digests) for item in seen],
        "recipients": {
            "stores": [{key: one[key] for key in ("id", "operator", "country")} for one in described["stores"]],
            "tsas": [one["host"] or one["id"] for one in described["tsas"] if not one["retired"]],
            "mail": sorted({one["host"] for one in described["mailboxes"] if one["host"]}),
        },
        "restricted": len({digest for _, digest in limited}),
        "unread": archive.catalog.unread_count(_version()),
    }


def _version() -> int:
    from archiver.access.text import VERSION

    return VERSION


def _access(item: Entry, digests: set[Sha256]) -> Mapping[str, Any]:
    about = [one for one in (item.act.about if item.act else ()) if one in digests]
    return {
        "at": item.row.at.astimezone(UTC).isoformat(),
        "kind": item.row.kind,
        "who": item.row.who,
        "role": item.act.role if item.act else "",
        "reason": item.act.reason if item.act else "",
        "messages": about,
        "act": item.row.id,
    }

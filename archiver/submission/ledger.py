"""The ledger of continuity: what became of every UID of every folder, so that none can be skipped unseen.

A UID means something only together with its folder and UIDVALIDITY (RFC 3501, 2.3.1.1). Those of which the ledger
knows the outcome are accounted for; a poll fetches the others. The cursor that a rapporto states is the accounted
UIDs of each folder, so that the store alone can tell where a poll has to go on.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from archiver.submission.rows import LedgerRow, Outcome
from archiver.uids import Uids

Place = tuple[str, int]
"""A folder's name and its UIDVALIDITY."""

_ORIGIN = re.compile(r"UIDVALIDITY=(\d{1,10});UID=(\d{1,10})")


@dataclass(frozen=True, slots=True)
class Note:
    """What became of these UIDs of one folder."""

    folder: str
    validity: int
    outcome: Outcome
    uids: Uids


def accounted(rows: Iterable[LedgerRow]) -> dict[Place, Uids]:
    """The UIDs whose outcome is known, by place."""
    return {place: union(_uids(row) for row in found) for place, found in _by_place(rows).items()}


def accounted_by(notes: Iterable[Note]) -> dict[Place, Uids]:
    """The UIDs that the notes speak of, by place."""
    found: dict[Place, list[Uids]] = {}
    for note in notes:
        found.setdefault((note.folder, note.validity), []).append(note.uids)
    return {place: union(sets) for place, sets in found.items()}


def union(sets: Iterable[Uids]) -> Uids:
    """All of them together."""
    return Uids.joined(item.ranges for item in sets)


def written(
    rows: Iterable[LedgerRow], notes: Iterable[Note], *, mailbox: str, at: datetime
) -> tuple[list[LedgerRow], list[LedgerRow]]:
    """The ledger's `rows` after `notes`: which rows go, and which come.

    The newest note on a UID holds. Ranges that touch are one row when nobody would ask about them apart: what is kept
    is joined whenever it came, what is not keeps its own time.
    """
    before = list(rows)
    held, said = _by_place(before), list(notes)
    gone: list[LedgerRow] = []
    new: list[LedgerRow] = []
    for place in {(note.folder, note.validity) for note in said}:
        there = held.get(place, [])
        here = [note for note in said if (note.folder, note.validity) == place]
        after = list(_joined(_rewritten(there, here, mailbox=mailbox, at=at)))
        gone += set(there) - set(after)
        new += set(after) - set(there)
    return gone, new


def cursor(accounted: Mapping[Place, Uids]) -> str:
    """The accounted UIDs of each folder as one line of ASCII: a JSON object, `{"INBOX":{"1700000000":"1:345"}}`."""
    folders: dict[str, dict[str, str]] = {}
    for (folder, validity), uids in sorted(accounted.items()):
        folders.setdefault(folder, {})[str(validity)] = str(uids)
    return json.dumps(folders, separators=(",", ":")) if folders else ""


def read_cursor(text: str) -> dict[Place, Uids]:
    """What `cursor` wrote. Raises ValueError."""
    folders = json.loads(text) if text else {}
    if not isinstance(folders, dict) or not all(isinstance(found, dict) for found in folders.values()):
        raise ValueError(f"no cursor: {text[:60]!r}")
    return {
        (folder, int(validity)): Uids.parse(uids)
        for folder, found in folders.items()
        for validity, uids in found.items()
    }


def origin(validity: int, uid: int) -> str:
    """Where a message lay on its server, beside the folder's name."""
    return f"UIDVALIDITY={validity};UID={uid}"


def read_origin(text: str) -> tuple[int, int] | None:
    """UIDVALIDITY and UID of what `origin` wrote; None for the origin of a file."""
    match = _ORIGIN.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def _by_place(rows: Iterable[LedgerRow]) -> dict[Place, list[LedgerRow]]:
    found: dict[Place, list[LedgerRow]] = {}
    for row in rows:
        found.setdefault((row.folder, row.validity), []).append(row)
    return found


def _uids(row: LedgerRow) -> Uids:
    return Uids.span(row.first, row.last)


def _rewritten(rows: list[LedgerRow], notes: list[Note], *, mailbox: str, at: datetime) -> list[LedgerRow]:
    """The rows of one place with the notes over them, in order."""
    told = Uids()
    found: list[LedgerRow] = []
    for note in reversed(notes):
        for first, last in (note.uids - told).ranges:
            found.append(LedgerRow(mailbox, note.folder, note.validity, first, last, note.outcome, at))
        told |= note.uids
    for row in rows:
        untouched = row.last < told.first or row.first > told.last
        for first, last in [(row.first, row.last)] if untouched else (_uids(row) - told).ranges:
            found.append(LedgerRow(mailbox, row.folder, row.validity, first, last, row.outcome, row.at))
    return sorted(found, key=lambda row: row.first)


def _joined(rows: Iterable[LedgerRow]) -> Iterator[LedgerRow]:
    held: LedgerRow | None = None
    for row in rows:
        if held and _same(held, row):
            held = LedgerRow(
                held.mailbox, held.folder, held.validity, held.first, row.last, held.outcome, max(held.at, row.at)
            )
        else:
            if held:
                yield held
            held = row
    if held:
        yield held


def _same(one: LedgerRow, next: LedgerRow) -> bool:
    kept = one.outcome in (Outcome.ARCHIVED, Outcome.KNOWN)
    return one.last + 1 == next.first and one.outcome is next.outcome and (kept or one.at == next.at)

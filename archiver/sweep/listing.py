"""The listing: a store side by side with what is promised, both by name; what is missing is the first thing to fail."""

import re
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ArchiverError, ConfigError, Malformed, Unavailable
from archiver.evidence.record import reader as record_reader
from archiver.evidence.record.continued import continues
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.ports import Held, ObjectStore
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow
from archiver.sweep.census import census, promised_by_name
from archiver.sweep.content import answers
from archiver.sweep.values import (
    BEHIND,
    DISCARDED,
    GRAVE,
    HIDDEN,
    LISTED,
    LOCK,
    MISSING,
    OTHERS,
    SIZE,
    UNEXPECTED,
    UNFINISHED,
    WAITING,
    Report,
    Sweeping,
)

_PAGE = 500
_DISCARDABLE = frozenset((Kind.SEGMENT, Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD))
_SUFFIX = len("000001.ers")
_LOCKERS = 8
_LONGEST = 500
"""Characters of a stranger's name that are noted: no database indexes names of any length."""
_SMALL = 17 << 20
"""Bytes; nothing that proves itself by its name and belongs to us is larger."""


@dataclass(slots=True)
class _Listing:
    """One store under way: what was seen wrong, and what nobody promised.

    What was noted is remembered by eight bytes each: an emptied replica lacks a million objects.
    """

    id: str
    store: ObjectStore
    work: Sweeping
    report: Report
    seen: list[DamageRow] = field(default_factory=list)
    noted: set[int] = field(default_factory=set)
    strays: list[str] = field(default_factory=list)

    def wrong(self, name: str, code: str, found: str = "") -> None:
        now = self.work.clock()
        self.seen.append(DamageRow(self.id, _storable(name), code, now, now, found[:500]))


def list_store(id: str, work: Sweeping, report: Report, step: Callable[[int], None]) -> None:
    """Compares a store with what is promised; notes where everything is, and what is wrong.

    What an earlier listing found, and this one does not, is resolved. Raises Unavailable when the store cannot be
    listed to its end: then nothing is.
    """
    listing = _Listing(id, work.stores[id], work, report)
    pairs = _joined(listing.store.inventory(), _promised(work))
    done = 0
    with ThreadPoolExecutor(_LOCKERS) as pool:
        while page := list(islice(pairs, _PAGE)):
            there = [(held, row) for held, row in page if held and row]
            locked = pool.map(lambda pair: _locked(listing, pair[1]), there) if listing.store.locks else ()
            for (_, promise), until in zip(there, locked, strict=False):
                _check_lock(listing, promise, until)
            absent = [row.name for held, row in page if row and not held]
            had = work.catalog.copies(id, absent) if absent else {}
            for held, row in page:
                _compare(listing, held, row, had)
            _note(listing, [promise.name for _, promise in there])
            done += len(page)
            report.listed += len(there)
            if len(listing.strays) >= _PAGE:
                _judge_strays(listing)
            _write(listing)
            step(done)
    _judge_strays(listing)
    _write(listing)
    gone = [
        row
        for row in work.catalog.damages(id)
        if row.code in LISTED and hash((row.name, row.code)) not in listing.noted
    ]
    # an object that was missing, or too short, is there again: but is it the one?
    back = work.catalog.copies(id, [row.name for row in gone if row.code in GRAVE])
    work.catalog.note_copies([replace(copy, read=None) for copy in back.values()])
    work.catalog.resolve(gone)


def _write(listing: _Listing) -> None:
    """Notes what was seen wrong up to here."""
    listing.work.catalog.note_damages(listing.seen)
    listing.noted.update(hash((row.name, row.code)) for row in listing.seen)
    listing.seen = []


def _promised(work: Sweeping) -> Iterator[ObjectRow]:
    after = ""
    while rows := work.catalog.expected(after=after):
        yield from rows
        after = rows[-1].name


def _joined(there: Iterator[Held], promised: Iterator[ObjectRow]) -> Iterator[tuple[Held | None, ObjectRow | None]]:
    """Two ascending streams side by side, each name once."""
    held: Held | None = next(there, None)
    row: ObjectRow | None = next(promised, None)
    while held or row:
        if row is None or (held is not None and held.name < row.name):
            yield held, None
            held = next(there, None)
        elif held is None or row.name < held.name:
            yield None, row
            row = next(promised, None)
        else:
            yield held, row
            held, row = next(there, None), next(promised, None)


def _compare(listing: _Listing, held: Held | None, row: ObjectRow | None, had: Container[str]) -> None:
    """`had`: what the store has had, of that which it has not."""
    if row is None:
        assert held is not None, "one of the two is there"
        listing.strays.append(held.name)
    elif held is None and listing.store.has(row.name):
        pass  # put since this page was listed
    elif held is None:
        listing.wrong(row.name, MISSING if listing.id == listing.work.primary or row.name in had else BEHIND)
    else:
        if held.size != row.size and row.size >= 0:
            listing.wrong(row.name, SIZE, str(held.size))
        if held.hidden:
            listing.wrong(row.name, HIDDEN)
        if held.others:
            listing.wrong(row.name, OTHERS, str(held.others))


def _locked(listing: _Listing, row: ObjectRow) -> datetime | ArchiverError | None:
    try:
        return listing.store.locked_until(row.name)
    except (Absent, ConfigError, Unavailable) as error:
        return error


def _check_lock(listing: _Listing, row: ObjectRow, until: datetime | ArchiverError | None) -> None:
    """Locks whose end moves reach some way ahead, and are made longer before they end; others reach to a term's end."""
    if isinstance(until, Absent):  # since it was listed
        listing.wrong(row.name, MISSING)
        return
    if isinstance(until, ArchiverError):
        if not answers(listing.store):
            raise until
        listing.wrong(row.name, LOCK, str(until))
        return
    term = listing.work.term(row.subject)
    if until is not None and until >= term.least:
        return
    # what waits for its volume was locked for a while when it came; whoever was to lock it again may have been away
    if until is not None and term.moves and (until > listing.work.clock() or row.subject == WAITING):
        try:
            listing.store.retain(row.name, until=term.wanted)
            listing.report.extended += 1
            return
        except (Absent, ConfigError, Unavailable) as error:
            listing.wrong(row.name, LOCK, str(error))
            return
    shown = f"{until:%Y-%m-%d}" if until else "-"
    listing.wrong(row.name, LOCK, f"{shown} < {term.least:%Y-%m-%d}")


def _note(listing: _Listing, names: list[str]) -> None:
    """Notes objects seen here for the first time."""
    known = listing.work.catalog.copies(listing.id, names)
    now = listing.work.clock()
    new = [CopyRow(listing.id, name, now) for name in names if name not in known]
    if new:
        listing.work.catalog.note_copies(new)


def _judge_strays(listing: _Listing) -> None:
    """What nobody promised: noted since, proven by its own name, part of work cut short, or a stranger."""
    if not listing.strays:
        return
    census(listing.work)
    known = listing.work.catalog.objects(name for name in listing.strays if layout.parse(name))
    pending = {row.sha256 for row in listing.work.catalog.pending()}
    ours, gone = list(known), _destroyed(listing)
    for name in listing.strays:
        if name in known:
            continue
        if name in gone:
            listing.wrong(name, DISCARDED, gone[name])
        elif _adopted(listing, name):
            ours.append(name)
        else:
            listing.wrong(name, UNFINISHED if _unfinished(name, pending, listing) else UNEXPECTED)
    _note(listing, ours)
    listing.strays = []


def _destroyed(listing: _Listing) -> dict[str, str]:
    """Those of the strays that a discard destroyed, and that are there again or still, with its id."""
    parsed = [(name, one) for name in listing.strays if (one := layout.parse(name))]
    mine = [(name, one) for name, one in parsed if one.kind in _DISCARDABLE]
    found: dict[str, str] = {}
    for holder in sorted({one.holder for _, one in mine}):
        here = [(name, one.id) for name, one in mine if one.holder == holder]
        rows = listing.work.catalog.destroyed(holder, [id for _, id in here])
        for name, id in here:
            # the id of a volume is the digest of its first segment too, which may be gone alone
            if id in rows and ("/segments/" in name or listing.work.catalog.volume(id) is None):
                found[name] = rows[id].discard
    return found


def _storable(name: str) -> str:
    """A name as a database takes it: whoever puts things into a store may call them what he likes."""
    clean = re.sub("[\0\ud800-\udfff]", "\ufffd", name)
    return clean if len(clean) <= _LONGEST else f"{clean[:_LONGEST]}~{sha256(name.encode(errors='replace'))[:16]}"


def _adopted(listing: _Listing, name: str) -> bool:
    """In the primary alone: anybody may make what proves itself, and who has a replica's keys must not decide here."""
    parsed = layout.parse(name)
    if listing.id != listing.work.primary or parsed is None:
        return False
    if parsed.kind not in (Kind.TRUST, Kind.BATCH, Kind.ACT, Kind.REPORT, Kind.TAKEOVER):
        return False
    try:
        with listing.store.open(name) as file:
            octets = file.read(_SMALL)
    except (Absent, Unavailable):
        return False
    return promised_by_name(name, octets, listing.work)


def _unfinished(name: str, pending: set[Sha256], listing: _Listing) -> bool:
    """A segment that no rapporto names, a volume of pending segments, a record that continues the last one noted.

    All are harmless: whoever takes them up judges them first.
    """
    parsed = layout.parse(name)
    if parsed is None:
        return False
    match parsed.kind:
        case Kind.SEGMENT:
            return _proven(listing, name, parsed.id)
        case Kind.INDEX | Kind.METADATA:
            return parsed.id in pending
        case Kind.VOLUME_RECORD if parsed.id in pending:
            return True
        case _ if parsed.kind in layout.RECORDS:
            subject = parsed.kind.removesuffix("-record").replace("rdv", "pdv")
            noted = listing.work.catalog.evidence_of(subject, parsed.id)
            last = max((row.number for row in noted if row.tsa == parsed.tsa), default=0)
            # a catalog that was put back may lack more than one
            before = f"{name[:-_SUFFIX]}{parsed.number - 1:06}.ers" if parsed.number > 1 else ""
            return parsed.number > last and _continued(listing, before, name)
    return False


def _continued(listing: _Listing, last: str, name: str) -> bool:
    """Whether this is a record, and holds all of the last one before it, if there is one; here that may be damaged."""
    try:
        octets = listing.store.get(name)
        record_reader.read(octets)
    except (Absent, Unavailable, Malformed):
        return False
    return not last or any(_follows(store, last, octets, name) for store in listing.work.stores.values())


def _follows(store: ObjectStore, last: str, octets: bytes, name: str) -> bool:
    try:
        return continues(store.get(last), octets, name) is None
    except (Absent, Unavailable, Malformed):
        return False


def _proven(listing: _Listing, name: str, digest: str) -> bool:
    try:
        return sha256(listing.store.get(name)) == digest
    except (Absent, Unavailable):
        return False

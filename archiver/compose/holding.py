"""Holds and longer terms: acts that keep what would otherwise go; each is in the register before it takes effect."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from archiver.access.show import SHORTEST
from archiver.access.show import show as show_dossier
from archiver.compose.archive import Archive
from archiver.compose.decided import decided
from archiver.compose.looking import telling
from archiver.compose.register import check_reason, written
from archiver.compose.sweeping import sweeping
from archiver.compose.terms import Terms, volumes_of
from archiver.digest import Sha256
from archiver.discard import rule_of
from archiver.errors import Absent, ArchiverError, Busy, ConfigError
from archiver.package.act import HOLDS, ActKind
from archiver.submission.holds import Hold, Scope, holds
from archiver.submission.keeping import ROME
from archiver.submission.rows import VolumeRow
from archiver.sweep import census

Clock = Callable[[], datetime]

MOST = 10_000
"""Messages that one hold may name: an act has its bounds. For more there are mailboxes and periods."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be held: dossiers and messages by name, or a mailbox by name, a period, everything of a holder."""

    dossiers: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    mailbox: str | None = None
    since: date | None = None
    until: date | None = None
    holder: str | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A hold with the closed volumes that it keeps."""

    hold: Hold
    volumes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return self.hold.as_json() | {"volumes": list(self.volumes)}


@dataclass(frozen=True, slots=True)
class Placed:
    """Holds that stand from now on; `late`: a destruction was under way, which what was just held may not stop."""

    holds: tuple[Kept, ...]
    late: bool


@dataclass(slots=True)
class Extended:
    """What making a term longer came to: the act of each holder, the volumes it is about, objects locked by store."""

    until: date
    acts: dict[str, str] = field(default_factory=dict)
    volumes: list[str] = field(default_factory=list)
    locked: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "until": self.until.isoformat(),
            "acts": self.acts,
            "volumes": self.volumes,
            "locked": self.locked,
            "failures": self.failures,
        }


@dataclass(frozen=True, slots=True)
class Ending:
    """The volumes of one mailbox, class and year whose term ends on one day (None: never)."""

    holder: str
    mailbox: str
    retention: str
    year: int
    ends: date | None
    sealed: date | None
    volumes: int
    messages: int
    bytes: int
    held: int

    @property
    def lengthened(self) -> bool:
        """Whether it is kept longer than it was sealed for."""
        return self.ends != self.sealed

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "holder": self.holder,
            "mailbox": self.mailbox,
            "class": self.retention,
            "year": self.year,
            "ends": self.ends.isoformat() if self.ends else None,
            "sealed_until": self.sealed.isoformat() if self.sealed else None,
            "volumes": self.volumes,
            "messages": self.messages,
            "bytes": self.bytes,
            "held": self.held,
        }


def hold_place(archive: Archive, wanted: Wanted, *, reason: str, review: date | None, clock: Clock) -> Placed:
    """Places a hold in the register of each holder whom it is about; it stands until somebody releases it.

    A destruction asks the registers after it has begun and before the first byte goes: what is placed while one is at
    work is kept, and may come too late for it.

    Raises ConfigError for what says nothing, or too much; Absent for a message that is not there.
    """
    _reasoned(archive, reason)
    whats = dict(_whats(archive, wanted, reason))
    more = {"review": review.isoformat()} if review else {}
    acts = [
        written(archive, holder, ActKind.HOLD_PLACED, {**what, **more}, reason=reason.strip(), clock=clock)
        for holder, what in whats.items()
    ]
    found = tuple(Kept(hold, tuple(sorted(volumes_of(hold, archive)))) for hold in holds(acts))
    return Placed(found, _destroying(archive))


def hold_release(archive: Archive, name: str, *, reason: str, clock: Clock) -> Hold:
    """Lets a hold go, named by its id or by the beginning of its digest. Raises Absent, ConfigError."""
    _reasoned(archive, reason)
    known = [one for one in holds(decided(archive, HOLDS)) if one.id == name or one.short.startswith(name)]
    standing = [one for one in known if one.released is None]
    if not standing:
        gone = f": tolto il {known[0].released.at:%Y-%m-%d}" if known and known[0].released else ""
        raise Absent(f"{name}: nessun blocco in vigore si chiama così{gone}: `archiver hold list` (no such hold)")
    if len(standing) > 1:
        raise ConfigError(f"{name}: più blocchi: {', '.join(one.id for one in standing)} (several holds match)")
    (one,) = standing
    act = written(archive, one.holder, ActKind.HOLD_RELEASED, {"hold": one.id}, reason=reason.strip(), clock=clock)
    return next(held for held in holds([*decided(archive, HOLDS), act]) if held.id == one.id)


def hold_list(archive: Archive, *, everything: bool = False) -> list[Kept]:
    """The holds that stand, with what they keep; `everything`: those that were released too."""
    found = [one for one in holds(decided(archive, HOLDS)) if everything or one.released is None]
    return [Kept(one, () if one.released else tuple(sorted(volumes_of(one, archive)))) for one in found]


def retention_extend(
    archive: Archive,
    *,
    until: date,
    reason: str,
    volume: str | None = None,
    mailbox: str | None = None,
    retention: str | None = None,
    clock: Clock,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Extended:
    """Makes terms longer, never shorter: first the act, then every object is locked anew on every store that locks.

    A store that does not answer is a failure in what is given back: the next sweep locks what is there.
    """
    _reasoned(archive, reason)
    what, about = _extension(archive, volume, mailbox, retention)
    found = Extended(until)
    for holder in sorted({row.holder for row in about}):
        told = {**what, "until": until.isoformat()}
        found.acts[holder] = written(
            archive, holder, ActKind.RETENTION_EXTENDED, told, reason=reason.strip(), clock=clock
        ).id
    found.volumes = sorted(row.id for row in about)
    _lock(archive, about, found, clock, progress)
    return found


def retention_list(archive: Archive) -> list[Ending]:
    """What ends when, by holder, mailbox, class and year, the earliest first."""
    terms = Terms(archive)
    groups: dict[tuple[Any, ...], list[VolumeRow]] = {}
    for holder in archive.config.holders:
        for row in archive.catalog.closed(holder):
            rule = rule_of(archive.catalog.segments_of(row.id))
            sealed = rule.term(row.year) if rule else None
            key = (row.holder, row.mailbox, row.retention, row.year, terms.last_day(row), sealed)
            groups.setdefault(key, []).append(row)
    names = {box.id: box.name for box in archive.config.mailboxes}
    found = [
        Ending(
            holder=holder,
            mailbox=names.get(mailbox, mailbox),
            retention=retention,
            year=year,
            ends=ends,
            sealed=sealed,
            volumes=len(rows),
            messages=sum(row.messages for row in rows),
            bytes=sum(row.size for row in rows),
            held=sum(row.id in terms.held for row in rows),
        )
        for (holder, mailbox, retention, year, ends, sealed), rows in groups.items()
    ]
    return sorted(found, key=lambda one: (one.ends or date.max, one.holder, one.mailbox, one.retention, one.year))


def today(at: datetime) -> date:
    """The day in Italy."""
    return at.astimezone(ROME).date()


def _destroying(archive: Archive) -> bool:
    """Whether a destruction is at work now."""
    try:
        with archive.catalog.exclusive("discard", busy="", patience=0):
            return False
    except Busy:
        return True


def _reasoned(archive: Archive, reason: str) -> None:
    check_reason(archive, reason)
    if not reason.strip():
        raise ConfigError("--reason TESTO: una decisione ha un motivo, che resta nell'atto (a decision has a reason)")


def _whats(archive: Archive, wanted: Wanted, reason: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What the act of each holder says."""
    period = bool(wanted.since or wanted.until)
    named = bool(wanted.dossiers or wanted.messages)
    if named + wanted.everything + (period or wanted.mailbox is not None) != 1:
        raise ConfigError(
            "indicare che cosa bloccare, in un modo solo: dossier o impronte, oppure --mailbox e/o --since/--until,"
            " oppure --everything (say what is to be held, in one way)"
        )
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise ConfigError(f"--since {wanted.since} è dopo --until {wanted.until} (the period ends before it begins)")
    if named:
        yield from _messages(archive, wanted, reason)
        return
    box = archive.mailbox(wanted.mailbox) if wanted.mailbox is not None else None
    for holder in _holders(archive, wanted.holder, box.holder if box else None):
        days = {"since": _day(wanted.since), "until": _day(wanted.until)} if period else {}
        scope = Scope.PERIOD if period else Scope.MAILBOX if box else Scope.HOLDER
        yield holder, {"scope": scope.value, **({"mailbox": box.id} if box else {}), **days}


def _messages(archive: Archive, wanted: Wanted, reason: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found: dict[str, set[Sha256]] = {}
    for name in wanted.dossiers:
        with telling(archive, reason=reason, name=name):
            shown = show_dossier(archive.catalog, archive.store, name, mailboxes={})
        for proof in shown.proofs:
            found.setdefault(proof.message.holder, set()).add(proof.message.sha256)
    for holder, digest in named_digests(archive, wanted.messages):
        found.setdefault(holder, set()).add(digest)
    for holder, digests in sorted(found.items()):
        if len(digests) > MOST:
            raise ConfigError(f"{len(digests)} messaggi: al più {MOST} per blocco; usare --mailbox o --since/--until")
        yield holder, {"scope": Scope.MESSAGES.value, "messages": sorted(digests)}


def named_digests(archive: Archive, names: Sequence[str]) -> Iterator[tuple[str, Sha256]]:
    """Holder and digest of messages named by (the beginning of) their SHA-256. Raises Absent, ConfigError."""
    for name in names:
        rows = archive.catalog.message(name.lower()) if len(name) >= SHORTEST else []
        digests = {row.sha256 for row in rows}
        if not digests:
            raise Absent(f"{name}: nessun messaggio con questa impronta (no message with this digest)")
        if len(digests) > 1:
            raise ConfigError(f"{name}: più messaggi: scriverne di più: {', '.join(sorted(digests))} (several match)")
        yield from sorted({(row.holder, row.sha256) for row in rows})


def _holders(archive: Archive, asked: str | None, of_box: str | None) -> list[str]:
    known = sorted(archive.config.holders)
    if asked is not None and asked not in known:
        raise ConfigError(
            f"--holder {asked}: nessun titolare si chiama così; ci sono: {', '.join(known)} (no such holder)"
        )
    if of_box:
        return [of_box]
    return [asked] if asked else known


def _extension(
    archive: Archive, volume: str | None, mailbox: str | None, retention: str | None
) -> tuple[dict[str, str], list[VolumeRow]]:
    """What the act says, and the volumes that it is about today."""
    if (volume is None) == (mailbox is None and retention is None):
        raise ConfigError("indicare un VOLUME, oppure --class e/o --mailbox (name a volume, or a class and a mailbox)")
    every = [row for holder in archive.config.holders for row in archive.catalog.closed(holder)]
    if volume is not None:
        about = [row for row in every if row.id.startswith(volume.lower())]
        if len(about) != 1:
            many = "più volumi (several)" if about else "nessun volume chiuso (no closed volume)"
            raise Absent(f"{volume}: {many}: `archiver retention list --volumes`")
        return {"volume": about[0].id}, about
    box = archive.mailbox(mailbox).id if mailbox is not None else None
    about = [row for row in every if box in (None, row.mailbox) and retention in (None, row.retention)]
    if not about:
        raise Absent("nessun volume chiuso corrisponde (no closed volume matches): `archiver retention list`")
    return {**({"mailbox": box} if box else {}), **({"class": retention} if retention else {})}, about


def _lock(
    archive: Archive,
    volumes: Collection[VolumeRow],
    found: Extended,
    clock: Clock,
    progress: Callable[[int, int | None], None],
) -> None:
    """Every object that is kept for these volumes' sake, on every store; what fails is said, and a sweep does it."""
    work = sweeping(archive, clock)
    census(work)
    terms = Terms(archive)
    total, done = len(volumes) * len(archive.stores), 0
    for id, store in archive.stores.items():
        for row in volumes:
            done += 1
            progress(done, total)
            end = terms.kept(row, clock())
            try:
                if not store.locks:
                    break
                for name in archive.catalog.kept_for(row.id):
                    store.retain(name, until=end)
                    found.locked[id] = found.locked.get(id, 0) + 1
            except ArchiverError as error:
                found.failures.append(f"store {id}: {error}")
                break


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None

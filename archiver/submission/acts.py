"""Acts in the store: which there are, what they say of certificates, which the catalog does not know yet.

The catalog has a row of every act, and every one of them can be made again from the act itself.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from archiver.digest import Sha256, digests
from archiver.errors import Absent, Malformed
from archiver.package import act, layout
from archiver.package.act import Act, ActKind
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.submission.rows import ActRow, StandingRow

CONFIRMED, REVOKED = "confirmed", "revoked"

_STATES = {ActKind.TRUST_CONFIRMED: CONFIRMED, ActKind.TRUST_REVOKED: REVOKED}
_STAMP = "%Y%m%dt%H%M%Sz"
_DAYS = 5
_AHEAD = timedelta(hours=1)
"""How far the clock of another machine may be ahead."""


class Register(Protocol):
    """What is known of acts."""

    def last_act(self, holder: str) -> ActRow | None:
        """The one with the greatest number."""

    def act_ids(self, holder: str, *, since: datetime | None = None) -> frozenset[str]:
        """The ids of those that are not older."""

    def note_acts(self, acts: Sequence["Noted"]) -> None:
        """These are in the store; what is noted already stays as it was."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An act as the catalog notes it: its row, and the digests of what it is about."""

    row: ActRow
    about: tuple[Sha256, ...] = ()


def noted(item: Act, octets: bytes) -> Noted:
    """An act, of which these are the octets, as the catalog notes it."""
    named = digests(octets)
    row = ActRow(
        holder=item.holder,
        id=item.id,
        number=item.number,
        at=item.at,
        kind=item.kind.value,
        who=item.who,
        sha256=named.sha256,
        sha512=named.sha512,
        size=named.size,
    )
    return Noted(row, item.about)


def told(holder: str, link: act.Link) -> Noted:
    """An act that only the one after it tells of: its own name and digest, and nothing of what it says."""
    at, number = act.place(link.id)
    return Noted(ActRow(holder, link.id, number, at, "", "", Sha256(""), link.sha512, -1))


def caught_up(store: ObjectStore, register: Register, holder: str, *, at: datetime) -> ActRow | None:
    """The holder's last act, once the register knows all that lie in the store from the last known one to `at`.

    So a run that was cut behind its act is healed, and a catalog that was put back knows what came after it. Only names
    of that time are listed. What cannot be read is passed over: sweep and judge tell of it.
    """
    last = register.last_act(holder)
    since = last.at if last else None
    known = register.act_ids(holder, since=since)
    prefixes = _periods(since, max(since, at) + _AHEAD) if since else [""]
    new = []
    for prefix in prefixes:
        for name in _names(store, holder, prefix):
            if _id(name) not in known and (since is None or _id(name) >= f"{since:{_STAMP}}"):
                new += _noted(store, name)
    if not new:
        return last
    register.note_acts(new)
    return register.last_act(holder)


def listed(store: ObjectStore, holder: str) -> tuple[set[str], set[str]]:
    """The ids of the holder's acts in the store, and of those acts of which an evidence record is there."""
    parsed = [one for item in store.list(f"{holder}/acts/") if (one := layout.parse(item.name))]
    return {one.id for one in parsed if one.kind is Kind.ACT}, {one.id for one in parsed if one.kind is Kind.ACT_RECORD}


def read_acts(store: ObjectStore, holders: Iterable[str], *, but: Collection[str] = ()) -> Iterator[Act | Malformed]:
    """Every act of these holders, the oldest of each first, without those of the ids `but`.

    One that cannot be read, or is not what its name says, comes as an error that names the object: it is for the caller
    to go on without it, or not.
    """
    for holder in holders:
        for name in _names(store, holder, ""):
            if _id(name) not in but:
                yield read_act(store, name)


def read_act(store: ObjectStore, name: str) -> Act | Malformed:
    """One act, or what is wrong with it. Raises Absent."""
    try:
        found = act.read(store.get(name))
    except Malformed as error:
        return Malformed(f"{name}: {error}")
    return found if found.name == name else Malformed(f"{name}: expected this act, found {found.name}")


def replay(acts: Iterable[Act]) -> list[StandingRow]:
    """What acts, in any order, come to: of several on one certificate the newest holds."""
    found: dict[Sha256, StandingRow] = {}
    for item in sorted(acts, key=lambda item: (item.at, item.name)):
        if item.certificate is not None:
            found[item.certificate] = StandingRow(item.certificate, _STATES[item.kind], item.at, item.name)
    return list(found.values())


def _noted(store: ObjectStore, name: str) -> list[Noted]:
    try:
        octets = store.get(name)
        found = act.read(octets)
    except (Absent, Malformed):
        return []
    return [noted(found, octets)] if found.name == name else []


def _periods(since: datetime, until: datetime) -> list[str]:
    """Beginnings of names that cover these times: some days, or the months from the first to the last."""
    days = (until.date() - since.date()).days
    if days < _DAYS:
        return [f"{since + timedelta(days=day):%Y%m%d}" for day in range(days + 1)]
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [f"{month // 12:04}{month % 12 + 1:02}" for month in range(first, last + 1)]


def _names(store: ObjectStore, holder: str, prefix: str) -> list[str]:
    listed = (item.name for item in store.list(f"{holder}/acts/{prefix}"))
    return [name for name in listed if (parsed := layout.parse(name)) and parsed.kind is Kind.ACT]


def _id(name: str) -> str:
    parsed = layout.parse(name)
    return parsed.id if parsed else ""

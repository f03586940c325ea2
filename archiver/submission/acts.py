"""Acts in the store: which there are, what they say of certificates, which have no evidence yet."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import act, layout
from archiver.package.act import Act, ActKind
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.submission.rows import StandingRow

CONFIRMED, REVOKED = "confirmed", "revoked"

_STATES = {ActKind.TRUST_CONFIRMED: CONFIRMED, ActKind.TRUST_REVOKED: REVOKED}


class Unproven(NamedTuple):
    """An act that lacks evidence: whose it is, its id (see `layout.act_record`), its name in the store."""

    holder: str
    id: str
    name: str


def read_acts(store: ObjectStore, holders: Iterable[str]) -> Iterator[Act | Malformed]:
    """Every act of these holders, the oldest of each first.

    One that cannot be read, or is not what its name says, comes as an error that names the object: it is for the caller
    to go on without it, or not.
    """
    for holder in holders:
        for name in _names(store, holder, Kind.ACT):
            try:
                found = act.read(store.get(name))
            except Malformed as error:
                yield Malformed(f"{name}: {error}")
                continue
            yield found if found.name == name else Malformed(f"{name}: expected this act, found {found.name}")


def replay(acts: Iterable[Act]) -> list[StandingRow]:
    """What acts, in any order, come to: of several on one certificate the newest holds."""
    found: dict[Sha256, StandingRow] = {}
    for item in sorted(acts, key=lambda item: (item.at, item.name)):
        found[item.certificate] = StandingRow(item.certificate, _STATES[item.kind], item.at, item.name)
    return list(found.values())


def unproven(store: ObjectStore, holder: str, *, proven: Callable[[str], bool]) -> list[Unproven]:
    """The holder's acts that are not `proven` (by id), the oldest first: the next run of `seal` covers each."""
    acts = (Unproven(holder, _id(name), name) for name in _names(store, holder, Kind.ACT))
    return [item for item in acts if not proven(item.id)]


def _names(store: ObjectStore, holder: str, kind: Kind) -> list[str]:
    listed = (item.name for item in store.list(f"{holder}/acts/"))
    return [name for name in listed if (parsed := layout.parse(name)) and parsed.kind is kind]


def _id(name: str) -> str:
    parsed = layout.parse(name)
    return parsed.id if parsed else ""

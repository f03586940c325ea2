"""What persons decided of what is kept, read from the acts themselves: the catalog is but their index."""

from collections.abc import Collection, Iterator

from archiver.compose.archive import Archive
from archiver.errors import Absent, ArchiverError, Conflict, Malformed, Unavailable
from archiver.package import layout
from archiver.package.act import DISCARDS, EXTENSIONS, HOLDS, Act, ActKind, build
from archiver.ports import ObjectStore
from archiver.submission.acts import caught_up, listed, noted, read_act

UNKNOWN = ""
"""The kind of an act that was lost, and that only the one after it tells of."""


def decided(archive: Archive, kinds: Collection[ActKind]) -> list[Act]:
    """The acts of these kinds of all holders, once the catalog knows of those that came after it was backed up.

    Raises Conflict for one that cannot be read: what nobody can read may forbid what is about to be done.
    """
    found = []
    for holder in archive.config.holders:
        caught_up(archive.store, archive.catalog, holder, at=archive.clock())
        found += [_read(archive, holder, one) for one in sorted(archive.catalog.act_ids(holder, kinds=kinds))]
    return found


def insisted(archive: Archive, holder: str, *, going_on: bool = False) -> list[Act]:
    """All that persons decided of what one holder keeps, from every store: for who is about to destroy something.

    Every act that any store has is known before, and none may be missing or unreadable anywhere it could say that
    something must stay. `going_on`: the primary's part is done, and a replica that does not answer is passed over.
    Raises Conflict for a register that is not whole, Unavailable for a store that does not answer.
    """
    catalog = archive.catalog
    known = catalog.act_ids(holder)
    for number, (id, store) in enumerate(archive.stores.items()):
        try:
            there = _ids(id, store, holder)
        except Unavailable:
            if going_on and number:
                continue
            raise
        _learn(archive, store, holder, there - known)
        known = known | there
    lost = catalog.act_ids(holder, kinds=[UNKNOWN])
    unread = [one for one in sorted(lost) if one not in _ids("", archive.store, holder)]
    if unread:
        raise Conflict(
            f"il registro di {holder} ha atti perduti ({unread[0]}, {len(unread)} in tutto): fra essi potrebbe esserci"
            " un blocco: prima `archiver sweep --repair` o `archiver log verify` (acts of the register are lost, and"
            " one of them may be a hold)"
        )
    wanted = sorted(catalog.act_ids(holder, kinds=[*HOLDS, *EXTENSIONS, *DISCARDS]))
    return [_read(archive, holder, one) for one in wanted]


def _ids(id: str, store: ObjectStore, holder: str) -> set[str]:
    try:
        return listed(store, holder)[0]
    except ArchiverError as error:
        raise Unavailable(f"store {id}: {error}") from error


def _learn(archive: Archive, store: ObjectStore, holder: str, ids: Collection[str]) -> None:
    """Acts that the catalog does not know: whoever put an older one back must not lose a hold."""
    for one in sorted(ids):
        name = layout.act(holder, one)
        found = read_act(store, name)
        if isinstance(found, Malformed):
            raise Conflict(
                f"{found}: un atto del registro non si può leggere, e potrebbe essere un blocco: prima `archiver sweep"
                " --repair` (an act of the register cannot be read, and may be a hold)"
            )
        archive.catalog.note_acts([noted(found, build(found))])


def _read(archive: Archive, holder: str, act_id: str) -> Act:
    """One act, from the first store that has it whole."""
    name = layout.act(holder, act_id)
    reasons = []
    for found in _tries(archive, name):
        if isinstance(found, Act):
            return found
        reasons.append(found)
    raise Conflict(
        f"{name}: il catalogo conosce questo atto e nessuno store lo dà ({'; '.join(reasons)}): prima `archiver sweep"
        " --repair` (no store gives this act)"
    )


def _tries(archive: Archive, name: str) -> Iterator[Act | str]:
    for store in (archive.store, *archive.stores.values()):
        try:
            found = read_act(store, name)
        except (Absent, ArchiverError) as error:
            yield str(error)
            continue
        yield str(found) if isinstance(found, Malformed) else found

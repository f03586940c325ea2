"""What goes into an exhibit: these messages and their metadata, the volumes' indexes and evidence, and nothing else.

Readings 29: the rapporti only in a full one, since they name folders. AgID guidelines 2.3 h: an exhibit may hold a part
of one PdA, one, or several.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archiver.access import tree
from archiver.access.exhibit.bag import Bag
from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout as archive
from archiver.package.discard import reader as discards
from archiver.package.exhibit import layout
from archiver.package.index.values import Index
from archiver.ports import ObjectStore
from archiver.submission.rows import Kept

Heard = Callable[[str, bytes], None]
"""Hears the path of each message and its bytes, while they are at hand."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Messages of one holder: of each volume these (None: all of it), and those that no volume has yet."""

    holder: str
    volumes: Mapping[str, Sequence[Kept] | None]
    pending: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """One volume in the exhibit: its index, the paths of its records, how many of its messages are here."""

    id: str
    index: Index
    sealed: Sha256
    path: str
    shown: int
    records: tuple[str, ...]
    discards: tuple[str, ...] = ()


@dataclass(slots=True)
class Collected:
    """What was put: volumes in order of their ids, and the path of each message."""

    volumes: list[Taken] = field(default_factory=list)
    paths: dict[Sha256, str] = field(default_factory=dict)
    pending: list[Sha256] = field(default_factory=list)


def collect(
    store: ObjectStore,
    selection: Selection,
    bag: Bag,
    *,
    full: bool,
    heard: Heard = lambda path, octets: None,
    trouble: tree.Trouble | None = None,
) -> Collected:
    """Puts everything below `data/` but anchors and dossier.json; one message is held at a time.

    Raises Malformed or Absent for what is not as the index promises, unless `trouble` hears it.
    """
    found = Collected()
    for volume in sorted(selection.volumes):
        rows, read = selection.volumes[volume], tree.read_index(store, selection.holder, volume)
        if rows is None:
            files = tree.whole(store, selection.holder, volume, rapporti=full, trouble=trouble, read=read)
        else:
            files = tree.part(store, selection.holder, volume, rows, rapporti=full, trouble=trouble, read=read)
        found.volumes.append(_volume(store, selection.holder, volume, files, bag, found.paths, heard, read))
    for row in selection.pending:
        _pending(store, row, bag, found, heard, full=full)
    return found


def _volume(
    store: ObjectStore,
    holder: str,
    volume: str,
    files: Iterable[tree.Extracted],
    bag: Bag,
    paths: dict[Sha256, str],
    heard: Heard,
    read: tree.Read,
) -> Taken:
    folder, records, shown = layout.volume(volume), [], 0
    for file in files:
        path = folder + file.path
        put = bag.add(path, file.octets, sha256=file.sha256)
        if file.path.startswith(archive.MESSAGES):
            paths.setdefault(put.sha256, path)
            shown += 1
            heard(path, file.octets)
        elif file.path.startswith(archive.EVIDENCE):
            records.append(path)
    octets, index = read
    told = []
    for name, record in _discards(store, holder, volume):
        path = folder + name.partition("/")[2]
        bag.add(path, record)
        told.append(path)
    return Taken(volume, index, sha256(octets), folder, shown, tuple(sorted(records)), tuple(told))


def _discards(store: ObjectStore, holder: str, volume: str) -> Iterator[tuple[str, bytes]]:
    """The records of destructions that concern a volume, and the evidence over them."""
    by_id: dict[str, list[str]] = {}
    for item in store.list(f"{holder}/discards/"):
        parsed = archive.parse(item.name)
        if parsed:
            by_id.setdefault(parsed.id, []).append(item.name)
    for names in by_id.values():
        octets = {name: store.get(name) for name in names}
        if any(_concerns(name, record, volume) for name, record in octets.items()):
            yield from octets.items()


def _concerns(name: str, octets: bytes, volume: str) -> bool:
    parsed = archive.parse(name)
    if parsed is None or parsed.kind is not archive.Kind.DISCARD:
        return False
    try:
        record = discards.read(open_signed(octets).content or b"" if parsed.extension != "xml" else octets)
    except Malformed:
        return False  # whoever judges the store says so
    return volume in record.volumes or any(member.volume == volume for member in record.members)


def _pending(store: ObjectStore, row: Kept, bag: Bag, found: Collected, heard: Heard, *, full: bool) -> None:
    name = archive.segment(row.holder, row.segment)
    octets = store.read(name, row.offset, row.size)
    if (digest := sha256(octets)) != row.sha256:
        raise Malformed(f"{name}: expected the message {row.sha256}, found {digest}: `archiver sweep --repair`")
    path = layout.pending_message(row.sha256)
    bag.add(path, octets)
    heard(path, octets)
    found.paths.setdefault(row.sha256, path)
    found.pending.append(row.sha256)
    if full:
        stem = archive.rdv(row.holder, row.mailbox, row.pdv).removesuffix("xml")
        for item in store.list(stem):
            bag.add(layout.pending_pdv(item.name.rpartition("/")[2]), store.get(item.name))

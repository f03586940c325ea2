"""Trust batches: what was collected and is in no index yet becomes a group of its own, one for each holder and run.

The manifest lists it, and is a member of the group itself; its name is its own digest. Which were begun and not brought
to their end is read from the store: a manifest that covers nothing in the catalog yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from archiver.collect.shelf import Shelf
from archiver.collect.values import Catalog, Store
from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.package import layout
from archiver.package.batch import Entry, read
from archiver.submission.rows import TrustRow


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that waits for its evidence: `layout.batch_record(holder, id, ...)` says where that goes.

    `name` is the manifest's, `members` the names of all objects of the group, the manifest first. When its evidence is
    noted: `catalog.cover(holder, digests, id)`. One that volumes covered in the meantime comes all the same.
    """

    holder: str
    id: Sha256
    name: str
    members: tuple[str, ...]
    digests: tuple[Sha256, ...]


def manifest(entries: Iterable[Entry]) -> bytes:
    """The list of these objects (digest and extension), as `archiver.package.batch` reads it. None: ValueError."""
    lines = sorted({f"{digest}  {layout.trust_path(digest, extension)}\n" for digest, extension in entries})
    if not lines:
        raise ValueError("a trust batch of nothing")
    return "".join(lines).encode("ascii")


def batches(holder: str, store: Store, catalog: Catalog, *, at: datetime) -> tuple[Batch, ...]:
    """The batches of a holder that wait for evidence: those begun before, and one of all that nothing covers yet.

    Its manifest is in the store when this returns. First what an earlier run left between store and catalog is noted.
    """
    Shelf(store, catalog).heal(holder, at=at)
    uncovered = catalog.uncovered(holder)
    begun = tuple(_begun(holder, store, catalog.covering(holder)))
    listed = {digest for batch in begun for digest in batch.digests}
    rows = [row for row in uncovered if row.sha256 not in listed and store.has(_name(row))]
    if not rows:
        return begun
    octets = manifest((row.sha256, row.extension) for row in rows)
    made = _batch(holder, sha256(octets), read(octets))
    store.put(made.name, octets)
    return (*begun, made)


def _begun(holder: str, store: Store, ended: frozenset[str]) -> Iterable[Batch]:
    found = [parsed for item in store.list(f"{holder}/trust/batches/") if (parsed := layout.parse(item.name))]
    for parsed in found:
        if parsed.kind is not layout.Kind.BATCH or parsed.id in ended:
            continue
        octets = store.get(layout.batch(holder, Sha256(parsed.id)))
        try:
            batch = _batch(holder, Sha256(parsed.id), read(octets))
        except Malformed:
            continue  # not of our making, or damaged: the judge says so
        if sha256(octets) == parsed.id and all(map(store.has, batch.members)):
            yield batch


def _batch(holder: str, id: Sha256, entries: tuple[Entry, ...]) -> Batch:
    name = layout.batch(holder, id)
    members = tuple(layout.trust(holder, digest, extension) for digest, extension in entries)
    return Batch(holder, id, name, (name, *members), tuple(digest for digest, _ in entries))


def _name(row: TrustRow) -> str:
    return layout.trust(row.holder, row.sha256, row.extension)

"""One drill: an archive is handed over, taken over by an empty one with the same configuration, and both compared."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from support.rebuilding import different, rows

from archiver import compose
from archiver.compose.archive import Archive
from archiver.config import StoreConfig
from archiver.digest import digests_of
from archiver.handover import consistency
from archiver.handover.handed import Handed
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.verify import Report, judge_store, judge_volume, together

SAMPLED = ("volume", "segment", "message", "evidence")
"""Tables whose rows of a sample are compared."""

PIECE = 1 << 20


@dataclass(frozen=True)
class Drill:
    """What was compared, and every difference; `before` and `after` are the judge's indications."""

    volumes: int
    messages: int
    files: int
    bytes: int
    objects: int
    rows: int
    before: str
    after: str
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**asdict(self), "same": self.same}


def drill(archive: Archive, folder: Path, *, sample: int | None, seed: int, clock: Callable[[], datetime]) -> Drill:
    """Hands over into `folder`, takes over there, compares. Raises what these raise."""
    there = [item.name for item in archive.store.list("")]
    out = folder / "out"
    handed_over = compose.hand_over(archive, out, sample=sample, seed=seed, reason="exit-drill", clock=clock)
    told = consistency.read((out / "data" / consistency.NAME).read_bytes())
    handed = [item.name for item in Handed(out).list()]
    other = empty(archive, folder)
    taken = compose.take_over(other, out, as_is=True, reason="exit-drill", clock=clock)
    wrong = [f"{name}: {reason}" for name, reason in handed_over.damaged]
    wanted = handed if sample is not None else sorted({*handed, *there})
    wrong += objects(wanted, archive.store, other.store)
    wrong += strangers(set(wanted), other.store)
    before, after = (judged(one, told, at=clock()) for one in (archive, other))
    if (before.indication, before.content) != (after.indication, after.content):
        wrong.append(f"verdict: {before.indication} {before.content}, then {after.indication} {after.content}")
    if before.indication.value != "PASSED":
        wrong += [
            f"{found.subject}: {found.text('it')}" for found in before.verdict.findings if found.severity == "error"
        ]
    count, more = compared(archive, other, None if sample is None else chosen(told, other.store))
    wrong += more
    if sample is None and taken.rebuilt:
        wrong += [f"{found.subject}: {found.text('it')}" for found in taken.rebuilt.lost]
    return Drill(
        volumes=handed_over.volumes,
        messages=handed_over.messages + handed_over.pending,
        files=handed_over.files,
        bytes=handed_over.bytes,
        objects=len(wanted),
        rows=count,
        before=before.indication.value,
        after=after.indication.value,
        differences=tuple(wrong),
    )


def empty(archive: Archive, folder: Path) -> Archive:
    """An archive with the same parties, mailboxes and anchors, and nothing in it."""
    first = archive.config.stores[0]
    store = StoreConfig(first.id, folder / "store", None, first.country, first.operator)
    config = replace(
        archive.config, stores=(store,), copies=1, catalog=f"sqlite:///{folder / 'catalog.db'}", catalog_password=""
    )
    return replace(archive, config=config)


def objects(names: list[str], one: ObjectStore, other: ObjectStore) -> Iterator[str]:
    """What is not the same in both stores."""
    for name in names:
        if not other.has(name):
            yield f"{name}: non è stato preso in carico (not taken over)"
        elif not one.has(name):
            yield f"{name}: non è nell'archivio (not in the archive)"
        elif digest(one, name) != digest(other, name):
            yield f"{name}: diverso (differs)"


def strangers(names: set[str], store: ObjectStore) -> Iterator[str]:
    """What nobody handed over: all but the act by which the taking over was registered."""
    for item in store.list(""):
        parsed = layout.parse(item.name)
        if item.name not in names and (parsed is None or parsed.kind is not Kind.ACT):
            yield f"{item.name}: nessuno l'ha consegnato (nobody handed it over)"


def judged(archive: Archive, told: dict[str, Any], *, at: datetime) -> Report:
    """The judge on the whole store, or on the volumes of a sample."""
    if told["sample"] is None:
        return judge_store(archive.store, trust=archive.trust, at=at)
    reports = [
        judge_volume(archive.store, holder["id"], volume["id"], trust=archive.trust, at=at)
        for holder in told["holders"]
        for volume in holder["volumes"]
    ]
    return together(reports)


def chosen(told: dict[str, Any], store: ObjectStore) -> set[str]:
    """The ids of a sample: of its volumes, and of the segments that were taken over."""
    parsed = (layout.parse(item.name) for item in store.list(""))
    return {one.id for one in parsed if one and one.kind in (Kind.INDEX, Kind.SEGMENT)} | set(told["sample"])


def compared(one: Archive, other: Archive, ids: set[str] | None) -> tuple[int, list[str]]:
    """How many rows were compared, and those that only one of the catalogs has."""
    before, after = rows(one.catalog_url), rows(other.catalog_url)
    ours = {cell for table in before.values() for row in table for cell in row if isinstance(cell, str)}
    if ids is not None:
        before, after = (
            {name: [row for row in table[name] if ids & cells(row)] for name in SAMPLED} for table in (before, after)
        )
    found = []
    for table, (lost, new) in different(before, after).items():
        found += [f"{table}: solo qui (only here): {row}" for row in lost]
        # the act of the taking over itself is new, and all that is said of it
        acts = {cell for row in new for cell in cells(row) if cell not in ours and "z-" in cell}
        found += [f"{table}: solo là (only there): {row}" for row in new if not acts & cells(row)]
    return sum(map(len, before.values())), found


def cells(row: tuple[Any, ...]) -> set[str]:
    """The texts of a row."""
    return {cell for cell in row if isinstance(cell, str)}


def digest(store: ObjectStore, name: str) -> str:
    """SHA-256 of an object."""
    with store.open(name) as file:
        return digests_of(iter(lambda: file.read(PIECE), b"")).sha256

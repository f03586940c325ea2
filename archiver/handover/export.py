"""Hands over an archive: every PdA as a tree, everything else as it is named, lists to check and to know it by.

It may be cut anywhere and run again: volumes that are there whole stay, the rest is written anew. Only the store is
read, no catalog: an archive whose catalog is lost can be handed over too.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archiver.digest import sha256
from archiver.errors import Absent, Conflict, Malformed, Unavailable
from archiver.evidence.cms import open_signed
from archiver.handover import consistency, recipe
from archiver.handover.bag import PAYLOAD, Bag, File, is_bag
from archiver.handover.leggimi import NAME as LEGGIMI
from archiver.handover.leggimi import leggimi
from archiver.handover.listing import Shelf, shelves
from archiver.handover.values import HandedOver, Handing
from archiver.handover.volumes import AS_FOUND, RECIPES, STATE, Unit, Volumes
from archiver.package import layout, rules
from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.package.rdv.values import Rdv
from archiver.package.segment import reader as segment_reader
from archiver.verify import Trust, heed, informed
from archiver.verify.discards import Discards, read_discards

PENDING = "pending"
_NAMED_BY_DIGEST = frozenset((Kind.TRUST, Kind.BATCH))


def hand_over(work: Handing) -> HandedOver:
    """Writes all of it. Raises Conflict for a folder that holds something else, Unavailable."""
    bag = Bag(work.target)
    _begin(work.target)
    found: dict[str, _Holder] = {}
    while fresh := _fresh(work, bag, found):  # volumes that were sealed in the meantime are handed over too
        for holder, volumes in fresh.items():
            found[holder].volumes(volumes, work)
    for one in found.values():
        one.rest()
    return _finish(work, bag, list(found.values()))


def check_empty(target: Path) -> None:
    """Raises Conflict unless the folder is new, empty, or holds an export that was cut short."""
    state = target / STATE
    if target.exists() and not state.is_dir() and any(target.iterdir()):
        what = "un'esportazione completa (a complete export)" if is_bag(target) else "altro (something else)"
        raise Conflict(f"{target}: la cartella contiene {what}: indicarne una nuova o vuota (name a new or empty one)")


def _begin(target: Path) -> None:
    check_empty(target)
    try:
        (target / STATE).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"{target}: {error.strerror}") from error


def _fresh(work: Handing, bag: Bag, found: "dict[str, _Holder]") -> dict[str, list[str]]:
    """By holder, volumes that have not been written yet; every holder with its present listing."""
    fresh: dict[str, list[str]] = {}
    for holder, shelf in shelves(work.store.list("")).items():
        if holder not in found:
            found[holder] = _Holder(work, bag, holder)
        one = found[holder]
        one.shelf = shelf
        new = [id for id in shelf.volumes if id not in one.units and (work.only is None or id in work.only)]
        if new:
            fresh[holder] = sorted(new)
    return fresh


class _Holder:
    """One holder under way."""

    def __init__(self, work: Handing, bag: Bag, holder: str) -> None:
        self._work, self._bag, self.holder = work, bag, holder
        at = work.clock()
        trust = informed(work.store, holder, trust=work.trust)
        trust, _ = heed(work.store, holder, trust=trust, at=at)
        discards = read_discards(work.store, holder, trust=trust, at=at)
        self._trees = Volumes(work, bag, holder, trust, discards)
        self._discards: Discards = discards
        self._trust: Trust = trust
        self.shelf = Shelf(holder)
        self.units: dict[str, Unit] = {}
        self.damaged: list[tuple[str, str]] = []
        self._files: list[File] = []
        self._known: dict[str, File] = {}
        self.pending: Counter[str] = Counter(messages=0, bytes=0, segments=0)
        self._rapporti: dict[str, Rdv] = {}

    def volumes(self, ids: list[str], work: Handing) -> None:
        """These volumes, each with its note; what was written is not kept in memory."""
        for volume in ids:
            unit = self._trees.unit(volume, self.shelf.volumes[volume], sealed=volume in self.shelf.sealed)
            self._known |= {file.sha256: file for file in unit.files if _shared(file.path)}
            self.damaged += [(_named(self.holder, volume, path), reason) for path, reason in unit.damaged]
            unit.files = []
            self.units[volume] = unit
            work.progress(len(self.units), None)

    def rest(self) -> None:
        """What no volume has: messages that wait, and every object that is no part of a volume. Always anew."""
        base = self._bag.root / PAYLOAD / self.holder
        for name in (PENDING, *sorted({item.split("/")[1] for item in self.shelf.rest})):
            shutil.rmtree(base / name, ignore_errors=True)
        (base / RECIPES / f"{PENDING}.json").unlink(missing_ok=True)
        noted = {file.path for file in self.files()} if (base / AS_FOUND).exists() else set()
        for path in (base / AS_FOUND).rglob("*"):
            if path.is_file() and path.relative_to(self._bag.root).as_posix() not in noted:
                path.unlink()
        self._named_rapporti()
        self._segments()
        for name in self.shelf.rest:
            self._verbatim(name)
        self.damaged += [(name, "nome sconosciuto, non esportato (strange name)") for name in self.shelf.strange]

    def files(self) -> Iterator[File]:
        """Every file, volume by volume, from their notes."""
        for volume in self.units:
            note = self._bag.root / STATE / f"{self.holder}.{volume}.json"
            yield from (File(**one) for one in json.loads(note.read_bytes())["files"])
        yield from self._files

    def told(self) -> dict[str, Any]:
        """What the elenco di consistenza says."""
        volumes = [unit.entry for unit in self.units.values() if unit.entry]
        volumes.sort(key=lambda entry: (entry["sealed_at"], entry["id"]))
        parsed = [found for name in self.shelf.rest if (found := layout.parse(name))]
        counts = Counter(found.kind.value for found in parsed)
        entry = consistency.holder_entry(
            self.holder, volumes, self._rapporti, self.pending, dict(sorted(counts.items()))
        )
        return entry | {"damaged": [{"name": name, "reason": reason} for name, reason in self.damaged]}

    # --- rapporti and what waits

    def _named_rapporti(self) -> None:
        """One rapporto of each mailbox, for what it says of the parties."""
        for name in self.shelf.rapporti:
            parsed = layout.parse(name)
            if parsed and parsed.mailbox not in self._rapporti and (rdv := self._rapporto(name)):
                self._rapporti[parsed.mailbox] = rdv

    def _rapporto(self, name: str) -> Rdv | None:
        try:
            octets = self._work.store.get(name)
            return rdv_reader.read(open_signed(octets).content or b"" if name.endswith(".p7m") else octets)
        except (Absent, Malformed) as error:
            if (name, str(error)) not in self.damaged:
                self.damaged.append((name, str(error)))
            return None

    def _segments(self) -> None:
        """Segments that no sealed volume has: those that a rapporto names as messages, others as they were found."""
        if self._work.only is not None:
            return
        taken = {one for unit in self.units.values() for one in unit.segments}
        left = {id: name for id, name in self.shelf.segments.items() if id not in taken}
        named = self._waiting(set(left))
        recipes = [made for id in sorted(named) if (made := self._pending(left[id], id))]
        if recipes:
            path = f"{PAYLOAD}{self.holder}/{RECIPES}/{PENDING}.json"
            self._files.append(self._bag.write(path, recipe.written(recipes, None)))
        for id in sorted(left.keys() - named):
            self._found(left[id], "nessun rapporto lo nomina (named by no rapporto)")

    def _waiting(self, left: set[str]) -> set[str]:
        """Those of these segments that a rapporto names, or that took the place of one."""
        named: set[str] = set()
        listed = {name for unit in self.units.values() for name in unit.rapporti}
        for name in sorted(self.shelf.rapporti, key=lambda name: name in listed):
            if left <= named:
                break
            rdv = self._rapporto(name)
            for segment in rdv.segments if rdv else ():
                if current := self._discards.successor(segment.sha256):
                    named.add(current)
        return left & named

    def _pending(self, name: str, id: str) -> recipe.Recipe | None:
        """The messages of one segment as files; None for a segment that is not what it should be."""
        written: list[File] = []
        try:
            with self._work.store.open(name) as file:
                for member in segment_reader.members(file, prefix="messages/", suffix=".eml"):
                    octets = member.read()
                    if sha256(octets) != member.sha256:
                        raise Malformed(f"{member.name}: found SHA-256 {sha256(octets)}")
                    written.append(self._bag.write(f"{PAYLOAD}{self.holder}/{PENDING}/{member.name}", octets))
                made = recipe.of(file, rules.sha256(id), prefix="messages/", suffix=".eml")
        except (Absent, Malformed) as error:
            for one in written:
                (self._bag.root / one.path).unlink()
            self._found(name, str(error))
            return None
        there = {file.path for file in self._files}
        self._files += [file for file in written if file.path not in there]  # two mailboxes may have one message
        self.pending.update(messages=len(written), bytes=sum(file.size for file in written), segments=1)
        return made

    # --- everything else

    def _verbatim(self, name: str) -> None:
        try:
            octets = self._work.store.get(name)
        except Absent as error:
            self.damaged.append((name, str(error)))
            return
        parsed, digest = layout.parse(name), sha256(octets)
        if parsed and parsed.kind in _NAMED_BY_DIGEST and digest != parsed.id:
            self.damaged.append((name, f"SHA-256 {digest}"))
        known = self._known.get(digest)
        path = f"{PAYLOAD}{name}"
        self._files.append(self._bag.again(path, known) if known else self._bag.write(path, octets))

    def _found(self, name: str, reason: str) -> None:
        self.damaged.append((name, reason))
        try:
            with self._work.store.open(name) as file:
                path = f"{PAYLOAD}{self.holder}/{AS_FOUND}/{name.partition('/')[2]}"
                self._files.append(self._bag.copy(path, file))
        except Absent as error:
            self.damaged.append((name, str(error)))


def _finish(work: Handing, bag: Bag, holders: list[_Holder]) -> HandedOver:
    made = consistency.stamp(work.clock())
    told = {
        "format": 1,
        "kind": "handover",
        "made": made,
        "software": work.software,
        "lang": work.lang,
        "legal_value": work.legal_value,
        "sample": None if work.only is None else sorted(work.only),
        "holders": [one.told() for one in holders],
    }
    lists = [
        bag.write(f"{PAYLOAD}{consistency.NAME}", consistency.written(told)),
        bag.write(f"{PAYLOAD}{consistency.TEXT}", consistency.text(told)),
    ]
    entries = [entry for one in holders for unit in one.units.values() if (entry := unit.entry)]
    messages, pending = sum(entry["messages"] for entry in entries), sum(one.pending["messages"] for one in holders)
    sample = "" if work.only is None else "CAMPIONE, non completo / SAMPLE, not complete."
    readme = leggimi(
        lang=work.lang,
        made=made,
        software=work.software,
        legal_value=work.legal_value,
        sample=sample,
        volumes=len(entries),
        messages=messages,
        pending=pending,
    )
    info = {"Bag-Software-Agent": work.software, "Bagging-Date": made[:10], "External-Description": "PEC, PdA"}

    def files() -> Iterator[File]:
        for one in holders:
            yield from one.files()
        yield from lists

    count, size = bag.finish(files(), {LEGGIMI: readme}, info)
    shutil.rmtree(bag.root / STATE)
    return HandedOver(
        path=bag.root,
        volumes=len(entries),
        messages=messages,
        pending=pending,
        files=count,
        bytes=size,
        damaged=tuple(pair for one in holders for pair in one.damaged),
        failed=tuple(entry["id"] for entry in entries if entry["indication"] != "PASSED"),
    )


def _named(holder: str, volume: str, path: str) -> str:
    """Where a damaged file of a volume lies; a ZIP is named by its place in the store already."""
    return path if path.startswith(f"{holder}/") else f"{holder}/volumes/{volume}/{path}"


def _shared(path: str) -> bool:
    """Whether another part of the export has the same file under another name."""
    return path.split("/")[-2] in ("trust", "pdv")

"""One volume handed over: its tree, how its ZIPs are made again, what is damaged as it was found, and its entry."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from archiver.digest import Sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.record.judge import examine
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.signature import judge_seal
from archiver.handover import recipe
from archiver.handover.bag import PAYLOAD, Bag, File
from archiver.handover.values import Handing
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.verify import Trust, judge_volume
from archiver.verify.discards import Discards

AS_FOUND = "as-found"
RECIPES = "segments"
STATE = ".handover"


@dataclass(slots=True)
class Unit:
    """What became of one volume: its entry in the elenco di consistenza, its files, what was damaged, its segments."""

    entry: dict[str, Any] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)
    rapporti: list[str] = field(default_factory=list)


class Volumes:
    """Hands over volumes into a bag; each that is whole is noted, and not done again by a run that goes on."""

    def __init__(self, work: Handing, bag: Bag, holder: str, trust: Trust, discards: Discards) -> None:
        self._work, self._bag, self._holder = work, bag, holder
        self._trust, self._discards = trust, discards
        self._state = bag.root / STATE
        self._tokens = Tokens()

    def unit(self, volume: str, names: list[str], *, sealed: bool) -> Unit:
        """One volume, from the note of an earlier run or now. Raises Unavailable."""
        note = self._state / f"{self._holder}.{volume}.json"
        if note.is_file():
            return _noted(json.loads(note.read_bytes()))
        shutil.rmtree(self._bag.root / self._folder(volume), ignore_errors=True)
        unit = self._made(volume, names) if sealed else Unit()
        if not unit.files:  # begun, or without an index that can be read
            self._as_found(names, unit)
        os.sync()
        self._state.mkdir(exist_ok=True)
        aside = note.with_suffix(".new")
        aside.write_text(json.dumps(asdict(unit)))
        aside.rename(note)
        return unit

    def _made(self, volume: str, names: list[str]) -> Unit:
        unit = Unit()
        folder = self._folder(volume)
        records: list[tuple[str, bytes]] = []
        index: Index | None = None
        sealed = b""
        try:
            for file in self._work.tree(
                self._work.store, self._holder, volume, trouble=lambda path, reason: unit.damaged.append((path, reason))
            ):
                unit.files.append(self._bag.write(f"{folder}{file.path}", file.octets))
                if file.path == layout.PINDEX:
                    sealed, index = file.octets, _index(file.octets)
                elif file.path.startswith("evidence/"):
                    records.append((file.path, file.octets))
        except (Absent, Malformed) as error:
            unit.damaged.append((layout.index(self._holder, volume), str(error)))
            unit.files.clear()
            shutil.rmtree(self._bag.root / folder, ignore_errors=True)
            return unit
        assert index is not None, "a tree begins with its index"
        if unit.damaged:
            self._as_found([*self._zips(index), *(name for name in names if name.endswith(".zip"))], unit)
        self._recipes(index, volume, unit)
        unit.entry = self._entry(volume, index, sealed, records, unit)
        return unit

    def _zips(self, index: Index) -> Iterator[str]:
        for segment in index.volume.segments:
            if current := self._discards.successor(segment.sha256):
                yield layout.segment(self._holder, current)

    def _as_found(self, names: list[str], unit: Unit) -> None:
        """Objects that are not what they should be, or belong to what is not: byte for byte."""
        for name in dict.fromkeys(names):
            path = f"{PAYLOAD}{self._holder}/{AS_FOUND}/{name.partition('/')[2]}"
            try:
                with self._work.store.open(name) as file:
                    unit.files.append(self._bag.copy(path, file))
            except Absent as error:
                unit.damaged.append((name, str(error)))

    def _recipes(self, index: Index, volume: str, unit: Unit) -> None:
        """How each ZIP of the volume is made again; one that was found damaged is not made."""
        found, metadata = [], None
        for segment in index.volume.segments:
            if current := self._discards.successor(segment.sha256):
                unit.segments.append(current)
                made = self._recipe(layout.segment(self._holder, current), current, "messages/", ".eml")
                found += [made] if made else []
        if current := self._discards.successor(index.volume.metadata.sha256):
            metadata = self._recipe(layout.metadata(self._holder, volume), current, "metadata/", ".xml")
        path = f"{PAYLOAD}{self._holder}/{RECIPES}/{volume}.json"
        unit.files.append(self._bag.write(path, recipe.written(found, metadata)))

    def _recipe(self, name: str, digest: Sha256, prefix: str, suffix: str) -> recipe.Recipe | None:
        try:
            with self._work.store.open(name) as file:
                return recipe.of(file, digest, prefix=prefix, suffix=suffix)
        except (Absent, Malformed):
            return None  # the tree has said so

    def _entry(
        self, volume: str, index: Index, sealed: bytes, records: list[tuple[str, bytes]], unit: Unit
    ) -> dict[str, Any]:
        """What the elenco di consistenza says of the volume (AgID guidelines on exit: size, number, classes, terms)."""
        at, policy = self._work.clock(), self._trust.policy
        facts = [file.message for file in index.messages if file.message]
        dates = sorted(fact.date for fact in facts)
        rule = index.volume.retention
        term = rule.term(index.volume.year)
        report = judge_volume(self._work.store, self._holder, volume, trust=self._trust, at=at, contents=False)
        seal = judge_seal(sealed, policy, at=at, subject=layout.PINDEX)
        unit.rapporti = [layout.listed(self._holder, index.volume.mailbox, file.path) for file in index.rdvs]
        there = [file for file in unit.files if "/messages/" in file.path]
        return {
            "id": volume,
            "mailbox": index.volume.mailbox,
            "year": index.volume.year,
            "class": rule.name,
            "years": rule.years,
            "event": rule.event,
            "basis": rule.basis,
            "keep_until": term.isoformat() if term else None,
            "from": dates[0].isoformat(),
            "to": dates[-1].isoformat(),
            "messages": len(there),
            "listed": len(facts),
            "bytes": sum(file.size for file in there),
            "kinds": dict(sorted(Counter(fact.kind for fact in facts).items())),
            "formats": dict(sorted(Counter(file.format for file in index.messages).items())),
            "producer": index.parties.submitter.name,
            "holder": [holder.agent.name for holder in index.parties.holders],
            "codes": sorted({code for holder in index.parties.holders for code in holder.agent.ids}),
            "sealed_at": index.at.isoformat(),
            "level": seal.level,
            "signers": list(report.signers),
            "records": [self._record(path, octets, at) for path, octets in records],
            "indication": report.indication.value,
            "sub_indication": report.verdict.sub_indication,
            "until": report.until.isoformat() if report.until else None,
            "findings": [found.as_json(self._work.lang) for found in report.verdict.findings],
        }

    def _record(self, path: str, octets: bytes, at: datetime) -> dict[str, Any]:
        found = examine(octets, self._trust.policy, at=at, subject=path, tokens=self._tokens)
        _, tsa, number = path.split("/")
        last = found.stamps[-1] if found.stamps else None
        return {
            "path": path,
            "tsa": tsa,
            "number": int(number.partition(".")[0]),
            "at": last.token.gen_time.isoformat() if last else None,
            "algorithm": last.algorithm if last else "",
            "until": found.until.isoformat() if found.until else None,
        }

    def _folder(self, volume: str) -> str:
        return f"{PAYLOAD}{self._holder}/volumes/{volume}/"


def _index(octets: bytes) -> Index:
    return index_reader.read(open_signed(octets).content or b"")


def _noted(told: dict[str, Any]) -> Unit:
    return Unit(
        told["entry"],
        [File(**one) for one in told["files"]],
        [(name, reason) for name, reason in told["damaged"]],
        told["segments"],
        told["rapporti"],
    )

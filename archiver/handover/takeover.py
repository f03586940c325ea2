"""Takes over what another archive of this kind handed over: checked, judged, brought object by object, read back.

Nothing is written before everything was checked. It may be cut anywhere and run again: what is there stays.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.digest import digests_of
from archiver.errors import Absent, Conflict, Malformed
from archiver.evidence.cms import open_signed
from archiver.handover import consistency
from archiver.handover.bag import MANIFESTS, PAYLOAD, PIECE, digest_file, read_manifest, walk
from archiver.handover.consistency import read as read_consistency
from archiver.handover.handed import Handed
from archiver.handover.told import listed_otherwise
from archiver.handover.values import Progress
from archiver.package import batch, layout
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind
from archiver.ports import ObjectStore
from archiver.submission.keeping import kept_until
from archiver.verdict import Finding, Indication, finding, verdict
from archiver.verify import Report, Trust, judge_store, together

_ORDER = {
    Kind.DISCARD: 0,
    Kind.TRUST: 1,
    Kind.SEGMENT: 2,
    Kind.METADATA: 3,
    Kind.RDV: 4,
    Kind.INDEX: 5,
}
"""What is there before what names it; all else comes last."""

_FOR_EVER = frozenset((Kind.ACT, Kind.BATCH, Kind.REPORT, Kind.DISCARD, Kind.TAKEOVER))
_CHAINED = frozenset((Kind.RDV, Kind.ACT, Kind.REPORT))
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Taking:
    """Everything that a taking over works with; `as_is`: also what the judge does not pass."""

    store: ObjectStore
    trust: Trust
    clock: Callable[[], datetime]
    as_is: bool = False
    progress: Progress = lambda done, total: None


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over: objects that are `new` in the store and those that were there, and the judge's report."""

    holders: tuple[str, ...]
    volumes: int
    messages: int
    new: int
    known: int
    bytes: int
    report: Report
    refused: bool = False

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return {
            "kind": "handover",
            "holders": list(self.holders),
            "volumes": self.volumes,
            "messages": self.messages,
            "new": self.new,
            "known": self.known,
            "bytes": self.bytes,
            "taken": not self.refused,
            **self.report.as_json(lang),
        }


def is_handover(root: Path) -> bool:
    """Whether a folder is what `hand_over` writes."""
    return (root / PAYLOAD / consistency.NAME).is_file() and (root / MANIFESTS[0]).is_file()


def checked(root: Path, progress: Progress = lambda done, total: None) -> list[Finding]:
    """Every file against both lists, and the lists against the folder. Raises Malformed, Unavailable."""
    found: list[Finding] = []
    there = {f"{PAYLOAD}{path}" for path, _ in walk(root / PAYLOAD)}
    second = dict(read_manifest(root, MANIFESTS[1]))
    listed: set[str] = set()
    for done, (path, expected) in enumerate(read_manifest(root, MANIFESTS[0])):
        listed.add(path)
        if path not in there:
            found.append(finding("HANDED_MISSING", path, by=MANIFESTS[0]))
            continue
        one, other, _ = digest_file(root / path)
        if one != expected:
            found.append(finding("HANDED_DIGEST", path, expected=expected, found=one))
        elif other != second.get(path):
            found.append(finding("HANDED_DIGEST", path, expected=second.get(path, "-"), found=other))
        progress(done, None)
    found += [finding("HANDED_UNLISTED", path, by=MANIFESTS[0]) for path in sorted(there - listed)]
    return found


def take_over(root: Path, work: Taking, *, known: Callable[[Handed, dict[str, Any]], None]) -> Taken:
    """Everything in `root`, into the store. `known` raises ConfigError for holders and mailboxes nobody configured.

    Raises Conflict when the store has other bytes under the same name, naming them; Unavailable.
    What is `refused` has left no trace in the store: the findings say why.
    """
    opened = _opened(root, work.progress)
    if isinstance(opened, Report):
        return Taken((), 0, 0, 0, 0, 0, opened, refused=True)
    handed, told = opened
    known(handed, told)
    report = _judged(handed, told, work.trust, work.clock())
    refused = report.indication is not Indication.PASSED and not work.as_is
    volumes = sum(map(len, handed.volumes.values()))
    taken = Taken(tuple(handed.holders), volumes, handed.messages, 0, 0, 0, report, refused)
    if refused:
        return taken
    _refuse_conflicts(handed, work.store)
    new, there, size = _brought(handed, work)
    if work.store.locks:
        _kept(handed, work)
    return replace(taken, new=new, known=there, bytes=size)


def judge_handover(root: Path, *, trust: Trust, at: datetime, progress: Progress = lambda done, total: None) -> Report:
    """The verdict on what another archive handed over, with nothing taken over; as `take_over` comes to it."""
    opened = _opened(root, progress)
    return opened if isinstance(opened, Report) else _judged(*opened, trust, at)


def _opened(root: Path, progress: Progress) -> tuple[Handed, dict[str, Any]] | Report:
    """What lies there with its elenco di consistenza, every file as listed; or what is wrong with it."""
    try:
        if wrong := checked(root, progress):
            return Report(verdict(wrong))
        return Handed(root), read_consistency((root / PAYLOAD / consistency.NAME).read_bytes())
    except Malformed as error:
        return Report(verdict([finding("HANDED_UNREADABLE", root.name, reason=error)]))


def _judged(handed: Handed, told: dict[str, Any], trust: Trust, at: datetime) -> Report:
    """The judge on all of it as if it were a store; where it is a sample, without what lies in other volumes.

    What the elenco di consistenza says is compared with what is there, and never believed: nobody signed it.
    """
    sample = told["sample"] is not None
    notes = [finding("HANDED_STRANGE", path) for path in handed.strange]
    notes += _declared(told, handed)
    notes += _remade(handed)
    notes += listed_otherwise(told, handed)
    if sample:
        notes.append(finding("HANDED_SAMPLE", PAYLOAD, found=sum(map(len, handed.volumes.values()))))
    if not handed.holders:
        notes.append(finding("STORE_EMPTY", PAYLOAD))
    reports = [judge_store(handed, holder=one, trust=trust, at=at, sample=sample) for one in handed.holders]
    return together(reports, notes)


def _declared(told: dict[str, Any], handed: Handed) -> Iterator[Finding]:
    """What was damaged already where it comes from."""
    reasons = {one["name"]: one["reason"] for holder in told["holders"] for one in holder["damaged"]}
    for name in sorted(handed.as_found):
        yield finding("HANDED_DAMAGED", name, reason=reasons.get(name, "?"))


def _remade(handed: Handed) -> Iterator[Finding]:
    """ZIPs that do not come out as their names, or the index, say."""
    for item in handed.list():
        if handed.recipe_of(item.name):
            try:
                handed.whole(item.name)[0].close()
            except (Malformed, Absent) as error:
                yield finding("HANDED_SEGMENT", item.name, reason=error)


def _refuse_conflicts(handed: Handed, store: ObjectStore) -> None:
    """Raises Conflict for names that are there with other bytes, and for mailboxes with another history here."""
    wrong: list[str] = []
    for item in handed.list():
        parsed = layout.parse(item.name)
        if parsed and parsed.kind is not Kind.SEGMENT and store.has(item.name):
            with handed.open(item.name) as ours, store.open(item.name) as theirs:
                if _digest(ours) != _digest(theirs):
                    wrong.append(f"{item.name}: nell'archivio c'è altro con questo nome (other bytes in the archive)")
    wrong += _histories(handed, store)
    if wrong:
        more = [f"... {len(wrong) - _SHOWN}"] if len(wrong) > _SHOWN else []
        raise Conflict("\n".join(["nulla è stato preso in carico (nothing was taken over):", *wrong[:_SHOWN], *more]))


def _histories(handed: Handed, store: ObjectStore) -> Iterator[str]:
    """Rapporti of a mailbox, acts and reports of a holder are chains: here and there must not both have grown."""
    ours: dict[str, set[str]] = {}
    for item in handed.list():
        if _chained(item.name):
            ours.setdefault(item.name.rpartition("/")[0] + "/", set()).add(item.name)
    for folder, names in ours.items():
        there = {item.name for item in store.list(folder) if _chained(item.name)}
        if there - names and names - there:
            yield (
                f"{folder}: qui c'è già un'altra storia, e due non diventano una: prendere in carico in un archivio"
                " nuovo, prima di usarlo (another history here: take over into a new archive)"
            )


def _chained(name: str) -> bool:
    parsed = layout.parse(name)
    return parsed is not None and parsed.kind in _CHAINED


def _brought(handed: Handed, work: Taking) -> tuple[int, int, int]:
    """Puts every object under its own name and reads it back: how many were new, how many there, bytes of the new."""
    new, there, size = 0, 0, 0
    names = sorted((_order(item.name), item.name) for item in handed.list())
    for done, (_, name) in enumerate(names, 1):
        was = work.store.has(name)
        file, length = handed.whole(name)
        with file:
            work.store.put(name, file)
            if was:
                there += 1
            else:
                new, size = new + 1, size + length
                file.seek(0)
                with work.store.open(name) as back:
                    if _digest(back) != _digest(file):
                        raise Conflict(f"{name}: riletto diverso da come è stato scritto (read back otherwise)")
        work.progress(done, len(names))
    return new, there, size


def _order(name: str) -> int:
    parsed = layout.parse(name)
    return _ORDER.get(parsed.kind, 6) if parsed else 6


def _digest(file: Any) -> str:
    file.seek(0)
    return digests_of(iter(lambda: file.read(PIECE), b"")).sha256


def _kept(handed: Handed, work: Taking) -> None:
    """Locks what was taken over as long as its term runs: each volume's objects, and for ever what has no term."""
    for name, until in _terms(handed, work.clock()):
        if handed.has(name):
            work.store.retain(name, until=until)


def _terms(handed: Handed, now: datetime) -> Iterator[tuple[str, datetime]]:
    for item in handed.list():
        parsed = layout.parse(item.name)
        if parsed and parsed.kind is Kind.INDEX:
            yield from _volume(handed, item.name, parsed, now)
        elif parsed and (parsed.kind in _FOR_EVER or _of_for_ever(parsed.kind)):
            yield item.name, kept_until(None, now=now)
            if parsed.kind is Kind.BATCH:
                members = batch.read(handed.get(item.name))
                yield from ((layout.trust(parsed.holder, *one), kept_until(None, now=now)) for one in members)


def _of_for_ever(kind: Kind) -> bool:
    return kind in layout.RECORDS and kind not in (Kind.VOLUME_RECORD, Kind.RDV_RECORD)


def _volume(handed: Handed, name: str, parsed: layout.Parsed, now: datetime) -> Iterator[tuple[str, datetime]]:
    try:
        index = index_reader.read(open_signed(handed.get(name)).content or b"")
    except Malformed:
        return
    end = kept_until(index.volume.retention.term(index.volume.year), now=now)
    holder = parsed.holder
    yield from ((layout.segment(holder, one.sha256), end) for one in index.volume.segments)
    yield from ((layout.trust(holder, file.sha256, file.extension), end) for file in index.trust)
    for file in index.rdvs:
        stem = layout.listed(holder, index.volume.mailbox, file.path).removesuffix(".p7m").removesuffix("xml")
        yield from ((item.name, end) for item in handed.list(stem))
    yield from ((item.name, end) for item in handed.list(name.removesuffix(layout.PINDEX)))

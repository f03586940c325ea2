"""`archiver export`: the auditor's export, part by part; one that was cut off goes on where it stopped."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.access.export import chosen, counted, sample, state
from archiver.access.export.asked import Asked, Filters, Format
from archiver.access.export.counted import Counted, Named
from archiver.access.export.plan import Planned, parts
from archiver.access.export.state import PartState, State
from archiver.access.export.statistics import Figures
from archiver.access.folding import states
from archiver.access.show import show as show_dossier
from archiver.access.unrestricted import Unrestricted
from archiver.compose.archive import Archive
from archiver.compose.export_files import Files, Told
from archiver.compose.looking import telling
from archiver.compose.making import Sealer, sealer
from archiver.compose.register import check_reason, register
from archiver.compose.roles import Right
from archiver.digest import Sha256
from archiver.errors import ConfigError, Conflict
from archiver.hands import Hands, Seal, cores
from archiver.submission.rows import MessageRow
from archiver.verdict import Indication

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export: `missing` messages were asked for and are not there; `made` parts were made now."""

    path: Path
    messages: int
    bytes: int
    indication: Indication
    parts: int
    made: int
    missing: int
    counts: Mapping[str, int]
    restricted: int = 0

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": str(self.path),
            "messages": self.messages,
            "bytes": self.bytes,
            "indication": self.indication.value,
            "parts": self.parts,
            "made": self.made,
            "missing": self.missing,
            "restricted": self.restricted,
            "counts": dict(self.counts),
        }


WORTH = 32 << 20
"""Bytes of messages from which on more processes than one are worth their beginning."""

FIGURES = -1
"""The task that is no part."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Does one task: the part of that number (from 0), or the figures of the period."""

    files: Files
    parts: tuple[PartState, ...]
    found: Counted
    named: Named | None

    def __call__(self, number: int) -> PartState | Figures:
        if number == FIGURES:
            return counted.told(self.found, self.files.asked, self.files.archive.visible, self.named)
        return self.files.made(self.parts[number], number=number + 1, total=len(self.parts))

    def elsewhere(self, seal: Seal) -> "_Work":
        """The same in another process: with connections of its own, and the seal of the first one."""
        archive = replace(self.files.archive)
        files = replace(self.files, archive=archive, seal=seal if self.files.seal else None, makings={})
        return replace(self, files=files)


def asked_of(
    archive: Archive,
    filters: Filters,
    *,
    mailboxes: tuple[str, ...],
    form: Format,
    part_size: int,
    full: bool,
    draw: int | None,
    seed: str,
) -> Asked:
    """The question, about the mailboxes called so or all that whoever asks may read. Raises ConfigError."""
    for name in mailboxes:
        archive.permit(Right.READ, archive.mailbox(name).name)
    own = archive.who.mailboxes
    ids = [archive.mailbox(name).id for name in mailboxes] or [box.id for box in archive.config.mailboxes]
    readable = tuple(sorted({one for one in ids if own is None or one in own}))
    return Asked(readable, filters, form, part_size, full, draw, seed)


def export(
    archive: Archive,
    target: Path,
    asked: Asked,
    *,
    reason: str,
    unsigned: bool,
    lang: str,
    clock: Callable[[], datetime],
    progress: Progress,
    jobs: int | None = None,
) -> Exported:
    """Exports what was asked into the folder `target`; the same question again goes on with what is missing there.

    `jobs` parts are made at once, each in a process of its own (None: as many as there are cores, if it pays).
    Raises Conflict when something else is in the folder, ConfigError when nothing is found or nobody may sign, and
    Unavailable; what is finished by then stays.
    """
    check_reason(archive, reason)
    seal, _ = sealer(archive, clock, unsigned=unsigned or asked.format is Format.ASICE)
    return _Run(archive, target, asked, reason, seal, lang, clock, progress, jobs).export()


@dataclass(slots=True)
class _Run:
    """One export under way."""

    archive: Archive
    target: Path
    asked: Asked
    reason: str
    seal: Sealer | None
    lang: str
    clock: Callable[[], datetime]
    progress: Progress
    jobs: int | None
    done: int = field(default=0)
    total: int = field(default=0)
    free: Unrestricted = field(init=False)

    def __post_init__(self) -> None:
        self.free = Unrestricted(self.archive.catalog)

    def export(self) -> Exported:
        """Looks, plans, registers, makes what is not there, and tells."""
        before = self._opened()
        named = self._named()
        found = counted.count(self.asked, self.free, named)
        found.restricted = self._left_out()
        now = before or self._planned(found)
        total = sum(piece.messages for part in now.parts for piece in part.pieces)
        self.total = total
        if not total:
            self._registered(now, total)
            raise ConfigError("nessun messaggio risponde alla domanda: nulla da esportare (nothing was found)")
        acts = self._registered(now, total)
        drawn = named if now.drawn is None else self._only(now.drawn)
        seal = self.seal.index if self.seal else None
        files = Files(self.archive, self.target, self.asked, drawn, self.reason, seal, self.lang, self.clock, acts)
        files.begin(now)
        lacking = [number for number, part in enumerate(now.parts) if not files.is_there(part)]
        self._step(now.parts[number] for number in range(len(now.parts)) if number not in lacking)
        work = _Work(files, now.parts, found, named)
        for number, done in self._worked(work, [FIGURES, *lacking]):
            if isinstance(done, Figures):
                found.figures = done
            else:
                now = now.done(done)
                files.note(now)
                self._step([now.parts[number]])
        return self._exported(files.finish(now, found), now, len(lacking), found.restricted)

    def _worked(self, work: "_Work", tasks: list[int]) -> "Iterator[tuple[int, PartState | Figures]]":
        """What comes of each task: in processes where there is enough to do, else here, one after the other."""
        octets = sum(piece.octets for number in tasks if number >= 0 for piece in work.parts[number].pieces)
        jobs = self.jobs or (cores() if octets >= WORTH else 1)
        if min(jobs, len(tasks)) == 1:
            yield from ((number, work(number)) for number in tasks)
            return
        self.archive.catalog.close()  # its connections are this process's own; the next question makes others
        yield from Hands(work.elsewhere, jobs, seal=work.files.seal).work(tasks)

    def _step(self, parts: Iterable[PartState]) -> None:
        self.done += sum(piece.messages for part in parts for piece in part.pieces)
        self.progress(self.done, self.total)

    def _opened(self) -> State | None:
        """What an earlier run left; None for a new folder."""
        path = self.target / state.NAME
        if path.is_file():
            found = state.read(path.read_bytes())
            if found.question != self.asked.digest:
                raise Conflict(
                    f"{self.target}: contiene l'esportazione di un'altra domanda: scegliere un'altra cartella con -o"
                    " (holds the export of another question)"
                )
            return found
        if self.target.exists() and (not self.target.is_dir() or any(self.target.iterdir())):
            raise Conflict(
                f"{self.target}: c'è già e non è un'esportazione: scegliere un'altra cartella con -o (is there already)"
            )
        return None

    def _named(self) -> Named | None:
        """What the filters that need a search mean, by mailbox; None when the rows alone can tell."""
        filters = self.asked.filters
        if not filters.needs_search:
            return None
        dossiers = self._dossiers() if filters.dossiers else None
        found: dict[str, frozenset[bytes]] = {}
        for mailbox in self.asked.mailboxes:
            wanted = dossiers
            if filters.terms or filters.conditions or filters.state:
                searched = chosen.searched(filters, mailbox, self._page, self._states)
                wanted = searched if wanted is None else wanted & searched
            found[mailbox] = wanted or frozenset()
        return found

    def _page(self, filters: Filters, mailbox: str, after: tuple[datetime, Sha256] | None) -> list[MessageRow]:
        conditions: dict[str, Any] = dict(filters.conditions)
        return self.free.find(
            filters.terms,
            **conditions,
            kind=filters.kind,
            since=filters.since,
            until=filters.until,
            mailbox=mailbox,
            limit=chosen.PAGE,
            after=after,
        )

    def _states(self, rows: Sequence[MessageRow]) -> Mapping[tuple[str, Sha256], str]:
        return states(rows, self.archive.visible)

    def _dossiers(self) -> frozenset[bytes]:
        names = {box.id: box.name for box in self.archive.config.mailboxes}
        with telling(self.archive, reason=self.reason):
            shown = [
                show_dossier(self.archive.visible, self.archive.store, name, mailboxes=names, behind=self.archive.own)
                for name in self.asked.filters.dossiers
            ]
        return frozenset(bytes.fromhex(proof.message.sha256) for item in shown for proof in item.proofs)

    def _planned(self, found: Counted) -> State:
        drawn: tuple[str, ...] | None = None
        planned = found.planned
        if self.asked.sample is not None:
            pulled = sample.draw(found.population, count=self.asked.sample, seed=self.asked.seed)
            drawn = tuple(item.sha256 for item in pulled)
            pieces = chosen.meant(self.asked, Unrestricted(self.archive.catalog), self._only(drawn))
            planned = [Planned.of(piece) for piece in pieces]
        cut = parts(planned, size=self.asked.part_size, by_volume=self.asked.format is Format.ASICE)
        states = tuple(self._part(number, pieces) for number, pieces in enumerate(cut, 1))
        return State(self.asked.digest, states, drawn)

    def _only(self, drawn: tuple[str, ...]) -> Named:
        return dict.fromkeys(self.asked.mailboxes, frozenset(map(bytes.fromhex, drawn)))

    def _part(self, number: int, pieces: tuple[Planned, ...]) -> PartState:
        if self.asked.format is Format.ASICE:
            return PartState(f"{pieces[0].volume}.asice" if pieces[0].volume else f"senza-volume-{number:04}", pieces)
        return PartState(f"parte-{number:04}" + (".zip" if self.asked.format is Format.ZIP else ""), pieces)

    def _registered(self, now: State, messages: int) -> Mapping[str, str]:
        """The act in the register of each holder, before anything is written."""
        filters = self.asked.as_json()["filters"]
        what = {
            "question": self.asked.digest,
            "filters": sorted(name for name, value in filters.items() if value),
            "messages": messages,
            "parts": len(now.parts),
            "sampled": now.drawn is not None,
            "form": self.asked.format.value,
        }
        holders = {piece.holder for part in now.parts for piece in part.pieces} or self._asked_of()
        return register(self.archive, holders=holders, kind="export", what=what, reason=self.reason, clock=self.clock)

    def _asked_of(self) -> set[str]:
        """The holders of the mailboxes that are asked about."""
        (only, *_) = self.archive.config.holders
        boxes = (box for box in self.archive.config.mailboxes if box.id in self.asked.mailboxes)
        return {box.holder or only for box in boxes}

    def _left_out(self) -> int:
        """How many messages would have been meant, and are restricted (GDPR, art. 18)."""
        filters = self.asked.filters
        if filters.needs_search:
            return len({row.sha256 for row in self.free.found})
        return len({row.sha256 for row in self.free.kept if chosen.holds(filters, row)})

    def _exported(self, told: Told, now: State, made: int, restricted: int) -> Exported:
        return Exported(
            path=self.target,
            messages=told.included,
            bytes=told.octets,
            indication=told.indication,
            parts=len(now.parts),
            made=made,
            missing=told.missing,
            counts=told.counts,
            restricted=restricted,
        )

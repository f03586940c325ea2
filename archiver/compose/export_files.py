"""The files of an export on disk: its parts, each whole or not there, and the documents at the top."""

import csv
import glob
import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from archiver import __version__
from archiver.access.exhibit import Bag, Making
from archiver.access.export import documents, sample, state
from archiver.access.export.asked import Asked, Format
from archiver.access.export.chosen import Piece, of_segment
from archiver.access.export.consistency import INCLUDED, List, Standing
from archiver.access.export.container import contain
from archiver.access.export.counted import Counted, Named
from archiver.access.export.documents import as_json
from archiver.access.export.part import made as make_exhibit
from archiver.access.export.state import PartState, State
from archiver.access.export.summary import summary
from archiver.access.unrestricted import Unrestricted
from archiver.adapters.exhibits import FolderSink, ZipSink
from archiver.compose.archive import Archive
from archiver.compose.boxes import SOFTWARE
from archiver.compose.durable import replaced
from archiver.compose.exhibit import written
from archiver.compose.making import making_of
from archiver.digest import Sha256
from archiver.errors import Absent, Malformed
from archiver.hands import Seal
from archiver.package import layout as archive_layout
from archiver.package.exhibit import layout
from archiver.verdict import Indication
from archiver.verify import judge_asice

PIECE = 1 << 20
LINES = ".righe"
"""The folder of each part's lines of the list while parts are made; they become one file in the end."""

WORST = (Indication.FAILED, Indication.INDETERMINATE, Indication.PASSED)
MISSING_TOLD = 1000
PRIVATE = 0o700
"""The mode of an export's folders: messages are for whoever asked for them."""


@dataclass(frozen=True, slots=True)
class Told:
    """The whole export in figures."""

    included: int
    missing: int
    octets: int
    counts: Mapping[str, int]
    indication: Indication


@dataclass(frozen=True, slots=True)
class _Done:
    """What one part holds: the path of each message, why others are missing (by path), the verdict."""

    paths: Mapping[Sha256, str] = field(default_factory=dict)
    damaged: Mapping[str, str] = field(default_factory=dict)
    indication: Indication = Indication.PASSED
    sha256: str = documents.NOTHING


@dataclass(slots=True)
class Files:
    """The folder of one export; `named` are the messages that are meant where the rows alone cannot tell."""

    archive: Archive
    target: Path
    asked: Asked
    named: Named | None
    reason: str
    seal: Seal | None
    lang: str
    clock: Callable[[], datetime]
    acts: Mapping[str, str]
    makings: dict[str, Making] = field(default_factory=dict)

    def begin(self, now: State) -> None:
        """The folder and the plan, before the first part."""
        if not self.target.exists():
            self.target.mkdir(mode=PRIVATE, parents=True)
        (self.target / LINES).mkdir(mode=PRIVATE, exist_ok=True)
        for name in (f".{part.name}." for part in now.parts):  # what a run that was killed left beside them
            for path in self.target.glob(f"{glob.escape(name)}*part"):
                _remove(path)
        self._cut(now)
        self.note(now)

    def note(self, now: State) -> None:
        """The state as it is now."""
        replaced(self.target / state.NAME, state.write(now))

    def is_there(self, part: PartState) -> bool:
        """Whether a finished part is still what it was, by its digest; what is not is made again."""
        path = self.target / part.name
        if not part.sha256 or not self._lines(part).is_file():
            return False
        return not self._has_file(part) or _digest(path) == part.sha256

    def made(self, part: PartState, *, number: int, total: int) -> PartState:
        """The part, the `number`th of `total`, is written anew, and its lines of the list."""
        pieces = [self._piece(planned.mailbox, planned.segment) for planned in part.pieces]
        path = self.target / part.name
        _remove(path)
        if not self._has_file(part):
            done = _Done()
        elif self.asked.format is Format.ASICE:
            done = self._contained(pieces, path)
        else:
            done = self._exhibit(pieces, path, {"part": number, "parts": total, "question": self.asked.digest})
        listed = self._listed(part, pieces, done)
        return replace(
            part,
            sha256=done.sha256,
            messages=listed.included,
            bytes=listed.octets,
            indication=done.indication.value if self._has_file(part) else "",
            counts=dict(listed.counts),
        )

    def finish(self, now: State, found: Counted) -> Told:
        """The list as one file, its JSON, the figures, the draw, the summary, and the digests of all."""
        counts, octets, missing = self._join(now)
        told = self._told(now, found, counts, missing)
        for name, content in self._documents(told, found, now):
            replaced(self.target / name, content)
        replaced(self.target / documents.SUMS, "".join(self._sums(now)).encode())
        _remove(self.target / LINES)  # `_cut` takes them from the list again
        return Told(told["included"], told["missing_count"], octets, counts, Indication(told["indication"]))

    def _has_file(self, part: PartState) -> bool:
        """In an export of ASiC-E what has no volume yet has no container."""
        return self.asked.format is not Format.ASICE or part.pieces[0].volume is not None

    def _piece(self, mailbox: str, segment: str) -> Piece:
        row = self.archive.catalog.segment_of(Sha256(segment), mailbox=mailbox)
        if row is None:
            raise Absent(f"segment {segment}: the catalog does not know it any more: export into a new folder")
        return of_segment(self.asked.filters, row, Unrestricted(self.archive.catalog), self.named)

    def _making(self, piece: Piece) -> Making:
        holder = piece.segment.holder
        if holder not in self.makings:
            self.makings[holder] = making_of(
                self.archive,
                holder,
                piece.segment.mailbox,
                seal=None,
                reason=self.reason,
                act=self.acts.get(holder, ""),
                lang=self.lang,
                clock=self.clock,
            )
        # rapporto.pdf is an exhibit's, dossier by dossier; here riepilogo.html tells, and the page of each part proves
        at = self.clock().replace(microsecond=0)
        return replace(self.makings[holder], at=at, seal=self.seal, report=None)

    def _exhibit(self, pieces: Sequence[Piece], path: Path, told: Mapping[str, Any]) -> _Done:
        making = self._making(pieces[0])
        if self.asked.format is Format.ZIP:
            with written(path) as file:
                sink = ZipSink(file, path.stem, at=making.at)
                done = make_exhibit(pieces, making, Bag(sink), full=self.asked.full, told=told)
                sink.close()
            digest = sink.sha256
        else:
            aside = path.with_name(f".{path.name}.part")
            _remove(aside)
            aside.mkdir(mode=PRIVATE)
            bag = Bag(FolderSink(aside))
            done = make_exhibit(pieces, making, bag, full=self.asked.full, told=told)
            aside.rename(path)
            digest = bag.digests[layout.TAG_MANIFESTS[0]].sha256
        return _Done(done.paths, done.damaged, done.report.indication, digest)

    def _contained(self, pieces: Sequence[Piece], path: Path) -> _Done:
        segment, damaged = pieces[0].segment, dict[str, str]()
        rows = [row for piece in pieces for row in piece.rows]
        try:
            with written(path) as file:
                found = contain(
                    self.archive.store,
                    segment.holder,
                    segment.volume or "",
                    file,
                    rows=rows,
                    full=self.asked.full,
                    trouble=damaged.__setitem__,
                )
        except (Absent, Malformed) as error:
            return _Done({}, {archive_layout.PINDEX: str(error)}, Indication.FAILED)
        with path.open("rb") as file:
            judged = judge_asice(file, path.name, trust=self.archive.trust, at=self.clock())
        indication = Indication.FAILED if damaged else judged.indication
        return _Done(found.messages, damaged, indication, _digest(path))

    def _listed(self, part: PartState, pieces: Sequence[Piece], done: _Done) -> List:
        lines = self._lines(part)
        with lines.open("wb") as file:
            found = List(file)
            for piece in pieces:
                for row in piece.rows:
                    path = done.paths.get(row.sha256, "")
                    standing, reason = self._standing(piece, row.sha256, path, done)
                    found.add(
                        row,
                        volume=piece.volume or "",
                        standing=standing,
                        part=part.name if path else "",
                        path=path,
                        reason=reason,
                    )
        return found

    def _standing(self, piece: Piece, digest: Sha256, path: str, done: _Done) -> tuple[Standing, str]:
        if path:
            return (Standing.INCLUDED if piece.volume else Standing.PENDING), ""
        if piece.volume is None and self.asked.format is Format.ASICE:
            return Standing.UNSEALED, ""
        exact = archive_layout.message_path(digest)
        reason = done.damaged.get(exact) or "; ".join(dict.fromkeys(done.damaged.values()))[:500]
        return Standing.DAMAGED, " ".join(reason.split())

    def _lines(self, part: PartState) -> Path:
        return self.target / LINES / f"{part.name}.csv"

    def _cut(self, now: State) -> None:
        """The lines of finished parts that are not there any more, from the list of a finished export."""
        path, sums = self.target / documents.LIST, self.target / documents.SUMS
        if all(self._lines(part).is_file() for part in now.parts if part.sha256) or not sums.is_file():
            return
        if f"{_digest(path)}  {documents.LIST}\n" not in sums.read_text(encoding="utf-8", errors="replace"):
            return  # whoever changed it is not believed: the parts are made again
        head, *lines = path.read_bytes().splitlines(keepends=True)
        if len(lines) != sum(sum(part.counts.values()) for part in now.parts):
            return
        left = iter(lines)
        for part in now.parts:
            mine = b"".join(islice(left, sum(part.counts.values())))
            if not self._lines(part).is_file():
                replaced(self._lines(part), head + mine)

    def _join(self, now: State) -> tuple[Counter[str], int, list[dict[str, str]]]:
        """One list of all parts' lines; counts by standing, bytes that are there, the first missing ones."""
        counts: Counter[str] = Counter()
        octets, missing = 0, list[dict[str, str]]()
        aside = self.target / LINES / documents.LIST
        with aside.open("wb") as whole:
            List(whole)
            for part in now.parts:
                lines = self._lines(part).read_bytes().partition(b"\n")[2]
                whole.write(lines)
                counts.update(part.counts)
                octets += part.bytes
                if part.messages < sum(part.counts.values()):
                    missing += _missing(lines)
        aside.replace(self.target / documents.LIST)
        return counts, octets, missing[:MISSING_TOLD]

    def _told(
        self, now: State, found: Counted, counts: Mapping[str, int], missing: list[dict[str, str]]
    ) -> dict[str, Any]:
        included = sum(counts.get(standing.value, 0) for standing in INCLUDED)
        said = {part.indication for part in now.parts if part.indication}
        absent = sum(counts.values()) - included
        worst = next((one for one in WORST if one.value in said), Indication.INDETERMINATE)
        if absent and worst is Indication.PASSED:
            worst = Indication.INDETERMINATE
        demo = self.archive.config.demo
        question = self.asked.as_json()
        names = {box.id: box.name for box in self.archive.config.mailboxes}
        filters = question.pop("filters")
        return {
            "format": 1,
            "question": {
                **question,
                "mailboxes": [names.get(one, one) for one in self.asked.mailboxes],
                **{name: value for name, value in filters.items() if value},
            },
            "question_sha256": self.asked.digest,
            "made": f"{self.clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "by": {"login": self.archive.who.login, "role": self.archive.who.role},
            "reason": self.reason,
            "acts": dict(self.acts),
            "legal_value": not demo,
            "indication": worst.value,
            "counts": dict(counts),
            "included": included,
            "missing_count": absent,
            "restricted": found.restricted,
            "missing": missing,
            "list_sha256": _digest(self.target / documents.LIST),
            "parts": [part.as_json() for part in now.parts],
            "statistics": found.figures.as_json(),
            "sample": self._draw(now, found),
        }

    def _draw(self, now: State, found: Counted) -> dict[str, Any] | None:
        if now.drawn is None:
            return None
        wanted = set(now.drawn)
        places: dict[str, dict[str, str]] = {}
        with (self.target / documents.LIST).open(newline="", encoding="utf-8") as file:
            for cells in csv.DictReader(file):
                if cells["sha256"] in wanted:
                    places[cells["sha256"]] = {"part": cells["parte"], "path": cells["percorso"]}
        items = (sample.Drawn(Sha256(digest), sample.number(self.asked.seed, Sha256(digest))) for digest in now.drawn)
        return documents.drawn(self.asked, found, items, lambda digest: places.get(digest, {}))

    def _documents(self, told: dict[str, Any], found: Counted, now: State) -> Iterator[tuple[str, bytes]]:
        yield documents.SUMMARY, summary(told, self.lang)
        yield documents.FIGURES, as_json(told["statistics"])
        if now.drawn is not None:
            yield documents.DRAW, as_json(told["sample"])
            yield documents.POPULATION, "".join(f"{digest}\n" for digest in found.population).encode()
        yield (
            documents.LIST_JSON,
            as_json({key: value for key, value in told.items() if key not in ("statistics", "sample")}),
        )
        software = f"{SOFTWARE} {__version__}"
        yield (
            documents.README,
            documents.readme(
                self.asked, made=told["made"], software=software, legal=told["legal_value"], lang=self.lang
            ),
        )

    def _sums(self, now: State) -> Iterator[str]:
        """`sha256sum -c` on every file at the top; of a folder its tag manifests, which lead to all of its files."""
        known = {part.name: part.sha256 for part in now.parts}
        for path in sorted(self.target.iterdir()):
            if path.name in (documents.SUMS, state.NAME, LINES) or path.name.startswith("."):
                continue
            inside = f"/{layout.TAG_MANIFESTS[0]}" if path.is_dir() else ""
            yield f"{known.get(path.name) or _digest(path)}  {path.name}{inside}\n"


def _missing(lines: bytes) -> Iterator[dict[str, str]]:
    for cells in csv.reader(lines.decode().splitlines()):
        if Standing(cells[6]) not in INCLUDED:
            yield {"sha256": cells[0], "state": cells[6], "reason": cells[9]}


def _digest(path: Path) -> str:
    """Of a file; of a folder that of its tag manifest, once all that it leads to is right. Empty when it is not."""
    if path.is_dir():
        return _bagged(path)
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bagged(folder: Path) -> str:
    tag = folder / layout.TAG_MANIFESTS[0]
    if not tag.is_file():
        return ""
    for manifest in (tag, folder / layout.manifest("sha256")):
        for line in manifest.read_text(encoding="utf-8").splitlines():
            expected, _, name = line.partition("  ")
            if _digest(folder / name) != expected:
                return ""
    with tag.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

"""What a rebuild asks of stores beside its own, of locks, of other commands, and of memory."""

import gc
import io
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import letters
from support.ages import Clock, authority, day
from support.embedded import EVENING, Disk, Embedded
from support.quick_tsa import QuickTSA
from support.rebuilding import rows
from support.small import EVENING as BEFORE
from support.small import HOLDER, HOUR, MAILBOX, Files, make

from archiver import compose
from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.memory import MemoryStore
from archiver.cli.door import now
from archiver.compose.trust import trust_decide
from archiver.errors import Busy
from archiver.package.act import ActKind
from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.package.rdv.values import Rdv
from archiver.package.segment import reader as segment_reader
from archiver.rebuild import Reader, Rebuilding, Report, rebuild, volumes
from archiver.rebuild.chain import Chain
from archiver.rebuild.listing import listed
from archiver.seal import Line
from archiver.verdict import Finding
from archiver.verify import Trust

AHEAD = timedelta(minutes=4)
"""How far the authorities' clocks run before ours: less than what the judge allows."""


class Locking(MemoryStore):
    """A store in memory that keeps until when each object is locked."""

    locks = True

    def __init__(self) -> None:
        super().__init__()
        self.until: dict[str, datetime] = {}

    def retain(self, name: str, *, until: datetime) -> None:
        self.get(name)
        self.until[name] = max(until, self.until.get(name, until))

    def locked_until(self, name: str) -> datetime | None:
        self.get(name)
        return self.until.get(name)


class Counting(MemoryStore):
    """A store in memory that counts, whenever it is read, how many rapporti somebody holds."""

    most = 0

    def get(self, name: str) -> bytes:
        self.most = max(self.most, sum(isinstance(held, Rdv) for held in gc.get_objects()))
        return super().get(name)


@dataclass
class Ahead(Clock):
    """What an authority's clock shows while ours shows what `ours` does."""

    ours: Clock

    def __call__(self) -> datetime:
        return self.ours() + AHEAD


@pytest.mark.parametrize(("short", "noted"), [(AHEAD, True), (2 * AHEAD, False)])
def test_a_lock_may_fall_short_by_as_much_as_clocks_may_differ_and_what_is_left_out_is_said(
    tmp_path: Path, ca: Path, short: timedelta, noted: bool
) -> None:
    process, store = renewed(tmp_path / "lived", ca)
    (listing,) = listed(store.list())
    late = min(name for name in store.until if name.endswith("000002.ers") and "/volumes/" in name)
    (volume,) = (one for one in volumes.read_volumes(listing, store, []) if f"/{one.row.id}/" in late)
    store.until[late] = volumes.end(volume, now=EVENING) - short
    again = f"sqlite:///{tmp_path}/again.db"
    report = restored(process, again)
    assert [(note.code, note.subject) for note in report.notes] == [("REBUILD_NOT_NOTED", late)] * (not noted)
    assert (late in {row[4] for row in rows(again)["evidence"]}) == noted


def test_a_replica_that_lags_forgets_no_act(tmp_path: Path) -> None:
    folder = make(tmp_path / "archive", letters.simulated(3)).folder
    config = folder / "archiver.toml"
    with config.open("a", encoding="utf-8") as file:
        for id in ("copia", "spenta"):
            file.write(f'\n[[store]]\nid = "{id}"\nkind = "filesystem"\npath = "{id}"\ncountry = "IT"\n')
            file.write('operator = "altri"\n')
    shutil.copytree(folder / "store", folder / "copia")
    archive = compose.open_archive(config, environ={}, clock=now)
    (provider, *_) = archive.catalog.trust_of(HOLDER, kind="provider")
    act = trust_decide(archive, provider.sha256, ActKind.TRUST_REVOKED, reason="revoca", at=BEFORE + HOUR)
    archive.catalog.close()
    standing = rows(f"sqlite:///{folder}/catalog.db")["standing"]
    for path in folder.glob("catalog.db*"):
        path.unlink()
    archive = compose.open_archive(config, environ={}, clock=now)
    report = compose.rebuild(archive, source="copia", clock=now)
    assert rows(f"sqlite:///{folder}/catalog.db")["standing"] == standing != []
    said = {(note.code, note.subject) for note in report.notes}
    assert said >= {("REBUILD_ELSEWHERE", act.acts[0]), ("REBUILD_SILENT", "store spenta")}


@pytest.mark.parametrize("name", ["sweep", "replicate", f"report-sweep-{HOLDER}", f"ingest-{MAILBOX}"])
def test_while_another_command_is_at_work_nothing_is_rebuilt(tmp_path: Path, name: str) -> None:
    folder = make(tmp_path / "archive", sealed=False).folder
    archive = compose.open_archive(folder / "archiver.toml", environ={}, clock=now)
    for path in folder.glob("catalog.db*"):
        path.unlink()
    other = Catalog.open(archive.catalog_url, create=True)
    try:
        with other.exclusive(name, busy=""), pytest.raises(Busy, match="altro comando"):
            compose.rebuild(archive, clock=now)
    finally:
        other.close()


def test_behind_a_lost_rapporto_few_of_the_others_are_held_at_once(tmp_path: Path) -> None:
    files = Files.of(make(tmp_path / "archive", *([letters.plain(n)] for n in range(9)), sealed=False).folder / "store")
    chain = sorted((rdv_reader.read(files[name]).at, name) for name in files.kind(Kind.RDV))
    left = files.but({name: None for _, name in (chain[0], chain[4])})
    (listing,) = listed(left.list())
    wrong: list[Finding] = []
    store = Counting()
    fill(store, left)
    links = Chain(MAILBOX, listing, store, expected={}, proven=lambda _: None, wrong=wrong, others={})
    numbers = [link.row.number for link in links.links(None, frozenset())]
    assert (numbers, len(wrong)) == ([*range(1, 10)], 2)
    assert store.most <= 4


def test_lost_last_rapporti_whose_cursors_nobody_tells_keep_their_places(tmp_path: Path, ca: Path) -> None:
    process = Embedded(Disk.made(tmp_path / "lived"), ca, letters.providers())
    mail = letters.simulated(6)
    server = letters.Watched(mail[:2])
    for number in (3, 4, 5):
        process.ingest(server)
        server.mail[number] = mail[number]
    process.seal()
    before = {row[0] for row in rows(f"sqlite:///{process.disk.path}")["pdv"]}
    files = Files(process.disk.objects())
    names = [name for _, name in sorted((rdv_reader.read(files[name]).id, name) for name in files.kind(Kind.RDV))]
    chain = [name for name in names if rdv_reader.read(files[name]).previous is None]
    left = files.but({name: None for name in names if name not in chain})
    again = f"sqlite:///{tmp_path}/again.db"
    report = _rebuilt(fill(MemoryStore(), left), process.trust(), again, process.clock(), ())
    assert {row[0] for row in rows(again)["pdv"]} == before
    assert {lost.subject for lost in report.lost} >= {name for name in names if name not in chain}


def test_behind_an_altered_message_the_others_of_an_orphaned_segment_come_again(tmp_path: Path) -> None:
    small = make(tmp_path / "archive", [letters.plain(n) for n in range(4)], [letters.plain(9)])
    (segment,) = (name for name in small.files.kind(Kind.SEGMENT) if b"lettera 3" in small.files[name])
    octets = small.files[segment]
    (first, *others) = segment_reader.members(io.BytesIO(octets), prefix="messages/", suffix=".eml")
    place = first.offset + 10
    rotten = octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1 :]
    lost = min((rdv_reader.read(small.files[name]).at, name) for name in small.files.kind(Kind.RDV))[1]
    store = small.files.but({segment: rotten, lost: None})
    url = f"sqlite:///{tmp_path}/again.db"
    report = _rebuilt(fill(MemoryStore(), store), small.trust, url, BEFORE + HOUR, ())
    assert {row[0] for row in rows(url)["message"]} >= {str(member.sha256) for member in others}
    assert len(others) == 3
    assert {item.subject.split()[0] for item in report.lost} >= {segment, lost}


def renewed(folder: Path, ca: Path) -> tuple[Embedded, Locking]:
    """Volumes with two records, of an authority whose clock is ahead, in a store that locks."""
    disk, clock = Disk.made(folder), Clock(EVENING)
    disk.store = store = Locking()
    process = Embedded(disk, ca, letters.providers(), clock, lines=line("A", clock))
    process.ingest(letters.Watched(letters.simulated(4)))
    process.seal()
    clock.now = day("2030-10-15")
    process.former = tuple(item for one in process.lines or () for item in one)
    process.lines = line("B", clock, "2030-01-01", "2036-01-01")
    assert process.renew().failures == []
    return process, store


def line(name: str, clock: Clock, start: str = "2026-01-01", end: str = "2031-01-01") -> tuple[Line, ...]:
    """One authority whose clock is ahead."""

    theirs = Ahead(clock.now, clock)
    return ((authority("prima", QuickTSA(f"prima {name}", day(start), day(end)), theirs),),)


def restored(process: Embedded, url: str) -> Report:
    """A catalog at `url` made again from the process's store."""
    return _rebuilt(process.disk.store, process.trust(), url, process.clock(), process.lines or ())


def fill(store: MemoryStore, files: Files) -> MemoryStore:
    """The store, with these files in it."""
    for name, octets in files.items():
        store.put(name, octets)
    return store


def _rebuilt(store: MemoryStore, trust: Trust, url: str, at: datetime, lines: tuple[Line, ...]) -> Report:
    catalog, reader = Catalog.open(url, create=True, unfinished=True), Reader(store, trust.providers, None)
    try:
        catalog.begin_rebuild("primary", at)
        report = rebuild(
            Rebuilding(
                store=store,
                catalog=catalog,
                trust=trust,
                own={MAILBOX: frozenset({letters.ADDRESS})},
                lines=tuple(frozenset(one.id for one in some) for some in lines),
                mapped=lambda asks: map(reader.read, asks),
                clock=lambda: at,
            )
        )
        catalog.end_rebuild()
        return report
    finally:
        catalog.close()

"""Several processes on one mailbox: the same archive as one would make, whatever becomes of one of them."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from support import letters
from support.embedded import EVENING, MAILBOX, the_box
from support.server import Box, Server

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.digest import Digests, sha256
from archiver.errors import Absent, Unavailable
from archiver.hands import copies
from archiver.ingest import Crew, Intake, Packer, Report, desk, poll, polling
from archiver.ingest.chunk import Heard
from archiver.ingest.crew import _Done, _Flush, _Flushed, _Labour, _Wanted
from archiver.ingest.packer import Packed
from archiver.ingest.watch import Share
from archiver.ports import Fetched, Folder, Gone, Unfetched
from archiver.submission.intake import Taken
from archiver.uids import Uids

COUNT = 100


class Faulty(Server):
    """Every process makes its own of these; the one who comes to UID 50 meets its fate there."""

    def __init__(self, fate: str) -> None:
        mail = [letters.plain(number % 90) for number in range(COUNT)]  # the last ten are the first ten again
        super().__init__(INBOX=Box().deliver(*mail), Trash=Box().deliver(*mail[:3], letters.plain(500)))
        self.fate = fate

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        for item in super().fetch(folder, uids):
            if item.uid == 50 and self.fate == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            if item.uid == 50 and self.fate == "hung up":
                raise Unavailable("hung up at UID 50")
            if item.uid == 50 and self.fate == "folder gone":
                raise Absent("INBOX is gone")
            yield Unfetched("INBOX", "broken", "INBOX", 50) if item.uid == 50 and self.fate == "broken" else item


def hands(store: Path, fate: str, at: datetime) -> tuple[Faulty, Packer]:
    """What a process of the crew works with."""
    return Faulty(fate), Packer(the_box(), FilesystemStore(store), letters.providers(), at)


class Full(FilesystemStore):
    """A disk without room."""

    def put(self, name: str, data: object) -> None:
        raise Unavailable("no room on the disk")


def hands_on_a_full_disk(store: Path, at: datetime) -> tuple[Faulty, Packer]:
    return Faulty(""), Packer(the_box(), Full(store), letters.providers(), at)


class World:
    """An archive on disk."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        FilesystemStore.create(self.store)
        self.catalog = Catalog.open(f"sqlite:///{folder}/catalog.db", create=True)

    def poll(self, fate: str = "", *, processes: int = 2) -> Report:
        report = Report()
        into = Intake(the_box(), FilesystemStore(self.store), self.catalog, letters.providers(), lambda: EVENING)
        furnish = partial(hands_on_a_full_disk, self.store) if fate == "full" else partial(hands, self.store, fate)
        poll(Faulty(""), into, report=report, crew=Crew(furnish, processes))
        return report

    @property
    def kept(self) -> list[str]:
        return sorted(row.sha256 for row in self.catalog.find([], limit=1000))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(polling, "SHARE", 10)
    monkeypatch.setattr(desk, "PDV_MESSAGES", 30)
    monkeypatch.setattr(desk, "CHUNK_MESSAGES", 1)
    made = World(tmp_path)
    yield made
    made.catalog.close()


WHOLE = sorted({sha256(letters.plain(number)) for number in (*range(90), 500)})


def test_a_crew_takes_in_everything_once_in_several_rapporti(world: World) -> None:
    report = world.poll()
    assert (report.new, report.known, report.missing, report.failed) == (91, 13, 0, 0)
    assert world.kept == WHOLE
    assert len(report.pdvs) > 1
    outcomes = {row.outcome for row in world.catalog.ledger(MAILBOX)}
    assert outcomes == {"archived", "known"}
    assert world.poll().pdvs == []


@pytest.mark.parametrize(
    ("fate", "reason"), [("killed", "-9"), ("hung up", "hung up at UID 50"), ("full", "no room on the disk")]
)
def test_what_befalls_one_of_them_is_said_and_the_next_run_completes_the_archive(
    world: World, fate: str, reason: str
) -> None:
    with pytest.raises(Unavailable, match=reason):
        world.poll(fate)
    assert set(world.kept) < set(WHOLE)
    world.poll()
    assert world.kept == WHOLE
    assert world.poll().pdvs == []


def test_beside_a_thread_the_others_begin_anew_and_do_the_same(world: World) -> None:
    ended = Event()
    thread = Thread(target=ended.wait)
    thread.start()
    try:
        assert not copies()
        assert world.poll().new == 91
    finally:
        ended.set()
        thread.join()
    assert world.kept == WHOLE


def test_a_folder_that_goes_away_under_way_leaves_the_others(world: World) -> None:
    report = world.poll("folder gone")
    assert [where for where, _ in report.broken] == ["INBOX"]
    assert sha256(letters.plain(500)) in world.kept
    world.poll()
    assert world.kept == WHOLE


def test_a_message_that_cannot_be_had_is_one_of_three_nights_here_too(world: World) -> None:
    report = world.poll("broken", processes=3)
    assert (report.new, report.failed, report.missing) == (90, 1, 0)
    assert [(row.uid, row.nights) for row in world.catalog.failing(MAILBOX)] == [(50, 1)]


class Many(Server):
    """More messages than fit on a line as news."""

    def __init__(self) -> None:
        super().__init__(INBOX=Box().deliver(*[letters.plain(number) for number in range(900)]))


def _obeying(line: "Connection[object, object]", mailbox: Server, packer: Packer) -> None:
    with suppress(EOFError, OSError):
        _Labour(line, mailbox, packer).work()


def test_nobody_waits_for_a_listener_who_is_busy(tmp_path: Path) -> None:
    """Whoever decides writes a rapporto: meanwhile everything is fetched and read, and said in its order afterwards."""
    FilesystemStore.create(tmp_path / "store")
    read: list[Fetched] = []

    class Noting(Packer):
        def read(self, fetched: Fetched, named: Digests) -> Taken:
            read.append(fetched)
            return super().read(fetched, named)

    mailbox, packer = Many(), Noting(the_box(), FilesystemStore(tmp_path / "store"), letters.providers(), EVENING)
    folder = mailbox.look("INBOX")
    ours, theirs = Pipe()
    labour = Thread(target=_obeying, args=(theirs, mailbox, packer), daemon=True)
    for part in folder.uids.portions(300):
        ours.send(Share(folder, part))
    labour.start()
    ends = monotonic() + 60
    while len(read) < 900 and monotonic() < ends:
        sleep(0.01)
    assert len(read) == 900
    said: list[object] = []
    while sum(isinstance(news, _Done) for news in said) < 3:
        said.append(ours.recv())
    heard = [news for news in said if isinstance(news, Heard)]
    assert [item.uid for news in heard for item in news.arrivals] == list(range(1, 901))
    for news in heard:
        ours.send(_Wanted([True] * len(news.arrivals)))
    ours.send(_Flush())
    packed: list[Packed] = []
    while not isinstance(news := ours.recv(), _Flushed):
        assert isinstance(news, Packed)
        packed.append(news)
    assert sum(len(segment.kept) for segment in packed) == 900
    assert len(read) == 900
    ours.close()
    labour.join(10)
    assert not labour.is_alive()

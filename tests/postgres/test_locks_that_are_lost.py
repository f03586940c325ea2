"""A lock on a server is a connection: when that is lost, nothing can be recorded any more, and another may begin."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres
from support import letters
from support.embedded import EVENING, MAILBOX, the_box

from archiver.adapters.catalog import Catalog
from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256
from archiver.errors import Busy, Unavailable
from archiver.ingest import Intake, Report, hand_in, poll
from archiver.ports import Fetched, Files, Folder, Gone, Unfetched
from archiver.uids import Uids

Loss = Callable[[Postgres, str], None]
LOCK = f"ingest-{MAILBOX}"


def terminated(server: Postgres, database: str) -> None:
    """An administrator, or a firewall, ends every connection of the archive's."""
    server.sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        f" WHERE datname = '{database}' AND application_name = 'archiver'"
    )


def restarted(server: Postgres, database: str) -> None:
    server.restart()


LOSSES: tuple[Loss, ...] = (terminated, restarted)


@pytest.fixture
def database(postgres: Postgres) -> str:
    return postgres.fresh(like=MIGRATED)


@contextmanager
def catalog(server: Postgres, database: str) -> Iterator[Catalog]:
    opened = Catalog.open(server.url(database))
    try:
        yield opened
    finally:
        opened.close()


@pytest.mark.parametrize("loss", LOSSES)
def test_nothing_is_recorded_once_the_lock_is_lost_however_often_it_is_tried(
    postgres: Postgres, database: str, loss: Loss
) -> None:
    with catalog(postgres, database) as first, catalog(postgres, database) as second:
        with first.exclusive(LOCK, busy="at work"):
            first.annotate(MAILBOX, {"before": "{}"})
            loss(postgres, database)
            for _ in range(3):
                with pytest.raises(Unavailable):
                    first.annotate(MAILBOX, {"after": "{}"})
            with pytest.raises(Unavailable, match="connection that held the lock"):
                first.annotations(MAILBOX)
            with second.exclusive(LOCK, busy="the server has let go of it"):
                second.annotate(MAILBOX, {"second": "{}"})
        assert set(first.annotations(MAILBOX)) == {"before", "second"}, "afterwards it connects anew"
        with first.exclusive(LOCK, busy="free"), pytest.raises(Busy), second.exclusive(LOCK, busy="at work"):
            pass


@pytest.mark.parametrize("watched", [True, False])
@pytest.mark.parametrize("loss", LOSSES)
def test_an_ingest_that_lost_its_lock_stops_and_the_other_one_has_taken_everything_once(
    postgres: Postgres, database: str, loss: Loss, watched: bool
) -> None:
    mail, store = letters.simulated(300), MemoryStore()
    kind = letters.Watched if watched else letters.HandedIn

    def overtaken() -> None:
        """At this moment the connection is lost, and another process reads the whole mailbox."""
        loss(postgres, database)
        with catalog(postgres, database) as second, second.exclusive(LOCK, busy=""):
            assert ingest(kind(mail), store, second).new == len(mail)

    interrupted = Interrupted(kind(mail), after=200, then=overtaken)
    with catalog(postgres, database) as first, pytest.raises(Unavailable), first.exclusive(LOCK, busy=""):
        ingest(interrupted, store, first)
    with catalog(postgres, database) as last, last.exclusive(LOCK, busy=""):
        report = ingest(kind(mail), store, last)
        head = last.head(MAILBOX)
        assert (report.new, report.known) == (0, 0 if watched else len(mail))
        assert last.counts()["messages"] == len(set(map(sha256, mail)))
        assert head is not None
        assert head.number == 1
        rapporti = [item.name for item in store.list() if item.name.endswith(".xml")]
        assert rapporti == [head.name]


def ingest(source: object, store: MemoryStore, into: Catalog) -> Report:
    report = Report()
    work = Intake(the_box(), store, into, letters.providers(), lambda: EVENING)
    if hasattr(source, "look"):
        poll(source, work, report=report)  # type: ignore[arg-type]
    else:
        hand_in(source, work, report=report)  # type: ignore[arg-type]
    return report


class Interrupted:
    """The same messages; something happens before the one after so many is read."""

    def __init__(self, source: Files | letters.Watched, *, after: int, then: Callable[[], None]) -> None:
        self._source = source
        self._after = after
        self._then = then

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)

    def read(self) -> Iterator[Fetched | Unfetched]:
        assert not isinstance(self._source, letters.Watched)
        yield from self._until(self._source.read())

    def fetch(self, folder: Folder, uids: Uids) -> Iterator[Fetched | Unfetched | Gone]:
        assert isinstance(self._source, letters.Watched)
        yield from self._until(self._source.fetch(folder, uids))

    def _until(self, found: Iterator[object]) -> Iterator[object]:
        for number, item in enumerate(found):
            if number == self._after:
                self._then()
            yield item

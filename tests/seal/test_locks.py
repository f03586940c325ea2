"""How long the store is told to keep what: the end of the class for a closed volume, a while for what waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import letters
from support.embedded import EVENING, MAILBOX, Disk, Embedded

from archiver.adapters.stores.memory import MemoryStore
from archiver.errors import Unavailable
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.pec.providers import Providers
from archiver.submission.rows import SegmentRow

END = datetime(2036, 12, 31, 23, tzinfo=UTC)
"""The end of 2036 in Italy: ten years after the year of receipt."""


class Locking(MemoryStore):
    """Remembers how long it was told to keep what; a lock that reaches further stands."""

    def __init__(self) -> None:
        super().__init__()
        self.until: dict[str, datetime] = {}
        self.refuses: Kind | None = None

    def retain(self, name: str, *, until: datetime) -> None:
        super().retain(name, until=until)
        parsed = layout.parse(name)
        assert parsed is not None, name
        if parsed.kind is self.refuses:
            raise Unavailable(f"{name}: the lock is not kept")
        self.until[name] = max(until, self.until.get(name, until))


class Silent:
    """An authority that does not answer."""

    id = "local"

    def answer(self, query: bytes) -> bytes:
        raise Unavailable("nessuna risposta")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    disk = Disk.made(tmp_path / "disk")
    disk.store = Locking()
    return disk


@pytest.fixture
def process(disk: Disk, ca: Path) -> Embedded:
    return Embedded(disk, ca, Providers())


def locks(disk: Disk) -> dict[str, datetime]:
    assert isinstance(disk.store, Locking)
    return disk.store.until


def pending(disk: Disk) -> Iterator[SegmentRow]:
    with disk.catalog() as catalog:
        yield from catalog.pending()


def test_every_object_of_a_closed_volume_is_kept_to_the_end_of_its_class(process: Embedded, disk: Disk) -> None:
    process.ingest(letters.HandedIn((letters.plain(1, year=2026),)))
    assert locks(disk) == {}
    process.seal()
    assert locks(disk) == dict.fromkeys(disk.objects(), END)
    kinds = {parsed.kind for name in disk.objects() if (parsed := layout.parse(name))}
    assert kinds >= {Kind.SEGMENT, Kind.RDV, Kind.RDV_RECORD, Kind.TRUST, Kind.INDEX, Kind.METADATA, Kind.VOLUME_RECORD}


def test_what_two_volumes_share_is_kept_as_long_as_the_later_one(process: Embedded, disk: Disk) -> None:
    process.ingest(letters.HandedIn((letters.plain(1, year=2026), letters.plain(2, year=2019))))
    process.seal()
    earlier = END.replace(year=2029)
    ends = {layout.parse(name).kind: set() for name in disk.objects()}  # type: ignore[union-attr, var-annotated]
    for name, until in locks(disk).items():
        ends[layout.parse(name).kind].add(until)  # type: ignore[union-attr]
    assert ends[Kind.SEGMENT] == ends[Kind.INDEX] == ends[Kind.METADATA] == {earlier, END}
    assert ends[Kind.RDV] == ends[Kind.TRUST] == {END}


def test_a_volume_whose_locks_do_not_stand_stays_open_and_says_so(process: Embedded, disk: Disk) -> None:
    process.ingest(letters.HandedIn((letters.plain(1),)))
    assert isinstance(disk.store, Locking)
    disk.store.refuses = Kind.METADATA
    report = process.seal()
    assert report.volumes == 0
    assert ["the lock is not kept" in failure.reason for failure in report.failures] == [True]
    assert len(list(pending(disk))) == 1
    disk.store.refuses = None
    assert process.seal().volumes == 1


@pytest.mark.parametrize(("days", "kept"), [(29, False), (31, True)])
def test_what_waits_long_for_its_volume_is_kept_for_a_while_again(
    process: Embedded, disk: Disk, days: int, kept: bool
) -> None:
    process.ingest(letters.HandedIn((letters.plain(1),)))
    later = EVENING + timedelta(days=days)
    process.clock = lambda: later
    process.lines = ((replace(process.authority("local"), port=Silent()),),)
    with pytest.raises(Unavailable):  # it still does not close
        process.seal()
    kinds = {layout.parse(name).kind for name in locks(disk)}  # type: ignore[union-attr]
    assert kinds == ({Kind.SEGMENT, Kind.RDV} if kept else set())
    assert set(locks(disk).values()) == ({later + timedelta(days=60)} if kept else set())


def test_a_rapporto_of_duplicates_alone_is_kept_while_it_waits_for_the_next_volume(
    process: Embedded, disk: Disk
) -> None:
    mail = letters.plain(1)
    process.ingest(letters.Watched((mail,)))
    process.seal()
    process.ingest(letters.Watched((mail, mail)))
    with disk.catalog() as catalog:
        (waiting,) = catalog.pdvs_without_volume(MAILBOX)
    later = EVENING + timedelta(days=31)
    process.clock = lambda: later
    before = dict(locks(disk))
    process.lines = ((replace(process.authority("local"), port=Silent()),),)
    with pytest.raises(Unavailable):
        process.seal()
    added = {name: until for name, until in locks(disk).items() if name not in before}
    assert set(added.values()) == {later + timedelta(days=60)}
    assert {parsed.id for name in added if (parsed := layout.parse(name))} == {waiting.id}

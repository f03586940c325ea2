"""A purge cut at any moment has deleted nothing that its certificate does not name, and the next run goes on."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support import letters
from support.embedded import EVENING, HOLDER, MAILBOX, Disk, Embedded, made_authority
from support.power import Mains, PowerCut, wired

from archiver.adapters.stores.memory import MemoryStore
from archiver.digest import sha256
from archiver.pec.providers import Providers
from archiver.ports import Folder, Marks
from archiver.purge import Purging, Reason, Report, Wish, purge
from archiver.uids import Uids

LATER = EVENING + timedelta(days=100)
WISH = Wish(LATER - timedelta(days=90), 90)
MAIL = tuple(letters.plain(number) for number in range(4))


class Told(Mains):
    """Remembers what every moment was spent on."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[str] = []

    def spend(self, what: str) -> None:
        super().spend(what)
        self.moments.append(what)


class Letterbox(letters.Watched):
    """A mailbox on a server that deletes what it is told to."""

    def __init__(self, mail: Mapping[int, bytes]) -> None:
        super().__init__(())
        self.mail = dict(mail)

    def look(self, folder: str) -> Folder:
        return Folder(folder, self.validity, len(MAIL) + 1, Uids.of(self.mail))

    def check_deletes(self) -> None:
        pass

    def marks(self, folder: Folder, uids: Uids) -> dict[int, Marks]:
        return {uid: Marks(letters.AUTUMN, frozenset({r"\seen"})) for uid in uids if uid in self.mail}

    def delete(self, folder: Folder, uids: Uids) -> Uids:
        for uid in uids:
            self.mail.pop(uid, None)
        return uids


@dataclass
class World:
    """What outlives a run: the server, the archive's disk, and a replica."""

    process: Embedded
    server: Letterbox
    replica: MemoryStore

    def run(self, mains: Mains, *, dry_run: bool = False) -> Report:
        """One process, from the beginning to its end, or to the power's."""
        store = wired(self.process.disk.store, mains)

        def file(content: Mapping[str, Any]) -> tuple[str, tuple[()]]:
            octets = json.dumps(content).encode()
            store.put(name := f"{HOLDER}/reports/{sha256(octets)[:32]}", octets)
            return name, ()

        with self.process.disk.catalog() as catalog:
            work = Purging(
                holder=HOLDER,
                mailbox=MAILBOX,
                server=wired(self.server, mains),
                stores={"primary": store, "replica": wired(self.replica, mains)},
                copies=2,
                lines=1,
                catalog=wired(catalog, mains),
                trust=self.process.trust(),
                file=file,
                clock=lambda: LATER,
            )
            return purge(work, WISH, dry_run=dry_run)

    def reports(self) -> list[dict[str, Any]]:
        """What is in the store of what purges said."""
        listed = self.process.disk.store.list(f"{HOLDER}/reports/")
        return [json.loads(self.process.disk.store.get(item.name)) for item in listed]

    def certified(self) -> set[str]:
        """The digests of the messages that certificates name."""
        folders = [folder for report in self.reports() if report["stage"] == "proven" for folder in report["folders"]]
        return {message["sha256"] for folder in folders for message in folder["messages"]}

    def gone(self) -> set[str]:
        """The digests of the messages that are not on the server any more."""
        return {sha256(raw) for raw in MAIL} - {sha256(raw) for raw in self.server.mail.values()}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    """An archive that has everything, and evidence of it."""
    ca = made_authority(tmp_path_factory.mktemp("authority") / "ca")
    process = Embedded(Disk.made(tmp_path_factory.mktemp("disk") / "first"), ca, Providers())
    process.ingest(letters.Watched(MAIL))
    assert process.seal().volumes == 1
    process.clock = lambda: LATER
    return process


def worlds(sealed: Embedded, folder: Path) -> Iterator[World]:
    """The same world, as often as it is asked for."""
    number = 0
    while True:
        number += 1
        disk = sealed.disk.copy(folder / f"world-{number}")
        replica = MemoryStore()
        for name, octets in disk.objects().items():
            replica.put(name, octets)
        process = Embedded(disk, sealed.ca, Providers(), sealed.clock)
        yield World(process, Letterbox(dict(enumerate(MAIL, 1))), replica)


def test_nothing_goes_without_a_certificate_and_the_next_run_finishes(sealed: Embedded, tmp_path: Path) -> None:
    made = worlds(sealed, tmp_path)
    whole = Told()
    report = next(made).run(whole)
    assert (report.proven, report.deleted, report.whole) == (4, 4, True)
    writing = next(number for number, what in enumerate(whole.moments) if what.endswith(".put"))
    assert writing > 50, "the proof comes before the first word in the store"
    seen = set()
    for moment in (*range(0, writing, 10), *range(writing, whole.moment)):
        world = next(made)
        with pytest.raises(PowerCut):
            world.run(Mains(moment))
        assert world.gone() <= world.certified(), f"cut at moment {moment}"
        state = len(world.gone()), len(world.reports())
        if state not in seen:
            left = len(world.server.mail)
            report = world.run(Mains())
            assert (report.deleted, report.skipped, world.server.mail) == (left, {}, {}), f"cut at moment {moment}"
        seen.add(state)
    assert seen == {(0, 0), (0, 1), (4, 1), (4, 2)}


def test_a_message_that_one_store_gives_back_otherwise_stays(sealed: Embedded, tmp_path: Path) -> None:
    """Whatever the answer is: other bytes, fewer, none."""
    for place, answer in enumerate((lambda data: data[::-1], lambda data: data[:-1], lambda data: b"")):
        world = next(worlds(sealed, tmp_path / str(place)))

        class Odd(MemoryStore):
            def read(self, name: str, offset: int, length: int) -> bytes:
                found = MemoryStore.read(self, name, offset, length)
                return answer(found) if MAIL[1] == found else found  # noqa: B023  (called within this turn)

        odd = Odd()
        for item in world.replica.list():
            odd.put(item.name, world.replica.get(item.name))
        world.replica = odd
        report = world.run(Mains())
        assert (report.deleted, report.skipped) == (3, {Reason.COPIES: 1})
        assert set(world.server.mail) == {2}


def test_both_digests_are_compared(sealed: Embedded, tmp_path: Path) -> None:
    """The catalog's word on SHA-512 is wrong here: one family of digests alone proves nothing."""
    world = next(worlds(sealed, tmp_path))
    with world.process.disk.catalog() as catalog, catalog._database.writing() as connection:
        connection.exec_driver_sql("UPDATE message SET sha512 = ? WHERE sha256 = ?", ("0" * 128, sha256(MAIL[0])))
    report = world.run(Mains())
    assert (report.deleted, report.skipped) == (3, {Reason.UNKNOWN: 1})


def test_rounds_are_certified_one_by_one(sealed: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.purge.ROUND", 3)
    monkeypatch.setattr("archiver.purge.PORTION", 2)
    world = next(worlds(sealed, tmp_path))
    report = world.run(Mains())
    assert (report.proven, report.deleted, len(report.certificates)) == (4, 4, 2)
    assert sorted(len(one["folders"][0]["messages"]) for one in world.reports() if one["stage"] == "proven") == [1, 3]
    [outcome] = [one for one in world.reports() if one["stage"] == "deleted"]
    assert (outcome["certificates"], outcome["folders"][0]["uids"]) == (report.certificates, [[1, 4]])


def test_what_went_is_told_before_a_report_is_too_long(
    sealed: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archiver.purge.ROUND", 2)
    monkeypatch.setattr("archiver.purge.SPELL", 3)
    world = next(worlds(sealed, tmp_path))
    report = world.run(Mains())
    assert (report.deleted, len(report.certificates), len(report.outcomes)) == (4, 3, 2)
    outcomes = [one for one in world.reports() if one["stage"] == "deleted"]
    assert sorted((one["proven"], one["deleted"], len(one["certificates"])) for one in outcomes) == [
        (1, 1, 1),
        (3, 3, 2),
    ]


def test_a_message_that_the_sealed_index_does_not_list_is_not_covered_whatever_the_catalog_says(
    sealed: Embedded, tmp_path: Path
) -> None:
    world = next(worlds(sealed, tmp_path))
    late = letters.Watched((*MAIL, letters.plain(9)))
    Embedded(world.process.disk, sealed.ca, Providers()).ingest(late)
    with world.process.disk.catalog() as catalog, catalog._database.writing() as connection:
        connection.exec_driver_sql("UPDATE segment SET volume = (SELECT id FROM volume)")
    for name, octets in world.process.disk.objects().items():
        world.replica.put(name, octets)
    world.server = Letterbox(late.mail)
    report = world.run(Mains())
    assert (report.deleted, report.skipped, set(world.server.mail)) == (4, {Reason.UNPROVEN: 1}, {5})


def test_a_record_that_the_catalog_knows_and_the_store_does_not_stops_its_volume(
    sealed: Embedded, tmp_path: Path
) -> None:
    """The judge can do without the newest record of a lineage; whoever deletes cannot."""
    world = next(worlds(sealed, tmp_path))
    with world.process.disk.catalog() as catalog:
        [volume] = {row.volume for _, row in catalog.places(MAILBOX, [sha256(MAIL[0])]).values()}
        [first] = catalog.evidence_of("volume", str(volume))
        second = replace(first, number=2, name=first.name.replace("000001", "000002"))
        catalog.record_evidence([second])
    report = world.run(Mains())
    assert (report.deleted, report.skipped) == (0, {Reason.DAMAGED: 4})

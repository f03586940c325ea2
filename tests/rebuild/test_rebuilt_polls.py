"""Rebuilding after polls of a server, on stores that lock, cut at every moment, and from golden archives."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support import letters
from support.ages import Clock, authority, day
from support.embedded import EVENING, MAILBOX, Disk, Embedded, the_box
from support.power import Mains, PowerCut, wired
from support.quick_tsa import QuickTSA
from support.rebuilding import different, rows

from archiver.adapters.catalog import Catalog
from archiver.errors import ConfigError
from archiver.rebuild import Reader, Rebuilding, Report, rebuild
from archiver.seal import Line

LINES = ("prima", "seconda")


def test_polls_of_a_server_and_two_lineages_come_again(tmp_path: Path, ca: Path, empty: str) -> None:
    process = lived(tmp_path / "lived", ca)
    assert restored(process, empty).lost == []
    before = rows(f"sqlite:///{process.disk.path}")
    assert different(before, rows(empty)) == {}
    assert {"archived", "known"} <= {str(value) for row in before["ledger"] for value in row}
    assert "5,9:11" in {str(value) for row in before["ledger"] for value in row}, "what was gone, compared as UIDs"
    assert {(row[2], row[3]) for row in before["evidence"] if row[0] == "volume"} == {
        (tsa, number) for tsa in LINES for number in (1, 2)
    }


def test_a_rebuild_cut_at_any_call_goes_on_when_it_is_run_again(tmp_path: Path, ca: Path) -> None:
    process = lived(tmp_path / "lived", ca)
    before, whole = rows(f"sqlite:///{process.disk.path}"), Writes()
    restored(process, fresh(tmp_path, "whole"), whole)
    assert len(whole.moments) > 8
    for moment in whole.moments[:-1]:
        url = fresh(tmp_path, f"cut-{moment}")
        with pytest.raises(PowerCut):
            restored(process, url, Mains(moment))
        if moment != whole.moments[0]:  # then it had not begun yet
            with pytest.raises(ConfigError, match="in ricostruzione"):
                Catalog.open(url)
        assert restored(process, url).lost == []
        assert different(before, rows(url)) == {}, moment
        Catalog.open(url).close()


def test_a_rebuild_that_was_cut_is_not_gone_on_with_from_another_store(tmp_path: Path, ca: Path) -> None:
    process = lived(tmp_path / "lived", ca)
    url = fresh(tmp_path, "cut")
    with pytest.raises(PowerCut):
        restored(process, url, Mains(60))
    with pytest.raises(ConfigError, match=r"--from primary"):
        restored(process, url, source="replica")


@pytest.mark.parametrize("moment", range(30, 230, 25))
def test_what_a_cut_sealing_left_open_is_open_in_the_rebuilt_catalog_and_closed_by_the_next_sealing(
    tmp_path: Path, ca: Path, moment: int
) -> None:
    process = started(tmp_path / "lived", ca)
    process.ingest(letters.Watched(letters.simulated(4)))
    process.mains = Mains(moment)
    try:
        process.seal()
    except PowerCut:
        pass
    process.mains = None
    url = f"sqlite:///{process.disk.path}"
    process.disk.path.unlink()
    assert restored(process, url).lost == []
    assert process.seal().failures == []
    with process.disk.catalog() as catalog:
        assert (catalog.pending(), len(catalog.evidence_of("volume", rows(url)["volume"][0][0]))) == ([], 2)
    assert process.verify().indication == "PASSED"


class Writes(Mains):
    """Remembers each moment before and after a write to the catalog."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[int] = []

    def spend(self, what: str) -> None:
        super().spend(what)
        name = what.rpartition(".")[2]
        if name in ("begin_rebuild", "restore", "adopt", "seen", "stand", "cover", "end_rebuild") or name.startswith(
            "record"
        ):
            self.moments.append(self.moment - 1)


def started(folder: Path, ca: Path) -> Embedded:
    """A new archive whose things get a record of each of two authorities."""
    clock = Clock(EVENING)
    return Embedded(Disk.made(folder), ca, letters.providers(), clock, lines=lines(clock, "A"))


def lived(folder: Path, ca: Path) -> Embedded:
    """Three polls with duplicates and what was gone, two volumes, renewals by timestamp, mail that waits."""
    process = started(folder, ca)
    clock = process.clock
    assert isinstance(clock, Clock)
    mail = letters.simulated(9)
    server = letters.Watched([*mail[:3], mail[0]])
    process.ingest(server)
    del server.mail[2]
    server.mail |= {6: mail[3], 7: mail[3], 8: mail[4]}
    clock.now += timedelta(hours=1)
    process.ingest(server)
    process.seal()
    clock.now += timedelta(days=1)
    process.ingest(letters.HandedIn([mail[5], mail[0]]))
    process.seal()
    clock.now = day("2030-10-15")
    process.former = tuple(item for line in process.lines or () for item in line)
    process.lines = lines(clock, "B", "2030-01-01", "2036-01-01")
    assert process.renew().failures == []
    clock.now += timedelta(days=1)
    server.mail |= {12: mail[6]}
    process.ingest(server)
    return process


def lines(clock: Clock, name: str, start: str = "2026-01-01", end: str = "2031-01-01") -> tuple[Line, ...]:
    """Two authorities, each of which gives a record."""
    made = (authority(id, QuickTSA(f"{id} {name}", day(start), day(end)), clock) for id in LINES)
    return tuple((one,) for one in made)


def fresh(folder: Path, name: str) -> str:
    """The address of a database that is not there yet."""
    return f"sqlite:///{folder}/{name}.db"


def restored(process: Embedded, url: str, mains: Mains | None = None, *, source: str = "primary") -> Report:
    """A catalog at `url` made again from the process's store, as the command makes it."""
    catalog = Catalog.open(url, create=True, unfinished=True)
    on: Callable[[Any], Any] = (lambda port: wired(port, mains)) if mains else (lambda port: port)
    store, noted = on(process.disk.store), on(catalog)
    reader = Reader(store, process.providers, None)
    try:
        noted.begin_rebuild(source, process.clock())
        report = rebuild(
            Rebuilding(
                store=store,
                catalog=noted,
                trust=process.trust(),
                own={MAILBOX: the_box().own},
                lines=tuple(frozenset(one.id for one in line) for line in process.lines or ()),
                mapped=lambda asks: map(reader.read, asks),
                clock=process.clock,
            )
        )
        noted.end_rebuild()
        return report
    finally:
        catalog.close()

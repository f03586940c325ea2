"""Single looks of the doctor: what the calendar brings, clocks, disks, defects of its own, and its languages."""

import re
import shutil
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from support.archives import set_lines
from support.commands import archiver, done
from support.disks import mounted
from support.typed import parsed
from tsa.scripted import Scripted

from archiver import compose
from archiver.adapters import authority, machine
from archiver.adapters.authority import LocalAuthority
from archiver.adapters.machine import Room
from archiver.cli.door import login, now
from archiver.compose.checkup import configuration, database, places, running
from archiver.compose.checkup.values import OK, Check, Checkup
from archiver.compose.checkup.words import WORDS
from archiver.errors import Unavailable

DAY = timedelta(days=1)


def checkup(config: Path, at: datetime | None = None, *, lang: str = "en", seconds: float = 60) -> Checkup:
    at = at or now()
    archive = compose.open_archive(config, environ={}, clock=lambda: at, login=login())
    return Checkup(archive, at, lang, config, "archiver", seconds)


def looked(config: Path, at: datetime) -> dict[str, tuple[str, str, str]]:
    made = checkup(config, at)
    found = compose.doctor(made.archive, at=at, lang="en")
    return {check.name: (check.state, check.found, check.next) for check in found if check.state != OK}


def ending(path: Path) -> datetime:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def test_what_the_calendar_brings_is_told_with_its_command(config: Path) -> None:
    soon = looked(config, now() + 100 * DAY)
    assert soon["sweep"][::2] == ("warning", "archiver sweep")
    assert "promised 90" in soon["sweep"][1]
    assert "evidence" not in soon
    ends, last = (ending(config.parent / f"ca/{name}.pem") for name in ("seal", "tsa"))
    late = looked(config, ends - 29 * DAY)
    assert (late["signer"][0], "in 29 days (alarms at 60, 30 and 7)" in late["signer"][1]) == ("warning", True)
    over = looked(config, ends + DAY)
    assert (over["signer"][0], "EDITOR" in over["signer"][2]) == ("failed", True)
    assert looked(config, last - 29 * DAY)["evidence"][::2] == ("warning", "archiver renew")
    done("search", "uno", config=config)  # an act, by today's clock
    assert looked(config, now() - 2 * DAY)["register"][::2] == ("warning", "archiver log show")


@pytest.mark.parametrize(("hours", "state"), [(0, "ok"), (1 / 30, "warning"), (2, "failed"), (-2, "failed")])
def test_a_clock_that_differs_from_an_authoritys_is_named_as_the_clock(
    config: Path, tmp_path: Path, hours: float, state: str
) -> None:
    authority.create(tmp_path / "tsa", at=now() - DAY, holder_name="altra")
    stamper = LocalAuthority(tmp_path / "tsa", lambda: now() + timedelta(hours=hours), name="altra")
    with Scripted(lambda asked: stamper.answer(asked.body)) as server:
        with config.open("a", encoding="utf-8") as file:
            file.write(f'\n[[tsa]]\nid = "altra"\nkind = "http"\nurl = "{server.url}"\n')
            file.write(f'anchors = ["{tmp_path}/tsa/ca.pem"]\nattempts = 1\n')
        found = archiver("doctor", "--json", config=config).json["checks"]
    (clock,) = (check for check in found if check["name"] == "clock")
    (tsa,) = (check for check in found if check["name"] == "tsa altra")
    assert clock["state"] == state
    assert clock["next"] == ("" if state == "ok" else "timedatectl status")
    assert tsa["state"] == ("failed" if state == "failed" else "ok")  # no token is taken over five minutes off


GB = 1 << 30
ROOM = {
    "plenty": (Room(50 * GB, 100 * GB, 1_000_000, 1), "ok"),
    "a file system that counts no files": (Room(50 * GB, 100 * GB, None, 1), "ok"),
    "low": (Room(4 * GB, 100 * GB, 1_000_000, 1), "warning"),
    "full": (Room(100 << 20, 100 * GB, 1_000_000, 1), "failed"),
    "no more files": (Room(50 * GB, 100 * GB, 10, 1), "warning"),
}


@pytest.mark.parametrize("case", ROOM)
def test_room_is_judged_by_what_a_night_needs(healthy: Path, case: str) -> None:
    room, state = ROOM[case]
    found = places.room_check(checkup(healthy), room, "store", Path("/x"))
    assert (found.state, bool(found.next)) == (state, state != "ok")
    if found.next:
        parsed(found.next)


def test_a_small_disk_is_seen_as_it_is(healthy: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", megabytes=8) as disk:
        if disk is None:
            pytest.skip("nothing can be mounted here")
        room = machine.room(tmp_path / "disk/not/there/yet")
        assert (room.total, room.device) == (8 << 20, (tmp_path / "disk").stat().st_dev)
        disk.fill()
        assert machine.room(disk.path).free == 0


def test_a_python_that_nobody_looks_after_is_told(healthy: Path) -> None:
    major, minor, _ = machine.python()
    end = configuration.PYTHON_ENDS.get((major, minor))
    if end is None:
        pytest.skip(f"nobody said until when Python {major}.{minor} is looked after")
    at = datetime.combine(end, time(12), UTC)
    states = [check.state for day in (0, 1) for check in configuration.programs(checkup(healthy, at + day * DAY))]
    assert states == ["ok", "warning"]


def test_a_look_with_a_defect_says_where_and_never_what(healthy: Path) -> None:
    def broken(_: Checkup) -> Iterator[Check]:
        yield Check("before", OK, "x", "y")
        raise ZeroDivisionError("tr0ub4dor")

    first, second = running.taken("name", broken, checkup(healthy))
    assert (first.name, second.name, second.state) == ("before", "name", "failed")
    assert re.search(r"ZeroDivisionError, test_doctor_looks\.py:\d+", second.found)
    assert "tr0ub4dor" not in str(second)


def test_what_cannot_be_mended_stays_as_it_was_with_the_reason(healthy: Path) -> None:
    def refuse() -> str:
        raise Unavailable("read-only")

    check = Check("x", "warning", "looked", "found", "next", mend=refuse)
    after = running.mended(check, checkup(healthy))
    assert (after.state, after.mended, after.next) == ("warning", "", "next")
    assert "read-only" in after.found


def test_a_comparison_that_takes_too_long_says_how_far_it_came(healthy: Path) -> None:
    """Names by the thousand are needed for that: they are promised, and there, as one long listing."""
    (whole,) = database.agreement(checkup(healthy))
    assert re.fullmatch(r"\d+ objects that the catalog knows are in the store", whole.found)
    names = [f"h/{number:06}" for number in range(5000)]
    (cut,) = database.compared(checkup(healthy, seconds=0), iter(names), iter(names))
    assert (cut.state, cut.found.startswith("1000 objects compared"), cut.next) == (
        "warning",
        True,
        "archiver doctor --timeout 60",
    )
    (missed,) = database.compared(checkup(healthy, seconds=0), iter(names), iter(names[1:]))
    assert (missed.state, missed.found.startswith("h/000000")) == ("failed", True)


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.lists(st.sampled_from("abcdefgh"), unique=True))
def test_side_by_side_is_set_membership(wanted: list[str], there: list[str]) -> None:
    found = list(database.side_by_side(iter(sorted(wanted)), iter(sorted(there))))
    assert found == [(name, name in there) for name in sorted(wanted)]


def test_every_sentence_says_the_same_in_both_languages() -> None:
    for key, texts in WORDS.items():
        italian, english = ([field for _, field, _, _ in string.Formatter().parse(text) if field] for text in texts)
        assert sorted(italian) == sorted(english), key


def test_the_doctor_speaks_as_asked(healthy: Path) -> None:
    italian = archiver("doctor", config=healthy).out
    english = archiver("--lang", "en", "doctor", config=healthy).out
    assert "il file di configurazione" in italian
    assert "avviso" in italian
    assert "the configuration" in english
    assert "avviso" not in english
    assert len(italian.splitlines()) == len(english.splitlines())


def test_an_auditor_may_look_and_not_mend(config: Path) -> None:
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[[user]]\nlogin = "un-responsabile"\nrole = "responsabile"\n')
        file.write(f'\n[[user]]\nlogin = "{login()}"\nrole = "auditor"\n')
    (config.parent / "ca/seal.key").chmod(0o644)
    assert not [check for check in done("doctor", config=config)["checks"] if check["state"] == "failed"]
    refused = archiver("doctor", "--fix", config=config)
    assert (refused.code, "auditor" in refused.err) == (2, True)
    assert (config.parent / "ca/seal.key").stat().st_mode & 0o777 == 0o644


def test_a_catalog_on_the_disk_of_every_store_is_warned_of_outside_the_demo(config: Path) -> None:
    made = checkup(config)
    (said,) = places.place(made)
    assert said.state == "ok"
    serious = replace(made, archive=replace(made.archive, config=replace(made.archive.config, demo=False)))
    (said,) = places.place(serious)
    assert (said.state, "EDITOR" in said.next) == ("warning", True)
    with mounted(config.parent / "disk", megabytes=8) as disk:
        if disk is not None:
            set_lines(config, "archive", {"catalog": '"sqlite:///disk/catalog.db"'})
            shutil.move(config.parent / "catalog.db", disk.path / "catalog.db")
            (said,) = places.place(checkup(config))
            assert "not all of it on one disk" in said.found

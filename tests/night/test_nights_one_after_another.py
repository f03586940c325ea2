"""One night at a time, whatever ends it; what is not done is done by the next; and a silence is heard."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers.hooks import HookServer
from support.archives import demo, folder_of, kept, letter
from support.commands import archiver, done
from support.told import append, notified

from archiver.adapters.catalog import Catalog
from archiver.night import NightRow

MESSAGES = 1_200
HOOK = {"HOOK_TOKEN": "gettone-1"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with one mailbox in a folder."""
    config = demo(tmp_path / "archive")
    folder_of(config.parent / "mail", *(letter(f"number {number}") for number in range(3)))
    config.write_text(config.read_text().replace('# path = "/var/mail/pec"', 'path = "mail"'))
    return config


@contextmanager
def catalog_of(config: Path) -> Iterator[Catalog]:
    catalog = Catalog.open(f"sqlite:///{config.parent}/catalog.db")
    try:
        yield catalog
    finally:
        catalog.close()


def started(config: Path) -> "subprocess.Popen[str]":
    """A night in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "archiver", "--config", str(config), "nightly", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | HOOK,
    )  # fmt: skip


def wait_for(night: "subprocess.Popen[str]", step: str) -> None:
    """Until its log says that this step begins."""
    assert night.stderr
    for line in night.stderr:
        event = json.loads(line)
        if (event["event"], event.get("step")) == ("step.begin", step):
            return
    pytest.fail("the step never began")


def test_a_second_night_is_refused_and_told_who_is_at_work(archive: Path) -> None:
    row = NightRow("a", datetime.now(UTC), "macchina-uno", 4711)
    with catalog_of(archive) as catalog, catalog.exclusive("nightly", busy=""):
        catalog.begin_night(row)
        found = archiver("nightly", config=archive)
        english = archiver("--lang", "en", "nightly", config=archive)
        assert [(night.id, night.ended) for night in catalog.nights()] == [("a", None)]
    assert (found.code, found.out) == (3, "")
    assert "macchina-uno, pid 4711" in found.err
    assert "another `archiver nightly` is at work" in english.err
    assert archiver("nightly", config=archive).code == 0


def test_a_night_that_was_killed_lets_go_of_everything_and_somebody_is_told(archive: Path) -> None:
    with HookServer() as hook:
        notified(archive, archive.parent, hook=hook)
        night = started(archive)
        wait_for(night, "sweep")
        night.kill()
        night.communicate()
        told = archiver("notify", "--failed", "--json", config=archive, environ=HOOK)
        assert (told.code, told.json["sent"]) == (0, 1)
        assert "NON è arrivata in fondo" in hook.bodies[-1]["subject"]
        assert f"{socket.gethostname()}, pid {night.pid}" in hook.bodies[-1]["text"]
        again = archiver("nightly", "--json", config=archive, environ=HOOK)
        assert again.code == 0
        assert again.json["steps"]["notify"]["sent"] == 1
        silent = archiver("notify", "--failed", config=archive, environ=HOOK)
        assert (silent.code, silent.out) == (0, "la notte ha già avvisato\n")
        assert len(hook.bodies) == 2
    assert len(kept(archive)) == 3


def test_a_night_that_is_told_to_stop_ends_in_good_order_and_the_next_goes_on(archive: Path) -> None:
    for number in range(MESSAGES):
        (archive.parent / "mail" / f"more{number:04}.eml").write_bytes(letter(f"more {number}") + b"x" * 20_000)
    with HookServer() as hook:
        notified(archive, archive.parent, hook=hook)
        night = started(archive)
        wait_for(night, "ingest")
        night.send_signal(signal.SIGTERM)
        out, err = night.communicate(timeout=60)
        assert "Traceback" not in err
        told = json.loads(out)
        assert (night.returncode, told["code"]) == (3, 3)
        assert hook.bodies[0]["failed"] == told["failed"] == [
            "ingest", "seal", "replicate", "renew", "sweep", "index", "alarms",
        ]  # fmt: skip
        assert told["steps"]["seal"]["result"] == "skipped"
        assert told["steps"]["notify"]["result"] == "done"
        with catalog_of(archive) as catalog:
            assert [row.code for row in catalog.nights(1, ended=True)] == [3]
        again = archiver("nightly", "--json", config=archive, environ=HOOK)
    assert again.code == 0, again
    assert len(kept(archive)) == 3 + MESSAGES
    assert done("verify", archive.parent / "store", config=archive)["indication"] == "PASSED"


def test_a_night_that_cannot_open_the_catalog_tells_so_all_the_same(archive: Path) -> None:
    done("nightly", config=archive)
    (archive.parent / "catalog.db").rename(archive.parent / "elsewhere.db")
    with HookServer() as hook:
        notified(archive, archive.parent, hook=hook)
        found = archiver("nightly", "--json", config=archive, environ=HOOK)
    assert found.code == 2
    assert found.json["failed"] == ["open"]
    assert hook.bodies[0]["steps"]["open"]["code"] == 2
    assert "catalog" in hook.bodies[0]["steps"]["open"]["failures"][0]["reason"]


def test_an_authority_that_does_not_answer_is_a_service_that_was_unavailable(archive: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    text = archive.read_text()
    http = f'kind = "http"\nurl = "http://127.0.0.1:{port}/"\nattempts = 1\nanchors = ["ca/ca.pem"]'
    archive.write_text(text.replace('kind = "local"\n# [[tsa]]', f"{http}\n# [[tsa]]"))
    found = archiver("nightly", "--json", config=archive)
    assert found.code == 3, found
    assert found.json["failed"] == ["seal"]
    assert found.json["steps"]["ingest"]["new"] == 3
    assert found.json["steps"]["sweep"]["result"] == "done"
    assert found.json["steps"]["sweep"]["tsa"]["local"]["failed"] > 0


def test_a_replica_that_is_down_is_one_too_and_the_rest_is_done(archive: Path) -> None:
    place = archive.parent / "replica"
    text = archive.read_text().replace("# Repliche:", _REPLICA.format(place=place) + "# Repliche:")
    archive.write_text(text)
    assert archiver("init", archive.parent).code == 0
    done("nightly", config=archive)
    place.rename(archive.parent / "unplugged")
    found = archiver("nightly", "--json", config=archive)
    assert found.code == 3
    assert set(found.json["failed"]) == {"replicate", "sweep"}
    assert found.json["steps"]["replicate"]["failures"][0]["subject"] == "store copia"
    (archive.parent / "unplugged").rename(place)
    assert archiver("nightly", config=archive).code == 0


_REPLICA = '[[store]]\nid = "copia"\nkind = "filesystem"\npath = "{place}"\ncountry = "IT"\noperator = "x"\n'


def test_a_silence_is_heard(archive: Path) -> None:
    """Thirty-six hours after the last night that ended, whatever began since."""
    assert "NIGHT_SILENT" not in _alarms(archive)
    done("nightly", config=archive)
    assert "NIGHT_SILENT" not in _alarms(archive)
    _shift(archive, hours=37)
    assert "NIGHT_SILENT" in _alarms(archive)
    with catalog_of(archive) as catalog:
        catalog.begin_night(NightRow("b", datetime.now(UTC), "h", 1))
    assert "NIGHT_SILENT" in _alarms(archive)
    append(archive, "[night]", "hours = 48")
    assert "NIGHT_SILENT" not in _alarms(archive)
    done("nightly", config=archive)
    assert "NIGHT_FAILED" not in _alarms(archive)


def test_a_configured_night_that_never_was_is_missed(archive: Path) -> None:
    append(archive, "[night]", "hours = 1")
    assert "NIGHT_SILENT" not in _alarms(archive)
    done("ingest", config=archive)
    with catalog_of(archive) as catalog:
        [(mailbox, at)] = catalog.counts()["polls"].items()
    assert at
    assert mailbox
    _move_polls(archive, hours=2)
    assert "NIGHT_SILENT" in _alarms(archive)


@pytest.mark.parametrize(("used", "full"), [(89, False), (90, True), (130, True)])
def test_a_mailbox_that_is_nearly_full_is_told(archive: Path, used: int, full: bool) -> None:
    done("ingest", config=archive)
    box = {"id": "m-1", "result": "done", "used": used, "limit": 100}
    told = json.dumps({"failed": [], "alerts": [], "steps": {"ingest": {"mailboxes": {"import": box}}}})
    with catalog_of(archive) as catalog:
        catalog.begin_night(night := NightRow("a", datetime.now(UTC), "h", 1))
        catalog.end_night(NightRow("a", night.at, "h", 1, night.at, 0, told))
    assert ("MAILBOX_FULL" in _alarms(archive)) == full


def test_only_the_last_nights_are_remembered(archive: Path) -> None:
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    done("ingest", config=archive)
    with catalog_of(archive) as catalog:
        for number in range(402):
            catalog.begin_night(NightRow(f"{number:04}", begun + timedelta(days=number), "h", number))
        found = catalog.nights(1_000)
    assert [found[0].id, found[-1].id, len(found)] == ["0401", "0002", 400]


def _alarms(config: Path) -> set[str]:
    return {alert["code"] for alert in archiver("status", "--alerts", "--json", config=config).json["alerts"]}


def _shift(config: Path, *, hours: int) -> None:
    """As if the last night had been so much earlier."""
    with catalog_of(config) as catalog:
        [row] = catalog.nights()
        assert row.ended
        earlier = timedelta(hours=hours)
        moved = NightRow(row.id, row.at - earlier, row.host, row.pid, row.ended - earlier, row.code, row.told)
        catalog.end_night(moved)


def _move_polls(config: Path, *, hours: int) -> None:
    import sqlite3

    with sqlite3.connect(config.parent / "catalog.db") as connection:
        connection.execute("UPDATE poll SET at = datetime(at, ?)", (f"-{hours} hours",))
    connection.close()

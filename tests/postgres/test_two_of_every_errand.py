"""Two processes of every errand at once, on one machine or on two: no unit is done twice, and none is left."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from servers.postgres import Postgres
from support.archives import objects
from support.commands import Outcome, archiver, done
from support.machines import GIANTS, Shared, ended, shared

NEWS = 30
AT_WORK = "another `archiver ingest` is at work on mailbox"


@pytest.mark.parametrize(("database", "jobs"), [("sqlite", 1), ("postgresql", 2)])
def test_two_first_ingests_at_once_make_one_archive_and_share_the_mailboxes(
    tmp_path: Path, request: pytest.FixtureRequest, database: str, jobs: int
) -> None:
    archive = made(tmp_path, request if database == "postgresql" else None)
    first, second = archive.machines[0], archive.machines[-1]
    outcomes = ended(*(machine.start("ingest", "--jobs", str(jobs)) for machine in (first, second)))
    said_what_others_do(outcomes)
    assert sum(outcome.json["new"] for outcome in outcomes) == archive.messages
    done("seal", "--now", config=second.config)
    assert archive.complaints() == []


def test_mail_comes_in_and_volumes_are_sealed_on_two_machines_at_once(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    archive = made(tmp_path, request, messages=(30, 30))
    first, second = archive.machines
    done("ingest", config=first.config)
    archive.more(tmp_path, NEWS)
    commands = (("ingest",), ("seal", "--now"))
    outcomes = ended(*(machine.start(*command) for command in commands for machine in archive.machines))
    said_what_others_do(outcomes)
    sealed = sum(outcome.json["volumes"] for outcome in outcomes[2:] if outcome.out)
    assert sealed >= 2, "at least one of them sealed what was there before"
    assert done("ingest", config=second.config)["new"] == archive.messages - taken(archive, outcomes[:2])
    done("seal", "--now", config=second.config)
    assert archive.complaints() == []


def test_whoever_is_killed_at_work_leaves_its_mailbox_to_the_others_and_nothing_half_done(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    archive = made(tmp_path, request, messages=())
    archive.giants(tmp_path)
    archive.more(tmp_path, 40)
    first, second = archive.machines
    process = stopped(first.start("ingest", "--jobs", "1"), first.config)
    [beside] = ended(second.start("ingest"))
    assert beside.code == 3
    assert f"box0: {AT_WORK} box0" in beside.err
    assert beside.json["new"] == archive.messages - GIANTS
    done("seal", "--now", config=second.config)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert done("ingest", config=second.config)["new"] == GIANTS
    done("seal", "--now", config=second.config)
    assert archive.complaints() == []


def test_a_server_that_restarts_under_way_ends_the_run_clearly_and_the_next_one_completes(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    archive = made(tmp_path, request, messages=(), machines=1)
    archive.giants(tmp_path)
    [machine] = archive.machines
    process = stopped(machine.start("ingest"), machine.config)
    server: Postgres = request.getfixturevalue("postgres")
    server.restart()
    process.send_signal(signal.SIGCONT)
    [outcome] = ended(process)
    assert outcome.code == 3, outcome
    assert "catalogo" in outcome.err
    assert "Traceback" not in outcome.err
    assert done("ingest", config=machine.config)["new"] == GIANTS
    done("seal", "--now", config=machine.config)
    assert archive.complaints() == []


def test_a_server_that_is_down_is_said_and_nothing_happens(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    archive = made(tmp_path, request, messages=(20,), machines=1)
    [machine] = archive.machines
    done("ingest", config=machine.config)
    server: Postgres = request.getfixturevalue("postgres")
    before = objects(machine.config)
    server.stop()
    try:
        for command in (("ingest",), ("seal", "--now"), ("status",), ("search", "x"), ("catalog", "upgrade")):
            refused = archiver(*command, config=machine.config)
            assert (refused.code, "raggiungibile" in refused.err) == (3, True), refused
        assert objects(machine.config) == before
    finally:
        server.start()
    assert done("seal", "--now", config=machine.config)["messages"] == 20


def made(
    folder: Path, request: pytest.FixtureRequest | None, *, messages: tuple[int, ...] = (60, 60, 60), machines: int = 2
) -> Shared:
    """Two machines with a catalog on the server; without one, one machine and SQLite."""
    if request is None:
        return shared(folder, "", machines=1, messages=messages)
    server: Postgres = request.getfixturevalue("postgres")
    return shared(folder, server.url(server.fresh()), machines=machines, messages=messages)


def said_what_others_do(outcomes: list[Outcome]) -> None:
    """Each one did its work, or said that another was at it: nothing else."""
    for outcome in outcomes:
        assert outcome.code in (0, 3), outcome
        assert (outcome.code == 3) == ("another `archiver" in outcome.err), outcome
        assert "Traceback" not in outcome.err


def taken(archive: Shared, ingests: list[Outcome]) -> int:
    """How many messages came in before and during these."""
    return archive.messages - NEWS + sum(outcome.json["new"] for outcome in ingests)


def stopped(process: "subprocess.Popen[str]", config: Path) -> "subprocess.Popen[str]":
    """Halts a process as soon as it has put its first segment; it is at work, and has recorded nothing."""
    segments = config.parent / "store"
    deadline = time.monotonic() + 60
    while not any(segments.glob("*/segments/*/*.zip")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGSTOP)
    assert not any(segments.glob("*/pdv/*/*")), "it was faster than this test"
    return process

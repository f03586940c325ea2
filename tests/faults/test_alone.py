"""A second run of an errand at the same time goes away with a clear word, and changes nothing."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from support.archives import add_mailbox, demo, folder_of, letter, objects, set_lines
from support.commands import archiver, done
from support.machines import shared

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose import open_archive

PROTOCOL = "key,number,date,register,index,description,aggregation_type,aggregation\n"
COMMANDS = [
    ("ingest", ["--from", "mail"]),
    ("ingest", ["--from", "mail", "--annotations", "protocol.csv"]),
    ("seal", ["--now"]),
    ("seal", ["--now", "--to-sign", "to-sign"]),
]


@pytest.mark.parametrize(("errand", "options"), COMMANDS)
def test_a_second_run_at_the_same_time_is_told_so_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errand: str, options: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config = demo(tmp_path / "archive")
    set_lines(config, "archive", {"kind": '"pa"'})
    done("ingest", "--from", folder_of(tmp_path / "first", letter("uno")), config=config)
    folder_of(tmp_path / "mail", letter("due"))
    (tmp_path / "protocol.csv").write_text(PROTOCOL + "due@posta.example,7,2026-03-02,PG,1.1,Posta,Fascicolo,F-1\n")
    before = state(config)
    with at_work(config, errand):
        refused = archiver(errand, *options, config=config)
    assert refused.code == 3
    assert f"another `archiver {errand}` is at work" in refused.err
    assert "Traceback" not in refused.err
    assert state(config) == before
    assert archiver(errand, *options, config=config).code == 0, "the lock is let go of"


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_mailbox_that_another_process_is_at_is_reported_and_the_others_are_read(tmp_path: Path, jobs: int) -> None:
    config = demo(tmp_path / "archive")
    for name in ("a", "b"):
        add_mailbox(config, name, path=f'"{folder_of(tmp_path / name, letter(name))}"')
    with at_work(config, "ingest", "a"):
        beside = archiver("ingest", "--jobs", jobs, "--json", config=config)
    assert (beside.code, beside.json["new"]) == (3, 1)
    assert [row["mailbox"] for row in beside.json["broken"]] == ["a"]
    assert "a: another `archiver ingest` is at work on mailbox a" in beside.err
    assert done("ingest", config=config)["new"] == 1


def test_what_else_went_wrong_is_not_hidden_behind_a_mailbox_that_another_process_is_at(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    for name in ("a", "b"):
        add_mailbox(config, name, path=f'"{folder_of(tmp_path / name, letter(name))}"')
    add_mailbox(config, "c", path=f'"{tmp_path / "nowhere"}"')
    with at_work(config, "ingest", "a"):
        assert archiver("ingest", "--jobs", 1, config=config).code == 1


def test_mail_comes_in_while_volumes_are_sealed_and_volumes_are_sealed_while_mail_comes_in(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    with at_work(config, "seal"):
        assert done("ingest", "--from", folder_of(tmp_path / "mail", letter("uno")), config=config)["new"] == 1
    with at_work(config, "ingest"):
        assert done("seal", "--now", config=config)["messages"] == 1


def at_work(config: Path, errand: str, mailbox: str = "import") -> AbstractContextManager[None]:
    """Another process is at this errand; if it is `ingest`, on this mailbox."""
    archive = open_archive(config, environ={}, clock=lambda: datetime.now(UTC))
    return archive.alone(errand, archive.mailbox(mailbox) if errand == "ingest" else None)


def state(config: Path) -> tuple[dict[str, bytes], list[str], list[str]]:
    """Every object of the store, every row of the catalog, and the files beside the archive."""
    beside = sorted(path.name for path in config.parents[1].iterdir())
    with closing(sqlite3.connect(config.parent / "catalog.db")) as catalog:
        return objects(config), list(catalog.iterdump()), beside


def test_the_children_of_a_run_that_is_killed_end_with_it(tmp_path: Path) -> None:
    archive = shared(tmp_path, "", machines=1, messages=())
    for _ in range(2):
        archive.giants(tmp_path)
    [machine] = archive.machines
    running = machine.start("ingest", "--jobs", "2")
    segments = machine.config.parent / "store"
    until(lambda: any(segments.glob("*/segments/*/*.zip")))
    children = descendants(running.pid)
    assert children
    running.kill()
    running.wait()
    until(lambda: not any(alive(child) for child in children))
    done("ingest", config=machine.config)
    done("seal", "--now", config=machine.config)
    assert archive.complaints() == []


def test_a_store_is_tidied_while_another_process_writes_to_it(tmp_path: Path) -> None:
    store = FilesystemStore.create(tmp_path / "store")
    writer = Thread(target=lambda: [store.put(f"h-1/{number}", b"x") for number in range(400)])
    writer.start()
    while writer.is_alive():
        assert store.tidy(at=datetime.now(UTC)) == 0
    writer.join()
    assert len(list(store.list())) == 400


def until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def descendants(process: int) -> list[int]:
    """The processes that this one has started, and so on (proc(5))."""
    told = Path(f"/proc/{process}/task/{process}/children")
    found = [int(number) for number in told.read_text().split()] if told.exists() else []
    return [*found, *(number for child in found for number in descendants(child))]


def alive(process: int) -> bool:
    """Whether it runs; one that has ended and was not asked for yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False

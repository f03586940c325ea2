"""A second run of an errand at the same time goes away with a clear word, and changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.archives import demo, folder_of, letter, objects, set_lines
from support.commands import archiver, done

from archiver.adapters.lock import exclusive

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
    with exclusive(config.parent / f".{errand}.lock", errand):
        refused = archiver(errand, *options, config=config)
    assert refused.code == 3
    assert f"another `archiver {errand}` is at work" in refused.err
    assert "Traceback" not in refused.err
    assert state(config) == before
    assert archiver(errand, *options, config=config).code == 0, "the lock is let go of"


def test_mail_comes_in_while_volumes_are_sealed(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    with exclusive(config.parent / ".seal.lock", "seal"):
        assert done("ingest", "--from", folder_of(tmp_path / "mail", letter("uno")), config=config)["new"] == 1


def state(config: Path) -> tuple[dict[str, bytes], list[str], list[str]]:
    """Every object of the store, every row of the catalog, and the files beside the archive."""
    beside = sorted(path.name for path in config.parents[1].iterdir())
    with closing(sqlite3.connect(config.parent / "catalog.db")) as catalog:
        return objects(config), list(catalog.iterdump()), beside

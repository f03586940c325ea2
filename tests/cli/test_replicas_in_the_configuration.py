"""Several stores by the commands: what `init` makes, what `ingest` writes, what `doctor` says of them."""

import shutil
from pathlib import Path

import pytest
from support.archives import demo, folder_of, letter
from support.commands import archiver, done

REPLICA = """
[[store]]
id = "{id}"
kind = "filesystem"
path = "{id}"
write = "{write}"
country = "IT"
operator = "{operator}"
"""


def with_replicas(folder: Path, *ids: str, write: str = "sync", operator: str = "un altro") -> Path:
    """A demonstration whose replicas are configured, and not made yet."""
    config = demo(folder)
    add(config, *ids, write=write, operator=operator)
    return config


def add(config: Path, *ids: str, write: str = "sync", operator: str = "un altro") -> None:
    text = "".join(REPLICA.format(id=id, write=write, operator=operator) for id in ids)
    before, mark, after = config.read_text(encoding="utf-8").partition("\n# Una tabella per casella.")
    config.write_text(before + text + mark + after, encoding="utf-8")


def take_in(config: Path, text: str) -> None:
    done("ingest", "--from", folder_of(config.parent / f"mail-{text}", letter(text)), config=config)


def names(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def states(config: Path, about: str) -> list[tuple[str, str]]:
    found = archiver("--lang", "en", "doctor", "--json", config=config).json["checks"]
    return [(check["state"], check["text"]) for check in found if check["name"] == about]


def test_init_makes_every_store_and_says_which(tmp_path: Path) -> None:
    config = with_replicas(tmp_path / "a", "one", "two")
    shutil.rmtree(tmp_path / "a/store")
    made = done("init", tmp_path / "a")["stores_created"]
    assert made == {"primary": True, "one": True, "two": True}
    assert done("init", tmp_path / "a")["stores_created"] == dict.fromkeys(made, False)
    said = archiver("--lang", "en", "init", tmp_path / "a").out
    assert said.count("was there already") == 4, said
    for name in ("store", "store one", "store two"):
        assert states(config, name)[0][0] == "ok"


def test_what_comes_in_is_in_every_store_that_is_written_at_once(tmp_path: Path) -> None:
    config = with_replicas(tmp_path / "a", "one")
    add(config, "later", write="nightly")
    done("init", tmp_path / "a")
    take_in(config, "first")
    there = names(tmp_path / "a/store")
    assert len(there) >= 2
    assert names(tmp_path / "a/one") == there
    assert names(tmp_path / "a/later") == set()


def test_a_replica_that_is_not_there_delays_nothing_is_made_by_nobody_unasked_and_doctor_says_it(
    tmp_path: Path,
) -> None:
    config = with_replicas(tmp_path / "a", "one")
    take_in(config, "first")
    assert len(names(tmp_path / "a/store")) >= 2
    assert not (tmp_path / "a/one").exists()
    (state, text), *_ = states(config, "store one")
    assert state == "failed"
    assert "archiver init" in text
    assert done("init", tmp_path / "a")["stores_created"] == {"primary": False, "one": True}
    take_in(config, "second")
    assert 2 <= len(names(tmp_path / "a/one")) < len(names(tmp_path / "a/store"))


def test_a_replica_that_held_copies_and_vanished_is_not_made_again(tmp_path: Path) -> None:
    config = with_replicas(tmp_path / "a", "one")
    done("init", tmp_path / "a")
    take_in(config, "first")
    assert archiver("replicate", config=config).code == 0
    shutil.rmtree(tmp_path / "a/one")
    said = archiver("init", tmp_path / "a")
    assert said.code == 2
    assert "another id" in said.err
    assert str(tmp_path / "a/one") in said.err
    assert not (tmp_path / "a/one").exists()
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('id = "one"', 'id = "two"'), encoding="utf-8")
    assert done("init", tmp_path / "a")["stores_created"]["two"]


def test_a_place_that_holds_something_else_is_refused_and_the_other_replicas_are_made(tmp_path: Path) -> None:
    with_replicas(tmp_path / "a", "one", "two")
    (tmp_path / "a/one").mkdir()
    (tmp_path / "a/one/holiday.jpg").write_bytes(b"")
    said = archiver("init", tmp_path / "a")
    assert said.code == 2
    assert "one: " in said.err
    assert "holiday.jpg" in said.err
    assert (tmp_path / "a/two/.archiver-store").exists()
    assert [path.name for path in (tmp_path / "a/one").iterdir()] == ["holiday.jpg"]


def test_a_replica_that_cannot_be_made_holds_up_no_first_ingest_and_init_says_it(tmp_path: Path) -> None:
    config = with_replicas(tmp_path / "a", "one", "two")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace('path = "one"', 'path = "blocked/one"'), encoding="utf-8")
    blocked = tmp_path / "a/blocked"
    blocked.write_bytes(b"a file where a folder should be")
    shutil.rmtree(tmp_path / "a/store")
    (tmp_path / "a/catalog.db").unlink()
    take_in(config, "first")
    take_in(config, "second")
    assert names(tmp_path / "a/two") == names(tmp_path / "a/store") != set()
    said = archiver("init", tmp_path / "a")
    assert said.code == 3, said
    assert "[[store]] one: " in said.err
    assert str(blocked) in said.err
    blocked.unlink()
    assert done("init", tmp_path / "a")["stores_created"] == {"primary": False, "one": True, "two": False}
    assert archiver("replicate", config=config).code == 0
    assert names(blocked / "one") == names(tmp_path / "a/store")


@pytest.mark.parametrize(("operator", "warned"), [("Un altro", False), ("Questa macchina", True)])
def test_doctor_warns_of_what_would_take_two_stores_at_once(tmp_path: Path, operator: str, warned: bool) -> None:
    config = with_replicas(tmp_path / "a", "one", operator=operator)
    done("init", tmp_path / "a")
    warnings = [text for state, text in states(config, "store one") if state == "warning"]
    assert any("same disk" in text for text in warnings)
    assert any("run by" in text for text in warnings) == warned

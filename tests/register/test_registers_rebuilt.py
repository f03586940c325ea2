"""A register in a catalog that was lost: every act is known again, and one that was lost with it is named."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.commands import archiver, done

CLOCK = datetime(2026, 3, 1, tzinfo=UTC)


def lived(config: Path) -> list[dict[str, Any]]:
    """Some accesses, and how they are shown."""
    for word in ("uno", "due", "tre"):
        done("search", word, "--reason", word, config=config)
    hit = done("search", "--kind", "posta-certificata", config=config)["results"][0]
    done("show", hit["dossier"], config=config)
    found: list[dict[str, Any]] = done("log", "show", config=config)["acts"]
    return found


def lose(config: Path) -> None:
    for path in config.parent.glob("catalog.db*"):
        path.unlink()


def test_every_act_is_known_again(config: Path) -> None:
    before = lived(config)
    lose(config)
    assert done("catalog", "rebuild", "--jobs", "1", config=config)["acts"] == 5
    assert done("log", "show", config=config)["acts"] == before
    about = before[0]["what"]["dossier"]
    assert [item["kind"] for item in done("log", "show", "--about", about, config=config)["acts"]] == ["show"]
    done("search", "quattro", config=config)
    assert done("log", "show", "--limit", "1", config=config)["acts"][0]["number"] == 6
    assert archiver("log", "verify", config=config).code == 0


def test_an_act_that_was_lost_is_named_by_the_one_after_it_and_keeps_its_place(config: Path) -> None:
    third = lived(config)[2]
    (config.parent / "store" / third["name"]).unlink()
    lose(config)
    found = archiver("catalog", "rebuild", "--jobs", "1", "--json", config=config)
    assert found.code == 1
    assert [item["subject"] for item in found.json["lost"]] == [third["name"]]
    shown = done("log", "show", config=config)["acts"]
    assert [item["number"] for item in shown] == [5, 4, 3, 2, 1]
    assert third["name"] in shown[2]["trouble"]
    swept = archiver("sweep", "--json", config=config)
    assert (swept.code, swept.json["missing"]) == (1, 1), "what is promised is missed"

"""A ceiling on tokens: the night's evidence always gets its own, seals wait for the next night."""

from pathlib import Path

from support.archives import demo, folder_of, letter, set_lines
from support.commands import archiver, done


def test_one_question_of_the_night_is_kept_for_the_evidence(tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    set_lines(config, "tsa", {"tokens_per_night": "3"})
    mail = [letter(f"lettera {year}", date=f"Mon, 03 Mar {year} 10:00:00 +0100") for year in (2022, 2023, 2024, 2025)]
    done("ingest", "--from", folder_of(tmp_path / "mail", *mail), config=config)
    found = archiver("seal", "--now", config=config)
    assert found.code == 3
    assert "tetto di 2 richieste" in found.err
    state = done("status", config=config)
    assert (state["volumes"], state["pending"]) == (2, 2)
    assert state["tokens"] == {"local": {"asked": 3, "granted": 3}}
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"
    again = archiver("seal", "--now", config=config)
    assert again.code == 3
    assert done("status", config=config)["tokens"] == {"local": {"asked": 3, "granted": 3}}

"""`archiver catalog index` and `archiver search` over a whole archive: what is read, how it goes on, what it says."""

from pathlib import Path

import pytest
from support.archives import demo
from support.commands import archiver, done

BOX = "import"


def mail(number: int, text: str) -> bytes:
    """A small message whose text stands in its body alone."""
    return (
        f"From: Mario Rossi <mario@posta.example>\r\nTo: studio@pec.example\r\nSubject: lettera {number}\r\n"
        f"Date: Mon, {number + 1:02} Feb 2026 10:00:00 +0100\r\nMessage-ID: <{number}@posta.example>\r\n\r\n{text}\r\n"
    ).encode()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A demo with three messages."""
    made = demo(tmp_path / "archive")
    source = tmp_path / "mail"
    source.mkdir()
    for number, text in enumerate(("il perito conclude", "il giudice dispone", "=1+1 nulla")):
        (source / f"{number}.eml").write_bytes(mail(number, text))
    assert done("ingest", "--from", source, config=made)["new"] == 3
    return made


def test_headers_are_found_at_once_and_bodies_once_they_were_read(config: Path) -> None:
    before = archiver("search", "lettera", config=config)
    assert "3 messaggi senza testo pieno" in before.err
    assert len(done("search", "lettera", config=config)["results"]) == 3
    assert done("search", "perito", config=config)["results"] == []
    assert done("catalog", "index", config=config)["read"] == 3
    [found] = done("search", "perito", config=config)["results"]
    assert found["subject"] == "lettera 0"
    assert (done("search", "perito", config=config)["unread"], archiver("search", "perito", config=config).err) == (
        0,
        "",
    )


def test_what_was_read_is_not_read_again_unless_told(config: Path) -> None:
    assert [done("catalog", "index", *more, config=config)["read"] for more in ((), (), ("--again",))] == [3, 0, 3]


def test_a_message_whose_bytes_were_altered_is_reported_and_waits(config: Path) -> None:
    [segment] = (config.parent / "store").glob("*/segments/*/*.zip")
    segment.chmod(0o600)
    segment.write_bytes(segment.read_bytes().replace(b"il perito", b"un perito"))
    outcome = archiver("catalog", "index", config=config)
    assert outcome.code == 1
    assert "sweep --repair" in outcome.err
    assert done("search", "giudice", config=config)["unread"] == 1
    assert done("search", "perito", config=config)["results"] == []


def test_pages_follow_one_another_and_a_state_is_a_filter(config: Path) -> None:
    first = done("search", "--state", "ordinary", "--limit", "2", config=config)
    rest = done("search", "--state", "ordinary", "--limit", "2", "--after", first["next"], config=config)
    assert [hit["subject"] for hit in (*first["results"], *rest["results"])] == ["lettera 2", "lettera 1", "lettera 0"]
    assert rest["next"] is None
    assert done("search", "--state", "delivered", config=config)["results"] == []


def test_a_table_for_a_spreadsheet_comes_alone_on_stdout(config: Path) -> None:
    outcome = archiver("search", "--since", "2026-02-03", "--csv", config=config)
    assert outcome.code == 0
    head, line, *rest = outcome.out.removeprefix("\ufeff").splitlines()
    assert head.startswith("data;stato;tipo;mittente")
    assert line.startswith("2026-02-03 10:00:00+01:00;ordinary;ordinario;Mario Rossi <mario@posta.example>;")
    assert rest == []
    assert archiver("search", "--csv", "--json", config=config).code == 2


@pytest.mark.parametrize("condition", [("%",), ("--tax-code", "-"), ("--protocol", "/"), ("--since", "ieri")])
def test_a_condition_that_asks_nothing_is_refused_with_its_name(config: Path, condition: tuple[str, ...]) -> None:
    outcome = archiver("search", *condition, config=config)
    assert outcome.code == 2
    assert condition[-1] in outcome.err

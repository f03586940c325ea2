"""Logs: where they go, in which form, and what never stands in them."""

import io
import json
from pathlib import Path

import pytest
from support.archives import demo, folder_of, letter
from support.commands import archiver, done
from support.told import append

from archiver.cli.logs import opened
from archiver.nightly import Discreet

SECRET, PERSON, SUBJECT = "parola-segreta-5566", "anna.verdi@clienti.example", "Separazione Verdi Neri"


def logged(level: str = "info", form: str = "json") -> tuple[io.StringIO, object]:
    stream = io.StringIO()
    return stream, opened(stream, level=level, form=form, run="r1", strike=Discreet(secrets=[SECRET]))


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_no_level_and_no_form_holds_a_secret_and_only_debug_names_people(form: str, level: str) -> None:
    stream, log = logged("debug", form)
    try:
        raise ValueError(f"{PERSON} {SECRET}")
    except ValueError as error:
        log(level, "step.fault", error=error, reason=f"of {PERSON} with {SECRET}", deep=[{PERSON: (SECRET,)}])  # type: ignore[operator]
    said = stream.getvalue()
    assert SECRET not in said
    assert (PERSON in said) == (level == "debug")
    assert "r1" in said
    assert "ValueError" in said
    assert "test_logs.py:" in said


def test_lines_below_the_level_are_not_written() -> None:
    stream, log = logged("warning")
    log("info", "one")  # type: ignore[operator]
    log("error", "two", number=2)  # type: ignore[operator]
    [line] = stream.getvalue().splitlines()
    event = json.loads(line)
    assert (event["event"], event["number"], event["level"], event["run"]) == ("two", 2, "error", "r1")
    assert event["at"].endswith("+00:00")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = demo(tmp_path_factory.mktemp("logs") / "archive")
    mail = [letter(f"{SUBJECT} {number}", to=PERSON) for number in range(3)]
    folder_of(config.parent / "mail", *mail, b"From: " + PERSON.encode() + b"\r\nSubject: " + SUBJECT.encode())
    config.write_text(config.read_text().replace('# path = "/var/mail/pec"', 'path = "mail"'))
    return config


def test_a_whole_night_at_info_names_nobody(archive: Path) -> None:
    found = archiver("nightly", "--json", config=archive)
    assert found.code == 0
    assert len(found.err.splitlines()) > 10
    for text in (found.err, found.out):
        assert PERSON not in text
        assert SUBJECT not in text
        assert "@" not in text


@pytest.mark.parametrize(("lines", "options", "wanted"), [
    (['level = "error"'], (), 0),
    (['level = "error"'], ("--log-level", "info"), 10),
    (['format = "console"'], (), 10),
    (['level = "warning"'], ("--log-format", "console"), 0),
])  # fmt: skip
def test_level_and_form_are_as_configured_unless_somebody_says_otherwise(
    tmp_path: Path, lines: list[str], options: tuple[str, ...], wanted: int
) -> None:
    config = demo(tmp_path / "archive")
    append(config, "[logs]", *lines)
    found = archiver(*options, "nightly", "--json", config=config)
    assert (found.code, len(found.err.splitlines()) >= wanted) == (0, True), found.err
    assert wanted or found.err == ""
    assert all(line.startswith("{") for line in found.err.splitlines()) or "console" in str((lines, options))


def test_other_commands_write_no_log(archive: Path) -> None:
    assert archiver("status", config=archive).err == ""
    assert archiver("search", "x", config=archive).err.count("{") == 0


def test_messages_for_people_stay_beside_the_log(archive: Path) -> None:
    found = archiver("--log-format", "console", "nightly", "--budget", "viel", config=archive)
    assert found.code == 2
    assert "--budget" in found.err
    assert done("nightly", "--budget", "1MB", config=archive)["code"] == 0

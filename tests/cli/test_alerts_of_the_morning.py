"""`archiver status --alerts`: one line each, the next command, and an exit code for a monitor."""

from pathlib import Path

import pytest
from support.archives import demo, folder_of, letter
from support.commands import archiver

from archiver.config import parse
from archiver.errors import ConfigError


def test_an_archive_in_order_has_no_alarm_that_a_monitor_must_hear(tmp_path: Path) -> None:
    config = demo(tmp_path / "a")
    archiver("ingest", "--from", folder_of(tmp_path / "mail", letter("buongiorno")), config=config)
    found = archiver("status", "--alerts", "--json", config=config)
    assert found.code == 0
    assert {alert["code"] for alert in found.json["alerts"]} == {"CONFIGURATION"}  # without legal value
    assert set(found.json["alerts"][0]) == {"code", "severity", "subject", "text", "since", "next"}


@pytest.mark.parametrize("lang", ["it", "en"])
def test_a_store_that_is_gone_ends_with_one_and_names_the_next_command(tmp_path: Path, lang: str) -> None:
    config = demo(tmp_path / "a")
    (tmp_path / "a/store").rename(tmp_path / "a/moved")
    found = archiver("--lang", lang, "status", "--alerts", config=config)
    assert found.code == 1
    assert "! STORE" in found.out
    assert "archiver doctor" in found.out


@pytest.mark.parametrize("line", ['fiscal_year_end = "13-01"', "days = 0", 'fiscal_year_end = "31-12"', "hours = 1"])
def test_an_alarm_that_cannot_be_is_refused_with_its_name(tmp_path: Path, line: str) -> None:
    config = demo(tmp_path / "a")
    config.write_text(config.read_text() + f"\n[alarms]\n{line}\n")
    with pytest.raises(ConfigError, match=line.partition(" ")[0]):
        parse(config.read_text(), config.parent)
    assert archiver("status", "--alerts", config=config).code == 2


def test_the_tax_year_and_the_days_are_as_configured(tmp_path: Path) -> None:
    config = demo(tmp_path / "a")
    config.write_text(config.read_text() + '\n[alarms]\ndays = 7\nfiscal_year_end = "06-30"\n')
    found = parse(config.read_text(), config.parent).alarms
    assert (found.days, found.fiscal_year_end) == (7, (6, 30))

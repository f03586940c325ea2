"""Four years and six months after the last verbale, or after the first message, an alarm names the command."""

from datetime import timedelta
from pathlib import Path

import pytest
from support.estates import DAY, Estate

from archiver import compose
from archiver.access.alarms import READABLE, of_readability, of_verifica

SECOND = timedelta(seconds=1)
WHEN = {
    "a second too early": (READABLE - SECOND, []),
    "on the day": (READABLE, ["VERIFICA_TERM"]),
}


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("case", WHEN)
def test_the_alarm_comes_in_time(estate: Estate, case: str, made: bool) -> None:
    passed, expected = WHEN[case]
    found = list(of_verifica({"h": (estate.at, made)}, at=estate.at + passed, lang="it"))
    assert [alarm.code for alarm in found] == expected
    for alarm in found:
        assert alarm.next == "archiver report verifica -o verbale.pdf"
        assert ("nessun verbale" in alarm.text) is not made


def test_the_alarm_about_readability_names_the_verbale_too(estate: Estate) -> None:
    (alarm,) = of_readability(estate.at - READABLE, at=estate.at, lang="it")
    assert "archiver report verifica" in alarm.text


def test_a_verbale_silences_it_for_as_long_again(estate: Estate, tmp_path: Path) -> None:
    estate.at += 1700 * DAY
    archive = estate.open()
    assert "VERIFICA_TERM" in {alarm.code for alarm in compose.alarms(archive, at=estate.at, lang="it")}
    compose.report_verifica(archive, tmp_path / "v.pdf", unsigned=True, lang="it", clock=archive.clock)
    assert "VERIFICA_TERM" not in {alarm.code for alarm in compose.alarms(archive, at=estate.at, lang="it")}
    later = estate.at + 1700 * DAY
    assert "VERIFICA_TERM" in {alarm.code for alarm in compose.alarms(archive, at=later, lang="it")}

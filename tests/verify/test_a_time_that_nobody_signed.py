"""A renewal that claims to come from the future is set aside, as on an earlier day; but not what was altered in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.estates import Estate, grown, renew

from archiver.adapters.stores.folder import Folder
from archiver.evidence.record import reader
from archiver.evidence.timestamp import read_token
from archiver.verdict import Indication
from archiver.verify import judge_store

LATER = datetime(2035, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """An archive whose evidence was renewed once."""
    estate = grown(tmp_path_factory.mktemp("renewed") / "a")
    renew(estate, at=LATER, horizon=timedelta(days=3650))
    estate.at = LATER + timedelta(days=1)
    return estate


def judged(estate: Estate, at: datetime) -> set[str]:
    report = judge_store(Folder(estate.root()), trust=estate.open().trust, at=at)
    return {item.code for item in report.verdict.findings} | {str(report.indication)}


def newest(estate: Estate) -> Path:
    """The last record of one volume."""
    folder = min(estate.root().glob("*/volumes/*/evidence/*"))
    return max(folder.glob("*.ers"))


def test_an_earlier_day_sees_the_record_of_that_day(renewed: Estate) -> None:
    assert Indication.PASSED in judged(renewed, LATER - timedelta(days=30))


def test_a_year_changed_in_the_newest_token_is_an_alteration_and_no_later_day(renewed: Estate, tmp_path: Path) -> None:
    estate = renewed.copied(tmp_path / "copy")
    path = newest(estate)
    octets = path.read_bytes()
    token = read_token(reader.read(octets).chains[-1][-1].token)
    shown = token.gen_time.strftime("%Y%m%d%H%M%S").encode()
    assert octets.count(shown) >= 1
    place = octets.rindex(shown)
    path.chmod(0o644)
    path.write_bytes(octets[:place] + b"2095" + octets[place + 4 :])
    found = judged(estate, estate.at)
    assert Indication.FAILED in found
    assert "CMS_DIGEST" in found

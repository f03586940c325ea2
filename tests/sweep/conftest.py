"""One estate for all tests of a worker: made once, with a sweep's report in every store."""

from pathlib import Path

import pytest
from support.embedded import made_authority
from support.estates import DAY, Estate, grown


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """Everything in three stores, read back, swept once; nobody changes it."""
    estate = grown(tmp_path_factory.mktemp("estate") / "archive")
    estate.replicate()
    assert estate.sweep().passed
    estate.replicate()
    estate.at += DAY
    return estate


@pytest.fixture
def estate(original: Estate, tmp_path: Path) -> Estate:
    """A copy to be harmed, a day later."""
    return original.copied(tmp_path / "archive")


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")

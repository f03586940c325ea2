"""Shared by the tests of reports: archives that nobody writes to, one house for those in memory."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from support.embedded import made_authority
from support.filing import file
from support.small import EVENING, HOUR, ORDINARY, Small, look, make, seal


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive with nothing in it."""
    return make(tmp_path_factory.mktemp("empty") / "archive").folder


@pytest.fixture
def folder(empty: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(empty, tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """One letter; two sweeps, a purge; all of it sealed; and one sweep more, an hour later, that no evidence covers."""
    folder = make(tmp_path_factory.mktemp("reported") / "archive", [ORDINARY], sealed=False).folder
    for days in (2, 1):
        file(folder, content={"objects": days}, at=EVENING - timedelta(days=days))
    file(folder, "purge", {"messages": 1}, at=EVENING - HOUR)
    seal(folder)
    file(folder, content={"objects": 3}, at=EVENING + HOUR / 2)
    return look(folder)

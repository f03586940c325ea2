"""An archive with mail of three providers in it, that a test may copy; and a catalog of either kind."""

import shutil
from pathlib import Path

import pytest
from servers.databases import postgres
from support.small import few, make

__all__ = ["postgres"]

MAIL = tuple(few("2026-01-07", seed=2))


@pytest.fixture(scope="session")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive that has taken in a few messages and sealed nothing; nobody writes to it."""
    return make(tmp_path_factory.mktemp("polled") / "archive", MAIL, sealed=False).folder


@pytest.fixture
def archive(polled: Path, tmp_path: Path) -> Path:
    """A copy of it, with its configuration file."""
    shutil.copytree(polled, tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture
def config(archive: Path) -> Path:
    """Its configuration."""
    return archive / "archiver.toml"

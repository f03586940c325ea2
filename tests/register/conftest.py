"""An archive with mail in it, once sealed and once not, that a test may copy; and a catalog of either kind."""

import shutil
from pathlib import Path

import pytest
from servers.databases import postgres
from support.small import few, make, seal

__all__ = ["postgres"]

MAIL = tuple(few("2026-01-07", seed=2))


@pytest.fixture(scope="session")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an archive with a few messages in a sealed volume; nobody writes to it."""
    folder = make(tmp_path_factory.mktemp("register") / "archive", MAIL).folder
    seal(folder)
    return folder


@pytest.fixture
def folder(taken_in: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(taken_in, tmp_path / "archive")
    return tmp_path / "archive"


@pytest.fixture
def config(folder: Path) -> Path:
    """Its configuration."""
    return folder / "archiver.toml"

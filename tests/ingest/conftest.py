"""Shared by the tests of polls."""

from pathlib import Path

import pytest
from support.embedded import made_authority
from support.nights import Nights


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture
def nights(tmp_path: Path, ca: Path) -> Nights:
    return Nights(tmp_path / "disk", ca)

"""Shared by the tests of sealing: one authority in the house for the whole session."""

from pathlib import Path

import pytest
from support.embedded import made_authority


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture(scope="session")
def other_ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one, which nothing of the first leads to."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")

"""Shared by the tests of renewing: one house for the whole session."""

from pathlib import Path

import pytest
from support.embedded import made_authority


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")

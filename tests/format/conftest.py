"""One small sealed archive for all foreign judges; nobody writes to it."""

import pytest
from support.small import Small, two_years


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Two polls, two calendar years, two volumes."""
    return two_years(tmp_path_factory.mktemp("small") / "archive")

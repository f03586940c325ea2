"""One small sealed archive for all tests of the judge; nobody writes to it, bent copies are made in memory."""

import pytest
from support.small import Small, two_years


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Two polls, two calendar years, two volumes."""
    return two_years(tmp_path_factory.mktemp("small") / "archive")

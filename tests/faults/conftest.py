"""Shared by the tests of what goes wrong: one authority in the house for the whole session."""

from pathlib import Path

import pytest
from servers.authorities import certomancer  # noqa: F401  (a fixture)
from servers.databases import postgres  # noqa: F401  (a fixture)
from servers.gateways import gateway  # noqa: F401  (a fixture)
from support.dovecots import dovecot  # noqa: F401  (a fixture)
from support.embedded import made_authority


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")

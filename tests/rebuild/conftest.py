"""Shared by the tests of rebuilding: catalogs of either kind, and one authority in the house for the whole session."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.databases import postgres
from servers.postgres import Postgres
from support.embedded import made_authority

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a CA, a seal and a TSA."""
    return made_authority(tmp_path_factory.mktemp("authority") / "ca")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that nobody has made tables in yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/rebuilt.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    yield server.url(server.fresh())

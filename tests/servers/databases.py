"""A running PostgreSQL as a fixture: import it into a conftest."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.tools import absent

from archiver.adapters.catalog import Catalog
from servers.postgres import Postgres, installed, running

MIGRATED = "migrated"
"""A database with all tables and no row; nobody uses it, others are made like it."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real server; not in pytest's own folder, which every pytest that starts closes to other users."""
    if not installed():
        absent("PostgreSQL's server is not installed")
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder, running(Path(folder)) as server:
        server.sql(f"CREATE DATABASE {MIGRATED} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
        Catalog.open(server.url(MIGRATED), create=True).close()
        yield server


__all__ = ["MIGRATED", "postgres"]

"""A shelf: a store in memory and a catalog in a file, each test its own; foreign authorities."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from collecting import Archive
from servers.authorities import certomancer

from archiver.adapters.catalog import Catalog

__all__ = ["certomancer"]


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog without a row: migrations take their time, a copy takes none."""
    path = tmp_path_factory.mktemp("collect") / "catalog.db"
    Catalog.open(f"sqlite:///{path}", create=True).close()
    return path


@pytest.fixture
def archive(empty_catalog: Path, tmp_path: Path) -> Iterator[Archive]:
    path = tmp_path / "catalog.db"
    shutil.copyfile(empty_catalog, path)
    opened = Archive(path)
    yield opened
    opened.catalog.close()

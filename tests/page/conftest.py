"""A browser, and exhibits of a small archive: before a renewal, and after both kinds of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.browsers import browser
from support.page_exhibits import Tree, archive_of, exhibit, renew
from support.small import EVENING

NEXT_DECADE = datetime(2035, 6, 1, 20, tzinfo=UTC)

__all__ = ["browser"]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a year's mail, sealed and renewed: the digest first, then the time stamp."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="session")
def trees(archive: Path) -> dict[str, Tree]:
    """The same dossier on three days: after sealing, after a hash-tree renewal, after a timestamp renewal on top."""
    small = archive_of(archive / "archive")
    found = {"sealed": exhibit(small)}
    renew(small.folder, at=EVENING + timedelta(days=30), target="sha3_512")
    found["new tree"] = exhibit(small, at=EVENING + timedelta(days=31))
    renew(small.folder, at=NEXT_DECADE)
    # by then the certificate of its seal has ended: nobody signs
    found["new stamp"] = exhibit(small, at=NEXT_DECADE + timedelta(days=1), signed=False)
    return found


@pytest.fixture(scope="session")
def tree(trees: dict[str, Tree]) -> Tree:
    """The first of them."""
    return trees["sealed"]

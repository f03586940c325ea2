"""Running time stamping authorities as a fixture: import it into a conftest."""

import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.tools import absent

from servers.certomancer import Certomancer


@pytest.fixture(scope="session")
def certomancer() -> Iterator[Certomancer]:
    """Authorities that are not ours, of several kinds of key."""
    if not (find_spec("certomancer") and find_spec("werkzeug")):
        absent("the package certomancer[web-api] is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="certomancer-") as folder,
        Certomancer(Path(folder) / "tsa") as server,
    ):
        yield server


__all__ = ["certomancer"]

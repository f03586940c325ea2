"""A running Dovecot as a fixture: import it into a conftest."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot, installed

from support.tools import absent


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real server, running; not in pytest's own folder, which every pytest that starts closes to other users."""
    if not installed():
        absent("the program dovecot is not installed")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder, Dovecot(Path(folder)) as server:
        yield server


__all__ = ["dovecot"]

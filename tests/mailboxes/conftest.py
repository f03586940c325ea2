"""One Dovecot for all tests of a worker, each of which has a user of its own."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot, installed
from support.imap import Server
from support.tools import absent

from archiver.adapters.imap import mailbox

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real server, running; not in pytest's own folder, which every pytest that starts closes to other users."""
    if not installed():
        absent("the program dovecot is not installed")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder, Dovecot(Path(folder)) as server:
        yield server


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two attempts to reach a server."""
    monkeypatch.setattr(mailbox, "PAUSES", (0.01, 0.01))


@pytest.fixture
def server(dovecot: Dovecot) -> Iterator[Server]:
    """The same, for a user whom nobody else has."""
    server = Server(dovecot, f"studio{next(_numbers)}")
    yield server
    server.close()

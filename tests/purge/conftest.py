"""One Dovecot for all tests of a worker, each of which has a user of its own; and a certificate for lying servers."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.databases import postgres
from simulator.dovecot import Dovecot
from support.dovecots import dovecot  # noqa: F401  (a fixture)
from support.imap import Server

from archiver.adapters.imap import mailbox

__all__ = ["postgres"]

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between two attempts to reach a server."""
    monkeypatch.setattr(mailbox, "PAUSES", (0.01, 0.01))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem, for localhost, and its key.pem."""
    return Dovecot(tmp_path_factory.mktemp("certificate")).home


@pytest.fixture
def server(dovecot: Dovecot) -> Iterator[Server]:  # noqa: F811
    """The same, for a user whom nobody else has."""
    server = Server(dovecot, f"purged{next(_numbers)}")
    yield server
    server.close()

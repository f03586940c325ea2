"""One Dovecot for all tests of a worker, each of which has a user of its own; and a certificate for lying servers."""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot, installed
from support.imap import MAIL, Server, mailbox
from support.liar import Liar
from support.tools import absent

from archiver.adapters.imap import Account, ImapMailbox

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real server, running; not in pytest's own folder, which every pytest that starts closes to other users."""
    if not installed():
        absent("the program dovecot is not installed")
    with tempfile.TemporaryDirectory(prefix="dovecot-") as folder, Dovecot(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem, for localhost, and its key.pem."""
    return Dovecot(tmp_path_factory.mktemp("certificate")).home


@pytest.fixture
def liar(certificate: Path) -> Iterator[Liar]:
    """A server that will say what it is told to say."""
    with Liar(certificate, MAIL) as server:
        yield server


@pytest.fixture
def box(liar: Liar, certificate: Path) -> Iterator[ImapMailbox]:
    """The mailbox on it."""
    made = mailbox(Account("localhost", liar.port, "u", lambda: "pw", ca=certificate / "cert.pem"), timeout=5)
    yield made
    made.close()


@pytest.fixture
def server(dovecot: Dovecot) -> Iterator[Server]:
    """The same, for a user whom nobody else has."""
    server = Server(dovecot, f"user{next(_numbers)}")
    yield server
    server.close()

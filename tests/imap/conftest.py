"""One Dovecot for all tests of a worker, each of which has a user of its own; and a certificate for lying servers."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot
from support.dovecots import dovecot  # noqa: F401  (a fixture)
from support.imap import MAIL, Server, mailbox
from support.liar import Liar

from archiver.adapters.imap import Account, ImapMailbox

_numbers = itertools.count(1)


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
def server(dovecot: Dovecot) -> Iterator[Server]:  # noqa: F811
    """The same, for a user whom nobody else has."""
    server = Server(dovecot, f"user{next(_numbers)}")
    yield server
    server.close()

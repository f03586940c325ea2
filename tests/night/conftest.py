"""Shared by the tests of the night: a mail server, and a certificate for those who listen on localhost."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulator.dovecot import Dovecot, installed
from support.tools import absent

_EXTRA = """
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=4M
}
"""
"""One wrong password does not slow down everybody else on this machine; and mailboxes of 4 MiB."""


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with cert.pem, for localhost, and its key.pem."""
    return Dovecot(tmp_path_factory.mktemp("certificate")).home


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real server, running, that tells of quotas; not in pytest's own folder: see support.dovecots."""
    if not installed():
        absent("the program dovecot is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="dovecot-") as folder,
        Dovecot(Path(folder), extra=_EXTRA) as server,
    ):
        yield server

"""The simulator lies beside the archive, not in it: its folder must be on the path."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from support.pecsim import Box, box


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """A mailbox of 400 messages, five recipients each sending."""
    return box(tmp_path_factory.mktemp("crowd"), messages=400, recipients=5)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Box:
    """A mailbox that is large enough for everything."""
    return box(tmp_path_factory.mktemp("whole"), messages=2000, seed=7)


@pytest.fixture(scope="session")
def mixed(whole: Box) -> Box:
    """The same, but of five hundred recipients' receipts only some: they are long, and like each other."""
    (five_hundred,) = whole.told("cinquecento")
    left_out = set(five_hundred["messages"][20:])
    return Box(whole.folder, [mail for mail in whole.mails if mail.truth["sha256"] not in left_out], whole.dossiers)

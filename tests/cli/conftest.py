"""One archive with simulated mail in it, sealed, for all tests that only look."""

import json

import pytest
from support.archives import demo, sealed, simulated, trust
from support.commands import done
from support.filled import MESSAGES, Filled


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A sealed demonstration archive; nobody may change it."""
    folder = tmp_path_factory.mktemp("whole")
    mailbox = simulated(folder / "mail", MESSAGES)
    config = demo(folder / "archive")
    trust(config, (folder / "mail/providers").glob("*.pem"))
    ingested = done("ingest", "--from", mailbox, config=config)
    expected = json.loads((folder / "mail/expected.json").read_text(encoding="utf-8"))
    return Filled(config, mailbox, expected, ingested, sealed(config))

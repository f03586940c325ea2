"""One archive with simulated mail in it, sealed, for all tests that only look."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.archives import demo, sealed, simulated, trust
from support.commands import done

MESSAGES = 120


@dataclass(frozen=True)
class Filled:
    """An archive, the mailbox that went into it, the truth about it, and what `ingest` and `seal` answered."""

    config: Path
    mailbox: Path
    expected: dict[str, Any]
    ingested: dict[str, Any]
    sealed: dict[str, Any]


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

"""One archive for all tests of exhibits, and one exhibit of a sending: nobody may change them."""

from pathlib import Path

import pytest
from support.archives import demo, folder_of, letter, sealed, simulated, trust
from support.commands import done
from support.exhibits import Shelf, digests_in, exhibited, unzipped
from support.small import Files

MESSAGES = 40


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Sealed simulated mail of two years, then one more message that no volume has."""
    folder = tmp_path_factory.mktemp("exhibits")
    mailbox = simulated(folder / "mail", MESSAGES, seed=3)
    config = demo(folder / "archive")
    trust(config, (folder / "mail/providers").glob("*.pem"))
    done("ingest", "--from", mailbox, config=config)
    sealed(config)
    done("ingest", "--from", folder_of(folder / "late", letter("in ritardo")), config=config)
    shown = [item for digest in digests_in(config) if (item := done("show", digest, config=config))["messages"]]
    pending = next(item["dossier"] for item in shown if item["subject"] == "in ritardo")
    delivered = [item for item in shown if item["state"] == "delivered"]
    sent = max(delivered, key=lambda item: (len(item["recipients"]), len(item["messages"])))
    received = next(item["dossier"] for item in shown if item["state"] == "received")
    return Shelf(config, sent["dossier"], received, pending, tuple(item["dossier"] for item in shown))


@pytest.fixture(scope="session")
def exhibit(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ZIP of a sending."""
    return exhibited(shelf, tmp_path_factory.mktemp("exhibit") / "fascicolo.zip", shelf.sent)


@pytest.fixture(scope="session")
def files(exhibit: Path) -> Files:
    """Its files."""
    return unzipped(exhibit)

"""One healthy archive for all that is broken of it, and copies to break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.archives import add_mailbox, demo, folder_of, letter, trust
from support.commands import done


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sealed, replicated to a second folder, read by the search, with a CA to believe; its configuration."""
    folder = tmp_path_factory.mktemp("healthy") / "a"
    config = demo(folder)
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[[store]]\nid = "copia"\nkind = "filesystem"\npath = "copia"\n')
        file.write('country = "IT"\noperator = "un altro"\n')
    add_mailbox(config, "seconda", path='"posta"')
    folder_of(folder / "posta")
    assert done("init", folder)["stores_created"] == {"primary": False, "copia": True}
    trust(config, [folder / "ca/ca.pem"])
    done(
        "ingest",
        "--from",
        folder_of(folder / "mail", letter("uno"), letter("due")),
        "--mailbox",
        "import",
        config=config,
    )
    done("seal", "--now", config=config)
    done("replicate", config=config)
    done("catalog", "index", config=config)
    return config


@pytest.fixture
def copy(healthy: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a copy of it that may be broken; its configuration."""

    def made() -> Path:
        shutil.copytree(healthy.parent, tmp_path / "a")
        return tmp_path / "a" / healthy.name

    return made


@pytest.fixture
def config(copy: Callable[[], Path]) -> Path:
    """A copy of the healthy archive."""
    return copy()

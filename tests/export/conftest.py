"""An archive of two years, sealed; nobody writes into it but the register."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.exporting import House
from support.small import EVENING, HOUR, few, ingest, look, two_years


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Twelve messages, two volumes."""
    return House(two_years(tmp_path_factory.mktemp("export") / "archive"))


@pytest.fixture
def another(tmp_path: Path) -> Callable[..., House]:
    """One that a test may spoil: with the messages of a later poll, if that is wanted."""

    def made(*, pending: bool = False) -> House:
        small = two_years(tmp_path / "another")
        if pending:
            ingest(small.folder, few("2026-02-10", seed=5)[:2], at=EVENING + HOUR)
        return House(look(small.folder))

    return made

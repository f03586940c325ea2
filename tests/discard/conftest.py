"""Archives whose older volume is past its term, made once a worker; each test has its own copy."""

from pathlib import Path

import pytest
from servers.gateways import gateway
from support.scarti import Scarti, past

__all__ = ["gateway"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Scarti:
    """Three stores, every volume renewed with a tree of SHA3-512."""
    return past(tmp_path_factory.mktemp("past") / "a", renewed="sha3_512")


@pytest.fixture
def estate(made: Scarti, tmp_path: Path) -> Scarti:
    """To be discarded from."""
    return made.copied(tmp_path / "a")


@pytest.fixture(scope="session")
def made_alone(tmp_path_factory: pytest.TempPathFactory) -> Scarti:
    """One store and one replica."""
    return past(tmp_path_factory.mktemp("alone") / "a", replicas=("due",))


@pytest.fixture
def alone(made_alone: Scarti, tmp_path: Path) -> Scarti:
    """To be discarded from."""
    return made_alone.copied(tmp_path / "a")

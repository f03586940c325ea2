"""A liar, the certificates of a web, and foreign authorities."""

import pytest
from servers.authorities import certomancer
from tsa.liar import Liar
from tsa.tls import Web

__all__ = ["certomancer"]


@pytest.fixture(scope="session")
def liar() -> Liar:
    return Liar()


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    return Web.make(tmp_path_factory.mktemp("web"))

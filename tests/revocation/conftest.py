"""Certificates of a web, and a CA that is not ours."""

import pytest
from servers.authorities import certomancer
from tsa.tls import Web

__all__ = ["certomancer"]


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    return Web.make(tmp_path_factory.mktemp("revocation-web"))

"""Real services, all at once: a mail server, a locking gateway, a database, a token, authorities that are not ours."""

import pytest
from servers.authorities import certomancer  # noqa: F401  (a fixture)
from servers.databases import postgres  # noqa: F401  (a fixture)
from servers.gateways import gateway  # noqa: F401  (a fixture)
from servers.tokens import hsm  # noqa: F401  (a fixture)
from support.dovecots import dovecot  # noqa: F401  (a fixture)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own keys and proxies are used."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)

"""A CA, a time stamping authority, and tokens, for signers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from servers.softhsm import SoftHsm
from servers.tokens import hsm  # noqa: F401  (a fixture)
from support.certificates import Authority

from archiver.adapters.authority import LocalAuthority, create
from archiver.evidence.timestamp import query, token_of
from archiver.ports import Stamp

NOW = datetime.now(UTC).replace(microsecond=0)  # openssl asks its own clock


@pytest.fixture(scope="session")
def ca() -> Authority:
    """Who issues the certificates."""
    return Authority()


@pytest.fixture(scope="session")
def stamp(tmp_path_factory: pytest.TempPathFactory) -> Stamp:
    """Asks the local time stamping authority."""
    folder = tmp_path_factory.mktemp("stamp") / "locale"
    create(folder, at=NOW - timedelta(days=1), holder_name="Studio Rossi")
    authority = LocalAuthority(folder, lambda: NOW)

    def stamp(algorithm: str, imprint: bytes) -> bytes:
        reply = authority.answer(query(algorithm, imprint, 9))
        return token_of(reply, algorithm=algorithm, imprint=imprint, nonce=9, at=NOW)

    return stamp


@pytest.fixture
def fresh(hsm: SoftHsm) -> Iterator[SoftHsm]:  # noqa: F811
    """SoftHSM2 as a new process finds it."""
    hsm.restart()
    yield hsm
    hsm.restart()

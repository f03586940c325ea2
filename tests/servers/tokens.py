"""SoftHSM2 as a fixture: import it into a conftest. Each worker of the suite has a folder of tokens of its own."""

from collections.abc import Iterator

import pytest
from support.tools import absent, tool

from servers.softhsm import MODULE, SoftHsm, softhsm


@pytest.fixture(scope="session")
def hsm() -> Iterator[SoftHsm]:
    """The library with its tools; without tokens, until somebody makes one."""
    if MODULE is None:
        absent("the library libsofthsm2.so is not installed (Debian: softhsm2)")
    for name in ("softhsm2-util", "pkcs11-tool"):
        tool(name)
    with softhsm(MODULE) as server:
        yield server


__all__ = ["hsm"]

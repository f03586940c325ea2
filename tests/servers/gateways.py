"""Running S3 gateways as fixtures: import them into a conftest. Each worker of the suite starts its own, when asked."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.tools import absent

from servers import ceph20
from servers.ceph import Ceph, missing
from servers.imitation import Imitation


@pytest.fixture(scope="session")
def gateway() -> Iterator[Ceph]:
    """Ceph 16, as Debian 12 has it: keeps locks, ignores If-None-Match on locked buckets, stores no SHA-256."""
    with _ceph() as server:
        yield server


@pytest.fixture(scope="session")
def gateway20() -> Iterator[Ceph]:
    """Ceph 20, which does all of that; only where it is asked for, because its root takes a minute to build."""
    if not ceph20.wanted():
        pytest.skip(f"{ceph20.SWITCH} is not 1: no Ceph 20")
    with _ceph(within=ceph20.root()) as server:
        yield server


@pytest.fixture(scope="session")
def imitation() -> Iterator[Imitation]:
    """moto behind a socket: logic only."""
    with Imitation() as server:
        yield server


@pytest.fixture(scope="session", params=["ceph 16", "ceph 20"])
def locking_gateway(request: pytest.FixtureRequest) -> Ceph:
    """Every gateway that keeps locks."""
    server: Ceph = request.getfixturevalue("gateway" if request.param == "ceph 16" else "gateway20")
    return server


@pytest.fixture
def gateway_on_disk() -> Iterator[Ceph]:
    """Ceph 16 over a disk of its own: what it has answered survives `kill`."""
    with _ceph(on_disk=True) as server:
        yield server


@contextmanager
def _ceph(*, on_disk: bool = False, within: Path | None = None) -> Iterator[Ceph]:
    if within is None and (name := missing()):
        absent(f"the program {name} is not installed (Debian: radosgw ceph-mon ceph-osd ceph-common)")
    with (
        tempfile.TemporaryDirectory(prefix="ceph-", ignore_cleanup_errors=True) as folder,
        Ceph(Path(folder) / "ceph", on_disk=on_disk, within=within) as server,
    ):
        yield server


__all__ = ["gateway", "gateway20", "gateway_on_disk", "imitation", "locking_gateway"]

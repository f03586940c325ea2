"""Buckets for tests: on moto, which knows the logic and keeps no lock, and on any gateway of `servers.ceph`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import pytest
from servers.ceph import Ceph
from servers.imitation import Imitation

from archiver.adapters.stores.s3 import Bucket, Lock


def now() -> datetime:
    """The clock of stores over real servers: a server takes no date in the past."""
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def moto() -> Iterator[Imitation]:
    """Good for logic, no proof of WORM."""
    with Imitation() as server:
        yield server


def fresh(server: "Ceph | Imitation", **changes: Any) -> Bucket:
    """A bucket that nobody has made yet, with short waits; `changes` are fields of `Bucket`."""
    found = Bucket(
        endpoint=server.url,
        region="us-east-1",
        name=f"store-{token_hex(6)}",
        prefix="",
        virtual=False,
        ca=None,
        compat=False,
        lock=Lock.GOVERNANCE,
        lock_days=1,
        access=server.owner.access.__str__,
        secret=server.owner.secret.__str__,
        connections=16,
        attempts=2,
        timeout=20,
    )
    return replace(found, **changes)


__all__ = ["fresh", "moto", "now"]

"""Probing a test server: its buckets as a configuration would name them, and what was found, asked once."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from servers.ceph import Ceph, Keys

from archiver.adapters.stores.s3.bucket import Bucket, Lock
from archiver.adapters.stores.s3.probe import Line, Probe, probe


class Server(Protocol):
    """A gateway, or an imitation of one."""

    @property
    def url(self) -> str: ...

    @property
    def owner(self) -> Keys: ...

    def bucket(self, *, lock: bool = True, versioned: bool = True) -> str: ...


def now() -> datetime:
    return datetime.now(UTC)


def bucket_of(
    server: Server,
    *,
    lock: Lock = Lock.OFF,
    compat: bool = True,
    versioned: bool = True,
    name: str = "",
    keys: Keys | None = None,
) -> Bucket:
    """A new bucket of the server, made as the lock needs it, or the one called `name`."""
    keys = keys or server.owner
    return Bucket(
        endpoint=server.url, region="us-east-1", prefix="studio/", virtual=False, ca=None, compat=compat, lock=lock,
        name=name or server.bucket(lock=lock is not Lock.OFF, versioned=versioned), lock_days=60,
        access=lambda: keys.access, secret=lambda: keys.secret, connections=10, attempts=2, timeout=20.0,
    )  # fmt: skip


def over_tls(server: Ceph, bucket: Bucket) -> Bucket:
    """The same bucket, spoken to in secret."""
    return replace(bucket, endpoint=server.tls_url, ca=server.ca)


def found(bucket: Bucket) -> Probe:
    return probe(bucket, now)


def line_of(result: Probe, name: str) -> Line:
    """The one line of that name."""
    (line,) = (line for line in result.lines if line.name == name)
    return line


def gaps(result: Probe) -> set[tuple[str, str]]:
    """Name and severity of every gap."""
    return {(line.name, line.severity.value) for line in result.gaps}

"""A bucket as the configuration describes it: where it is, how it is spoken to, how long it locks what it is given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Lock(Enum):
    """Who may destroy an object before its day: anybody, only whom the storage allows to bypass, or nobody at all."""

    OFF = "off"
    GOVERNANCE = "governance"
    COMPLIANCE = "compliance"

    @property
    def wire(self) -> str | None:
        """The mode as S3 writes it; none for `OFF`."""
        return None if self is Lock.OFF else self.value.upper()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects live in bucket `name` below `prefix` (empty, or with a slash at its end).

    An empty `endpoint` is Amazon's own. `virtual`: the bucket's name goes into the host's name, not into the path.
    `ca` is a file with the certificates to trust instead of the system's. `compat`: Content-MD5 in place of the newer
    checksums. `lock_days` is the lock that comes with every PUT. `access` and `secret` tell the keys when they are
    needed; without them boto3 looks where it always does. `timeout` in seconds; `attempts` counts the first one too.
    """

    endpoint: str
    region: str
    name: str
    prefix: str
    virtual: bool
    ca: Path | None
    compat: bool
    lock: Lock
    lock_days: int
    access: Callable[[], str] | None = field(repr=False)
    secret: Callable[[], str] | None = field(repr=False)
    connections: int
    attempts: int
    timeout: float

    @property
    def shown(self) -> str:
        """How people are told of it."""
        where = self.endpoint or f"Amazon S3, {self.region}"
        return f"s3://{self.name}/{self.prefix} @ {where}" if self.name else where

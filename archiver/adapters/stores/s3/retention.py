"""Retention: until when an object is locked and against whom, as asked for and as the server says.

What was locked before the configuration asked for another mode keeps its own, where the storage lets nobody change it:
then only its end is moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.adapters.stores.s3.bucket import Lock

_STRENGTH = (Lock.OFF, Lock.GOVERNANCE, Lock.COMPLIANCE)


@dataclass(frozen=True, slots=True)
class Retention:
    """`until` is aware, in whole seconds: S3 drops the rest. Without a lock it means nothing."""

    lock: Lock
    until: datetime

    @classmethod
    def of(cls, lock: Lock, until: datetime) -> "Retention":
        """At least until then: rounded up. Raises ValueError for a time without a zone."""
        if until.tzinfo is None:
            raise ValueError(f"a time without a zone: {until}")
        spare = timedelta(seconds=1) if until.microsecond else timedelta()
        return cls(lock, until.astimezone(UTC).replace(microsecond=0) + spare)

    @classmethod
    def read(cls, mode: str | None, until: datetime | None) -> "Retention":
        """As a server shows it."""
        known = next((lock for lock in _STRENGTH if lock.wire and lock.wire == mode), Lock.OFF)
        return cls(known, until) if until is not None else NONE

    @classmethod
    def of_head(cls, answer: Mapping[str, Any]) -> "Retention":
        """From the answer to a HEAD."""
        return cls.read(answer.get("ObjectLockMode"), answer.get("ObjectLockRetainUntilDate"))

    def covers(self, asked: "Retention") -> bool:
        """Whether this keeps what was asked for: as late, and against as many."""
        if asked.lock is Lock.OFF:
            return True
        return _STRENGTH.index(self.lock) >= _STRENGTH.index(asked.lock) and self.until >= asked.until

    def joined(self, asked: "Retention") -> "Retention":
        """Both at once: the later day, the stronger lock."""
        if self.lock is Lock.OFF:
            return asked
        return Retention(max(self.lock, asked.lock, key=_STRENGTH.index), max(self.until, asked.until))

    @property
    def in_put(self) -> dict[str, Any]:
        """Parameters of a PUT."""
        wire = self.lock.wire
        return {"ObjectLockMode": wire, "ObjectLockRetainUntilDate": self.until} if wire else {}

    def __str__(self) -> str:
        return f"{self.lock.wire} {self.until:%Y-%m-%dT%H:%M:%SZ}" if self.lock.wire else "nessuno"


NONE = Retention(Lock.OFF, datetime(1, 1, 1, tzinfo=UTC))
"""No lock."""

"""A bucket: versions that nothing replaces, locks, delete markers; and a store over it that keeps the port's promises.

Which version is the object is the rule of the archive's own store for buckets: the oldest, unless a repair says which.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import BinaryIO

from archiver.adapters.stores.names import checked, checked_prefix
from archiver.adapters.stores.octets import pieces, refuse_difference, stream
from archiver.errors import Absent
from archiver.ports import Held, Stored
from simulation.power import Power

LOCK = timedelta(days=60)


@dataclass
class Version:
    """One version of one name, the newest last; a delete marker has no octets."""

    octets: bytes | None
    until: datetime | None = None
    repaired: bool = False


@dataclass
class Bucket:
    """What outlives every process."""

    names: dict[str, list[Version]] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    """How many versions lay beside the object when it was repaired."""

    def version(self, name: str) -> Version | None:
        """The version that is the object."""
        found = [item for item in self.names.get(name, ()) if item.octets is not None]
        repaired = [item for item in found if item.repaired]
        return (repaired or found[:1] or [None])[-1]

    def octets(self, name: str) -> bytes | None:
        """The object's octets as an independent reader finds them."""
        found = self.version(name)
        return found.octets if found else None

    def beside(self, name: str) -> int:
        """How many versions have other octets than the object: what two writers at once leave are twins of it."""
        return sum(item.octets not in (None, self.octets(name)) for item in self.names.get(name, ()))


class BucketStore:
    """`archiver.ports.ObjectStore` over a bucket, each request a moment of its own."""

    locks = True

    def __init__(self, bucket: Bucket, power: Power, now: datetime) -> None:
        self._bucket, self._power, self._now = bucket, power, now

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        """Look, put, look; one request each."""
        checked(name)
        brought = b"".join(pieces(stream(data)))
        self._power.spend(f"HEAD {name}")
        if self._bucket.octets(name) is None:
            self._power.spend(f"PUT {name}")
            self._bucket.names.setdefault(name, []).append(Version(brought, self._now + LOCK))
            self._power.spend(f"HEAD after PUT {name}")
        kept = self._bucket.version(name)
        assert kept is not None
        assert kept.octets is not None
        if kept.octets != brought:
            refuse_difference(name, io.BytesIO(kept.octets), io.BytesIO(brought))
        kept.until = max(kept.until or self._now, self._now + LOCK)

    def get(self, name: str) -> bytes:
        octets = self._bucket.octets(checked(name))
        if octets is None:
            raise Absent(f"{name}: not in the bucket (simulated)")
        return octets

    def read(self, name: str, offset: int, length: int) -> bytes:
        return self.get(name)[offset : offset + length]

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.get(name))

    def has(self, name: str) -> bool:
        return self._bucket.octets(checked(name)) is not None

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return (Stored(held.name, held.size) for held in self.inventory(prefix))

    def retain(self, name: str, *, until: datetime) -> None:
        self.get(name)
        version = self._bucket.version(name)
        assert version is not None
        version.until = max(version.until or until, until)

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        checked_prefix(prefix)
        for name in sorted(self._bucket.names):
            octets = self._bucket.octets(name)
            if octets is not None and name.startswith(prefix):
                beside = max(0, self._bucket.beside(name) - self._bucket.aside.get(name, 0))
                yield Held(name, len(octets), self._bucket.names[name][-1].octets is None, beside)

    def locked_until(self, name: str) -> datetime | None:
        self.get(name)
        version = self._bucket.version(name)
        return version.until if version else None

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        """A new version, and the word that it is the object."""
        brought = b"".join(pieces(stream(data)))
        self._power.spend(f"PUT repaired {name}")
        versions = self._bucket.names.setdefault(checked(name), [])
        versions.append(Version(brought, self._now + LOCK))
        self._power.spend(f"PUT .repaired/{name}")
        versions[-1].repaired = True
        self._bucket.aside[name] = self._bucket.beside(name)
        self._power.spend(f"after PUT .repaired/{name}")

    def tidy(self, *, at: datetime) -> int:  # noqa: ARG002
        """Nothing to do."""
        return 0

"""Stores with a way past them: the same claims about damage and repair, whatever a store is made of."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.adapters.stores.s3 import Bucket, Lock, S3Store
from archiver.ports import ObjectStore, Stored
from support.buckets import fresh, now
from support.damage import Damage, Raw, Rot

NAME = "studio/segments/ab/" + "ab" * 32 + ".zip"
OTHER = "studio/segments/ab/" + "ac" * 32 + ".zip"
GOOD, LONG = b"as it was" * 3, bytes(range(251)) * 4_000


@dataclass(frozen=True)
class Place:
    """A store with one object, NAME, whose bytes are GOOD; the same store opened anew; and the way past it."""

    store: ObjectStore
    again: Callable[[], ObjectStore]
    damage: Damage

    def left(self, name: str) -> set[bytes]:
        """Everything that is left of an object under any name or version, the object too."""
        if isinstance(self.damage, Rot):
            return {self.damage.read(name), *self.damage.replaced(name)}
        assert isinstance(self.damage, Raw)
        raw = self.damage
        found = {raw("get_object", name, VersionId=one)["Body"].read() for one in raw.versions(name)}
        replaced = raw.client.list_objects_v2(Bucket=raw.bucket, Prefix=f"{raw.prefix}.replaced/")
        return found | {raw.read(item["Key"].removeprefix(raw.prefix)) for item in replaced.get("Contents", ())}

    def seen(self, name: str) -> list[object]:
        """The object in every way in which it can be read, by the store that has known it and by one opened anew."""
        found: list[object] = []
        for store in (self.store, self.again()):
            with store.open(name) as file:
                found.append(file.read())
            found += [store.get(name), store.read(name, 3, 4), store.has(name), *store.list(name)]
        return found


@dataclass(frozen=True)
class BucketPlace(Place):
    """One in a bucket with versions."""

    damage: Raw


def as_it_was(data: bytes = GOOD, name: str = NAME) -> list[object]:
    """What `Place.seen` is when all is well."""
    return [data, data, data[3:7], True, Stored(name, len(data))] * 2


_numbers = itertools.count(1)


def in_folder(request: pytest.FixtureRequest) -> Place:
    """In a folder."""
    root = request.getfixturevalue("tmp_path") / "store"
    return _filled(Place(FilesystemStore.create(root), lambda: FilesystemStore(root), Rot(root)))


def in_bucket(fixture: str, **changes: Any) -> Callable[[pytest.FixtureRequest], BucketPlace]:
    """Below a new prefix of one bucket a worker, on the server that the fixture gives; without locks: no versions."""
    made: list[Bucket] = []

    def place(request: pytest.FixtureRequest) -> BucketPlace:
        server = request.getfixturevalue(fixture)
        if not made:
            plain = {"name": server.bucket(lock=False, versioned=False)} if changes.get("lock") is Lock.OFF else {}
            made.append(fresh(server, **plain, **changes))
        bucket = replace(made[0], prefix=f"studio-{next(_numbers)}/")
        store = S3Store.create(bucket, now)
        raw = Raw(server.client(), bucket.name, bucket.prefix)
        return _filled(BucketPlace(store, lambda: S3Store(bucket, now), raw))

    return place


P = TypeVar("P", bound=Place)


def _filled(place: P) -> P:
    place.store.put(NAME, GOOD)
    return place


__all__ = ["GOOD", "LONG", "NAME", "OTHER", "BucketPlace", "Place", "as_it_was", "in_bucket", "in_folder"]


PLACES: dict[str, Callable[[pytest.FixtureRequest], Place]] = {
    "filesystem": in_folder,
    "moto": in_bucket("moto"),
    "ceph": in_bucket("gateway"),
    "ceph without locks and versions": in_bucket("gateway", lock=Lock.OFF),
}
"""Stores that lose and get back what they have: in a folder, and in buckets of two servers."""

"""Rot below a storage that keeps locks: repair lays a locked version on top, and what rotted stays where it was."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError
from servers.ceph import Ceph
from support.buckets import fresh, now
from support.damage import Below, Raw, flipped

from archiver.adapters.stores.s3 import Bucket, Lock, S3Store
from archiver.errors import ArchiverError
from archiver.ports import Held

NAME = "studio/segments/ab/one.zip"
GOOD = b"as it was" * 1000
UNTIL = (now() + timedelta(days=3650)).replace(microsecond=0)


@dataclass
class Place:
    """A store with one object of one version, locked for ten years."""

    bucket: Bucket
    store: S3Store
    raw: Raw
    below: Below


@pytest.fixture(params=[Lock.GOVERNANCE, Lock.COMPLIANCE], ids=lambda lock: lock.value)
def place(request: pytest.FixtureRequest, locking_gateway: Ceph) -> Place:
    bucket = fresh(locking_gateway, lock=request.param)
    store = S3Store.create(bucket, now)
    store.put(NAME, GOOD)
    store.retain(NAME, until=UNTIL)
    return Place(bucket, store, Raw(locking_gateway.client(), bucket.name), Below(locking_gateway))


def refused(place: Place, name: str, version: str) -> bool:
    """Whether the archive's own keys cannot delete it, nor unlock it."""
    try:
        place.raw("delete_object", name, VersionId=version)
    except ClientError as error:
        return str(error.response["Error"]["Code"]) == "AccessDenied"
    return False


def test_bytes_that_rotted_under_a_lock_are_repaired_by_a_version_that_is_locked_as_long(place: Place) -> None:
    rotten = place.raw.versions(NAME)[0]
    place.below.change(NAME, rotten, lambda octets: flipped(octets, 5000))
    assert place.store.get(NAME) == flipped(GOOD, 5000)
    place.store.repair(NAME, GOOD)
    for store in (place.store, S3Store(place.bucket, now)):
        assert store.get(NAME) == GOOD
        assert store.locked_until(NAME) == UNTIL
        assert list(store.inventory()) == [Held(NAME, len(GOOD))]
    assert place.raw("get_object", NAME, VersionId=rotten)["Body"].read() == flipped(GOOD, 5000)
    good = place.raw.versions(NAME)[0]
    word = place.raw.versions(f".repaired/{NAME}")[0]
    assert [refused(place, NAME, good), refused(place, NAME, rotten)] == [True, True]
    assert refused(place, f".repaired/{NAME}", word)
    assert place.raw("head_object", NAME)["ObjectLockMode"] == place.bucket.lock.wire


def test_an_object_whose_bytes_are_gone_below_is_an_error_or_absent_and_is_repaired(place: Place) -> None:
    place.below.destroy(NAME, place.raw.versions(NAME)[0])
    with pytest.raises(ArchiverError):
        place.store.get(NAME)
    place.store.repair(NAME, GOOD)
    for store in (place.store, S3Store(place.bucket, now)):
        assert store.get(NAME) == GOOD
    # what it was locked to cannot be asked of it any more: whoever knows the term says it again
    place.store.retain(NAME, until=UNTIL)
    assert place.store.locked_until(NAME) == UNTIL


def test_a_repair_that_rots_is_repaired_again_and_again(place: Place) -> None:
    for turn in range(3):
        place.below.change(NAME, place.raw.versions(NAME)[0], lambda octets, turn=turn: flipped(octets, turn))  # type: ignore[misc]
        assert S3Store(place.bucket, now).get(NAME) == flipped(GOOD, turn)
        place.store.repair(NAME, GOOD)
        assert S3Store(place.bucket, now).get(NAME) == GOOD
    assert len(place.raw.versions(NAME)) == 4
    assert list(S3Store(place.bucket, now).inventory()) == [Held(NAME, len(GOOD))]


def test_a_lock_that_somebody_shortened_is_told_as_it_is_and_set_again(locking_gateway: Ceph) -> None:
    bucket = fresh(locking_gateway, lock=Lock.GOVERNANCE)
    store, raw = S3Store.create(bucket, now), Raw(locking_gateway.client(), bucket.name)
    store.put(NAME, GOOD)
    store.retain(NAME, until=UNTIL)
    short = (now() + timedelta(days=2)).replace(microsecond=0)
    raw.lock(NAME, short)
    assert store.locked_until(NAME) == short
    store.retain(NAME, until=UNTIL)
    assert store.locked_until(NAME) == UNTIL


def test_under_compliance_nobody_does_the_harm_that_governance_lets_the_owner_do(locking_gateway: Ceph) -> None:
    bucket = fresh(locking_gateway, lock=Lock.COMPLIANCE)
    store, raw = S3Store.create(bucket, now), Raw(locking_gateway.client(), bucket.name)
    store.put(NAME, GOOD)
    for harm in ("flip", "truncate", "zero", "destroy"):
        with pytest.raises(ClientError):
            raw.harms()[harm](NAME)
    raw.harms()["cover and hide"](NAME)
    assert store.get(NAME) == GOOD
    assert list(store.inventory()) == [Held(NAME, len(GOOD), hidden=True, others=1)]
    store.repair(NAME, GOOD)
    assert list(S3Store(bucket, now).inventory()) == [Held(NAME, len(GOOD))]
    assert raw.read(NAME) == GOOD

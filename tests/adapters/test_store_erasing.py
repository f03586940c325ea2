"""Destroying, whatever a store is made of: nothing is left of an object, and of a replaced one only the new bytes."""

import io
import json
from datetime import timedelta
from typing import cast

import pytest
from servers.ceph import Ceph
from support.buckets import fresh, now
from support.damage import Raw, Rot, flipped
from support.places import GOOD, LONG, NAME, OTHER, PLACES, Place, as_it_was, in_folder

from archiver.adapters.stores.memory import MemoryStore
from archiver.adapters.stores.s3 import Lock, S3Store
from archiver.errors import Absent, ConfigError, Conflict
from archiver.ports import Bar, Erasable, Held


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    return PLACES[request.param](request)


def erasable(place: Place) -> Erasable:
    return cast(Erasable, place.store)


def traces(place: Place, name: str) -> set[str]:
    """Everything in the store, the store's own names too, that has the name of the object in its own."""
    if isinstance(place.damage, Rot):
        root = place.damage.root
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if name in path.as_posix()}
    assert isinstance(place.damage, Raw)
    pages = place.damage.client.get_paginator("list_object_versions").paginate(
        Bucket=place.damage.bucket, Prefix=place.damage.prefix
    )
    found = [item for page in pages for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, ())]
    return {f"{item['Key']} {item.get('VersionId')}" for item in found if name in item["Key"]}


def test_nothing_is_left_of_what_was_erased_whatever_had_been_done_to_it(place: Place) -> None:
    store = erasable(place)
    store.put(OTHER, LONG)
    for harm, do in place.damage.harms().items():
        store.repair(NAME, GOOD)
        do(NAME)
        store.repair(NAME, GOOD)
        do(NAME)
        assert traces(place, NAME) or "hide" in harm or harm == "destroy"
        store.erase(NAME)
        assert traces(place, NAME) == set(), harm
        assert not place.again().has(NAME), harm
        assert list(place.again().inventory()) == [Held(OTHER, len(LONG))], harm
        store.put(NAME, GOOD)
        assert place.seen(NAME) == as_it_was(), harm


def test_what_is_not_there_is_erased_already(place: Place) -> None:
    store = erasable(place)
    store.erase(NAME)
    store.erase(NAME)
    with pytest.raises(Absent):
        store.get(NAME)
    with pytest.raises(ValueError):
        store.erase("../x")


def test_of_a_replaced_object_only_the_new_bytes_are_left(place: Place) -> None:
    store = erasable(place)
    store.repair(NAME, flipped(GOOD))
    store.repair(NAME, GOOD)
    for _ in range(2):
        store.replace(NAME, io.BytesIO(LONG))
        assert place.seen(NAME) == as_it_was(LONG)
        assert place.left(NAME) == {LONG}
        assert len(traces(place, NAME)) == 1
        assert list(place.again().inventory()) == [Held(NAME, len(LONG))]


def test_erasing_one_object_touches_no_other_whose_name_begins_so(place: Place) -> None:
    store = erasable(place)
    near = [f"{NAME}.1", f"{NAME}x", f"{NAME[:-4]}.zip.{'a' * 64}"]
    for name in near:
        store.put(name, GOOD)
    store.erase(NAME)
    assert [item.name for item in place.again().list()] == sorted(near)


def test_what_locks_an_object_is_told_and_yields_to_leave_unless_it_is_absolute(place: Place) -> None:
    store = erasable(place)
    found = store.bar(NAME)
    assert (found is not None) == store.locks
    if found:
        assert found == Bar(store.locked_until(NAME), absolute=False)
    store.check_erases()
    assert store.bar("studio/none") is None
    assert list(place.again().inventory()) == [Held(NAME, len(GOOD))]


def test_erased_in_memory_is_erased() -> None:
    store = MemoryStore()
    store.put(NAME, GOOD)
    store.repair(NAME, LONG)
    store.replace(NAME, GOOD)
    assert (store.get(NAME), store.replaced, store.bar(NAME)) == (GOOD, [], None)
    store.erase(NAME)
    store.erase(NAME)
    assert not store.has(NAME)


def test_an_empty_folder_is_not_left_behind(request: pytest.FixtureRequest) -> None:
    place = in_folder(request)
    store = erasable(place)
    store.repair(NAME, LONG)
    store.erase(NAME)
    root = place.damage.root  # type: ignore[attr-defined]
    assert {path.name for path in root.iterdir()} == {".archiver-store", ".incoming"}
    store.put(NAME, GOOD)
    assert store.get(NAME) == GOOD


def test_under_compliance_nothing_is_erased_and_the_day_is_named(gateway: Ceph) -> None:
    bucket = fresh(gateway, lock=Lock.COMPLIANCE)
    store = S3Store.create(bucket, now)
    store.put(NAME, GOOD)
    until = (now() + timedelta(days=400)).replace(microsecond=0)
    store.retain(NAME, until=until)
    assert store.bar(NAME) == Bar(until, absolute=True)
    for attempt in (lambda: store.erase(NAME), lambda: store.replace(NAME, LONG)):
        with pytest.raises(Conflict, match=f"{until:%Y-%m-%d}"):
            attempt()
    assert GOOD in {
        gateway.client().get_object(Bucket=bucket.name, Key=NAME, VersionId=item["VersionId"])["Body"].read()
        for item in gateway.client().list_object_versions(Bucket=bucket.name, Prefix=NAME)["Versions"]
    }


def test_keys_that_may_not_bypass_governance_are_refused_before_and_told_whose_may(gateway: Ceph) -> None:
    bucket = fresh(gateway)
    store = S3Store.create(bucket, now)
    store.put(NAME, GOOD)
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:BypassGovernanceRetention"}
    said = [{**denied, "Resource": f"arn:aws:s3:::{bucket.name}/*"}]
    gateway.client().put_bucket_policy(
        Bucket=bucket.name, Policy=json.dumps({"Version": "2012-10-17", "Statement": said})
    )
    with pytest.raises(ConfigError, match="discard_access_key"):
        store.check_erases()
    with pytest.raises(ConfigError, match="discard_access_key"):
        store.erase(NAME)
    assert store.get(NAME) == GOOD

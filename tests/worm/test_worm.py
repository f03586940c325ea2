"""Write once, read many, on servers that mean it: nobody destroys or hides what the archive keeps, or unlocks it.

`raw` is the driver itself, in the hands of whoever holds the archive's own keys, or others'.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from servers.ceph import Ceph
from support.buckets import fresh, now

from archiver.adapters.stores.s3 import Bucket, Lock, S3Store
from archiver.errors import Absent, Conflict
from archiver.ports import Stored

NAME = "studio/segments/ab/one.zip"
DAY = timedelta(days=1)
MOMENT = timedelta(minutes=2)
LOCKS = [Lock.GOVERNANCE, Lock.COMPLIANCE]


@pytest.fixture(params=LOCKS, ids=lambda lock: lock.value)
def bucket(request: pytest.FixtureRequest, locking_gateway: Ceph) -> Bucket:
    return fresh(locking_gateway, lock=request.param)


@pytest.fixture
def store(bucket: Bucket) -> S3Store:
    """With one object in it, of one version."""
    made = S3Store.create(bucket, now)
    made.put(NAME, b"as it was")
    return made


@pytest.fixture
def raw(locking_gateway: Ceph, bucket: Bucket, store: S3Store) -> "Raw":
    return Raw(locking_gateway.client(), bucket)


class Raw:
    """S3 as it is, about the one object."""

    def __init__(self, client: Any, bucket: Bucket) -> None:
        self.client, self.bucket = client, bucket.name

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self.client, operation)(Bucket=self.bucket, Key=NAME, **parameters)
        return answer

    def versions(self) -> list[str]:
        """Newest first."""
        found = self.client.list_object_versions(Bucket=self.bucket, Prefix=NAME).get("Versions", ())
        return [version["VersionId"] for version in found]

    def head(self, version: str) -> tuple[str, datetime]:
        answer = self("head_object", VersionId=version)
        return answer["ObjectLockMode"], answer["ObjectLockRetainUntilDate"]

    def retain(self, mode: Lock, until: datetime, **parameters: Any) -> None:
        retention = {"Mode": mode.wire, "RetainUntilDate": until}
        self("put_object_retention", VersionId=self.versions()[-1], Retention=retention, **parameters)


def refused(ask: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as refusal:
        ask()
    return str(refusal.value.response["Error"]["Code"])


def everything(store: S3Store) -> tuple[object, ...]:
    with store.open(NAME) as file:
        whole = file.read()
    return store.has(NAME), store.get(NAME), store.read(NAME, 3, 2), whole, list(store.list()), list(store.list(NAME))


HERE = [Stored(NAME, 9)]
AS_IT_WAS = (True, b"as it was", b"it", b"as it was", HERE, HERE)


def test_what_is_put_is_locked_as_configured(store: S3Store, raw: Raw, bucket: Bucket) -> None:
    mode, until = raw.head(raw.versions()[0])
    assert mode == bucket.lock.wire
    assert abs(until - (now() + bucket.lock_days * DAY)) < MOMENT


def test_nobody_deletes_a_locked_version(store: S3Store, raw: Raw) -> None:
    version = raw.versions()[0]
    assert refused(lambda: raw("delete_object", VersionId=version)) == "AccessDenied"
    several = {"Objects": [{"Key": NAME, "VersionId": version}]}
    told = raw.client.delete_objects(Bucket=raw.bucket, Delete=several)
    assert [error["Code"] for error in told["Errors"]] == ["AccessDenied"]
    assert everything(store) == AS_IT_WAS


def test_compliance_cannot_be_bypassed_and_governance_can_by_the_owner(
    store: S3Store, raw: Raw, bucket: Bucket
) -> None:
    bypassed = {"VersionId": raw.versions()[0], "BypassGovernanceRetention": True}
    if bucket.lock is Lock.COMPLIANCE:
        assert refused(lambda: raw("delete_object", **bypassed)) == "AccessDenied"
        assert everything(store) == AS_IT_WAS
    else:
        assert store.get(NAME)
        raw("delete_object", **bypassed)
        # the store has read it before, and remembers its version: it must not believe in it
        assert (store.has(NAME), list(store.list())) == (False, [])
        for ask in (store.get, store.open, lambda name: store.read(name, 0, 1)):
            with pytest.raises(Absent):
                ask(NAME)
        with pytest.raises(Absent):
            store.retain(NAME, until=now() + 2 * DAY)


def test_whom_the_bucket_denies_the_bypass_deletes_nothing_and_shortens_nothing(
    store: S3Store, raw: Raw, bucket: Bucket, locking_gateway: Ceph
) -> None:
    # without the denial the gateway lets everybody bypass who may delete: to grant nothing is not enough there
    allowed = ["s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"]
    rules = [("Allow", allowed), ("Deny", ["s3:BypassGovernanceRetention"])]
    objects = f"arn:aws:s3:::{raw.bucket}/*"
    said = [{"Effect": effect, "Principal": "*", "Action": what, "Resource": objects} for effect, what in rules]
    policy = json.dumps({"Version": "2012-10-17", "Statement": said})
    raw.client.put_bucket_policy(Bucket=raw.bucket, Policy=policy)
    guest = locking_gateway.client(keys=locking_gateway.user("guest"))
    place = {"Bucket": raw.bucket, "Key": NAME, "VersionId": raw.versions()[0]}
    soon = {"Mode": bucket.lock.wire, "RetainUntilDate": now() + timedelta(hours=1)}
    assert guest.get_object(**place)["Body"].read() == b"as it was"
    for client in (guest, raw.client):
        for bypass in ({}, {"BypassGovernanceRetention": True}):
            assert refused(partial(client.delete_object, **place, **bypass)) == "AccessDenied"
            assert refused(partial(client.put_object_retention, **place, Retention=soon, **bypass)) == "AccessDenied"
    assert everything(store) == AS_IT_WAS
    store.retain(NAME, until=now() + 3 * DAY)
    assert raw.head(raw.versions()[0])[1] > now() + 3 * DAY - MOMENT, "to extend needs no bypass"


def test_a_retention_is_never_shortened_without_a_bypass(store: S3Store, raw: Raw, bucket: Bucket) -> None:
    before = raw.head(raw.versions()[0])
    for until in (now() + timedelta(hours=1), before[1] - timedelta(seconds=1)):
        assert refused(partial(raw.retain, bucket.lock, until)) == "AccessDenied"
    if bucket.lock is Lock.COMPLIANCE:
        bypass = {"BypassGovernanceRetention": True}
        assert refused(lambda: raw.retain(Lock.COMPLIANCE, now() + timedelta(hours=1), **bypass)) == "AccessDenied"
        assert refused(lambda: raw.retain(Lock.GOVERNANCE, before[1], **bypass)) == "AccessDenied"
    assert raw.head(raw.versions()[0]) == before


def test_what_the_store_retains_is_locked_until_then_and_never_for_less(
    store: S3Store, raw: Raw, bucket: Bucket
) -> None:
    far = (now() + 365 * DAY).replace(microsecond=700_000)
    whole = far.replace(microsecond=0) + timedelta(seconds=1)
    store.retain(NAME, until=far)
    assert raw.head(raw.versions()[0]) == (bucket.lock.wire, whole)
    store.retain(NAME, until=now() + 100 * DAY)
    assert raw.head(raw.versions()[0]) == (bucket.lock.wire, whole)
    assert len(raw.versions()) == 1
    assert refused(lambda: raw("delete_object", VersionId=raw.versions()[0])) == "AccessDenied"


def test_a_stronger_lock_that_is_there_stays_and_a_weaker_one_is_raised(
    store: S3Store, raw: Raw, bucket: Bucket
) -> None:
    raw.client.put_object(Bucket=raw.bucket, Key="studio/other", Body=b"x", **locked(Lock.COMPLIANCE, 2 * DAY))
    store.retain("studio/other", until=now() + 3 * DAY)
    found = raw.client.head_object(Bucket=raw.bucket, Key="studio/other")
    assert found["ObjectLockMode"] == "COMPLIANCE"
    assert found["ObjectLockRetainUntilDate"] > now() + 3 * DAY - MOMENT
    raw.client.put_object(Bucket=raw.bucket, Key="studio/weak", Body=b"x", **locked(Lock.GOVERNANCE, 4 * DAY))
    store.retain("studio/weak", until=now() + 3 * DAY)
    found = raw.client.head_object(Bucket=raw.bucket, Key="studio/weak")
    assert found["ObjectLockMode"] == bucket.lock.wire
    assert found["ObjectLockRetainUntilDate"] > now() + 4 * DAY - MOMENT


def test_an_object_without_a_lock_or_with_a_shorter_one_is_locked_when_it_is_put_again(
    store: S3Store, raw: Raw, bucket: Bucket
) -> None:
    for key, lock in {"a": {}, "b": locked(bucket.lock, timedelta(hours=1))}.items():
        raw.client.put_object(Bucket=raw.bucket, Key=key, Body=b"x", **lock)
        store.put(key, b"x")
        found = raw.client.head_object(Bucket=raw.bucket, Key=key)
        assert found["ObjectLockMode"] == bucket.lock.wire
        assert found["ObjectLockRetainUntilDate"] > now() + DAY - MOMENT


def test_what_may_not_be_made_stronger_keeps_its_mode_and_is_locked_for_longer(locking_gateway: Ceph) -> None:
    before = fresh(locking_gateway, lock=Lock.GOVERNANCE)
    store = S3Store.create(before, now)
    for name in (NAME, "studio/other"):
        store.put(name, b"as it was")
    client = locking_gateway.client()
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:BypassGovernanceRetention"}
    said = [{**denied, "Resource": f"arn:aws:s3:::{before.name}/*"}]
    client.put_bucket_policy(Bucket=before.name, Policy=json.dumps({"Version": "2012-10-17", "Statement": said}))
    after = S3Store(replace(before, lock=Lock.COMPLIANCE, lock_days=9), now)
    after.put(NAME, b"as it was")
    after.put(NAME, b"as it was")
    after.retain("studio/other", until=now() + 30 * DAY)
    after.retain("studio/other", until=now() + 20 * DAY)
    after.put("studio/new", b"x")
    for name, mode, days in (
        (NAME, "GOVERNANCE", 9),
        ("studio/other", "GOVERNANCE", 30),
        ("studio/new", "COMPLIANCE", 9),
    ):
        head = client.head_object(Bucket=before.name, Key=name)
        assert head["ObjectLockMode"] == mode
        assert abs(head["ObjectLockRetainUntilDate"] - (now() + days * DAY)) < MOMENT
        assert after.locked_until(name) == head["ObjectLockRetainUntilDate"]


def test_a_term_that_has_passed_asks_for_no_lock(store: S3Store, raw: Raw) -> None:
    raw.client.put_object(Bucket=raw.bucket, Key="studio/bare", Body=b"x")
    store.retain("studio/bare", until=now() - DAY)
    assert store.locked_until("studio/bare") is None
    with pytest.raises(Absent):
        store.retain("studio/none", until=now() - DAY)


def locked(lock: Lock, time: timedelta) -> dict[str, object]:
    return {"ObjectLockMode": lock.wire, "ObjectLockRetainUntilDate": now() + time}


def test_versions_and_delete_markers_on_top_change_nothing(store: S3Store, raw: Raw, bucket: Bucket) -> None:
    raw("put_object", Body=b"something else")
    raw("delete_object")
    for known in (store, S3Store(bucket, now)):
        assert everything(known) == AS_IT_WAS
        known.put(NAME, b"as it was")
        with pytest.raises(Conflict):
            known.put(NAME, b"something else")
    # under the marker the server says that there is nothing: one more version lies there for each try, none is read
    raw("put_object", Body=b"something else")
    assert everything(S3Store(bucket, now)) == AS_IT_WAS
    with pytest.raises(Conflict):
        store.put(NAME, b"something else")
    assert store.get(NAME) == b"as it was"


def test_when_the_oldest_version_is_destroyed_the_next_one_is_the_object(
    store: S3Store, raw: Raw, bucket: Bucket
) -> None:
    raw.client.put_object(Bucket=raw.bucket, Key="studio/twins", Body=b"x")
    first = raw.client.head_object(Bucket=raw.bucket, Key="studio/twins")["VersionId"]
    raw.client.put_object(Bucket=raw.bucket, Key="studio/twins", Body=b"x")
    assert store.get("studio/twins") == b"x"
    raw.client.delete_object(Bucket=raw.bucket, Key="studio/twins", VersionId=first)
    assert store.get("studio/twins") == b"x"
    store.retain("studio/twins", until=now() + 3 * DAY)
    assert raw.client.head_object(Bucket=raw.bucket, Key="studio/twins")["ObjectLockMode"] == bucket.lock.wire


def test_the_oldest_version_is_found_below_any_number_of_others(store: S3Store, raw: Raw, bucket: Bucket) -> None:
    for number in range(25):
        raw("put_object", Body=b"%d" % number)
        if number % 5 == 0:
            raw("delete_object")
    assert everything(S3Store(bucket, now)) == AS_IT_WAS


def test_versioning_cannot_be_suspended(store: S3Store, raw: Raw) -> None:
    suspended = {"Status": "Suspended"}
    code = refused(lambda: raw.client.put_bucket_versioning(Bucket=raw.bucket, VersioningConfiguration=suspended))
    assert code == "InvalidBucketState"
    store.put("studio/later", b"x")
    assert store.get("studio/later") == b"x"


def test_a_bucket_with_locked_objects_cannot_be_deleted(store: S3Store, raw: Raw) -> None:
    assert refused(lambda: raw.client.delete_bucket(Bucket=raw.bucket)) == "BucketNotEmpty"
    assert everything(store) == AS_IT_WAS


def test_what_trials_left_is_removed_when_its_lock_has_ended(store: S3Store, raw: Raw) -> None:
    from time import sleep

    later = now() + timedelta(days=3)
    for key, lock in {".probe/1/short": timedelta(seconds=2), ".probe/1/long": DAY}.items():
        raw.client.put_object(Bucket=raw.bucket, Key=key, Body=b"x", **locked(Lock.COMPLIANCE, lock))
    raw.client.delete_object(Bucket=raw.bucket, Key=".probe/1/short")
    assert store.tidy(at=now()) == 0, "they may be in use"
    sleep(2.5)
    assert store.tidy(at=later) == 2, "the version and its marker"
    found = raw.client.list_object_versions(Bucket=raw.bucket, Prefix=".probe/")
    assert [version["Key"] for version in found["Versions"]] == [".probe/1/long"]
    assert everything(store) == AS_IT_WAS


def test_a_lock_survives_a_power_cut_of_the_storage(gateway_on_disk: Ceph) -> None:
    bucket = fresh(gateway_on_disk, lock=Lock.COMPLIANCE)
    until = datetime(2036, 1, 1, tzinfo=UTC)
    store = S3Store.create(bucket, now)
    store.put(NAME, b"as it was")
    store.retain(NAME, until=until)
    gateway_on_disk.kill()
    gateway_on_disk.start()
    raw = Raw(gateway_on_disk.client(), bucket)
    assert everything(S3Store(bucket, now)) == AS_IT_WAS
    assert raw.head(raw.versions()[0]) == ("COMPLIANCE", until)
    assert refused(lambda: raw("delete_object", VersionId=raw.versions()[0])) == "AccessDenied"

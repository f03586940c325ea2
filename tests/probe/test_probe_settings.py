"""What depends on the bucket, the keys and the clock rather than on the make of the server."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from servers import lies
from servers.ceph import Ceph, Keys
from servers.imitation import Answer, Imitation, Request, Response
from support.probing import bucket_of, found, gaps, line_of, now

from archiver.adapters.stores.s3.bucket import Lock
from archiver.adapters.stores.s3.client import client
from archiver.adapters.stores.s3.probe import FOLDER, probe
from archiver.adapters.stores.s3.probe.ground import Ground
from archiver.adapters.stores.s3.probe.locking import locks
from archiver.adapters.stores.s3.probe.reading import https
from archiver.adapters.stores.s3.probe.words import TABLE
from archiver.errors import ConfigError, Unavailable

MOST = ["GetObject*", "PutObject*", "List*", "GetBucket*"]


@pytest.mark.parametrize(
    ("endpoint", "ok"),
    [
        ("http://s3.example.it", False),
        ("http://10.0.0.7:8080", False),
        ("http://localhost.example.it", False),
        ("https://s3.example.it", True),
        ("", True),
        ("http://127.0.0.1:9000", True),
        ("http://localhost:9000", True),
        ("http://[::1]:9000", True),
    ],
)
def test_only_what_leaves_the_machine_unencrypted_is_warned_of(imitation: Imitation, endpoint: str, ok: bool) -> None:
    line = https(replace(bucket_of(imitation, name="unused"), endpoint=endpoint))
    assert (line.ok, line.severity.value) == (ok, "warns")


def test_a_bucket_without_versions_is_warned_of_and_refused_where_locks_are_wanted(gateway: Ceph) -> None:
    name = gateway.bucket(lock=False, versioned=False)
    without = found(bucket_of(gateway, name=name))
    assert dict(gaps(without)) == {"versioning": "warns"}
    assert not line_of(without, "versions-kept").asked
    with_lock = found(bucket_of(gateway, name=name, lock=Lock.GOVERNANCE))
    assert {name for name, _ in gaps(with_lock)} == {"versioning", "lock-kept"}
    assert {line.name for line in with_lock.lasting} == {"versioning", "lock-kept"}
    assert not line_of(with_lock, "lock-delete").asked


def test_without_versions_an_overwriting_server_weighs_more(imitation: Imitation) -> None:
    with Imitation(lies.overwrites) as server:
        line = line_of(found(bucket_of(server, versioned=False)), "create-once")
    assert line.italian == TABLE["overwrite"].italian != TABLE["create-once"].italian


def test_keys_that_may_not_bypass_are_what_is_wanted(gateway: Ceph) -> None:
    name = gateway.bucket()
    keys = _with_rights(gateway, name, [*MOST, "DeleteObject*"], denied="BypassGovernanceRetention")
    result = found(bucket_of(gateway, name=name, lock=Lock.GOVERNANCE, keys=keys))
    assert {name for name, _ in gaps(result)} == {"create-once", "create-once-race"}
    assert line_of(result, "bypass").asked
    assert "nothing is proven" not in line_of(result, "lock-delete").found


def test_keys_that_may_delete_nothing_prove_nothing_about_locks_and_are_told_so(gateway: Ceph) -> None:
    name = gateway.bucket()
    keys = _with_rights(gateway, name, MOST)
    result = found(bucket_of(gateway, name=name, lock=Lock.GOVERNANCE, keys=keys))
    assert not result.refused
    assert "nothing is proven" in line_of(result, "lock-delete").found


def test_a_bucket_that_locks_by_itself_is_told_and_keeps_nothing_of_the_probe_for_long(gateway: Ceph) -> None:
    name, client = gateway.bucket(), gateway.client()
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}
    client.put_object_lock_configuration(
        Bucket=name, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    result = found(bucket_of(gateway, name=name))
    line = line_of(result, "default-retention")
    assert (line.ok, line.found) == (False, "GOVERNANCE 30 days")
    assert line_of(found(bucket_of(gateway)), "default-retention").ok
    kept = client.list_object_versions(Bucket=name, Prefix=f"studio/{FOLDER}")["Versions"]
    assert len(kept) > 10
    for entry in kept:
        head = client.head_object(Bucket=name, Key=entry["Key"], VersionId=entry["VersionId"])
        assert head["ObjectLockRetainUntilDate"] < now() + timedelta(minutes=1)


@pytest.mark.parametrize("minutes", [-20, 6])
def test_a_wrong_clock_of_ours_is_refused_and_told_from_locks_that_do_not_hold(gateway: Ceph, minutes: int) -> None:
    result = probe(bucket_of(gateway, lock=Lock.COMPLIANCE), lambda: now() + timedelta(minutes=minutes))
    assert {line.name for line in result.refused} == {"clock"}
    assert not result.lasting
    assert line_of(result, "lock-shorten").asked


def test_versions_of_a_bucket_without_object_lock_are_not_suspended_for_a_moment() -> None:
    asked = []

    def watch(request: Request, server: Answer) -> Response:
        asked.append(request.body)
        return server(request)

    with Imitation(watch) as server:
        name = server.bucket(lock=False)
        result = found(bucket_of(server, name=name, lock=Lock.GOVERNANCE))
        assert not line_of(result, "suspension").asked
        assert not any(b"Suspended" in body for body in asked)
        assert line_of(found(bucket_of(server, lock=Lock.GOVERNANCE)), "suspension").asked
        assert any(b"Suspended" in body for body in asked)


@pytest.mark.parametrize("seconds", [0, 15, 24, 35, 39])
def test_a_lock_that_can_be_shortened_is_found_out_however_much_time_has_passed(
    imitation: Imitation, seconds: int
) -> None:
    bucket = bucket_of(imitation, lock=Lock.GOVERNANCE)
    ground = Ground(bucket, client(bucket))
    late = iter([timedelta()])
    lines = locks(ground, lambda: now() + next(late, timedelta(seconds=seconds)))
    line = next(line for line in lines if line.name == "lock-shorten")
    assert (line.asked, line.ok) == (True, False)


def test_a_server_too_slow_for_its_locks_to_be_tried_is_not_believed(imitation: Imitation) -> None:
    bucket = bucket_of(imitation, lock=Lock.GOVERNANCE)
    moments = (now() + timedelta(seconds=30 * number) for number in range(99))
    with pytest.raises(Unavailable, match="lentamente"):
        list(locks(Ground(bucket, client(bucket)), lambda: next(moments)))


def test_versioning_is_never_left_suspended(imitation: Imitation) -> None:
    bucket = bucket_of(imitation, lock=Lock.GOVERNANCE)
    assert not line_of(found(bucket), "suspension").ok
    assert _versioning(imitation, bucket.name) == "Enabled"
    with Imitation(lies.loses_the_answer) as server:
        bucket = bucket_of(server, lock=Lock.GOVERNANCE)
        with pytest.raises(Unavailable, match=bucket.name):
            found(bucket)
    assert _versioning(imitation, bucket.name) == "Enabled"


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"name": "no-such-bucket"}, Unavailable, "no-such-bucket"),
        ({"secret": lambda: "wrong"}, ConfigError, "secret_key"),
        ({"endpoint": "http://127.0.0.1:9"}, Unavailable, "127.0.0.1:9"),
    ],
    ids=["no bucket", "wrong key", "nobody there"],
)
def test_a_server_that_cannot_be_asked_is_an_error_with_the_way_out_and_no_probe(
    gateway: Ceph, change: dict[str, object], error: type[Exception], text: str
) -> None:
    bucket = replace(bucket_of(gateway), **change)  # type: ignore[arg-type]
    with pytest.raises(error, match=text):
        probe(bucket, now)


def _versioning(server: Imitation, name: str) -> str:
    return str(server.client().get_bucket_versioning(Bucket=name)["Status"])


def _with_rights(gateway: Ceph, bucket: str, actions: list[str], *, denied: str = "") -> Keys:
    """Keys of a user who may do just that in the bucket of another. What is not granted is not always forbidden."""
    keys = gateway.user("clerk")

    def statement(effect: str, actions: list[str]) -> dict[str, object]:
        return {
            "Effect": effect,
            "Principal": {"AWS": [f"arn:aws:iam:::user/{keys.access}"]},
            "Action": [f"s3:{action}" for action in actions],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }

    statements = [statement("Allow", actions), *([statement("Deny", [denied])] if denied else [])]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    gateway.client().put_bucket_policy(Bucket=bucket, Policy=policy)
    return keys

"""A bucket made ready for an archive: created if it is not there, and refused if it cannot keep what is asked of it."""

from contextlib import suppress
from typing import Any

from archiver.adapters.stores.s3.bucket import Bucket, Lock
from archiver.adapters.stores.s3.client import Connection
from archiver.errors import Absent, ConfigError, Conflict

_STANDARD = "us-east-1"
"""The region that S3 wants unnamed when a bucket is made."""


def ready(connection: Connection) -> None:
    """The bucket, with object lock if the configuration asks for locks. Raises ConfigError, Unavailable.

    A bucket that we make keeps versions in any case; one that is there and keeps none will do only without locks.
    """
    if not there(connection):
        _make(connection)
    if connection.bucket.lock is not Lock.OFF:
        _check(connection)


def there(connection: Connection) -> bool:
    """Whether the bucket exists. Raises ConfigError, Unavailable."""
    try:
        connection.ask("head_bucket", "")
    except Absent:
        return False
    return True


def _make(connection: Connection) -> None:
    bucket = connection.bucket
    locking = {"ObjectLockEnabledForBucket": True} if bucket.lock is not Lock.OFF else {}
    place = {"LocationConstraint": bucket.region}
    # services that are not Amazon's have zones of their own, and most want none named
    where = {"CreateBucketConfiguration": place} if bucket.region != _STANDARD and not bucket.endpoint else {}
    with suppress(Conflict):  # another process of ours was quicker
        connection.ask("create_bucket", "", **locking, **where)
    if bucket.lock is Lock.OFF:
        connection.ask("put_bucket_versioning", "", VersioningConfiguration={"Status": "Enabled"})


def _check(connection: Connection) -> None:
    """Both, so that a person learns all that is missing at once."""
    bucket, lacking = connection.bucket, []
    if connection.ask("get_bucket_versioning", "").get("Status") != "Enabled":
        lacking.append("versioning")
    if not _locks(connection):
        lacking.append("object lock")
    if lacking:
        raise ConfigError(
            f'{bucket.shown}: lock = "{bucket.lock.value}" chiede un bucket con object lock e versioning; manca:'
            f" {', '.join(lacking)}. Di solito si può avere solo alla creazione: indicare un bucket che ancora non c'è"
            f' (lo crea `archiver init`), o crearne uno con `{_command(bucket)}`; oppure lock = "off"'
            " (the bucket lacks what the lock needs: name one that is not there yet)"
        )


def _locks(connection: Connection) -> bool:
    try:
        found: dict[str, Any] = connection.ask("get_object_lock_configuration", "")
    except (ConfigError, Absent):
        return False
    return bool(found.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled")


def _command(bucket: Bucket) -> str:
    endpoint = f" --endpoint-url {bucket.endpoint}" if bucket.endpoint else ""
    return f"aws s3api create-bucket --bucket NOME --object-lock-enabled-for-bucket{endpoint}"

"""The store of objects on a real gateway: making it, connections that break, writers at once, and what does not fit."""

import io
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from servers.ceph import Ceph
from support.buckets import fresh, now
from support.proxy import Fault, Harm, Proxy

from archiver.adapters.stores.s3 import Bucket, Lock, S3Store
from archiver.adapters.stores.s3.client import client
from archiver.errors import ConfigError, Conflict, Unavailable

NAME = "studio/segments/ab/one.zip"
BODY = bytes(range(256)) * 4096


@pytest.fixture
def bucket(gateway: Ceph) -> Bucket:
    return fresh(gateway)


# making


def test_creating_again_finds_the_same_store_and_two_prefixes_are_two_stores(bucket: Bucket) -> None:
    S3Store.create(bucket, now).put(NAME, b"x")
    assert S3Store.create(bucket, now).get(NAME) == b"x"
    below = replace(bucket, prefix="other/")
    with pytest.raises(Unavailable, match="bucket o prefix"):
        S3Store(below, now)
    with pytest.raises(Unavailable, match="bucket non c'è"):
        S3Store(replace(bucket, name="nobody-made-this"), now)


def test_a_bucket_is_made_with_the_locks_that_it_needs_and_with_versions_in_any_case(gateway: Ceph) -> None:
    raw = gateway.client()
    for lock in Lock:
        bucket = fresh(gateway, lock=lock)
        S3Store.create(bucket, now)
        assert raw.get_bucket_versioning(Bucket=bucket.name)["Status"] == "Enabled"
        if lock is not Lock.OFF:
            found = raw.get_object_lock_configuration(Bucket=bucket.name)
            assert found["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


@pytest.mark.parametrize(("versioned", "lacking"), [(False, "versioning, object lock"), (True, "manca: object lock")])
def test_a_bucket_that_cannot_lock_is_refused_with_all_that_it_lacks_and_the_way_out(
    gateway: Ceph, versioned: bool, lacking: str
) -> None:
    bucket = fresh(gateway, name=gateway.bucket(lock=False, versioned=versioned))
    with pytest.raises(ConfigError, match=lacking) as refusal:
        S3Store.create(bucket, now)
    assert "--object-lock-enabled-for-bucket" in str(refusal.value)
    assert 'lock = "off"' in str(refusal.value)
    assert "Versions" not in gateway.client().list_object_versions(Bucket=bucket.name)


@pytest.mark.parametrize("hidden", [False, True], ids=["in sight", "under a delete marker"])
def test_a_prefix_with_other_things_is_not_made_a_store(gateway: Ceph, hidden: bool) -> None:
    bucket = fresh(gateway, name=gateway.bucket(), prefix="studio/")
    raw = gateway.client()
    raw.put_object(Bucket=bucket.name, Key="elsewhere.jpg", Body=b"x")
    raw.put_object(Bucket=bucket.name, Key="studio/", Body=b"")
    raw.put_object(Bucket=bucket.name, Key="studio/holiday.jpg", Body=b"x")
    if hidden:
        raw.delete_object(Bucket=bucket.name, Key="studio/holiday.jpg")
    assert not S3Store.empty(bucket, now)
    with pytest.raises(ConfigError, match=r"holiday\.jpg"):
        S3Store.create(bucket, now)
    other = replace(bucket, prefix="archive/")
    assert S3Store.empty(other, now)
    assert list(S3Store.create(other, now).list()) == []


@pytest.mark.parametrize(("there", "here"), [("", "a/"), ("a/", "a/b/c/"), ("a/b/c/", "a/"), ("a/b/", "")])
def test_no_store_is_made_within_another_nor_around_one(bucket: Bucket, there: str, here: str) -> None:
    S3Store.create(replace(bucket, prefix=there), now)
    with pytest.raises(ConfigError, match="archivio") as refusal:
        S3Store.create(replace(bucket, prefix=here), now)
    assert f"{there}.archiver-store".removeprefix(here) in str(refusal.value)
    with pytest.raises(Unavailable):
        S3Store(replace(bucket, prefix=here), now)
    S3Store.create(replace(bucket, prefix=there), now)


def test_a_store_is_of_those_for_whom_it_was_made(bucket: Bucket) -> None:
    S3Store.create(bucket, now, owners=("h-2", "h-1"))
    S3Store.create(bucket, now, owners=("h-1", "h-3"))
    with pytest.raises(ConfigError, match=r"h-1, h-2, non di h-3"):
        S3Store.create(bucket, now, owners=("h-3",))
    assert list(S3Store(bucket, now).list()) == []


def test_reading_needs_no_permit_and_nothing_is_written_without(bucket: Bucket) -> None:
    S3Store.create(bucket, now).put(NAME, b"x")

    def refuse() -> None:
        raise ConfigError("not tried")

    store = S3Store(bucket, now, permit=refuse)
    assert (store.get(NAME), store.has(NAME), len(list(store.list()))) == (b"x", True, 1)
    for ask in (
        lambda: store.put("other", b"x"),
        lambda: store.retain(NAME, until=now()),
        lambda: store.tidy(at=now()),
    ):
        with pytest.raises(ConfigError, match="not tried"):
            ask()
    assert not store.has("other")


@pytest.mark.parametrize("key", ["a\nb", "", "con spazio", "è"])
def test_a_key_that_is_none_is_a_matter_of_the_configuration(bucket: Bucket, key: str) -> None:
    for change in ({"access": key.__str__}, {"secret": key.__str__}):
        with pytest.raises(ConfigError, match=next(iter(change))) as refusal:
            S3Store.create(replace(bucket, **change), now)  # type: ignore[arg-type]
        assert "una chiave non ha" in str(refusal.value)


def test_a_region_that_is_none_is_told_without_an_empty_bucket(bucket: Bucket) -> None:
    with pytest.raises(ConfigError) as refusal:
        S3Store.create(replace(bucket, region="no region!"), now)
    assert "s3:///" not in str(refusal.value)
    assert "no region!" in str(refusal.value)


def test_a_store_of_an_unknown_format_is_refused(gateway: Ceph, bucket: Bucket) -> None:
    bucket = replace(bucket, name=gateway.bucket())
    gateway.client().put_object(Bucket=bucket.name, Key=".archiver-store", Body=b"archiver store 2\n")
    with pytest.raises(ConfigError, match="archiver store 2"):
        S3Store(bucket, now)


def test_the_name_of_the_bucket_goes_where_the_configuration_says_and_no_variable_moves_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"):
        monkeypatch.setenv(name, "true")
    asked = {"Params": {"Bucket": "studio", "Key": "k"}}
    at_home = replace(bucket, endpoint="https://s3.example.it:8443")
    for virtual, start in (
        (False, "https://s3.example.it:8443/studio/k?"),
        (True, "https://studio.s3.example.it:8443/k?"),
    ):
        made = client(replace(at_home, virtual=virtual))
        assert made.generate_presigned_url("get_object", **asked).startswith(start)
    made = client(replace(bucket, endpoint="", region="eu-south-1", virtual=True))
    assert made.generate_presigned_url("get_object", **asked).startswith(
        "https://studio.s3.eu-south-1.amazonaws.com/k?"
    )


def test_in_a_bucket_without_versions_an_overwritten_object_is_read_as_it_is_now(gateway: Ceph) -> None:
    """Nothing is proven there by the store; the digests of the archive are, and they must see the change."""
    bucket = fresh(gateway, name=gateway.bucket(lock=False, versioned=False), lock=Lock.OFF)
    store = S3Store.create(bucket, now)
    store.put(NAME, b"0123456789")
    assert store.read(NAME, 0, 3) == b"012"
    gateway.client().put_object(Bucket=bucket.name, Key=NAME, Body=b"another")
    assert (store.get(NAME), store.read(NAME, 0, 3)) == (b"another", b"ano")
    with pytest.raises(Conflict):
        store.put(NAME, b"0123456789")


# who may not come in


def test_wrong_keys_and_others_keys_are_refused_with_the_way_out(gateway: Ceph, bucket: Bucket) -> None:
    S3Store.create(bucket, now)
    stranger = gateway.user("stranger")
    for changed, text in (
        (replace(bucket, secret="wrong".__str__), "secret_key"),
        (replace(bucket, access="nobody".__str__), "access_key"),
        (replace(bucket, access=stranger.access.__str__, secret=stranger.secret.__str__), "permesso negato"),
    ):
        with pytest.raises(ConfigError, match=text):
            S3Store(changed, now)
        with pytest.raises(ConfigError):
            S3Store.create(changed, now)


def test_a_server_that_no_known_authority_vouches_for_is_refused_with_the_way_out(
    gateway: Ceph, bucket: Bucket, tmp_path: Path
) -> None:
    encrypted = replace(bucket, endpoint=gateway.tls_url)
    with pytest.raises(ConfigError, match="ca = FILE"):
        S3Store.create(encrypted, now)
    with pytest.raises(ConfigError, match=r"none\.pem"):
        S3Store.create(replace(encrypted, ca=tmp_path / "none.pem"), now)
    (tmp_path / "bad.pem").write_text("no certificate\n")
    with pytest.raises(ConfigError, match=r"bad\.pem"):
        S3Store.create(replace(encrypted, ca=tmp_path / "bad.pem"), now)
    S3Store.create(replace(encrypted, ca=gateway.ca), now)


# connections that break


@pytest.fixture
def proxy(gateway: Ceph) -> "Proxy":  # type: ignore[misc]
    with Proxy(int(gateway.url.rpartition(":")[2])) as made:
        yield made


def through(bucket: Bucket, proxy: Proxy, attempts: int) -> S3Store:
    """Each with connections of its own."""
    far = replace(bucket, endpoint=f"http://127.0.0.1:{proxy.port}", attempts=attempts)
    return S3Store.create(far, now)


PUT_BREAKS = {
    "the connection ends within what is sent": Fault(Harm.CUT, rb"PUT .{0,2000}\r\n\r\n.{50000}(.)", upstream=True),
    "the connection ends before it is said that all was taken": Fault(Harm.CUT, rb"HTTP/1.1 (2)00 OK"),
}


@pytest.mark.parametrize("fault", PUT_BREAKS)
def test_a_put_that_breaks_off_is_made_again_and_is_there_once(bucket: Bucket, proxy: Proxy, fault: str) -> None:
    store = through(bucket, proxy, attempts=3)
    proxy.faults = [replace(PUT_BREAKS[fault])]
    store.put(NAME, BODY)
    assert proxy.struck == 1
    assert store.get(NAME) == BODY
    assert [item.name for item in store.list()] == [NAME]


@pytest.mark.parametrize("harm", [Harm.CUT, Harm.TRUNCATE], ids=["reset", "ended in good order"])
def test_a_body_that_breaks_off_is_fetched_again_or_unavailable_and_never_a_short_object(
    bucket: Bucket, proxy: Proxy, harm: Harm
) -> None:
    broken = rb"HTTP/1.1 20[06] .{0,2000}\r\n\r\n.{50000}(.)"
    store = through(bucket, proxy, attempts=2)
    store.put(NAME, BODY)
    for ask in (lambda: store.get(NAME), lambda: store.open(NAME).read(), lambda: store.read(NAME, 0, len(BODY) - 1)):
        proxy.faults = [Fault(harm, broken)]
        assert ask() in (BODY, BODY[:-1])
        proxy.faults = [Fault(harm, broken, times=9)]
        with pytest.raises(Unavailable, match=NAME):
            ask()
    assert proxy.struck >= 3 * 3


def test_a_server_that_has_gone_is_unavailable_and_found_again(gateway: Ceph, bucket: Bucket) -> None:
    with Proxy(int(gateway.url.rpartition(":")[2])) as proxy:
        store = through(bucket, proxy, attempts=1)
        store.put(NAME, b"x")
    for ask in (lambda: store.get(NAME), lambda: store.has(NAME), lambda: list(store.list())):
        with pytest.raises(Unavailable, match="non risponde"):
            ask()
    with pytest.raises(Unavailable, match="non risponde"):
        store.put(NAME, b"x")


# writers at once


def race(stores: list[S3Store], bodies: list[bytes]) -> Counter[str]:
    """All of them put at the same moment: how often each content was said to be safe, and how many conflicts."""
    together = Barrier(len(bodies))

    def put(store: S3Store, body: bytes) -> str:
        together.wait()
        try:
            store.put(NAME, body)
        except Conflict:
            return "conflict"
        return body[:1].decode()

    with ThreadPoolExecutor(len(bodies)) as pool:
        return Counter(pool.map(put, stores, bodies))


@pytest.mark.parametrize("size", [1, 200_000])
def test_of_eight_writers_of_different_bytes_one_wins_and_seven_know_it(locking_gateway: Ceph, size: int) -> None:
    for number in range(3):
        bucket = fresh(locking_gateway, name=locking_gateway.bucket(), prefix=f"{number}/")
        stores = [S3Store.create(bucket, now) for _ in range(8)]
        told = race(stores, [b"%d" % writer * size for writer in range(8)])
        assert told.pop("conflict") == 7
        (winner,) = told
        assert {store.get(NAME) for store in (*stores, S3Store(bucket, now))} == {winner.encode() * size}


def test_of_eight_writers_of_equal_bytes_all_are_done(bucket: Bucket) -> None:
    store = S3Store.create(bucket, now)
    assert race([store] * 8, [b"same" * 50_000] * 8) == {"s": 8}
    assert store.get(NAME) == b"same" * 50_000


# what does not fit


def test_an_object_of_150_mb_passes_through_without_being_held(gateway: Ceph, bucket: Bucket) -> None:
    """As a file, as a stream that cannot be rewound, and back; peak of a process of its own."""
    S3Store.create(bucket, now)
    script = """
import io, resource, sys
from datetime import UTC, datetime
from hashlib import sha256
from archiver.adapters.stores.s3 import Bucket, Lock, S3Store
endpoint, name, access, secret = sys.argv[1:]
store = S3Store(
    Bucket(endpoint, "us-east-1", name, "", False, None, False, Lock.OFF, 1, access.__str__, secret.__str__, 4, 2, 60),
    lambda: datetime.now(UTC),
)
class Stream(io.RawIOBase):
    left = 150
    def readable(self): return True
    def read(self, size=-1):
        self.left -= 1
        return bytes(1 << 20) if self.left >= 0 else b""
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
store.put("giant", Stream())
with store.open("giant") as file:
    store.put("twin", file)
    file.seek(0)
    store.put("twin", file)
    file.seek(-1, 2)
    assert file.read() == bytes(1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    arguments = [bucket.endpoint, bucket.name, gateway.owner.access, gateway.owner.secret]
    found = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) < 80_000, "kB"


def test_a_stream_that_does_not_stand_at_its_beginning_is_put_from_where_it_stands(bucket: Bucket) -> None:
    store = S3Store.create(bucket, now)
    stream = io.BytesIO(b"before" + BODY)
    stream.seek(6)
    store.put(NAME, stream)
    assert store.get(NAME) == BODY


ROOT = Path(__file__).resolve().parents[2]

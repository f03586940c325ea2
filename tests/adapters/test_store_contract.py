"""What every store promises, whatever it is made of."""

import io
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from servers.ceph import Ceph
from servers.imitation import Imitation
from support.buckets import fresh, now

from archiver.adapters.stores.deferred import Deferred
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.adapters.stores.memory import MemoryStore
from archiver.adapters.stores.mirrored import Mirrored
from archiver.adapters.stores.s3 import Bucket, Lock, S3Store
from archiver.errors import Absent, Conflict
from archiver.ports import Held, ObjectStore, Stored

NAME = "studio/segments/ab/" + "ab" * 32 + ".zip"
MIB = 1 << 20
SOON = now() + timedelta(days=2)

Made = Callable[[pytest.FixtureRequest], ObjectStore]

STORES: dict[str, Made] = {
    "memory": lambda request: MemoryStore(),
    "filesystem": lambda request: FilesystemStore.create(request.getfixturevalue("tmp_path") / "store"),
    "mirrored": lambda request: mirrored(request.getfixturevalue("tmp_path")),
    "moto": lambda request: below(request.getfixturevalue("on_moto")),
    "ceph": lambda request: below(request.getfixturevalue("on_ceph")),
    "ceph without locks and versions": lambda request: below(request.getfixturevalue("on_plain_ceph")),
    "ceph over TLS": lambda request: below(request.getfixturevalue("over_tls")),
    "ceph over TLS, compat": lambda request: below(replace(request.getfixturevalue("over_tls"), compat=True)),
}
_numbers = itertools.count(1)


@pytest.fixture
def on_moto(moto: Imitation) -> Iterator[Bucket]:
    bucket = fresh(moto)
    yield bucket
    moto.forget(bucket.name)


@pytest.fixture(scope="session")
def on_ceph(gateway: Ceph) -> Bucket:
    return fresh(gateway)


@pytest.fixture(scope="session")
def on_plain_ceph(gateway: Ceph) -> Bucket:
    return fresh(gateway, name=gateway.bucket(lock=False, versioned=False), lock=Lock.OFF)


@pytest.fixture(scope="session")
def over_tls(gateway: Ceph) -> Bucket:
    return fresh(gateway, endpoint=gateway.tls_url, ca=gateway.ca, lock=Lock.COMPLIANCE)


def below(bucket: Bucket) -> S3Store:
    """An empty store below a prefix that nobody has."""
    return S3Store.create(replace(bucket, prefix=f"studio-{next(_numbers)}/rossi/"), now)


def mirrored(folder: Path) -> Mirrored:
    """A folder with a copy in another and in memory, each opened when it is needed."""
    places = {name: partial(FilesystemStore.create, folder / name) for name in ("store", "copy")}
    return Mirrored(Deferred(places["store"]), {"copy": places["copy"], "memory": MemoryStore})


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> ObjectStore:
    return STORES[request.param](request)


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time, as a network does, and cannot be rewound."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        given, self.left = self.left[: min(size, 300_007)], self.left[min(size, 300_007) :]
        return given


@pytest.mark.parametrize("data", [b"", b"x", b"\r\n\x00\xff" * 3, bytes(range(256)) * 5000], ids=len)
def test_what_was_put_comes_back_byte_for_byte(store: ObjectStore, data: bytes) -> None:
    store.put(NAME, data)
    assert store.get(NAME) == data
    assert store.has(NAME)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_a_stream_is_stored_as_its_bytes_are(store: ObjectStore, size: int) -> None:
    data = bytes(size)
    store.put(NAME, io.BytesIO(data))
    assert store.get(NAME) == data


def test_a_stream_that_gives_little_at_a_time_is_stored_whole_and_compared_whole(store: ObjectStore) -> None:
    data = bytes(range(251)) * 10_000
    store.put(NAME, Trickle(data))  # type: ignore[arg-type]
    store.put(NAME, Trickle(data))  # type: ignore[arg-type]
    assert store.get(NAME) == data
    with pytest.raises(Conflict):
        store.put(NAME, Trickle(data[:-1]))  # type: ignore[arg-type]


def test_equal_bytes_again_are_done(store: ObjectStore) -> None:
    store.put(NAME, b"once")
    store.put(NAME, b"once")
    store.put(NAME, io.BytesIO(b"once"))
    assert [item.name for item in store.list()] == [NAME]


def test_other_bytes_conflict_name_both_digests_and_change_nothing(store: ObjectStore) -> None:
    store.put(NAME, b"one")
    for other in (b"", b"two", b"one and more", b"on", b"onE"):
        with pytest.raises(Conflict) as refusal:
            store.put(NAME, io.BytesIO(other) if len(other) % 2 else other)
        text = str(refusal.value)
        assert all(part in text for part in (NAME, sha256(b"one").hexdigest(), sha256(other).hexdigest()))
    assert store.get(NAME) == b"one"


@pytest.mark.parametrize("place", [0, MIB - 1, MIB, 2 * MIB + 4])
def test_a_difference_of_one_byte_anywhere_in_a_large_object_is_seen(store: ObjectStore, place: int) -> None:
    store.put(NAME, bytes(2 * MIB + 5))
    with pytest.raises(Conflict):
        store.put(NAME, bytes(place) + b"\x01" + bytes(2 * MIB + 4 - place))


RANGES = [
    (0, 3, b"012"), (4, 2, b"45"), (8, 9, b"89"), (10, 1, b""), (99, 1, b""), (3, 0, b""), (0, 10, b"0123456789"),
]  # fmt: skip


def test_a_range_is_exact_and_short_only_at_the_end(store: ObjectStore) -> None:
    store.put(NAME, b"0123456789")
    for offset, length, expected in RANGES:
        assert store.read(NAME, offset, length) == expected, (offset, length)


def test_a_negative_range_is_refused(store: ObjectStore) -> None:
    store.put(NAME, b"0123456789")
    for offset, length in ((-1, 2), (0, -1)):
        with pytest.raises(ValueError):
            store.read(NAME, offset, length)


def test_an_opened_object_can_be_read_from_any_place(store: ObjectStore) -> None:
    store.put(NAME, b"0123456789")
    with store.open(NAME) as file:
        assert file.seek(-2, io.SEEK_END) == 8
        assert file.read() == b"89"
        file.seek(0)
        assert file.read(4) == b"0123"


def test_what_is_not_there_is_absent(store: ObjectStore) -> None:
    store.put(NAME, b"x")
    for name in ("nobody/here", "studio", "studio/segments", NAME[:-1], NAME + "/deeper"):
        assert not store.has(name)
        for ask in (
            store.get,
            store.open,
            lambda name: store.read(name, 0, 1),
            lambda name: store.read(name, 0, 0),
            lambda name: store.retain(name, until=SOON),
            store.locked_until,
        ):
            with pytest.raises(Absent, match=name.split("/")[-1]):
                ask(name)


def test_what_is_retained_longer_can_be_read_as_before_and_be_retained_again(store: ObjectStore) -> None:
    store.put(NAME, b"x")
    for days in (3, 2, 4):
        store.retain(NAME, until=SOON + timedelta(days=days))
    store.put(NAME, b"x")
    assert store.get(NAME) == b"x"


def test_a_name_that_begins_another_name_is_not_taken_for_it(store: ObjectStore) -> None:
    for name in ("a.zip.ers", "a.zip-2"):
        store.put(name, b"other")
    assert not store.has("a.zip")
    store.put("a.zip", b"own")
    assert store.get("a.zip") == b"own"


BAD_NAMES = [
    "", "/", "/etc/passwd", "a//b", "a/", "./a", "a/./b", "../a", "a/../../b", "a\\b", "a\x00b", "a\nb", "\ud800",
    ".archiver-store", ".incoming/x", "a/.hidden", "x" * 256, "è" * 128, "/".join(["x" * 200] * 6),
]  # fmt: skip


def test_a_name_that_is_not_a_plain_relative_path_is_refused_everywhere(store: ObjectStore) -> None:
    asks: dict[str, Callable[[str], object]] = {
        "get": store.get,
        "open": store.open,
        "has": store.has,
        "read": lambda name: store.read(name, 0, 1),
        "put": lambda name: store.put(name, b""),
        "retain": lambda name: store.retain(name, until=SOON),
        "repair": lambda name: store.repair(name, b""),
        "locked_until": store.locked_until,
    }
    taken = []
    for name, (what, ask) in itertools.product(BAD_NAMES, asks.items()):
        try:
            ask(name)
        except ValueError:
            continue
        except Absent:
            pass
        taken.append((what, name))
    assert taken == []
    assert list(store.list()) == []


NAMES = ["a-b", "a/b", "a/b-c/d", "a/b/c", "a.x/y", "a0", "b/è", "b/z", "c"]
PREFIXES = ["", "a", "a/", "a/b", "a/b/", "a-", "b/", "b/è", "c", "d", "a/b/c/d"]


@pytest.fixture
def filled(store: ObjectStore) -> ObjectStore:
    for name in reversed([name for name in NAMES if name != "a/b"]):
        store.put(name, name.encode())
    return store


def test_a_listing_is_every_name_with_that_beginning_in_order_with_sizes(filled: ObjectStore) -> None:
    for prefix in PREFIXES:
        expected = sorted(name for name in NAMES if name != "a/b" and name.startswith(prefix))
        assert list(filled.list(prefix)) == [Stored(name, len(name.encode())) for name in expected], prefix


def test_a_listing_never_leaves_the_store(filled: ObjectStore) -> None:
    for prefix in ("/", "/a", "../", "a//", ".incoming", ".replaced", "a/../"):
        for ask in (filled.list, filled.inventory):
            with pytest.raises(ValueError):
                ask(prefix)


def test_an_inventory_has_what_a_listing_has_and_nothing_over_or_beside_it(filled: ObjectStore) -> None:
    for prefix in PREFIXES:
        assert list(filled.inventory(prefix)) == [Held(item.name, item.size) for item in filled.list(prefix)], prefix


def test_a_lock_that_is_told_reaches_as_far_as_was_promised_and_no_lock_is_told_by_who_keeps_none(
    store: ObjectStore,
) -> None:
    store.put(NAME, b"x")
    until = SOON.replace(microsecond=0) + timedelta(days=30)
    store.retain(NAME, until=until)
    assert store.locked_until(NAME) == (until if store.locks else None)


def test_a_repaired_object_is_what_it_was_repaired_with(store: ObjectStore) -> None:
    store.put(NAME, b"damaged")
    for data in (b"right", b"right", io.BytesIO(b"righter"), Trickle(b"right"), b""):
        expected = data if isinstance(data, bytes) else b"righter" if isinstance(data, io.BytesIO) else b"right"
        store.repair(NAME, data)  # type: ignore[arg-type]
        assert store.get(NAME) == expected
        assert list(store.list()) == [Stored(NAME, len(expected))]
        assert list(store.inventory()) == [Held(NAME, len(expected))]
        store.put(NAME, expected)
        with pytest.raises(Conflict):
            store.put(NAME, b"damaged")


def test_repairing_what_is_missing_makes_it(store: ObjectStore) -> None:
    store.repair(NAME, io.BytesIO(b"right"))
    assert store.get(NAME) == b"right"
    assert list(store.inventory()) == [Held(NAME, 5)]

"""What every store promises, whatever it is made of."""

import io
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.adapters.stores.memory import MemoryStore
from archiver.errors import Absent, Conflict
from archiver.ports import ObjectStore, Stored

NAME = "studio/segments/ab/" + "ab" * 32 + ".zip"
MIB = 1 << 20

STORES: dict[str, Callable[[Path], ObjectStore]] = {
    "memory": lambda folder: MemoryStore(),
    "filesystem": lambda folder: FilesystemStore.create(folder / "store"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return STORES[request.param](tmp_path)


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


@pytest.mark.parametrize("other", [b"", b"two", b"one and more", b"on", b"onE"])
def test_other_bytes_conflict_name_both_digests_and_change_nothing(store: ObjectStore, other: bytes) -> None:
    store.put(NAME, b"one")
    for brought in (other, io.BytesIO(other)):
        with pytest.raises(Conflict) as refusal:
            store.put(NAME, brought)
        text = str(refusal.value)
        assert all(part in text for part in (NAME, sha256(b"one").hexdigest(), sha256(other).hexdigest()))
    assert store.get(NAME) == b"one"


@pytest.mark.parametrize("place", [0, MIB - 1, MIB, 2 * MIB + 4])
def test_a_difference_of_one_byte_anywhere_in_a_large_object_is_seen(store: ObjectStore, place: int) -> None:
    store.put(NAME, bytes(2 * MIB + 5))
    with pytest.raises(Conflict):
        store.put(NAME, bytes(place) + b"\x01" + bytes(2 * MIB + 4 - place))


@pytest.mark.parametrize(
    ("offset", "length", "expected"),
    [(0, 3, b"012"), (4, 2, b"45"), (8, 9, b"89"), (10, 1, b""), (99, 1, b""), (3, 0, b"")],
)
def test_a_range_is_exact_and_short_only_at_the_end(
    store: ObjectStore, offset: int, length: int, expected: bytes
) -> None:
    store.put(NAME, b"0123456789")
    assert store.read(NAME, offset, length) == expected


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


@pytest.mark.parametrize("name", ["nobody/here", "studio", "studio/segments", NAME + "/deeper"])
def test_what_is_not_there_is_absent(store: ObjectStore, name: str) -> None:
    store.put(NAME, b"x")
    assert not store.has(name)
    for ask in (store.get, store.open, lambda name: store.read(name, 0, 1)):
        with pytest.raises(Absent, match=name.split("/")[-1]):
            ask(name)


BAD_NAMES = [
    "", "/", "/etc/passwd", "a//b", "a/", "./a", "a/./b", "../a", "a/../../b", "a\\b", "a\x00b", "a\nb", "\ud800",
    ".archiver-store", ".incoming/x", "a/.hidden", "x" * 256, "è" * 128, "/".join(["x" * 200] * 6),
]  # fmt: skip


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_is_not_a_plain_relative_path_is_refused_everywhere(store: ObjectStore, name: str) -> None:
    for ask in (store.get, store.open, store.has, lambda name: store.put(name, b"")):
        with pytest.raises(ValueError):
            ask(name)
    assert list(store.list()) == []


NAMES = ["a-b", "a/b", "a/b-c/d", "a/b/c", "a.x/y", "a0", "b/è", "b/z", "c"]
PREFIXES = ["", "a", "a/", "a/b", "a/b/", "a-", "b/", "b/è", "c", "d", "a/b/c/d"]


@pytest.fixture
def filled(store: ObjectStore) -> ObjectStore:
    for name in reversed([name for name in NAMES if name != "a/b"]):
        store.put(name, name.encode())
    return store


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_listing_is_every_name_with_that_beginning_in_order_with_sizes(filled: ObjectStore, prefix: str) -> None:
    expected = sorted(name for name in NAMES if name != "a/b" and name.startswith(prefix))
    assert list(filled.list(prefix)) == [Stored(name, len(name.encode())) for name in expected]


@pytest.mark.parametrize("prefix", ["/", "/a", "../", "a//", ".incoming", "a/../"])
def test_a_listing_never_leaves_the_store(filled: ObjectStore, prefix: str) -> None:
    with pytest.raises(ValueError):
        filled.list(prefix)

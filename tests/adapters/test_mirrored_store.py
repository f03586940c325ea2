"""A store with replicas: what they do, or do not do, is nobody's loss and nobody's delay."""

import io
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from socket import create_server
from typing import Any, BinaryIO

import pytest
from servers.imitation import Answer, Imitation, Request, Response
from support.buckets import fresh, now
from support.damage import Rot

from archiver.adapters.stores import Store
from archiver.adapters.stores.deferred import Deferred
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.adapters.stores.memory import MemoryStore
from archiver.adapters.stores.mirrored import Mirrored
from archiver.adapters.stores.s3 import S3Store
from archiver.errors import Absent, ConfigError, Conflict, Unavailable

NAME, OTHER = "studio/a", "studio/b"
SOON = datetime(2027, 1, 1, tzinfo=UTC)


class Failing:
    """A replica that raises `error` whenever it is asked to change, and counts how often that is."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        def fail(*args: object, **kwargs: object) -> None:
            self.asked += 1
            raise self.error

        return fail


class Once:
    """A stream that cannot be brought back."""

    def __init__(self, octets: bytes) -> None:
        self._left = io.BytesIO(octets)

    def read(self, size: int = -1) -> bytes:
        return self._left.read(size)


def with_copy(copy: Any) -> tuple[Mirrored, MemoryStore]:
    primary = MemoryStore()
    return Mirrored(primary, {"copy": lambda: copy}), primary


BODIES: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"0123456789",
    "a stream": lambda: io.BytesIO(b"0123456789"),
    "a stream that is not at its beginning": lambda: at(3, io.BytesIO(b"---0123456789")),
    "a stream that cannot be brought back": lambda: Once(b"0123456789"),
}


def at(place: int, stream: BinaryIO) -> BinaryIO:
    stream.seek(place)
    return stream


@pytest.mark.parametrize("body", BODIES)
def test_what_is_put_is_in_every_store_whole(tmp_path: Path, body: str) -> None:
    copies: dict[str, Store] = {"one": MemoryStore(), "two": FilesystemStore.create(tmp_path / "two")}
    store = Mirrored(MemoryStore(), {name: (lambda copy=copy: copy) for name, copy in copies.items()})  # type: ignore[misc]
    store.put(NAME, BODIES[body]())
    assert [one.get(NAME) for one in (store, *copies.values())] == [b"0123456789"] * 3
    assert store.aside == {}


def test_nothing_is_read_from_a_replica() -> None:
    copy = MemoryStore()
    store, primary = with_copy(copy)
    copy.put(OTHER, b"only in the copy")
    store.put(NAME, b"x")
    assert (store.has(OTHER), [item.name for item in store.list()]) == (False, [NAME])
    assert [item.name for item in store.inventory()] == [NAME]
    with pytest.raises(Absent):
        store.get(OTHER)
    store.repair(NAME, b"repaired")
    assert (primary.get(NAME), copy.get(NAME)) == (b"repaired", b"x")


@pytest.mark.parametrize("kind", [Unavailable, ConfigError, Conflict, Absent])
def test_a_replica_that_fails_once_is_asked_no_more_and_its_reason_is_kept(kind: type[Exception]) -> None:
    failing = Failing(kind("it is down"))
    store, primary = with_copy(failing)
    for name in (NAME, OTHER):
        store.put(name, b"x")
        store.retain(name, until=SOON)
    assert store.aside == {"copy": "it is down"}
    assert failing.asked == 1
    assert [item.name for item in primary.list()] == [NAME, OTHER]


def test_a_replica_that_does_not_open_is_set_aside_and_the_others_are_written() -> None:
    opened = MemoryStore()
    refused = partial(FilesystemStore, Path("/nowhere/at/all"))
    store = Mirrored(MemoryStore(), {"gone": refused, "there": lambda: opened})
    store.put(NAME, b"x")
    assert opened.get(NAME) == b"x"
    assert list(store.aside) == ["gone"]
    assert "non montato" in store.aside["gone"]


def test_a_replica_with_other_bytes_keeps_them_and_is_set_aside() -> None:
    copy = MemoryStore()
    copy.put(NAME, b"other")
    store, primary = with_copy(copy)
    store.put(NAME, b"x")
    assert (primary.get(NAME), copy.get(NAME)) == (b"x", b"other")
    assert NAME in store.aside["copy"]


def test_a_replica_that_lags_stays_and_is_not_asked_to_lock_what_it_has_not(tmp_path: Path) -> None:
    copy = FilesystemStore.create(tmp_path / "copy")
    store, primary = with_copy(copy)
    primary.put(NAME, b"from before the replica")
    store.retain(NAME, until=SOON)
    store.put(OTHER, b"x")
    assert store.aside == {}
    assert [item.name for item in copy.list()] == [OTHER]


def test_what_the_primary_refuses_no_replica_gets() -> None:
    copy = MemoryStore()
    store, primary = with_copy(copy)
    primary.put(NAME, b"x")
    with pytest.raises(Conflict):
        store.put(NAME, b"other")
    with pytest.raises(ValueError):
        store.put("../x", b"x")
    with pytest.raises(Absent):
        store.retain(OTHER, until=SOON)
    assert list(copy.list()) == []
    assert store.aside == {}


def test_a_bug_of_ours_in_a_replica_is_not_hidden() -> None:
    store, _ = with_copy(Failing(TypeError("a bug")))
    with pytest.raises(TypeError):
        store.put(NAME, b"x")


def test_it_travels_to_another_process_with_its_parts(tmp_path: Path) -> None:
    for name in ("store", "copy"):
        FilesystemStore.create(tmp_path / name)
    store = Mirrored(FilesystemStore(tmp_path / "store"), {"copy": partial(FilesystemStore, tmp_path / "copy")})
    store.put(NAME, b"x")
    again = pickle.loads(pickle.dumps(store))
    again.put(OTHER, b"y")
    assert [Rot(tmp_path / name).read(OTHER) for name in ("store", "copy")] == [b"y", b"y"]


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_replica_that_hangs_delays_one_object_by_its_own_time_out_and_nothing_after_it(moto: Imitation) -> None:
    with silent() as url:
        bucket = fresh(moto, endpoint=url, timeout=0.3, attempts=1)
        store = Mirrored(MemoryStore(), {"copy": lambda: S3Store(bucket, now)})
        started = time.monotonic()
        store.put(NAME, b"x")
        first = time.monotonic() - started
        for number in range(100):
            store.put(f"{OTHER}{number}", b"x")
        assert first >= 0.3
        assert time.monotonic() - started - first < 0.25
    assert url in store.aside["copy"]


def test_a_replica_that_keeps_other_bytes_than_it_was_given_is_set_aside() -> None:
    def lie(request: Request, honestly: Answer) -> Response:
        answer = honestly(request)
        if request.method == "HEAD" and NAME in request.path and answer.status == 200:
            answer.headers["content-length"] = "1"
        return answer

    with Imitation(lie) as server:
        copy = S3Store.create(fresh(server), now)
        store, primary = with_copy(copy)
        store.put(NAME, b"four")
    assert primary.get(NAME) == b"four"
    assert "another size" in store.aside["copy"]


def test_a_store_is_opened_when_it_is_needed_and_once() -> None:
    opened: list[MemoryStore] = []

    def open() -> MemoryStore:
        opened.append(MemoryStore())
        return opened[-1]

    store = Deferred(open)
    assert opened == []
    store.put(NAME, b"x")
    assert (store.get(NAME), len(opened)) == (b"x", 1)


@pytest.mark.parametrize("kind", [Unavailable, ConfigError])
def test_a_store_that_does_not_open_says_so_whenever_it_is_used_and_is_waited_for_once(kind: type[Exception]) -> None:
    tried = 0

    def open() -> MemoryStore:
        nonlocal tried
        tried += 1
        raise kind("disk not mounted")

    store = Deferred(open)
    asks: list[Callable[[], object]] = [
        lambda: store.locks, lambda: store.put(NAME, b""), lambda: store.get(NAME), lambda: store.read(NAME, 0, 1),
        lambda: store.open(NAME), lambda: store.has(NAME), lambda: store.list(), lambda: store.inventory(),
        lambda: store.retain(NAME, until=SOON), lambda: store.locked_until(NAME), lambda: store.repair(NAME, b""),
        lambda: store.tidy(at=SOON + timedelta(days=1)),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(kind, match="disk not mounted"):
            ask()
    assert tried == 1

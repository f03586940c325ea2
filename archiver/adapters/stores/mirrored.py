"""Several stores as one: read from the first, written to the others too as long as they keep up.

What a replica does not take is no error here: whoever compares it with the first brings it later.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import BinaryIO

from archiver.adapters.stores import Store
from archiver.errors import Absent, ArchiverError
from archiver.ports import Bar, Held, ObjectStore, Stored


class Mirrored:
    """`archiver.ports.ObjectStore` over a primary, and replicas by id that are opened when they are first written to.

    Everything is the primary's, its errors too; replicas get what is put and retained there, after it. One that does
    not open, fails or has other bytes is set aside for the life of this object: `aside` tells why, by id.
    """

    def __init__(self, primary: Store, replicas: Mapping[str, Callable[[], ObjectStore]]) -> None:
        self.aside: dict[str, str] = {}
        self._primary = primary
        self._replicas = dict(replicas)
        self._opened: dict[str, ObjectStore] = {}

    @property
    def locks(self) -> bool:
        return self._primary.locks

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        start = None if isinstance(data, bytes) else _place(data)
        self._primary.put(name, data)
        for replica in self._standing():
            with self._set_aside(replica):
                self._copy(replica, name, data, start)

    def retain(self, name: str, *, until: datetime) -> None:
        self._primary.retain(name, until=until)
        for replica in self._standing():
            with self._set_aside(replica), suppress(Absent):  # it lags: what brings the object locks it
                self._store(replica).retain(name, until=until)

    def get(self, name: str) -> bytes:
        return self._primary.get(name)

    def read(self, name: str, offset: int, length: int) -> bytes:
        return self._primary.read(name, offset, length)

    def open(self, name: str) -> BinaryIO:
        return self._primary.open(name)

    def has(self, name: str) -> bool:
        return self._primary.has(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return self._primary.list(prefix)

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        return self._primary.inventory(prefix)

    def locked_until(self, name: str) -> datetime | None:
        return self._primary.locked_until(name)

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        """The primary alone: what is right in one store may be wrong in another, and is then repaired there."""
        self._primary.repair(name, data)

    def bar(self, name: str) -> Bar | None:
        return self._primary.bar(name)

    def check_erases(self) -> None:
        self._primary.check_erases()

    def erase(self, name: str) -> None:
        """The primary alone: whoever discards asks every store by itself."""
        self._primary.erase(name)

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        """The primary alone."""
        self._primary.replace(name, data)

    def tidy(self, *, at: datetime) -> int:
        """The primary alone."""
        return self._primary.tidy(at=at)

    def _standing(self) -> tuple[str, ...]:
        return tuple(replica for replica in self._replicas if replica not in self.aside)

    @contextmanager
    def _set_aside(self, replica: str) -> Iterator[None]:
        """Errors of the block are the replica's: they are kept, and go no further."""
        try:
            yield
        except ArchiverError as error:
            self.aside[replica] = str(error)

    def _store(self, replica: str) -> ObjectStore:
        if replica not in self._opened:
            self._opened[replica] = self._replicas[replica]()
        return self._opened[replica]

    def _copy(self, replica: str, name: str, data: bytes | BinaryIO, start: int | None) -> None:
        store = self._store(replica)
        if isinstance(data, bytes):
            store.put(name, data)
        elif start is not None:
            data.seek(start)
            store.put(name, data)
        else:
            with self._primary.open(name) as again:
                store.put(name, again)


def _place(data: BinaryIO) -> int | None:
    """Where a stream stands, if it can be brought back there."""
    try:
        return data.tell() if data.seekable() else None
    except (OSError, AttributeError):
        return None

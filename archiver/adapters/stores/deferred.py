"""A store that is opened when it is first used: one that is down is in nobody's way until then."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from archiver.adapters.stores import Store
from archiver.errors import ArchiverError
from archiver.ports import Bar, Held, Stored


class Deferred:
    """`archiver.ports.ObjectStore` over what `open` gives. A store that did not open is not tried again.

    Every method raises what `open` raised, then at once: a server that does not answer is waited for once.
    """

    def __init__(self, open: Callable[[], Store]) -> None:
        self._open = open
        self._opened: Store | None = None
        self._refusal: ArchiverError | None = None

    @property
    def locks(self) -> bool:
        return self._store.locks

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        self._store.put(name, data)

    def get(self, name: str) -> bytes:
        return self._store.get(name)

    def read(self, name: str, offset: int, length: int) -> bytes:
        return self._store.read(name, offset, length)

    def open(self, name: str) -> BinaryIO:
        return self._store.open(name)

    def has(self, name: str) -> bool:
        return self._store.has(name)

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return self._store.list(prefix)

    def retain(self, name: str, *, until: datetime) -> None:
        self._store.retain(name, until=until)

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        return self._store.inventory(prefix)

    def locked_until(self, name: str) -> datetime | None:
        return self._store.locked_until(name)

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        self._store.repair(name, data)

    def bar(self, name: str) -> Bar | None:
        return self._store.bar(name)

    def check_erases(self) -> None:
        self._store.check_erases()

    def erase(self, name: str) -> None:
        self._store.erase(name)

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        self._store.replace(name, data)

    def tidy(self, *, at: datetime) -> int:
        return self._store.tidy(at=at)

    @property
    def _store(self) -> Store:
        if self._refusal is not None:
            raise type(self._refusal)(str(self._refusal))
        if self._opened is None:
            try:
                self._opened = self._open()
            except ArchiverError as error:
                self._refusal = error
                raise
        return self._opened

"""A store in memory: for trials, and for whatever needs a store that ends with the process."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from archiver.adapters.stores.names import checked, checked_prefix
from archiver.adapters.stores.octets import pieces, refuse_difference, stream
from archiver.errors import Absent
from archiver.ports import Bar, Held, Stored


class MemoryStore:
    """`archiver.ports.ObjectStore` over a dictionary. Nothing in it outlives the process."""

    locks = False

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self.replaced: list[tuple[str, bytes]] = []
        """What repairs took out of the way, by name, the first one first."""

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        checked(name)
        brought = b"".join(pieces(stream(data)))
        kept = self._objects.setdefault(name, brought)
        if kept is not brought:
            refuse_difference(name, io.BytesIO(kept), io.BytesIO(brought))

    def get(self, name: str) -> bytes:
        try:
            return self._objects[checked(name)]
        except KeyError as error:
            raise Absent(f"{name}: non è nell'archivio (not in the store)") from error

    def read(self, name: str, offset: int, length: int) -> bytes:
        if offset < 0 or length < 0:
            raise ValueError(f"{name}: offset {offset}, length {length}")
        return self.get(name)[offset : offset + length]

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self.get(name))

    def has(self, name: str) -> bool:
        return checked(name) in self._objects

    def list(self, prefix: str = "") -> Iterator[Stored]:
        names = sorted(name for name in self._objects if name.startswith(checked_prefix(prefix)))
        return (Stored(name, len(self._objects[name])) for name in names)

    def retain(self, name: str, *, until: datetime) -> None:  # noqa: ARG002  (there is nobody to lock out)
        self.get(name)

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        return (Held(item.name, item.size) for item in self.list(prefix))

    def locked_until(self, name: str) -> datetime | None:
        self.get(name)
        return None

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        good = b"".join(pieces(stream(data)))
        before = self._objects.get(checked(name))
        if before is not None and before != good:
            self.replaced.append((name, before))
        self._objects[name] = good

    def bar(self, name: str) -> Bar | None:
        checked(name)
        return None

    def check_erases(self) -> None:
        """Anybody may."""

    def erase(self, name: str) -> None:
        self._objects.pop(checked(name), None)
        self.replaced = [(other, octets) for other, octets in self.replaced if other != name]

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        self._objects[checked(name)] = b"".join(pieces(stream(data)))
        self.replaced = [(other, octets) for other, octets in self.replaced if other != name]

    def tidy(self, *, at: datetime) -> int:  # noqa: ARG002
        """Nothing is ever left over."""
        return 0

"""Stores that misbehave in one way, over one that does not: everything else is that store's."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from archiver.errors import ConfigError, Unavailable
from archiver.ports import Held, ObjectStore

FAR = datetime(2400, 1, 1, tzinfo=UTC)


class Shadow:
    """The store as it is."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class Mute(Shadow):
    """Locks everything for long, and cannot say so of one object."""

    locks = True

    def __init__(self, store: ObjectStore, about: str) -> None:
        super().__init__(store)
        self.about = about

    def locked_until(self, name: str) -> datetime:
        if name == self.about:
            raise Unavailable(f"{name}: 500 Internal Server Error")
        self.store.locked_until(name)
        return FAR


class Picky(Shadow):
    """Refuses to take, or to lock, one object."""

    locks = True

    def __init__(self, store: ObjectStore, *, put: str = "", retain: str = "") -> None:
        super().__init__(store)
        self._put, self._retain = put, retain
        self.locked: set[str] = set()

    def put(self, name: str, data: Any) -> None:
        if name == self._put:
            raise ConfigError(f"{name}: larger than the server allows")
        self.store.put(name, data)

    def retain(self, name: str, *, until: datetime) -> None:
        if name == self._retain:
            raise ConfigError(f"{name}: the server does not let it be locked")
        self.store.retain(name, until=until)
        self.locked.add(name)

    def locked_until(self, name: str) -> datetime | None:
        return FAR if name in self.locked else None


class Dropping(Shadow):
    """Answers until the first of these calls, of what `about` accepts, and then no more; counts what it refused."""

    locks = False

    def __init__(self, store: ObjectStore, *calls: str, about: str = "") -> None:
        super().__init__(store)
        self._calls, self._about = calls, about
        self.down = False
        self.refused: list[str] = []

    def __getattr__(self, call: str) -> Any:
        return self._asked(call, getattr(self.store, call))

    def _asked(self, call: str, honest: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*args: Any, **options: Any) -> Any:
            self.down = self.down or (call in self._calls and self._about in str(args))
            if self.down:
                self.refused.append(call)
                raise Unavailable("connection refused")
            return honest(*args, **options)

        return asked


class Fickle(Shadow):
    """Gives one object's bytes as they are when it is opened first, and zeros the next time."""

    def __init__(self, store: ObjectStore, name: str) -> None:
        super().__init__(store)
        self._name = name
        self.opened = 0

    def open(self, name: str) -> BinaryIO:
        if name != self._name:
            return self.store.open(name)
        self.opened += 1
        octets = self.store.get(name)
        return io.BytesIO(octets if self.opened % 2 else bytes(len(octets)))


class Busy(Shadow):
    """While it is listed somebody else works: `meanwhile` is done after the names were read, and before they come."""

    locks = False

    def __init__(self, store: ObjectStore, meanwhile: Callable[[], None]) -> None:
        super().__init__(store)
        self._meanwhile = meanwhile

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        page = list(self.store.inventory(prefix))
        self._meanwhile()
        return iter(page)

"""A power cut at any moment: every call through a port passes the mains, which fail before it or after its effect."""

from collections.abc import Callable, Iterator
from types import GeneratorType
from typing import Any


class PowerCut(BaseException):
    """The machine is dead: nothing in the program may catch this, and every later call meets it again."""


class Mains:
    """Counts moments, one before and one after each call; from moment `cut` on there is no power (None: for ever)."""

    def __init__(self, cut: int | None = None) -> None:
        self.moment = 0
        self.cut = cut
        self.last = ""

    def spend(self, what: str) -> None:
        """One more moment, spent on `what`."""
        if self.cut is not None and self.moment >= self.cut:
            raise PowerCut(f"moment {self.cut}, {what}")
        self.moment += 1
        self.last = what


class Scout(Mains):
    """Looks at the disk at each moment, and cuts nothing: `changes` are the first moments of each of its states."""

    def __init__(self, disk: Any) -> None:
        super().__init__()
        self.disk = disk
        self.changes: list[int] = []
        self._seen: object = None

    def spend(self, what: str) -> None:
        super().spend(what)
        there = sorted(self.disk.objects()), self.disk.rows()
        if there != self._seen:
            self._seen = there
            self.changes.append(self.moment - 1)


def wired(port: Any, mains: Mains) -> Any:
    """The same port, on these mains."""
    return _Wired(port, mains)


class _Wired:
    def __init__(self, port: Any, mains: Mains) -> None:
        self._port = port
        self._mains = mains

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._call(found, f"{type(self._port).__name__}.{name}") if callable(found) else found

    def _call(self, method: Callable[..., Any], what: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._mains.spend(f"before {what}")
            result = method(*args, **kwargs)
            self._mains.spend(f"after {what}")
            return self._items(result, what) if isinstance(result, GeneratorType) else result

        return call

    def _items(self, items: Iterator[Any], what: str) -> Iterator[Any]:
        for item in items:
            self._mains.spend(f"item of {what}")
            yield item

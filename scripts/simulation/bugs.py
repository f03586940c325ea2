"""Six bugs on purpose, laid around the program's own code: whoever tests an archive must notice each of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from archiver.submission.rows import CopyRow
from archiver.sweep import content, listing
from archiver.sweep.values import MISSING
from simulation import harm
from simulation.house import World

Spoil = Callable[[World], None]


class _Late:
    """A store that keeps what ingest puts in memory until the catalog has its cursor."""

    def __init__(self, store: Any, waiting: list[tuple[Any, str, bytes]]) -> None:
        self._store, self._waiting = store, waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def put(self, name: str, octets: bytes) -> None:
        if "/segments/" in name or ("/pdv/" in name and not name.endswith(".ers")):
            self._waiting.append((self._store, name, octets))
        else:
            self._store.put(name, octets)


class _Eager:
    """A catalog that moves the cursor first, and lets the bytes follow."""

    def __init__(self, catalog: Any, world: World, waiting: list[tuple[Any, str, bytes]]) -> None:
        self._catalog, self._world, self._waiting = catalog, world, waiting

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)

    def record_pdv(self, *args: Any, **kwargs: Any) -> None:
        self._catalog.record_pdv(*args, **kwargs)
        self._world.power.spend("the cursor has moved, and its bytes have not been put")
        while self._waiting:
            store, name, octets = self._waiting.pop(0)
            store.put(name, octets)


def _cursor_before_bytes(world: World) -> None:
    waiting: list[tuple[Any, str, bytes]] = []

    def around(kind: str, port: Any) -> Any:
        if kind == "store primary":
            waiting.clear()
            return _Late(port, waiting)
        return _Eager(port, world, waiting) if kind == "catalog" else port

    world.around = around


def _no_fsync(world: World) -> None:
    for disk in world.disks:
        disk.lying = True


class _Overwriting:
    """A store whose repairs write over what is there."""

    def __init__(self, store: Any, world: World, place: str) -> None:
        self._store, self._world, self._place = store, world, place

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def repair(self, name: str, data: Any) -> None:
        octets = data if isinstance(data, bytes) else data.read()
        harm.write(self._world.places[self._place], name, octets)


def _repair_overwrites(world: World) -> None:
    def around(kind: str, port: Any) -> Any:
        word, _, place = kind.partition(" ")
        return _Overwriting(port, world, place) if word == "store" else port

    world.around = around


def _lost_lease(world: World) -> None:
    world.unfenced = True


def _nothing(world: World) -> None:
    pass


BUGS: dict[str, Spoil] = {
    "cursor-before-bytes": _cursor_before_bytes,
    "no-fsync": _no_fsync,
    "sweep-skips-missing": _nothing,
    "repair-overwrites": _repair_overwrites,
    "record-before-verified": _nothing,
    "lost-lease": _lost_lease,
}
"""What each does to a new world; two of them are laid around functions instead, see `at_work`."""


@contextmanager
def at_work(bug: str) -> Iterator[Spoil]:
    """The bug is there as long as the block lasts; what it does to a new world."""
    spoilt = {"sweep-skips-missing": _skipping, "record-before-verified": _recording}.get(bug)
    if spoilt is None:
        yield BUGS[bug]
        return
    with spoilt():
        yield BUGS[bug]


@contextmanager
def _skipping() -> Iterator[None]:
    """A sweep that compares only what it finds."""
    compare, note = listing._compare, content._Reading._note_wrong
    listing._compare = lambda one, held, *rest: compare(one, held, *rest) if held else None
    content._Reading._note_wrong = lambda self, copy, code, found: (  # type: ignore[method-assign]
        None if code == MISSING else note(self, copy, code, found)
    )
    try:
        yield
    finally:
        listing._compare, content._Reading._note_wrong = compare, note  # type: ignore[method-assign]


@contextmanager
def _recording() -> Iterator[None]:
    """A replica's copy is noted as read back once it was put."""
    module = import_module("archiver.sweep.replicate")  # its package calls a function so
    copy = module._copy

    def noted(row: Any, id: str, work: Any, report: Any) -> bool:
        put = copy(row, id, work, report)
        if put:
            now = work.clock()
            work.catalog.note_copies([CopyRow(id, row.name, now, now)])
        return put

    module._copy = noted  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module._copy = copy  # type: ignore[attr-defined]

"""A file system that forgets: what was not synced may vanish, come back or be torn when the power goes.

The real store for folders runs on it, on a real folder: the kernel's calls are watched, and undone by the dice at a
power cut. POSIX promises no more: a name is durable once its folder was synced, a file's bytes once the file was.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from simulation.fate import Fate
from simulation.power import Power

_CALLS = ("fsync", "link", "rename", "replace", "unlink", "remove", "mkdir", "rmdir")


@dataclass
class _Change:
    """A name that changed, `path` in `folder`, and was not synced yet; `undo` puts it back."""

    folder: str
    path: str
    undo: Callable[[], None]


@dataclass
class Disk:
    """The file system at `root`. With `lying`, it says that it synced and did not."""

    root: Path
    power: Power
    fate: Fate
    clock: Callable[[], datetime]
    lying: bool = False
    _changes: list[_Change] = field(default_factory=list)
    _loose: list[tuple[str, int]] = field(default_factory=list)
    _synced: set[int] = field(default_factory=set)
    _asides: int = 0

    @property
    def _aside(self) -> str:
        """Where a file is kept that was replaced or unlinked; beside the root, so that nobody sees it."""
        self._asides += 1
        return f"{self.root}.aside-{self._asides}"

    def holds(self, path: str) -> bool:
        """Whether this is one of its files."""
        return path.startswith(f"{self.root}/") or path == str(self.root)

    def settle(self) -> None:
        """The system writes everything back, as it does after half a minute."""
        self._changes.clear()
        self._loose.clear()
        self._synced.clear()
        for path in self.root.parent.glob(f"{self.root.name}.aside-*"):
            path.unlink()

    def lasting(self, path: str) -> None:
        """Whoever wrote this synced it and every folder above: a power cut takes nothing of it."""
        self._changes = [it for it in self._changes if it.path != path and not path.startswith(f"{it.path}/")]

    def crash(self) -> None:
        """The power goes: each change that was not synced is lost or not, as the dice say; bytes are torn."""
        dice = self.fate.dice("disk")
        for change in reversed(self._changes):
            if dice.random() < 0.5:
                change.undo()
        for path, inode in self._loose:
            part, lost = dice.random(), dice.random() < 0.7
            if lost and inode not in self._synced and os.path.isfile(path):
                _tear(Path(path), part)
        self.settle()

    # --- the kernel's calls

    def fsync(self, handle: int) -> None:
        path = os.readlink(f"/proc/self/fd/{handle}")
        folder = os.path.isdir(path)
        self.power.spend("before fsync")
        if folder and not self.lying:
            self._changes = [change for change in self._changes if change.folder != path]
        elif not folder:
            now = self.clock().timestamp()
            os.utime(handle, (now, now))
            if not self.lying:
                self._synced.add(os.fstat(handle).st_ino)
        self.power.spend("after fsync")

    def link(self, real: dict[str, Any], source: str, target: str) -> None:
        self.power.spend("before link")
        real["link"](source, target)
        inode = os.stat(target).st_ino
        # a second name for bytes that have long been there: a power cut takes the name and leaves the bytes
        if "/.incoming/" in source or any(inode == other for _, other in self._loose):
            self._loose.append((target, inode))
        self._note(target, lambda: _remove(real, target))
        self.power.spend("after link")

    def replace(self, real: dict[str, Any], source: str, target: str) -> None:
        self.power.spend("before rename")
        old = self._keep(real, target)
        real["replace"](source, target)
        self._loose.append((target, os.stat(target).st_ino))

        def undo() -> None:
            if os.path.lexists(target):
                real["replace"](target, source)
            if old:
                real["replace"](old, target)

        self._note(target, undo)
        self.power.spend("after rename")

    def unlink(self, real: dict[str, Any], path: str) -> None:
        if self.power.dead:
            self.power.spend("unlink")
        old = self._keep(real, path)
        real["unlink"](path)

        def undo() -> None:
            if old and not os.path.lexists(path) and os.path.isdir(os.path.dirname(path)):
                real["replace"](old, path)

        self._note(path, undo)

    def mkdir(self, real: dict[str, Any], path: str, mode: int = 0o777) -> None:
        if self.power.dead:
            self.power.spend("mkdir")
        real["mkdir"](path, mode)
        self._note(path, lambda: shutil.rmtree(path, ignore_errors=True))

    def _note(self, path: str, undo: Callable[[], None]) -> None:
        self._changes.append(_Change(os.path.dirname(path), path, undo))

    def _keep(self, real: dict[str, Any], path: str) -> str:
        """A second name for a file that loses its own; empty when there is none."""
        if not os.path.isfile(path):
            return ""
        aside = self._aside
        real["link"](path, aside)
        return aside


@contextmanager
def kernel(disks: list[Disk]) -> Iterator[None]:
    """The calls of this process that change names pass the disk that they are about, as long as the block lasts."""
    real = {name: getattr(os, name) for name in _CALLS}

    def disk_of(path: Any) -> Disk | None:
        text = os.fspath(path)
        return next((disk for disk in disks if disk.holds(text)), None) if isinstance(text, str) else None

    def one(name: str, method: str) -> Callable[..., Any]:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            disk = None if kwargs.get("dir_fd") is not None else disk_of(path)
            if disk is None:
                return real[name](path, *args, **kwargs)
            return getattr(disk, method)(real, os.fspath(path), *args)

        return call

    def two(name: str, method: str) -> Callable[..., Any]:
        def call(source: Any, target: Any, **kwargs: Any) -> Any:
            disk = disk_of(target)
            if disk is None:
                return real[name](source, target, **kwargs)
            return getattr(disk, method)(real, os.fspath(source), os.fspath(target))

        return call

    def fsync(handle: int) -> None:
        disk = disk_of(os.readlink(f"/proc/self/fd/{handle}"))
        if disk is None:
            real["fsync"](handle)
        else:
            disk.fsync(handle)

    watched = {
        "fsync": fsync,
        "link": two("link", "link"),
        "rename": two("rename", "replace"),
        "replace": two("replace", "replace"),
        "unlink": one("unlink", "unlink"),
        "remove": one("remove", "unlink"),
        "mkdir": one("mkdir", "mkdir"),
    }
    for name, call in watched.items():
        setattr(os, name, call)
    try:
        yield
    finally:
        for name, call in real.items():
            setattr(os, name, call)


def _remove(real: dict[str, Any], path: str) -> None:
    if os.path.lexists(path):
        real["unlink"](path)


def _tear(path: Path, part: float) -> None:
    """The length was written and the bytes were not, or the other way round."""
    octets = path.read_bytes()
    kept = octets[: int(part * len(octets))]
    path.write_bytes(kept + bytes(len(octets) - len(kept)) if int(part * 1000) % 2 else kept)

"""The places where an archive lies: room on their disks, and whether one disk takes everything with it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from archiver.adapters import machine
from archiver.adapters.catalog import file
from archiver.adapters.machine import Room
from archiver.compose.checkup.values import FAILED, OK, WARNING, Check, Checkup

LOW, FULL = 5 << 30, 512 << 20
"""Octets: with less a person should act, with less a night will stop (a giant message, its segment, the journal)."""

FILES = 10_000
"""Files that a folder store should still be able to make."""

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def room(checkup: Checkup) -> Iterator[Check]:
    """Room on every disk that the archive writes to, each disk once."""
    seen = set[int]()
    for what, path in _written(checkup):
        found = machine.room(path)
        if found.device not in seen:
            seen.add(found.device)
            yield room_check(checkup, found, what, path)


def room_check(checkup: Checkup, found: Room, what: str, path: Path) -> Check:
    """What is to be said of the room on one disk."""
    looked = checkup.say("room.looked", what=what, path=path)
    sizes = {"free": shown(found.free), "total": shown(found.total)}
    more = f"df -h {path}"
    if found.free < FULL:
        return Check("room", FAILED, looked, checkup.say("room.full", **sizes), more)
    if found.files is not None and found.files < FILES:
        return Check("room", WARNING, looked, checkup.say("room.files", files=found.files), f"df -i {path}")
    if found.free < LOW:
        return Check("room", WARNING, looked, checkup.say("room.low", **sizes), more)
    return Check("room", OK, looked, checkup.say("room.ok", **sizes))


def place(checkup: Checkup) -> Iterator[Check]:
    """Whether who loses one disk loses catalog and store together."""
    archive, name, looked = checkup.archive, "catalog's place", checkup.say("place.looked")
    path = file(archive.catalog_url)
    if path is None:
        yield Check(name, OK, looked, checkup.say("place.server"))
        return
    disk = machine.room(path).device
    elsewhere = [store for store in archive.config.stores if not store.path or machine.room(store.path).device != disk]
    if elsewhere and archive.config.stores[0] in elsewhere:
        yield Check(name, OK, looked, checkup.say("place.ok"))
    elif elsewhere:
        command = checkup.command("catalog", "rebuild", "--from", elsewhere[0].id)
        found = checkup.say("place.rebuilt", store=elsewhere[0].id, command=command)
        yield Check(name, OK, looked, found)
    else:
        yield Check(name, OK if archive.config.demo else WARNING, looked, checkup.say("place.one"), checkup.edit)


def shown(octets: float) -> str:
    """A size as people write it: decimal, as disks are sold."""
    for unit in _UNITS[:-1]:
        if octets < 1000:
            return f"{octets:.0f} {unit}" if unit == "B" else f"{octets:.1f} {unit}"
        octets /= 1000
    return f"{octets:.1f} {_UNITS[-1]}"


def _written(checkup: Checkup) -> Iterator[tuple[str, Path]]:
    config = checkup.archive.config
    for store in config.stores:
        if store.path:
            yield f"store {store.id}", store.path
    if path := file(config.catalog):
        yield "catalog", path
    yield "tmp", Path(tempfile.gettempdir())

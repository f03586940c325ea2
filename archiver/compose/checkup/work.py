"""What is due, and what was promised: the register, volumes, evidence, the sweep, certificates to be confirmed."""

from collections.abc import Iterable, Iterator

from archiver.access.trust import asked, unconfirmed
from archiver.compose import access
from archiver.compose.checkup.values import OK, WARNING, Check, Checkup
from archiver.compose.clocked import ahead
from archiver.compose.watching import watched


def register(checkup: Checkup) -> Iterator[Check]:
    """No act lies ahead of the clock."""
    found = ahead(checkup.archive, checkup.at, checkup.lang)
    yield from _told(checkup, "register", found, checkup.command("log", "show"))


def volumes(checkup: Checkup) -> Iterator[Check]:
    """What waits for a volume or a time stamp for too long."""
    archive, at = checkup.archive, checkup.at
    found = [*access.waiting(archive, at), *access.stamping(archive, at, checkup.lang)]
    yield from _told(checkup, "volumes", found, checkup.command("seal"))


def evidence(checkup: Checkup) -> Iterator[Check]:
    """Evidence that nears its end."""
    found = access.evidence(checkup.archive, checkup.at, checkup.lang)
    yield from _told(checkup, "evidence", found, checkup.command("renew"))


def sweep(checkup: Checkup) -> Iterator[Check]:
    """The promise of the sweep, and what it found and nobody put right yet."""
    archive, days = checkup.archive, checkup.archive.config.sweep.days
    found = watched(archive, checkup.at, checkup.lang)
    damaged = any(row.store in archive.stores for row in archive.catalog.damages())
    way = checkup.command("sweep", *(("--repair",) if damaged else ()))
    yield from _told(checkup, "sweep", found, way, days=days)


def trust(checkup: Checkup) -> Iterator[Check]:
    """Providers' certificates that nobody has looked at yet."""
    archive = checkup.archive
    found = asked(unconfirmed(archive.catalog, archive.config.holders), checkup.lang)
    yield from _told(checkup, "trust", found, checkup.command("trust", "list", "--new"))


def _told(checkup: Checkup, name: str, found: Iterable[str], way: str, **values: object) -> Iterator[Check]:
    looked, nothing = checkup.say(f"{name}.looked", **values), True
    for text in found:
        nothing = False
        yield Check(name, WARNING, looked, text, way)
    if nothing:
        yield Check(name, OK, looked, checkup.say(f"{name}.ok"))

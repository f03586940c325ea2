"""Whether everything that an archive needs is there, and what to type when it is not."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from archiver.compose.archive import Archive
from archiver.compose.checkup import configuration, database, places, services, storage, work
from archiver.compose.checkup.running import mended, taken
from archiver.compose.checkup.values import FAILED, OK, WARNING, Check, Checkup, Look
from archiver.compose.founding import is_new
from archiver.errors import ArchiverError

__all__ = ["FAILED", "OK", "PATIENCE", "WARNING", "Check", "doctor"]

PATIENCE = 60.0
"""Seconds that one look may take."""

_ALWAYS: tuple[tuple[str, Look], ...] = (
    ("configuration", configuration.file),
    ("users", configuration.users),
    ("secrets", configuration.secrets),
    ("programs", configuration.programs),
    ("room", places.room),
)
_FOUNDED: tuple[tuple[str, Look], ...] = (
    ("catalog", database.catalog),
    ("store and catalog", database.agreement),
    ("catalog's place", places.place),
    ("counts", database.counts),
    ("search", database.search),
    ("register", work.register),
    ("volumes", work.volumes),
    ("evidence", work.evidence),
    ("sweep", work.sweep),
    ("trust", work.trust),
)


def doctor(
    archive: Archive,
    *,
    at: datetime,
    lang: str = "",
    file: Path | None = None,
    called: str = "archiver",
    seconds: float = PATIENCE,
    fix: bool = False,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> tuple[Check, ...]:
    """All checks; none of them changes the archive, but with `fix` for what is harmless.

    `file` is the configuration's, `called` how this program is called from where the user is, `seconds` the time of
    one look. A look that fails, hangs or breaks off is a check of its own.
    """
    file = file or archive.config.folder / "archiver.toml"
    checkup = Checkup(archive, at, lang or archive.config.language, file, called, seconds)
    found, looks = list[Check](), list(_looks(checkup))
    for number, (name, look) in enumerate(looks):
        progress(number, len(looks))
        found += (mended(check, checkup) if fix else check for check in taken(name, look, checkup))
    return tuple(found)


def _looks(checkup: Checkup) -> Iterator[tuple[str, Look]]:
    """Every look, by the name that its failure has."""
    yield from _ALWAYS
    if _is_new(checkup.archive):
        yield "store", storage.new
    else:
        yield from storage.looks(checkup)
        yield from _FOUNDED
    yield "providers", services.providers
    yield "signer", services.signer
    yield from services.authorities(checkup)
    yield from services.mailboxes(checkup)


def _is_new(archive: Archive) -> bool:
    try:
        return is_new(archive)
    except ArchiverError:
        return False  # the catalog's own line says what is the matter with it

"""Sealing, with everything that the configuration gives it."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from archiver.compose.archive import Archive
from archiver.compose.boxes import holder_of
from archiver.compose.destroying import forget_destroyed
from archiver.compose.trusting import trusted_lists
from archiver.errors import Absent, ConfigError, Conflict, Malformed, Unavailable
from archiver.ingest import heal
from archiver.ports import ObjectStore
from archiver.seal import Catalog, Failure
from archiver.seal import Report as SealReport
from archiver.seal import seal as seal_volumes

Progress = Callable[[int, int | None], None]


def seal(
    archive: Archive,
    *,
    everything: bool,
    to_sign: Path | None,
    signed: Path | None,
    clock: Callable[[], datetime],
    progress: Progress,
    holder: str | None = None,
    jobs: int = 1,
) -> SealReport:
    """Closes, seals and covers what is due; with `holder` (its id), of that one alone, with a token of its own.

    `jobs` processes read and judge the volumes; this one signs.
    Raises ConfigError or Unavailable when nobody can sign now; the rapporti are covered first, so that what came in is
    protected.
    """
    with archive.alone("seal", part=holder):
        archive.store.tidy(at=clock())  # asks whether the store may be written to, before anything is paid for
        behind = catch_up(archive, clock, holder=holder)
        try:
            work, warnings = archive.sealing(clock, _nonce, by_hand=bool(to_sign or signed), holder=holder)
            work = replace(work, jobs=jobs, apart=partial(_connected, archive, holder))
        except (ConfigError, Unavailable) as error:
            try:
                unsigned, _ = archive.sealing(clock, _nonce, by_hand=True, holder=holder)
                seal_volumes(unsigned, volumes=False)
            except (ConfigError, Unavailable) as other:
                texts = dict.fromkeys([*str(error).splitlines(), *str(other).splitlines()])
                raise type(error)("\n".join(texts)) from error
            raise
        lists = trusted_lists(archive.config, archive.collector(clock))
        report = seal_volumes(work, everything=everything, to_sign=to_sign, signed=signed, progress=progress)
    report.warnings[:0] = (*warnings, *lists.findings)
    report.failures[:0] = behind
    return report


def _connected(archive: Archive, holder: str | None) -> tuple[ObjectStore, Catalog]:
    """Connections of its own for a process beside this one."""
    fresh = archive.fresh()
    return fresh.store, fresh.catalog_of(holder)


def catch_up(archive: Archive, clock: Callable[[], datetime], *, holder: str | None = None) -> list[Failure]:
    """Heals a catalog that is behind its store (a run cut short, a backup put back) before anything is sealed.

    With `holder`, the mailboxes of that one.
    """
    failures = []
    for mailbox in archive.config.mailboxes:
        if holder is not None and holder_of(archive.config, mailbox) != holder:
            continue
        try:
            with archive.alone("ingest", mailbox):
                heal(archive.intake(mailbox, clock, signing=False))
        except (Conflict, ConfigError, Absent) as error:
            failures.append(Failure(f"mailbox {mailbox.name}", str(error)))
        except Unavailable:
            pass  # an ingest is at work, and heals by itself; a store that is not there will be said by the sealing
    try:
        forget_destroyed(archive, clock)
    except (Conflict, Malformed, Absent) as error:
        failures.append(Failure("discards", str(error)))
    except Unavailable:
        pass
    return failures


def _nonce() -> int:
    return secrets.randbits(64)

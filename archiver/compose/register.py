"""The register of accesses and acts: every act is in the store, behind the one before it, before it takes effect."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.roles import NOBODY
from archiver.errors import Busy, ConfigError, Unavailable
from archiver.package import rules
from archiver.package.act import LONGEST, Act, ActKind, Link, build
from archiver.pec.words import clean
from archiver.submission.acts import caught_up, noted

PATIENCE = 30.0
"""Seconds to wait while another process writes: each writes one small object."""

SECOND = timedelta(seconds=1)

Clock = Callable[[], datetime]


def register(
    archive: Archive, *, holders: Collection[str], kind: str, what: Mapping[str, Any], reason: str, clock: Clock
) -> dict[str, str]:
    """Writes one act into the register of each of these holders; by holder, the id of its act.

    To be called when it is known what will be shown or done, and before that is: whoever gets an error here shows and
    does nothing. `what` holds digests, ids, counts and words of ours; `reason` is free text of the person, obligatory
    where the configuration says so. Raises ConfigError for a reason that is missing or cannot be kept, Unavailable when
    the store or the catalog cannot be written or another process writes for too long; ValueError for what does not
    belong into an act.
    """
    word = ActKind(kind)
    check_reason(archive, reason)
    return {
        holder: written(archive, holder, word, what, reason=reason.strip(), clock=clock).id
        for holder in sorted(set(holders))
    }


def check_reason(archive: Archive, reason: str) -> None:
    """Nothing, when that is a reason which can be kept. Raises ConfigError: also for none, where one is obligatory."""
    if archive.config.access.reason and not reason.strip():
        raise ConfigError(
            "--reason TESTO: qui chi accede ai messaggi dice perché ([access] reason = true); il motivo resta nel"
            " registro (a reason is obligatory here)"
        )
    if len(reason) > LONGEST or not all(character.isprintable() for character in reason):
        raise ConfigError(
            f"--reason {reason[:40]!r}: una riga di testo, al più {LONGEST} caratteri"
            f" (one line, at most {LONGEST} characters)"
        )


def written(
    archive: Archive,
    holder: str,
    kind: ActKind,
    what: Mapping[str, Any],
    *,
    reason: str,
    clock: Clock,
    after: datetime | None = None,
) -> Act:
    """One act more in one register: never dated before the one that it follows, and later than `after`."""
    try:
        return _written(archive, holder, kind, what, reason, clock, after)
    except Busy:
        raise
    except Unavailable as error:
        raise Unavailable(
            f"il registro degli accessi non si può scrivere ({error}): nulla è stato mostrato né fatto, perché ogni"
            " accesso vi è scritto prima; ripetere dove store e catalogo sono scrivibili. Anche in sola lettura vanno"
            " `archiver status`, `verify`, `log verify`, `doctor` (the register of accesses cannot be written, so"
            " nothing is shown or done: repeat where store and catalog may be written; these commands need no register)"
        ) from error


def _written(
    archive: Archive,
    holder: str,
    kind: ActKind,
    what: Mapping[str, Any],
    reason: str,
    clock: Clock,
    after: datetime | None,
) -> Act:
    who = archive.who
    busy = f"un altro processo scrive nel registro di {holder}: ripetere (another process writes the register)"
    with archive.catalog.exclusive(f"register-{holder}", busy=busy, patience=PATIENCE):
        now = rules.moment(clock())
        before = caught_up(archive.store, archive.catalog, holder, at=now)
        times = [now, *([before.at] if before else []), *([after + SECOND] if after else [])]
        act = Act(
            kind=kind,
            holder=holder,
            number=before.number + 1 if before else 1,
            at=max(times),
            who=clean(who.login)[:LONGEST] or NOBODY,
            role=who.role,
            reason=reason,
            what=what,
            previous=Link(before.id, before.sha512) if before else None,
        )
        octets = build(act)
        archive.store.put(act.name, octets)
        archive.catalog.note_acts([noted(act, octets)])
    return act

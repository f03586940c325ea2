"""Restriction of processing (GDPR, art. 18; readings 37): withheld from search and exhibits, and kept all the same.

It is an act in the register, and nothing else: the newest act on a message says whether it is restricted. So it is
there before it takes effect, the night's evidence covers it, and a rebuilt catalog knows it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.access.registered.find import entry
from archiver.access.show import members
from archiver.compose.archive import Archive
from archiver.compose.register import check_reason, register
from archiver.digest import Sha256
from archiver.errors import ConfigError
from archiver.package.act import ActKind
from archiver.submission.acts import caught_up
from archiver.submission.rows import MessageRow

MOST = 10_000
"""Digests of one act, which has a megabyte at most."""

Key = tuple[str, Sha256]


@dataclass(frozen=True, slots=True)
class Restricted:
    """What acts came to: messages whose state changed, those that were so already, the acts."""

    changed: int
    already: int
    acts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"changed": self.changed, "already": self.already, "acts": list(self.acts)}


@dataclass(frozen=True, slots=True)
class Restriction:
    """One message that is restricted: since when, by whom, why (as the act says it)."""

    holder: str
    sha256: Sha256
    at: datetime
    who: str
    reason: str
    act: str

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"holder": self.holder, "sha256": self.sha256, "at": self.at.isoformat(), "who": self.who,
                "reason": self.reason, "act": self.act}  # fmt: skip


def restrict(
    archive: Archive,
    names: Sequence[str],
    *,
    lift: bool,
    alone: bool,
    mailbox: str | None,
    reason: str,
    clock: Callable[[], datetime],
) -> Restricted:
    """Restricts the dossiers called so, or ends that (`lift`); with `alone` only the messages that were named.

    Raises Absent, ConfigError for several of one name or no reason, and as `register`.
    """
    check_reason(archive, reason)
    if not reason.strip():
        raise ConfigError("--reason TESTO: una limitazione ha un motivo, che resta nell'atto (a reason is needed)")
    catch_up(archive)
    wanted = _wanted(archive, names, mailbox=mailbox, alone=alone)
    there = archive.catalog.restricted({digest for _, digest in wanted})
    changing = sorted(key for key in wanted if (key in there) == lift)
    kind = ActKind.LIFTED if lift else ActKind.RESTRICTED
    acts: list[str] = []
    for holder in sorted({holder for holder, _ in changing}):
        mine = [digest for owner, digest in changing if owner == holder]
        for start in range(0, len(mine), MOST):
            what = {"messages": mine[start : start + MOST]}
            acts += register(archive, holders=[holder], kind=kind, what=what, reason=reason, clock=clock).values()
    return Restricted(len(changing), len(wanted) - len(changing), tuple(acts))


def restrictions(archive: Archive) -> list[Restriction]:
    """Every message that is restricted now, by holder and act."""
    catch_up(archive)
    found = archive.catalog.restrictions(list(archive.config.holders))
    said = {row.name: entry(row, archive.store, proven=False) for row, _ in found}
    return [
        Restriction(row.holder, digest, row.at, row.who, act.reason if (act := said[row.name].act) else "", row.id)
        for row, digest in found
    ]


def catch_up(archive: Archive) -> None:
    """The catalog knows every act that is in the store, also of a run that was cut behind its act."""
    for holder in archive.config.holders:
        caught_up(archive.store, archive.catalog, holder, at=archive.clock())


def _wanted(archive: Archive, names: Iterable[str], *, mailbox: str | None, alone: bool) -> set[Key]:
    within = archive.mailbox(mailbox).id if mailbox else None
    found: set[Key] = set()
    for name in names:
        rows = members(archive.catalog, name, mailbox=within)
        found |= {(row.holder, row.sha256) for row in (_named(rows, name) if alone else rows)}
    return found


def _named(rows: Sequence[MessageRow], name: str) -> list[MessageRow]:
    """The message whose digest begins so. Raises ConfigError for a name that is none: that names a dossier."""
    found = [row for row in rows if row.sha256.startswith(name.strip().lower())]
    if not found:
        raise ConfigError(f"{name}: --only takes the (beginning of the) digest of a message; this names a dossier")
    return found

"""Which acts are asked for, and one page of them: the catalog says which, the store what is in them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from archiver.access.registered.entry import Entry, Page
from archiver.access.show import SHORTEST
from archiver.errors import Absent, ConfigError, Malformed
from archiver.package import act
from archiver.ports import ObjectStore
from archiver.submission.acts import read_act
from archiver.submission.rows import ActRow, MessageRow

_HEX = frozenset("0123456789abcdef")
Place = tuple[datetime, str, str]


class Catalog(Protocol):
    """The questions."""

    def find_acts(
        self,
        holders: Collection[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        who: str = "",
        kind: str = "",
        about: Collection[str] = (),
        limit: int = 50,
        after: Place | None = None,
    ) -> list[ActRow]:
        """Acts for which all of this holds, the newest first."""

    def last_covered(self, holder: str, ids: Collection[str]) -> ActRow | None:
        """The one of these with the greatest number."""

    def lineages_of_all(self, subject: str) -> Mapping[str, Sequence[str]]:
        """The authorities whose records of all things of one sort are noted, by id."""

    def same_transaction(
        self, *, identificativi: Collection[str] = (), msgids: Collection[str] = ()
    ) -> list[MessageRow]:
        """All messages with one of these identifiers."""


@dataclass(frozen=True, slots=True)
class Filters:
    """All of it must hold: from `since`, before `until`; `about` is a digest (or its beginning), an identificativo or a
    Message-ID.
    """

    since: datetime | None = None
    until: datetime | None = None
    who: str = ""
    kind: str = ""
    about: str = ""


def find(
    catalog: Catalog, store: ObjectStore, holders: Collection[str], filters: Filters, *, limit: int, after: str | None
) -> Page:
    """One page. Raises ConfigError for an `after` that is none, Absent when no message is called like `about`."""
    rows = catalog.find_acts(
        holders,
        since=filters.since,
        until=filters.until,
        who=filters.who,
        kind=filters.kind,
        about=_digests(catalog, filters.about),
        limit=limit + 1,
        after=_place(after) if after else None,
    )
    page = rows[:limit]
    rest = f"{page[-1].holder}_{page[-1].id}" if len(rows) > limit else None
    covered = _covered(catalog, {row.holder for row in page})
    return Page(tuple(entry(row, store, proven=row.number <= covered[row.holder]) for row in page), rest)


def entry(row: ActRow, store: ObjectStore, *, proven: bool) -> Entry:
    """A row with what its object says."""
    try:
        found = read_act(store, row.name)
    except Absent as error:
        return Entry(row, None, proven, str(error))
    if isinstance(found, Malformed):
        return Entry(row, None, proven, str(found))
    return Entry(row, found, proven)


def covered(catalog: Catalog, holder: str) -> int:
    """The number of the holder's last act that has a record noted; 0 when none has."""
    found = catalog.last_covered(holder, list(catalog.lineages_of_all("act")))
    return found.number if found else 0


def _covered(catalog: Catalog, holders: Iterable[str]) -> dict[str, int]:
    return {holder: covered(catalog, holder) for holder in holders}


def _digests(catalog: Catalog, about: str) -> list[str]:
    bare = about.strip().strip("<>")
    if not bare:
        return []
    digits = bare.lower()
    if len(digits) >= SHORTEST and not set(digits) - _HEX:
        return [digits]
    found = catalog.same_transaction(identificativi=(bare,), msgids=(bare,))
    if not found:
        raise Absent(
            f"--about {about!r}: nessun messaggio ha questo identificativo o Message-ID, e non è l'inizio di"
            " un'impronta (no such message)"
        )
    return sorted({row.sha256 for row in found})


def _place(after: str) -> Place:
    holder, _, act_id = after.rpartition("_")
    try:
        at, _ = act.place(act_id)
    except ValueError as error:
        raise ConfigError(f"--after {after!r}: expected the `next` of an earlier page") from error
    return at.astimezone(UTC), holder, act_id

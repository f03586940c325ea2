"""The catalog as everybody sees it while the processing of some messages is restricted (GDPR, art. 18; readings 37).

These are not there: not by digest, by Message-ID, as parts of a dossier, or in an export. They are kept, swept, renewed
and handed over all the same. Those that a search found (`found`) and that lie where an export looked (`kept`) are
counted and told, so that nobody takes them for missing.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from archiver.digest import Sha256
from archiver.submission.rows import KeptRow, MessageRow

Row = TypeVar("Row", MessageRow, KeptRow)
Place = tuple[datetime, Sha256]


class Unrestricted:
    """Questions about messages, answered without those that are restricted; all others as the catalog answers them."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog
        self.found: list[MessageRow] = []
        self.kept: list[KeptRow] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)

    @property
    def behind(self) -> Any:
        """The same catalog with what is restricted."""
        return self._catalog

    def find(self, *terms: Any, limit: int = 50, after: Place | None = None, **conditions: Any) -> list[MessageRow]:
        """See the catalog: a page is full, unless nothing more follows."""
        page: list[MessageRow] = []
        while True:
            rows: list[MessageRow] = self._catalog.find(*terms, limit=limit, after=after, **conditions)
            free = self._free(rows)
            self.found += _but(rows, free)
            page += free
            if len(_places(rows)) < limit or len(_places(page)) >= limit:
                kept = frozenset(_places(page)[:limit])
                return [row for row in page if _place(row) in kept]
            after = _place(rows[-1])

    def message(self, sha256: str) -> list[MessageRow]:
        """See the catalog."""
        return self._free(self._catalog.message(sha256))

    def messages_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[MessageRow]:
        """See the catalog."""
        return self._free(self._catalog.messages_of(segments, mailbox=mailbox))

    def same_transaction(self, **names: Any) -> list[MessageRow]:
        """See the catalog."""
        return self._free(self._catalog.same_transaction(**names))

    def linked(self, links: Collection[str], *, mailbox: str | None = None) -> list[MessageRow]:
        """See the catalog."""
        return self._free(self._catalog.linked(links, mailbox=mailbox))

    def kept_in(self, segment: Sha256, *, mailbox: str) -> list[KeptRow]:
        """See the catalog."""
        rows: list[KeptRow] = self._catalog.kept_in(segment, mailbox=mailbox)
        free = self._free(rows)
        self.kept += _but(rows, free)
        return free

    def _free(self, rows: Sequence[Row]) -> list[Row]:
        restricted = self._catalog.restricted({row.sha256 for row in rows})
        return list(rows) if not restricted else [row for row in rows if (row.holder, row.sha256) not in restricted]


def _but(rows: Sequence[Row], free: Sequence[Row]) -> list[Row]:
    """Those that are not among the free ones."""
    if len(rows) == len(free):
        return []
    there = {(row.holder, row.sha256) for row in free}
    return [row for row in rows if (row.holder, row.sha256) not in there]


def _place(row: MessageRow) -> Place:
    return row.date.astimezone(UTC), row.sha256


def _places(rows: Sequence[MessageRow]) -> list[Place]:
    """Each message once, in order."""
    return list(dict.fromkeys(map(_place, rows)))

"""What a check-up asks of the database itself: whether it is sound, how large it is, every name that it promises."""

from collections.abc import Iterator
from heapq import merge
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, collate, select, text

from archiver.adapters.catalog import tallying
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import ACT, EVIDENCE, PDV, SEGMENT, TRUST, VOLUME
from archiver.package import layout

PORTION = 1000
"""Rows that are held at one time, of each table."""


class Health:
    """The part of the catalog that is asked how it is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def place(self) -> str:
        """Where it is, for people: no password."""
        return self._database.shown

    def unsound(self) -> str | None:
        """What SQLite's own check of its pages finds wrong first (quick_check: all pages, no index against its table).

        None for nothing, and for a server's: that checks its pages by itself.
        """
        if self._database.server:
            return None
        with self._database.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        return None if found == "ok" else str(found)

    def size(self) -> int:
        """Octets, as the database counts them."""
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if self._database.server:
            asked = "SELECT pg_database_size(current_database())"
        with self._database.reading() as connection:
            return int(connection.scalar(text(asked)) or 0)

    def miscounted(self) -> list[tuple[str, str, str]]:
        """The counts kept with the rows that are not those of the rows: mailbox, sort and name. Reads every row."""
        with self._database.reading() as connection:
            return tallying.wrong(connection)

    def recount(self) -> None:
        """Counts everything again."""
        with self._database.writing() as connection:
            tallying.recount(connection)

    def promised(self) -> Iterator[str]:
        """All objects that the store should have, by name, in the order of a store's listing (by octets).

        Rapporti, segments, sealed indexes, records, acts, trust; some rows of each are in memory at one time.
        """
        with self._database.reading() as connection:
            before = ""
            for name in merge(*_sources(connection, c_collation=self._database.server)):
                if name != before:  # one segment may be two mailboxes'
                    yield name
                before = name


def _sources(connection: Connection, *, c_collation: bool) -> Iterator[Iterator[str]]:
    """The names of each kind, ascending."""

    def ordered(column: Column[str]) -> ColumnElement[str]:
        return collate(column, "C") if c_collation else column

    def rows(query: Select[Any], *order: Column[str]) -> Iterator[tuple[Any, ...]]:
        asked = query.order_by(*map(ordered, order)).execution_options(yield_per=PORTION)
        return (tuple(row) for row in connection.execute(asked))

    def of_holders(query: Select[Any], *order: Column[str]) -> Iterator[tuple[Any, ...]]:
        holder = query.selected_columns[0]
        known = connection.scalars(select(holder).distinct())
        for one in sorted(known, key=lambda name: f"{name}/"):  # as the names of their objects sort: "-" is before "/"
            yield from rows(query.where(holder == one), *order)

    yield (name for (name,) in rows(select(PDV.c.name), PDV.c.name))
    yield (name for (name,) in rows(select(EVIDENCE.c.name), EVIDENCE.c.name))
    segments = of_holders(select(SEGMENT.c.holder, SEGMENT.c.sha256), SEGMENT.c.sha256)
    yield (layout.segment(*row) for row in segments)
    kept = select(ACT.c.holder, ACT.c.id).where(ACT.c.size >= 0)  # the others were lost before this catalog
    yield (layout.act(*row) for row in of_holders(kept, ACT.c.id))
    trust = select(TRUST.c.holder, TRUST.c.sha256, TRUST.c.extension)
    yield (layout.trust(*row) for row in of_holders(trust, TRUST.c.sha256, TRUST.c.extension))
    yield (layout.index(*row) for row in of_holders(select(VOLUME.c.holder, VOLUME.c.id), VOLUME.c.id))

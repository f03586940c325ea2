"""How much room each table takes, rows and indexes apart."""

from dataclasses import dataclass

from sqlalchemy import text

from archiver.adapters.catalog import Catalog

_SERVER = """
SELECT c.relname, greatest(c.reltuples, 0)::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class AS c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 3 DESC
"""


@dataclass(frozen=True, slots=True)
class Width:
    """Rows (as estimated), and bytes of the table and of its indexes."""

    table: str
    rows: int
    heap: int
    indexes: int


def widths(catalog: Catalog) -> list[Width]:
    """The largest first; SQLite tells the size of its file alone."""
    if not catalog._database.server:
        return [Width("(file)", 0, catalog.size(), 0)]
    with catalog._database.reading() as connection:
        return [Width(str(n), int(r), int(h), int(i)) for n, r, h, i in connection.execute(text(_SERVER))]

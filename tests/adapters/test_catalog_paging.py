"""The oldest copies come by the index, page by page: neither the first page nor the last asks for all of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from support.catalogs import AT, HOLDER, digest, opened

from archiver.adapters.catalog import Catalog
from archiver.submission.rows import CopyRow, ObjectRow

DAY = timedelta(days=1)
INDEX = "ix_copy_age"
COPIES, ALIKE = 1_500, 1_200
"""In each of two stores; and how many of them were noted in the same moment."""


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[Catalog]:
    yield from opened(request.param, request, tmp_path)


@pytest.fixture
def plans(catalog: Catalog) -> Iterator[list[str]]:
    """The plan of every question about copies that is asked from now on, as the database tells it."""
    found: list[str] = []

    def explain(connection: Connection, _: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if "EXPLAIN" in statement or "ORDER BY coalesce" not in statement:
            return
        sqlite = connection.dialect.name == "sqlite"
        if not sqlite:
            connection.exec_driver_sql("SET LOCAL enable_sort = off")  # so few rows are sorted soonest
        plan = connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' * sqlite} {statement}", parameters)
        found.append("\n".join(str(row[-1]) for row in plan))

    event.listen(Engine, "before_cursor_execute", explain)
    yield found
    event.remove(Engine, "before_cursor_execute", explain)


def filled(catalog: Catalog) -> None:
    rows = [ObjectRow(f"{number:06}", HOLDER, "segment", digest(number), 1, "*", AT) for number in range(COPIES)]
    catalog.promise(rows)
    for store in ("s", "t"):
        noted = [AT - timedelta(days=200, seconds=max(0, number - ALIKE)) for number in range(COPIES)]
        copies = [CopyRow(store, row.name, at) for row, at in zip(rows, noted, strict=True)]
        catalog.note_copies(copies)


def by_index(plan: str) -> bool:
    return INDEX in plan and "Sort" not in plan and "TEMP B-TREE" not in plan


def test_no_page_of_the_oldest_copies_sorts_them_all(catalog: Catalog, plans: list[str]) -> None:
    filled(catalog)
    seen: list[tuple[str, str]] = []
    after = None
    while page := catalog.oldest(before=AT, after=after, limit=500):
        seen += [(copy.store, copy.name) for _, copy in page]
        _, last = page[-1]
        after = (last.read or last.at, last.store, last.name)
    assert len(seen) == len(set(seen)) == 2 * COPIES
    assert len(plans) == 2 * (2 * COPIES // 500 + 1), "of each store a page"
    assert [plan for plan in plans if not by_index(plan)] == []
    behind = [plan for plan in plans if "ROW(" in plan]
    assert not behind or len(behind) >= 2 * COPIES // 500, "PostgreSQL finds the very copy where the page before ended"
    (store, name), *_ = [copy for copy in seen if copy[1] < f"{ALIKE:06}"]
    assert (store, name) == ("s", "000000"), "those noted in one moment by store and name"

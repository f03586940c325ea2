"""What the catalog promises to a sweep, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
NAMES = ("h-A/x", "h-a/B", "h-a/a", "h-a/b.1", "h-a/b/1", "h-z", "h-é/x")
"""In the order of their octets, which is no language's."""


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    if request.param == "sqlite":
        opened = Catalog.open(f"sqlite:///{tmp_path}/catalog.db", create=True)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        opened = Catalog.open(server.url(server.fresh(like=MIGRATED)))
    yield opened
    opened.close()


def promise(name: str, *, sha256: str = "d", size: int = 1, kind: str = "segment", subject: str = "") -> ObjectRow:
    return ObjectRow(name, "h", kind, Sha256(sha256), size, subject, AT)


def damage(name: str, code: str = "DIGEST", *, store: str = "s", day: int = 0) -> DamageRow:
    return DamageRow(store, name, code, AT + day * DAY, AT + day * DAY, f"day {day}")


def test_what_is_promised_comes_by_octets_page_by_page(catalog: Catalog) -> None:
    catalog.promise([promise(name) for name in reversed(NAMES)])
    seen: list[str] = []
    while page := catalog.expected(after=seen[-1] if seen else "", limit=2):
        seen += [row.name for row in page]
    assert tuple(seen) == NAMES == tuple(sorted(NAMES, key=str.encode))


def test_a_promise_stands_and_only_what_is_learned_and_assigned_changes_it(catalog: Catalog) -> None:
    catalog.promise([promise("n", sha256="", size=-1)])
    catalog.promise([promise("n", sha256="other", size=7, subject="v")])
    (row,) = catalog.unlearned()
    assert (row.sha256, row.size, row.subject) == ("", -1, "")
    catalog.learned(replace(row, sha256=Sha256("e"), size=3, subject="ignored"))
    assert catalog.unlearned() == []
    catalog.assign("v", ["n", "unknown"])
    assert catalog.objects(["n", "unknown"]) == {"n": replace(row, sha256=Sha256("e"), size=3, subject="v")}
    assert catalog.promises() == (1, 3)


def test_the_oldest_copies_come_first_those_never_read_always_page_by_page(catalog: Catalog) -> None:
    ages = {"a": 5, "b": None, "c": 9, "d": 1, "e": 5}
    catalog.promise([promise(name) for name in ages])
    for store in ("s", "t"):
        catalog.note_copies(
            [CopyRow(store, name, AT - 7 * DAY, None if age is None else AT - age * DAY) for name, age in ages.items()]
        )
    seen: list[tuple[str, str]] = []
    after = None
    while page := catalog.oldest(before=AT - 2 * DAY, after=after, limit=3):
        seen += [(copy.name, copy.store) for _, copy in page]
        _, last = page[-1]
        after = (last.read or last.at, last.store, last.name)
    assert seen == [("c", "s"), ("c", "t"), ("b", "s"), ("b", "t"), ("a", "s"), ("e", "s"), ("a", "t"), ("e", "t")]
    just_noted = CopyRow("s", "b", AT + DAY)
    catalog.note_copies([just_noted])
    assert just_noted in [copy for _, copy in catalog.oldest(before=AT)]


def test_what_was_never_read_back_is_to_be_brought(catalog: Catalog) -> None:
    catalog.promise([promise("a"), promise("b"), promise("c"), promise("unknown", sha256="")])
    catalog.note_copies([CopyRow("s", "a", AT, AT), CopyRow("s", "b", AT), CopyRow("t", "c", AT, AT)])
    assert [row.name for row in catalog.uncopied("s")] == ["b", "c"]
    assert [row.name for row in catalog.uncopied("t", limit=1)] == ["a"]
    assert [row.name for row in catalog.uncopied("t", after="a")] == ["b"]


def test_what_is_kept_for_anothers_sake_is_to_be_locked(catalog: Catalog) -> None:
    catalog.promise([promise("a"), promise("b", subject="v"), promise("c", subject="*")])
    catalog.note_copies(
        [CopyRow("s", "a", AT), CopyRow("s", "b", AT, kept=""), CopyRow("s", "c", AT, kept="*"), CopyRow("t", "c", AT)]
    )
    assert [row.name for row, _ in catalog.to_lock("s")] == ["a", "b"]
    assert [copy.store for _, copy in catalog.to_lock("t")] == ["t"]


def test_the_oldest_unread_is_that_of_a_copy_or_of_what_was_never_brought(catalog: Catalog) -> None:
    assert catalog.unread_since("s") is None
    catalog.promise([promise("a"), promise("b")])
    assert catalog.unread_since("s") == AT
    catalog.note_copies([CopyRow("s", "a", AT - 9 * DAY, AT + DAY), CopyRow("s", "b", AT - 9 * DAY, AT + 2 * DAY)])
    assert catalog.unread_since("s") == AT + DAY
    assert catalog.unread_since("t") == AT


def test_a_damage_keeps_its_first_day_until_it_is_put_right(catalog: Catalog) -> None:
    catalog.note_damages([damage("n"), damage("n", "LOCK"), damage("n", store="t")])
    catalog.note_damages([damage("n", day=3)])
    assert catalog.damages() == [
        replace(damage("n", day=3), since=AT),
        damage("n", "LOCK"),
        damage("n", store="t"),
    ]
    catalog.resolve([damage("n", day=8)])
    assert [(row.store, row.code) for row in catalog.damages()] == [("s", "LOCK"), ("t", "DIGEST")]
    assert catalog.damages("t") == [damage("n", store="t")]


def test_segments_that_nobody_has_opened_since(catalog: Catalog) -> None:
    catalog.promise([promise("a"), promise("b"), promise("c"), promise("x", kind="index")])
    opened = {"a": AT - DAY, "b": AT + 2 * DAY, "c": None, "x": None}
    catalog.note_copies([CopyRow("s", name, AT, AT, when) for name, when in opened.items()])
    assert [row.name for row, _ in catalog.unopened("s", before=AT)] == ["a"]
    assert [row.name for row, _ in catalog.unopened("s", before=AT + DAY)] == ["a", "c"]


def test_the_reports_of_a_holder_in_their_order(catalog: Catalog) -> None:
    catalog.promise([promise("h/2", kind="report"), promise("h/1", kind="report"), promise("h/3", kind="act")])
    assert (catalog.reports("h"), catalog.reports("g")) == (["h/1", "h/2"], [])

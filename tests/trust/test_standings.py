"""The catalog's index of acts, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from servers.databases import MIGRATED

from archiver.adapters.catalog import Catalog
from archiver.digest import sha256
from archiver.submission.rows import StandingRow

AT = datetime(2026, 11, 22, 7, 15, tzinfo=UTC)
ONE, OTHER = sha256(b"one"), sha256(b"other")


@pytest.fixture(params=["sqlite", "postgresql"])
def catalog(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalog]:
    if request.param == "sqlite":
        opened = Catalog.open(f"sqlite:///{tmp_path}/catalog.db", create=True)
    else:
        postgres = request.getfixturevalue("postgres")
        opened = Catalog.open(postgres.url(postgres.fresh(like=MIGRATED)))
    yield opened
    opened.close()


def said(state: str, *, after: int = 0, act: str = "h-1/acts/a", sha256: str = ONE) -> StandingRow:
    return StandingRow(sha256, state, AT + timedelta(seconds=after), act)  # type: ignore[arg-type]


def test_the_newest_word_holds_whatever_the_order_in_which_words_come(catalog: Catalog) -> None:
    words = [said("confirmed"), said("revoked", after=1), said("confirmed", after=2, act="h-1/acts/c")]
    for number, order in enumerate(permutations(words)):
        name = sha256(bytes([number]))
        for row in order:
            catalog.stand([StandingRow(name, row.state, row.at, row.act)])
        assert catalog.standings()[name] == StandingRow(name, "confirmed", words[2].at, "h-1/acts/c")


def test_of_two_words_of_one_second_the_greater_name_holds(catalog: Catalog) -> None:
    first, second = said("confirmed", act="h-1/acts/a"), said("revoked", act="h-1/acts/b")
    for order in ((first, second), (second, first)):
        catalog.stand(order)
        assert catalog.standings() == {ONE: second}


def test_the_same_word_again_changes_nothing_and_certificates_have_each_their_own(catalog: Catalog) -> None:
    rows = [said("confirmed"), said("revoked", sha256=OTHER)]
    catalog.stand(rows)
    catalog.stand(rows)
    catalog.stand([])
    assert catalog.standings() == {ONE: rows[0], OTHER: rows[1]}

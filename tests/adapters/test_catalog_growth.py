"""No question of the night grows with the archive: every one is asked of filled tables, and its plan is read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from explaining.cli import explained
from explaining.filling import fill
from explaining.plans import listening
from explaining.questions import NIGHT, NOT_ASKED, questions
from explaining.shape import Shape
from explaining.verdict import INHERENT
from servers.postgres import Postgres
from sqlalchemy import Engine, event
from support.archives import demo, folder_of, letter

from archiver import compose
from archiver.adapters.catalog import Catalog
from archiver.compose.overnight import Run, nightly

SHAPE = Shape.of(20_000, per_segment=1, per_volume=4)
"""Every table that grows has rows enough for the planner to choose an index."""

GUARDS = {
    "copy": ("ix_copy_age", {"oldest", "unread_since"}),
    "object": ("ix_object_stores_name", {"uncopied", "safety"}),
    "pdv": ("ix_pdv_records", {"pdvs_without_evidence"}),
    "unlearned": ("ix_object_unlearned", {"unlearned"}),
    "segment": ("ix_segment_to_promise", {"unpromised_segments"}),
}
"""An index of each kind, and some questions that grow without it."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('large') / 'catalog.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.url(server.fresh())
    catalog = Catalog.open(url, create=True)
    fill(catalog, SHAPE, bodies=False, say=lambda text: None)
    yield catalog
    catalog.close()


def wrong(catalog: Catalog, names: set[str] | None = None) -> dict[str, tuple[str, ...]]:
    """What grows, by question of the night."""
    of_night = (one for one in explained(catalog, SHAPE, names) if one.question.of == NIGHT)
    return {one.question.name: one.wrong for one in of_night if one.wrong}


@pytest.mark.parametrize("guard", GUARDS)
def test_without_its_index_a_question_is_seen_to_grow(large: Catalog, guard: str) -> None:
    index, names = GUARDS[guard]
    server = large._database.server
    said = (
        "SELECT indexdef FROM pg_indexes WHERE indexname = '{}'"
        if server
        else "SELECT sql FROM sqlite_master WHERE name = '{}'"
    )
    with large._database.writing() as connection:
        definition = connection.exec_driver_sql(said.format(index)).scalar_one()
        connection.exec_driver_sql(f"DROP INDEX {index}")
    found = wrong(large, names)
    with large._database.writing() as connection:
        connection.exec_driver_sql(definition)
    assert found.keys() & names


def test_no_question_of_the_night_grows_with_the_archive(large: Catalog) -> None:
    assert wrong(large) == {}


def test_every_question_is_asked_or_it_is_said_why_not(large: Catalog) -> None:
    asked = {question.name for question in questions(large, SHAPE)}
    public = {name for name in dir(Catalog) if not name.startswith("_")}
    assert public == asked | NOT_ASKED.keys()
    assert not asked & NOT_ASKED.keys()
    assert INHERENT.keys() <= asked


def test_a_real_night_asks_nothing_that_was_not_explained(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    config = demo(tmp_path / "archive")
    folder_of(config.parent / "mail", *(letter(f"n. {number}") for number in range(3)))
    config.write_text(
        config.read_text().replace('# path = "/var/mail/pec"', 'path = "mail"') + '\n[metrics]\ntextfile = "pec.prom"\n'
    )
    archive = compose.open_archive(config, environ={}, clock=lambda: datetime.now(UTC))
    said: set[str] = set()

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        # whether the tables are those of this program is asked of the database, not of the catalog
        if re.match(r"SELECT|WITH|INSERT|UPDATE|DELETE", statement) and not re.search(
            "sqlite_master|alembic", statement
        ):
            said.add(plain(statement))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        night = nightly(archive, Run("n1", "host", 1, 1, None, "it"), clock=lambda: datetime.now(UTC))
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert not night.failed, night
    catalog = Catalog.open(f"sqlite:///{tmp_path / 'catalog.db'}", create=True)
    fill(catalog, Shape.of(1, per_segment=1), bodies=False, say=lambda text: None)
    with listening() as heard:
        for question in questions(catalog, Shape.of(1, per_segment=1)):
            question.ask()
    catalog.close()
    known = {plain(plan.statement) for plan in heard.plans}
    assert sorted(said - known) == []


def plain(statement: str) -> str:
    """Without the number of values in a list."""
    return re.sub(r"\((\?, )+\?\)", "(?)", " ".join(statement.split()))

"""Every earlier revision of the catalog, with rows in every table, becomes the one of today: all of it or nothing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from servers.postgres import Postgres
from sqlalchemy import MetaData, inspect, select, text

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.database import MIGRATIONS, REVISION, Database
from archiver.errors import ArchiverError, ConfigError

Rows = dict[str, list[dict[str, Any]]]

MESSAGE = "a" * 64
FIRST = (
    "INSERT INTO pdv VALUES ('p1', 'h', 'legale', 1, {at}, 'x', 'y', 7, 'h/pdv/p1.xml', 'INBOX 7 1:3')",
    "INSERT INTO volume VALUES ('v1', 'x', 'h', 'legale', 'corrispondenza', 2026, 1, 9, {at})",
    "INSERT INTO pdv_volume VALUES ('p1', 'v1')",
    "INSERT INTO named VALUES ('v1', 'p1')",
    "INSERT INTO evidence VALUES ('volume', 'v1', 'local', 1, 'h/volumes/v1/000001.ers', {at})",
    "INSERT INTO segment VALUES ('s1', 'legale', 'h', 'p1', 'c', 10, '', '', 2026, 1, 9, 'a', 'a', {at}, 'v1')",
    "INSERT INTO segment VALUES ('s2', 'legale', 'h', 'p1', 'c', 10, '', '', 2026, 1, 9, 'a', 'a', {at}, NULL)",
    f'INSERT INTO message (sha256, mailbox, sha512, size, holder, pdv, segment, "offset", kind, date, offset_minutes,'
    " received, subject, sender, recipients, message_id, reference, identificativo, msgid, content, daticert,"
    f" has_original, findings) VALUES ('{MESSAGE}', 'legale', 'y', 9, 'h', 'p1', 's1', 30, 'ordinario', {{at}}, 60,"
    " {at}, 'Città', 'a@b', '[\"c@d\"]', 'm', '', '', '', '', '', TRUE, '[\"A\"]')",
    "INSERT INTO heading (sha256, mailbox, date, kind, sender, recipients, words)"
    f" VALUES ('{MESSAGE}', 'legale', {{at}}, 'ordinario', 'a@b', 'c@d', 'citta')",
    f"INSERT INTO identifier VALUES ('m', 'msgid', '{MESSAGE}', 'legale')",
    "INSERT INTO handed_out VALUES ('v2', 'x', {xml}, {at})",
    "INSERT INTO annotation VALUES ('legale', 'm', '{{}}')",
)
SECOND = (
    "INSERT INTO poll VALUES ('legale', {at})",
    "INSERT INTO attempt VALUES ('legale', {at}, TRUE, '[\"INBOX\"]', '[]')",
    "INSERT INTO ledger VALUES ('legale', 'INBOX', 7, 1, 3, 'archived', {at})",
    "INSERT INTO failing VALUES ('legale', 'INBOX', 7, 4, 2, {at}, 'no')",
    "INSERT INTO reckoning VALUES ('legale', 'INBOX', 7, {at}, 9, 5, 1, 8, 5, 0, 0)",
)
THIRD = "INSERT INTO spend VALUES ('local', '2026-11-21', 2, 1)"
EVIDENCE = "INSERT INTO evidence VALUES ('volume', 'v1', 'local', 1, 'h/volumes/v1/000001.ers', {at}"
FOURTH = (
    f"{EVIDENCE}, 'sha3_512', 't')",
    "INSERT INTO token VALUES ('t', {xml}, {at})",
    "INSERT INTO reread VALUES ('volume', 'v1', 'sha512', {xml}, {at})",
    "INSERT INTO trust VALUES ('h', 'x', 'cer', 'ca', 'CN=CA', 'CN=CA', {at}, NULL, {at}, 'v1')",
    "INSERT INTO fetched VALUES ('http://ca.example/crl', '2026-11-21', {at}, '', 'x', 'crl')",
    "INSERT INTO standing VALUES ('x', 'confirmed', {at}, 'h/acts/a.json')",
)
FIFTH = (
    "INSERT INTO object VALUES ('h/pdv/p1.xml', 'h', 'pdv', 'x', 7, '', {at})",
    "INSERT INTO copy VALUES ('primary', 'h/pdv/p1.xml', {at}, {at}, NULL, '-')",
    "INSERT INTO damage VALUES ('primary', 'h/pdv/p1.xml', 'SWEEP_MISSING', {at}, {at}, '')",
    "INSERT INTO rebuild VALUES ('primary', {at})",
)
SIXTH = (
    "INSERT INTO act VALUES ('h', '20261121020000-x', 1, {at}, 'search', 'rossi', 'x', 'y', 9)",
    "INSERT INTO about VALUES ('x', 'h', '20261121020000-x')",
)
ROWS: dict[str, tuple[str, ...]] = {
    "0001": (*FIRST, "INSERT INTO cursor VALUES ('legale', 'c', {at})"),
    "0002": (*FIRST, *SECOND),
    "0003": (*FIRST, *SECOND, THIRD),
    "0004": (*(said for said in FIRST if not said.startswith(EVIDENCE)), *SECOND, THIRD, *FOURTH),
    "0005": (*(said for said in FIRST if not said.startswith(EVIDENCE)), *SECOND, THIRD, *FOURTH, *FIFTH),
    "0006": (*(said for said in FIRST if not said.startswith(EVIDENCE)), *SECOND, THIRD, *FOURTH, *FIFTH, *SIXTH),
}
ROWS["0010"] = ROWS["0009"] = ROWS["0008"] = ROWS["0007"] = ROWS["0006"]
"""What fills every table of a revision, in the words of that revision; those of messages the seventh makes itself."""

LATER = {
    "0009": (
        "INSERT INTO discard VALUES ('h', 'd1', 'h/discards/d1/discard.xml.p7m', 'x', 9, {at})",
        "INSERT INTO destroyed VALUES ('h', 's9', '', 'd1')",
        "INSERT INTO tombstone VALUES ('m9', 'legale', 'h', 'p1', 'd1')",
    )
}
LATER["0010"] = (*LATER["0009"], "INSERT INTO night VALUES ('n1', {at}, 'host', 7, {at}, 0, '')")
"""What fills the tables that came after the sixth."""

MOVED = {"cursor": ("poll", ("mailbox", "at")), "heading": ("heading", ("sha256", "mailbox", "date"))}
"""Tables that became another one, and the columns that went with them: words to be searched are made anew."""

HALF_WAY = {
    "0001": "reckoning", "0002": "spend", "0003": "standing", "0004": "rebuild", "0005": "about", "0006": "found",
    "0008": "tombstone", "0009": "night", "0010": "tally",
}  # fmt: skip
"""A table of the next revision, which a stranger has made already: the step fails at its end."""

SPOILT = {
    **{one: (name, f"CREATE TABLE {name} (stranger INTEGER)", f"DROP TABLE {name}") for one, name in HALF_WAY.items()},
    "0007": ("reread", "ALTER TABLE reread RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO reread"),
}
"""Which table makes the next step fail, and how it is spoilt and mended."""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a table."""
    if request.param == "sqlite":
        (tmp_path / "old.db").touch()
        return f"sqlite:///{tmp_path}/old.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.url(server.fresh())


@pytest.fixture(params=sorted(ROWS))
def old(request: pytest.FixtureRequest, empty: str) -> tuple[str, str]:
    """The address of a catalog of an earlier revision with its rows, and which revision."""
    revision: str = request.param
    server = empty.startswith("postgresql")
    said = {
        "at": "'2026-11-21 02:00:00.123456" + ("+00'" if server else "'"),
        "xml": r"'\x00ff'" if server else "x'00ff'",
    }
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    database = Database.connect(empty, create=False)
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, min(revision, "0006"))
        for statement in ROWS[revision]:
            connection.exec_driver_sql(statement.format(**said))
        command.upgrade(config, revision)
        for statement in LATER.get(revision, ()):
            connection.exec_driver_sql(statement.format(**said))
    database.close()
    assert all(rows(empty).values()), "a table of that revision has no row"
    return empty, revision


def rows(url: str) -> Rows:
    """Every row of every table, whatever the tables are."""
    database = Database.connect(url, create=False)
    with database.reading() as connection:
        found = MetaData()
        found.reflect(connection)
        told = {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in found.tables.items()
        }
    database.close()
    return told


def kept(before: Rows, after: Rows) -> Iterator[str]:
    """What is missing of all that was there."""
    for table, found in before.items():
        if table == "alembic_version":
            continue
        name, names = MOVED.get(table, (table, tuple(found[0])))
        there = [{key: row[key] for key in names} for row in after[name]]
        yield from (f"{table}: {row}" for row in found if {key: row[key] for key in names} not in there)


def test_every_earlier_revision_is_in_the_table() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    assert steps == {*ROWS, REVISION}
    assert set(SPOILT) == set(ROWS)


def test_every_row_of_an_earlier_revision_is_kept_and_the_program_reads_it(old: tuple[str, str]) -> None:
    url, revision = old
    before = rows(url)
    with pytest.raises(ConfigError, match=rf"{revision}.*archiver catalog upgrade"):
        Catalog.open(url)
    assert Catalog.upgrade(url) == revision
    after = rows(url)
    assert list(kept(before, after)) == []
    assert after["alembic_version"] == [{"version_num": REVISION}]
    catalog = Catalog.open(url, unfinished=True)
    [message] = catalog.message(MESSAGE)
    assert catalog.find(["citta"], sender="a@b", recipient="c@d", kind="ordinario", mailbox="legale") == [message]
    assert (message.subject, message.recipients, message.links) == ("Città", ("c@d",), ())
    assert list(catalog.counts()["polls"]) == ["legale"]
    assert [row.xml for row in catalog.handed_out()] == [b"\x00\xff"]
    assert [row.sha256 for row in catalog.pending()] == ["s2"]
    catalog.close()


def test_a_step_that_fails_half_way_leaves_the_revision_that_was_there(old: tuple[str, str]) -> None:
    url, revision = old
    table, spoil, mend = SPOILT[revision]
    execute(url, spoil)
    before = rows(url)
    with pytest.raises(ArchiverError, match=rf"{table}.*resta alla revisione {revision}"):
        Catalog.upgrade(url)
    assert rows(url) == before
    execute(url, mend)
    assert Catalog.upgrade(url) == revision


def test_of_several_upgrades_at_once_one_runs_and_the_others_find_it_done(old: tuple[str, str]) -> None:
    url, revision = old
    before = rows(url)
    assert sorted(at_once(lambda: Catalog.upgrade(url))) == sorted([revision, REVISION, REVISION])
    assert list(kept(before, rows(url))) == []


def test_several_that_make_a_catalog_at_once_make_one(empty: str) -> None:
    def make() -> str:
        catalog = Catalog.open(empty, create=True)
        catalog.close()
        return "made"

    assert at_once(make) == ["made"] * 3
    assert rows(empty)["alembic_version"] == [{"version_num": REVISION}]


def at_once(work: Callable[[], Any]) -> list[Any]:
    """What three threads get that begin together; an error is a result."""
    together, results = threading.Barrier(3), []

    def run() -> None:
        together.wait()
        try:
            results.append(work())
        except ArchiverError as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def execute(url: str, statement: str) -> None:
    database = Database.connect(url, create=False)
    with database.writing() as connection:
        connection.execute(text(statement))
        assert inspect(connection)
    database.close()

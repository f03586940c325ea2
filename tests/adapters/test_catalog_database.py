"""The database under the catalog: its revision, its durability, several processes at once, and what its errors mean."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.database import MIGRATIONS, REVISION, Database
from archiver.adapters.catalog.tables import METADATA
from archiver.digest import sha256
from archiver.errors import ConfigError, Unavailable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalog.db"


@pytest.fixture
def url(path: Path) -> str:
    url = f"sqlite:///{path}"
    Catalog.open(url, create=True).close()
    return url


def test_the_migrations_make_the_tables_that_the_program_expects(url: str) -> None:
    opts = {"compare_type": True, "compare_server_default": True, "include_name": _ours}
    with create_engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, METADATA) == []


def _ours(name: str | None, kind: str, parents: object) -> bool:
    """Without the tables of FTS5, which SQLite makes for itself."""
    return kind != "table" or not str(name).startswith("found")


def test_the_program_expects_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [REVISION]
    assert all(re.fullmatch(r"\d{4}", step.revision) for step in script.walk_revisions())


def test_opening_does_not_create_unless_told(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"catalog\.db.*archiver ingest"):
        Catalog.open(f"sqlite:///{path}")
    assert not path.exists()
    path.touch()
    with pytest.raises(ConfigError, match="archiver init"):
        Catalog.open(f"sqlite:///{path}")


def test_a_new_catalog_is_for_its_owner_only(url: str, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("revision", "way"), [("0000", "archiver catalog upgrade"), ("9999", "più recente")])
@pytest.mark.parametrize("create", [True, False])
def test_tables_of_another_revision_are_refused_with_the_way_out(
    url: str, path: Path, revision: str, way: str, create: bool
) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    with pytest.raises(ConfigError, match=f"{revision}.*{REVISION}.*{way}"):
        Catalog.open(url, create=create)


def test_upgrading_brings_an_empty_database_to_the_newest_revision_and_stays_there(path: Path) -> None:
    path.touch()
    assert [Catalog.upgrade(f"sqlite:///{path}") for _ in range(2)] == [None, REVISION]
    Catalog.open(f"sqlite:///{path}").close()


def test_upgrading_what_was_never_ours_is_refused(url: str, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'beef'")
    with pytest.raises(ConfigError, match="beef"):
        Catalog.upgrade(url)


def test_another_programs_database_is_not_touched(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE contacts (id)")
    for ask in (lambda url: Catalog.open(url, create=True), Catalog.upgrade):
        with pytest.raises(ConfigError, match=r"non è un catalogo.*contacts"):
            ask(f"sqlite:///{path}")


def test_a_file_that_is_no_database_is_said(path: Path) -> None:
    path.write_bytes(b"this is no database at all, " * 100)
    with pytest.raises(Unavailable, match=r"catalog\.db.*ripristinarlo"):
        Catalog.open(f"sqlite:///{path}")


@pytest.mark.parametrize("address", ["", "catalog.db", "nosuch://x", "mysql://x/y"])
def test_an_address_of_no_use_is_a_matter_of_configuration(address: str) -> None:
    with pytest.raises(ConfigError, match="sqlite:///"):
        Catalog.open(address)


def test_a_server_that_does_not_answer_is_unavailable_and_its_password_stays_secret(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        Catalog.open(f"postgresql://me:s3cret@/x?host={tmp_path}")
    assert "s3cret" not in str(refusal.value)


def test_what_was_recorded_is_durable_before_the_call_returns(url: str) -> None:
    database = Database.connect(url, create=False)
    with database.writing() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_readers_do_not_wait_for_a_writer(url: str) -> None:
    writer, reader = Database.connect(url, create=False), Catalog.open(url)
    with writer.writing() as connection:
        connection.exec_driver_sql("INSERT INTO annotation VALUES ('m', 'k', 'x')")
        assert reader.annotations("m") == {}
    assert reader.annotations("m") == {"k": "x"}
    writer.close()
    reader.close()


WRITER = """
import sys
from datetime import UTC, datetime
from archiver.adapters.catalog import Catalog
from archiver.digest import sha256
catalog = Catalog.open(sys.argv[1])
for number in range(50):
    catalog.hand_out(f"{sys.argv[2]}-{number}", sha256(b""), b"", datetime(2026, 1, 1, tzinfo=UTC))
"""


def test_several_processes_write_one_after_the_other(url: str) -> None:
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, url, str(n)], cwd=root) for n in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    catalog = Catalog.open(url)
    assert len(catalog.handed_out()) == 150
    catalog.close()


def test_a_full_disk_is_said_and_nothing_is_half_recorded(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        catalog = Catalog.open(f"sqlite:///{place}/catalog.db", create=True)
        with pytest.raises(Unavailable, match="full"):
            catalog.hand_out("v1", sha256(b""), bytes(2 << 20), datetime(2026, 1, 1, tzinfo=UTC))
        assert catalog.handed_out() == []
        catalog.close()
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)

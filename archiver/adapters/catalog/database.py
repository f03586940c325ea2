"""The database under the catalog: connections, transactions, the revision of its tables, and what its errors mean."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from archiver.errors import ConfigError, Conflict, Unavailable

REVISION = "0002"
"""The newest migration; revisions are numbers of four digits, so that older ones sort first."""

MIGRATIONS = Path(__file__).parent / "migrations"

_EXPECTED = "sqlite:///... o postgresql://..."
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_READS = "archiver_reads"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")


class Database:
    """One database, SQLite or PostgreSQL. No driver's error leaves it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reads = engine.execution_options(**{_READS: True})
        if engine.dialect.name == "postgresql":  # SQLite's readers see one state of things anyway
            self._reads = self._reads.execution_options(isolation_level="REPEATABLE READ")
        self.shown = engine.url.render_as_string(hide_password=True)

    @classmethod
    def connect(cls, url: str, *, create: bool) -> "Database":
        """The database at `url`. Raises ConfigError for an address of no use or a file not there."""
        address = _address(url)
        engine = create_engine(address)
        if engine.dialect.name == "sqlite":
            _look_for_file(address, create=create)
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        return cls(engine)

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of the data, the same from the first question to the last."""
        with self._errors(), self._reads.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it durable at the end of the block, or nothing."""
        with self._errors(), self._engine.begin() as connection:
            yield connection

    def check(self, *, create: bool) -> None:
        """Nothing, if the tables are those of this program; with `create`, made in an empty database.

        Raises ConfigError, with the way out.
        """
        found = self._revision()
        if found is None and create:
            self.upgrade()
        elif found is None:
            raise ConfigError(f"{self.shown}: il catalogo è vuoto; `archiver init` lo crea (an empty database)")
        elif found < REVISION:
            raise ConfigError(
                f"{self.shown}: catalogo alla revisione {found}, attesa {REVISION}: eseguire `archiver catalog upgrade`"
                " (older tables)"
            )
        elif found > REVISION:
            raise ConfigError(
                f"{self.shown}: catalogo alla revisione {found}, attesa {REVISION}: scritto da una versione più"
                " recente; aggiornare il programma (newer tables)"
            )

    def upgrade(self) -> str:
        """Run the migrations that are missing; the revision reached."""
        # Alembic takes longer to import than a search takes to run
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        self._revision()
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with self.writing() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigError(f"{self.shown}: aggiornamento impossibile (cannot be upgraded): {error}") from error
        return REVISION

    def _revision(self) -> str | None:
        """The revision of the tables, None in an empty database. Raises ConfigError when it holds something else."""
        with self.reading() as connection:
            names = inspect(connection).get_table_names()
            if "alembic_version" in names:
                found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
                return None if found is None else str(found)
        if names:
            raise ConfigError(
                f"{self.shown}: non è un catalogo: contiene {', '.join(sorted(names)[:3])} (not a catalog)"
            )
        return None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise Conflict(
                f"{self.shown}: già registrato con altri dati ({error.orig}); nulla è stato cambiato"
                " (recorded otherwise)"
            ) from error
        except (DBAPIError, sqlite3.Error) as error:
            reason = getattr(error, "orig", error)
            raise Unavailable(
                f"{self.shown}: il catalogo non risponde ({reason}): controllarlo e ripetere; se è danneggiato,"
                " ripristinarlo da una copia (the database does not answer)"
            ) from error
        except StatementError as error:  # a value that a column type refused, before the database was asked
            raise ValueError(f"{self.shown}: {error.orig}") from error
        except SQLAlchemyError as error:
            raise Unavailable(f"{self.shown}: {error}") from error


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"catalogo: atteso {_EXPECTED}, trovato altro (no address of a database)") from error
    if address.drivername not in _DRIVERS:
        raise ConfigError(
            f"catalogo: atteso {_EXPECTED}, trovato {address.drivername}://... (no such kind of database)"
        )
    return address.set(drivername=_DRIVERS[address.drivername])


def _look_for_file(url: URL, *, create: bool) -> None:
    if url.database in (None, "", ":memory:"):
        return
    path = Path(str(url.database))
    if create and path.parent.is_dir():
        with suppress(OSError):  # opening it says why
            path.touch(mode=0o600)
    elif not path.is_file():
        raise ConfigError(
            f"{path}: il catalogo non c'è, e l'archivio non è nuovo: ripristinarlo da una copia; la"
            " prossima `archiver ingest` lo aggiorna (no catalog here: put a backup back, the next ingest catches up)"
        )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would leave DDL and SELECT outside the transaction
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # who will write says so at once: a reader cannot become a writer while another one writes
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

"""The database under the catalog: connections, transactions, locks, and the revision of its tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from archiver.adapters.catalog import address, postgresql, sqlite
from archiver.adapters.catalog.failures import meaning
from archiver.adapters.lock import PATIENCE, exclusive, patiently
from archiver.errors import ArchiverError, Busy, ConfigError, Conflict, Unavailable

REVISION = "0011"
"""The newest migration; revisions are numbers of four digits, so that older ones sort first."""

MIGRATIONS = Path(__file__).parent / "migrations"

MAKING = 120.0
"""Seconds to wait for another process that makes or migrates the tables."""


class Database:
    """One database, SQLite or PostgreSQL. No driver's error leaves it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._server = engine.dialect.name == "postgresql"
        self._reads = engine.execution_options(**{sqlite.READS: True})
        self._holder: Connection | None = None
        self.shown = address.shown(engine.url)
        self.server = self._server

    @classmethod
    def connect(cls, url: str, *, create: bool) -> "Database":
        """The database at `url`. Raises ConfigError for an address of no use or a file not there."""
        place = address.parsed(url)
        if place.get_backend_name() == "sqlite":
            return cls(sqlite.engine(place, create=create))
        return cls(postgresql.engine(place))

    @classmethod
    def vacant(cls, url: str) -> bool:
        """Whether there is no file at `url`, or a database without tables. Raises ConfigError, Unavailable."""
        place = address.parsed(url)
        if place.get_backend_name() == "sqlite" and sqlite.missing(place):
            return True
        database = cls.connect(url, create=False)
        try:
            return database._revision() is None
        finally:
            database.close()

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One view of the data, the same from the first question to the last."""
        level = "REPEATABLE READ" if self._server else None  # SQLite's readers see one state of things anyway
        with self._errors(), self._transaction(self._reads, level) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it durable at the end of the block, or nothing."""
        level = "READ COMMITTED" if self._server else None
        with self._errors(), self._transaction(self._engine, level) as connection:
            yield connection

    @contextmanager
    def exclusive(self, name: str, *, busy: str, patience: float = PATIENCE, part: str | None = None) -> Iterator[None]:
        """Work called `name`, by one process at a time, of all that use this database; the lock ends with the process.

        With `part`, that part of it only: the whole is shared with those who are at other parts. On a server the locks
        belong to a connection, and everything in the block is asked and recorded over that very one: nothing can be
        recorded any more once they are lost. Raises Busy, with that text, when another process holds one for longer
        than `patience` (seconds).
        """
        locks = [(name, part is not None), *([(f"{name}-{part}", False)] if part is not None else [])]
        if not self._server:
            with ExitStack() as held:
                for each, shared in locks:
                    if file := sqlite.lock_file(self._engine.url, each):
                        held.enter_context(exclusive(file, busy=busy, patience=patience, shared=shared))
                yield
            return
        with self._errors():
            connection = self._engine.connect()
        try:
            with ExitStack() as taken:
                with self._errors():
                    postgresql.check_writable(connection, self.shown)
                    for each, shared in locks:
                        if not patiently(partial(postgresql.take, connection, each, shared=shared), patience):
                            raise Busy(busy)
                        taken.callback(_let_go, connection, each, shared=shared)
                outer, self._holder = self._holder, connection
                try:
                    yield
                finally:
                    self._holder = outer
        finally:
            connection.close()

    def settle(self) -> None:
        """SQLite's journal is written back and emptied, as soon as nobody reads any more; elsewhere nothing to do."""
        if not self._server:
            with self._errors(), self._engine.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

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

    def upgrade(self) -> str | None:
        """Run the migrations that are missing, all or none; the revision there was before, None in an empty database.

        Of several at once one runs them, the others find them done.
        """
        # Alembic takes longer to import than a search takes to run
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        busy = f"{self.shown}: un altro processo sta aggiornando il catalogo: ripetere (another upgrade is at work)"
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self.exclusive("upgrade", busy=busy, patience=MAKING):
            before = self._revision()
            try:
                with self.writing() as connection:
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
            except CommandError as error:
                raise ConfigError(f"{self.shown}: aggiornamento impossibile (cannot be upgraded): {error}") from error
            except ArchiverError as error:
                stays = f"alla revisione {before}" if before else "vuoto"
                raise type(error)(f"{error}; il catalogo resta {stays} (nothing changed)") from error
        return before

    def _revision(self) -> str | None:
        """The revision of the tables, None in an empty database. Raises ConfigError when it holds something else."""
        with self.reading() as connection:
            if self._server:
                postgresql.check(connection, self.shown)
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
    def _transaction(self, engine: Engine, level: str | None) -> Iterator[Connection]:
        """A transaction over the connection that holds a lock, or else over any."""
        if self._holder is None:
            with engine.connect() as connection:
                if level:
                    connection.execution_options(isolation_level=level)
                with connection.begin():
                    yield connection
            return
        if self._holder.invalidated:  # asked for more, it would connect anew, and hold no lock
            raise Unavailable(
                f"{self.shown}: la connessione che riservava il lavoro a questo processo è caduta: ripetere"
                " (the connection that held the lock was lost)"
            )
        self._holder.execution_options(isolation_level=level)
        with self._holder.begin():
            yield self._holder

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
            raise meaning(error, self.shown) from error
        except StatementError as error:  # a value that a column type refused, before the database was asked
            raise ValueError(f"{self.shown}: {error.orig}") from error
        except SQLAlchemyError as error:
            raise Unavailable(f"{self.shown}: {error}") from error


@contextmanager
def furnishing(url: str) -> Iterator[None]:
    """Whoever makes store and catalog does so alone; another one waits, and finds them made.

    Needs no catalog at `url` yet. Raises Unavailable when the server does not answer.
    """
    busy = "un altro processo sta creando l'archivio: ripetere (another process is making the archive)"
    place = address.parsed(url)
    if place.get_backend_name() == "sqlite":
        file = sqlite.lock_file(place, "furnish")
        there = file is not None and file.parent.is_dir()
        with exclusive(file, busy=busy, patience=MAKING) if file and there else nullcontext():
            yield
        return
    database = Database(postgresql.engine(place))
    try:
        with database.exclusive("furnish", busy=busy, patience=MAKING):
            yield
    finally:
        database.close()


def _let_go(connection: Connection, name: str, *, shared: bool) -> None:
    """Releases a lock; a connection that cannot even do that is closed, and the server does it."""
    try:
        if not connection.invalidated:
            postgresql.release(connection, name, shared=shared)
    except SQLAlchemyError:
        connection.invalidate()

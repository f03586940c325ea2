"""The engine's tables: Procrastinate's own as that library ships them, and two of ours, in one PostgreSQL schema.

In a schema of its own, so that neither the catalog's revisions nor a rebuild meet them: they hold work, no archive.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import Connection, sql

from archiver.adapters.catalog import address, postgresql
from archiver.errors import ConfigError, Unavailable

SCHEMA = "archiver_engine"

_OURS = """
CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY);
CREATE TABLE IF NOT EXISTS night (
    id text PRIMARY KEY, at timestamptz NOT NULL, ended timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS one_night ON night ((true)) WHERE ended IS NULL;
CREATE TABLE IF NOT EXISTS unit (
    night text NOT NULL REFERENCES night ON DELETE CASCADE, step text NOT NULL, key text NOT NULL,
    starts integer NOT NULL DEFAULT 0, begun timestamptz, troubled timestamptz, ended timestamptz,
    told text NOT NULL DEFAULT '', PRIMARY KEY (night, step, key)
);
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('pec-archiver/engine', 0))"


def usable(url: str) -> bool:
    """Whether a catalog at this address can carry an engine: PostgreSQL can, SQLite is one machine's."""
    return address.parsed(url).get_backend_name() == "postgresql"


def options(url: str) -> dict[str, str]:
    """How to reach the engine's tables, for libpq. The dates of a server are read whatever its own style."""
    asked = postgresql.settings(address.parsed(url))
    own = f"-c search_path={SCHEMA} -c datestyle=ISO -c timezone=UTC"
    return asked | {"application_name": "archiver-engine", "options": f"{asked.get('options', '')} {own}".strip()}


def shown(url: str) -> str:
    """How people are told of it: without secrets."""
    return address.shown(address.parsed(url))


def install(url: str) -> bool:
    """Makes the tables, or brings them to the version of the library; whether anything was to be done.

    All of it or nothing; of several at once one does it. Raises Unavailable, and ConfigError without the rights.
    """
    with connected(url) as connection, connection.transaction():
        connection.execute(_LOCK)
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
        new = _first(connection, "SELECT to_regclass('procrastinate_jobs')") is None
        connection.execute(_OURS)
        missing = _migrations() - _applied(connection)
        if new:
            _run(connection, SchemaManager.get_schema())
        for name in sorted(missing) if not new else ():
            _run(connection, (Path(SchemaManager.get_migrations_path()) / name).read_text(encoding="utf-8"))
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO migration VALUES (%s)", [(name,) for name in sorted(missing)])
    return bool(missing)


def check(connection: "Connection[Any]", shown: str) -> None:
    """Raises ConfigError, with the way out, when the tables are not those of this program."""
    ready = _first(connection, "SELECT to_regclass('migration')") is not None
    if not ready or _migrations() - _applied(connection):
        found = "di una versione precedente" if ready else "non ci sono ancora"
        raise ConfigError(
            f"{shown}: le tabelle del motore (schema {SCHEMA}) {found}: eseguire `archiver catalog upgrade`"
            " (the engine's tables are missing or older)"
        )


@contextmanager
def connected(url: str) -> Iterator["Connection[Any]"]:
    """A connection to the engine's tables, closed at the end of the block; no driver's error leaves it."""
    try:
        with psycopg.connect(**cast(Any, options(url)), autocommit=True) as connection:
            yield connection
    except psycopg.Error as error:
        raise meaning(error, shown(url)) from error


def meaning(error: psycopg.Error, shown: str) -> Unavailable | ConfigError:
    """What a refusal means to whoever runs workers."""
    reason = " ".join(str(error).split())
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return ConfigError(
            f"{shown}: l'utente non può creare o usare lo schema {SCHEMA} ({reason}): il database deve appartenergli:"
            " ALTER DATABASE ... OWNER TO ... (no rights)"
        )
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName):
        return ConfigError(
            f"{shown}: mancano tabelle del motore ({reason}): eseguire `archiver catalog upgrade` (no such tables)"
        )
    return Unavailable(f"{shown}: il motore non risponde ({reason}): ripetere (the engine does not answer)")


def _migrations() -> set[str]:
    return {path.name for path in Path(SchemaManager.get_migrations_path()).glob("*.sql")}


def _applied(connection: "Connection[Any]") -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM migration").fetchall()}


def _run(connection: "Connection[Any]", script: str) -> None:
    connection.execute(script.encode())


def _first(connection: "Connection[Any]", query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None

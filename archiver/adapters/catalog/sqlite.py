"""What the catalog needs of SQLite: a file of its owner's, durable writes, DDL and SELECT within transactions."""

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from archiver.adapters.lock import PATIENCE, patiently
from archiver.errors import ConfigError

READS = "archiver_reads"
"""The execution option of connections that only read."""

_PRAGMAS = ("busy_timeout=30000", "synchronous=FULL", "foreign_keys=ON")


def engine(address: URL, *, create: bool) -> Engine:
    """The database in a file. Raises ConfigError when it is not there, unless it may be created."""
    _look_for_file(address, create=create)
    made = create_engine(address)
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def missing(address: URL) -> bool:
    """Whether the file is not there."""
    path = _path(address)
    return path is not None and not path.exists()


def lock_file(address: URL, name: str) -> Path | None:
    """The file to be locked for work called `name`, beside the database; None for one in memory."""
    path = _path(address)
    return path.with_name(f".{path.name}.{name}.lock") if path else None


def _path(address: URL) -> Path | None:
    return None if address.database in (None, "", ":memory:") else Path(str(address.database))


def _look_for_file(address: URL, *, create: bool) -> None:
    path = _path(address)
    if path is None:
        return
    if create and path.parent.is_dir():
        with suppress(OSError):  # opening it says why
            path.touch(mode=0o600)
    elif not path.is_file():
        raise ConfigError(
            f"{path}: il catalogo non c'è, e l'archivio non è nuovo: ripristinarlo da una copia (la prossima `archiver"
            " ingest` lo aggiorna), o rifarlo dallo store con `archiver catalog rebuild` (no catalog here: put a backup"
            " back, or make it again from the store)"
        )


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would leave DDL and SELECT outside the transaction
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    if not patiently(lambda: _switched(connection), PATIENCE):
        connection.execute("PRAGMA journal_mode=WAL")  # says what is in the way


def _switched(connection: Any) -> bool:
    """Whether the journal is a WAL; while others open a new file SQLite does not wait, whatever its time-out says."""
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _begin(connection: Connection) -> None:
    # who will write says so at once: a reader cannot become a writer while another one writes
    reads = connection.get_execution_options().get(READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

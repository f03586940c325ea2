"""What a database's refusals mean to whoever runs an archive: whose matter it is, and the way out."""

import re
import sqlite3

from sqlalchemy.exc import DBAPIError

from archiver.adapters.catalog import postgresql
from archiver.errors import ArchiverError, ConfigError, Unavailable

_FORBIDDEN, _READ_ONLY = "42501", "25006"
"""insufficient_privilege, read_only_sql_transaction (PostgreSQL manual, appendix A)."""

# who cannot even connect is told in words only, in the server's language
_ACCOUNT = re.compile(
    r"authentication failed|autenticazione .*fallita|no password supplied|pg_hba\.conf|(role|database|user) .*"
    r"does not exist|(ruolo|database) .*non esiste|permission denied for database|permesso negato per il database",
    re.IGNORECASE,
)
_SETTING = re.compile(r'bad value for|invalid (connection option|port number|"?\w+"? value)', re.IGNORECASE)
_UNREACHABLE = re.compile(r"connection (failed|is bad|timeout)|failed to resolve host", re.IGNORECASE)


_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def of_damage(error: BaseException) -> bool:
    """Whether an error of ours began with SQLite finding its file damaged: no waiting mends that."""
    below: BaseException | None = error
    while below is not None:
        driver = getattr(below, "orig", below)
        if isinstance(driver, sqlite3.Error) and driver.sqlite_errorcode & 0xFF in _DAMAGED:
            return True
        below = below.__cause__
    return False


def meaning(error: DBAPIError | sqlite3.Error, shown: str) -> ArchiverError:
    """The error to be raised; `shown` is the database's address without its password."""
    driver = getattr(error, "orig", error)
    reason, state = " ".join(str(driver).split()), getattr(driver, "sqlstate", None)
    if state == _FORBIDDEN:
        return ConfigError(
            f"{shown}: l'utente non ha i diritti che servono ({reason}): il database deve appartenergli:"
            " ALTER DATABASE ... OWNER TO ..., o GRANT su schema e tabelle (no rights)"
        )
    if state == _READ_ONLY:
        return Unavailable(postgresql.read_only_text(shown))
    if _ACCOUNT.search(reason) and state is None:
        return ConfigError(
            f"{shown}: il server non ammette chi si presenta ({reason}): controllare utente, password e nome del"
            " database nella configurazione (not let in)"
        )
    if _SETTING.search(reason) and state is None:
        return ConfigError(
            f"{shown}: un'impostazione nell'indirizzo del catalogo non è valida ({reason}): correggerla nella"
            " configurazione (wrong setting in the address)"
        )
    if _UNREACHABLE.match(reason):
        return Unavailable(
            f"{shown}: il server del catalogo non è raggiungibile ({reason}): è acceso, e l'indirizzo è giusto?"
            " Ripetere (the server cannot be reached)"
        )
    if isinstance(driver, sqlite3.Error):
        way = "controllarlo e ripetere; se è danneggiato, ripristinarlo da una copia"
    else:
        way = "ripetere; se dura, guardare il log del server"
    return Unavailable(f"{shown}: il catalogo non risponde ({reason}): {way} (the database does not answer)")

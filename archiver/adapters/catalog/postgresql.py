"""What the catalog needs of PostgreSQL: one encoding, connections that notice a dead peer, locks between machines.

The locks are session-level advisory ones (manual, 13.3.5): whoever pools connections between the archive and the
server must pool sessions, not transactions.
"""

from hashlib import sha256
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError

from archiver.errors import ConfigError, Unavailable

OLDEST = 13
"""The oldest major version that this catalog is made for."""

_WITH_IDLE_TIMEOUT = 140_000
"""The server's version, as it numbers them, that brought idle_session_timeout."""

PROTECTED = "verify-full"
"""TLS, a certificate that leads to a trusted CA, and the server's name in it (libpq, 34.19)."""

_HERE = frozenset(("localhost", "127.0.0.1", "::1", ""))

_DEFAULTS: dict[str, Any] = {
    "application_name": "archiver",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # a peer that is gone without a word is noticed within a minute
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_SESSION = (
    # compiling a query (11 and later) takes longer than any of ours should; a plan made once for all values (12 and
    # later) does not know a rare word from a frequent one
    "SELECT set_config('datestyle', 'ISO', false), set_config('jit', 'off', false),"
    " set_config('plan_cache_mode', 'force_custom_plan', false),"
    " set_config('tcp_keepalives_idle', '30', false),"
    " set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false)"
)
_NEVER_IDLE = "SELECT set_config('idle_session_timeout', '0', false)"
"""A lock is a session that waits, for a signer or an authority, longer than a server may like."""

_READ_ONLY = text("SELECT current_setting('transaction_read_only')")
_TAKE = text("SELECT pg_try_advisory_lock(:key)")
_RELEASE = text("SELECT pg_advisory_unlock(:key)")
_TAKE_SHARED = text("SELECT pg_try_advisory_lock_shared(:key)")
_RELEASE_SHARED = text("SELECT pg_advisory_unlock_shared(:key)")
_SERVER = text("SELECT current_setting('server_version_num'), current_setting('server_encoding')")


def engine(address: URL) -> Engine:
    """The database on a server; nobody is asked yet. What the address says of the connection comes first.

    Raises ConfigError for an address that makes no sense.
    """
    known = _DEFAULTS | ({"sslmode": PROTECTED} if travels(address) else {})
    defaults = {name: value for name, value in known.items() if name not in address.query}
    try:
        made = create_engine(address, connect_args=defaults, pool_pre_ping=True)
    except ArgumentError as error:  # of several hosts and ports, say
        raise ConfigError(f"catalogo: l'indirizzo non può essere usato: {error}; correggerlo (unusable)") from error
    event.listen(made, "connect", _prepare)
    return made


def settings(address: URL) -> dict[str, str]:
    """The same server and database for whoever talks to it without SQLAlchemy, as libpq wants it said."""
    known = _DEFAULTS | ({"sslmode": PROTECTED} if travels(address) else {})
    asked = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in address.query.items()}
    place: dict[str, object] = {
        "host": address.host,
        "port": address.port,
        "user": address.username,
        "dbname": address.database,
    }
    place |= {"password": address.password}
    return {name: str(value) for name, value in (*known.items(), *asked.items(), *place.items()) if value is not None}


def travels(address: URL) -> bool:
    """Whether what is said to the server leaves this machine: then it must prove who it is, unless the address says
    otherwise; libpq by itself would take any certificate, and do without.
    """
    hosts = address.query.get("host", ())
    named = [address.host] if address.host else [hosts] if isinstance(hosts, str) else list(hosts)
    return any(host and not host.startswith("/") and host.partition(":")[0] not in _HERE for host in named)


def check(connection: Connection, shown: str) -> None:
    """Raises ConfigError for a server that is too old, and for a database that cannot hold every header."""
    version, encoding = connection.execute(_SERVER).one()
    if int(version) // 10_000 < OLDEST:
        raise ConfigError(
            f"{shown}: atteso PostgreSQL {OLDEST} o più recente, trovato {int(version) // 10_000}: aggiornare il server"
            " (server too old)"
        )
    if encoding != "UTF8":
        raise ConfigError(
            f"{shown}: attesa la codifica UTF8, trovata {encoding}: creare il database con"
            " CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0 (wrong encoding)"
        )


def check_writable(connection: Connection, shown: str) -> None:
    """Raises Unavailable when nothing can be written here."""
    with connection.begin():
        read_only = connection.scalar(_READ_ONLY)
    if read_only == "on":
        raise Unavailable(read_only_text(shown))


def take(connection: Connection, name: str, *, shared: bool = False) -> bool:
    """Whether this session holds the lock of that name now, `shared` with others or alone."""
    with connection.begin():
        return bool(connection.scalar(_TAKE_SHARED if shared else _TAKE, {"key": _key(name)}))


def release(connection: Connection, name: str, *, shared: bool = False) -> None:
    """Lets go of it."""
    with connection.begin():
        connection.execute(_RELEASE_SHARED if shared else _RELEASE, {"key": _key(name)})


def read_only_text(shown: str) -> str:
    """What to say of a database that takes nothing in."""
    return (
        f"{shown}: il catalogo è in sola lettura (una replica? un failover in corso?): indicare il server primario o"
        " attendere, e ripetere (read-only database)"
    )


def _prepare(connection: Any, _record: object) -> None:
    """Dates as the driver reads them; a session that ends when this machine is gone without a word, not before."""
    connection.execute(_SESSION)
    if connection.info.server_version >= _WITH_IDLE_TIMEOUT:
        connection.execute(_NEVER_IDLE)
    connection.commit()


def _key(name: str) -> int:
    """The 64-bit number of a lock; other programs that lock in the same database choose others."""
    return int.from_bytes(sha256(f"pec-archiver/{name}".encode()).digest()[:8], signed=True)

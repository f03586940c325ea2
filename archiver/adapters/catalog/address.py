"""Where the catalog is: an address as SQLAlchemy writes it, with or without its password."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from archiver.errors import ConfigError

_EXPECTED = "sqlite:///... o postgresql://..."
_DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SECRETS = ("password", "sslpassword")
"""Settings that libpq takes from the query of an address."""


def parsed(url: str) -> URL:
    """The address at `url`, with the driver that we use. Raises ConfigError, which does not show it: it may hold a
    password.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(f"catalogo: atteso {_EXPECTED}, trovato altro (no address of a database)") from error
    if address.drivername not in _DRIVERS:
        raise ConfigError(
            f"catalogo: atteso {_EXPECTED}, trovato {address.drivername}://... (no such kind of database)"
        )
    if address.get_backend_name() != "sqlite" and _cut_short(url, address):
        raise ConfigError(
            "catalogo: nell'indirizzo c'è più di un @: scrivere %40 quelli dell'utente e della password, o usare"
            " catalog_password (an @ too many)"
        )
    return address.set(drivername=_DRIVERS[address.drivername])


def file(url: str) -> Path | None:
    """The file of a SQLite at `url`; None for a server's, or one in memory. Raises ConfigError."""
    address = parsed(url)
    here = address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:")
    return Path(str(address.database)) if here else None


def shown(address: URL) -> str:
    """How people are told of it: without secrets."""
    plain = address.set(drivername=address.get_backend_name()).difference_update_query(_SECRETS)
    return plain.render_as_string(hide_password=True)


def with_password(url: str, password: str) -> str:
    """`url` with this password, or as it is when there is none."""
    return parsed(url).set(password=password).render_as_string(hide_password=False) if password else url


def password_in(url: str) -> bytes:
    """The password that stands in `url`; empty when there is none."""
    address = parsed(url)
    found = address.password or next((str(address.query[name]) for name in _SECRETS if name in address.query), "")
    return str(found).encode()


def _cut_short(url: str, address: URL) -> bool:
    """Whether a user or password with an @ in it ended there: the rest of it would be shown as host or database."""
    return address.username is not None and "@" in url.partition("@")[2].partition("?")[0]

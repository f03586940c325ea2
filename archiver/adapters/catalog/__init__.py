"""The catalog: the index of the archive in one SQL database. Every row of it can be made again from the store."""

from collections.abc import Iterator
from contextlib import contextmanager

from archiver.adapters.catalog.address import file, password_in, with_password
from archiver.adapters.catalog.alarming import Alarming
from archiver.adapters.catalog.annotations import Annotations
from archiver.adapters.catalog.database import REVISION, Database, furnishing
from archiver.adapters.catalog.discarding import Discarding
from archiver.adapters.catalog.exporting import Exporting
from archiver.adapters.catalog.failures import of_damage
from archiver.adapters.catalog.forgetting import Forgetting
from archiver.adapters.catalog.health import Health
from archiver.adapters.catalog.holding import Holding
from archiver.adapters.catalog.intake import Intake
from archiver.adapters.catalog.ledger import Ledger
from archiver.adapters.catalog.nights import Kept, Nights
from archiver.adapters.catalog.promising import Promising
from archiver.adapters.catalog.purging import Purging
from archiver.adapters.catalog.reading import Counts, Reading
from archiver.adapters.catalog.register import Register
from archiver.adapters.catalog.renewing import Renewing
from archiver.adapters.catalog.restoring import Restoring
from archiver.adapters.catalog.sealing import HandedOut, Sealing
from archiver.adapters.catalog.searching import Searching
from archiver.adapters.catalog.spend import Spending
from archiver.adapters.catalog.standing import Standings
from archiver.adapters.catalog.sweeping import Sweeping
from archiver.adapters.catalog.trust import Trusting
from archiver.adapters.lock import PATIENCE
from archiver.errors import ConfigError

__all__ = [
    "REVISION",
    "Catalog",
    "Counts",
    "HandedOut",
    "Kept",
    "file",
    "furnishing",
    "of_damage",
    "password_in",
    "with_password",
]


class Catalog(
    Alarming,
    Intake,
    Ledger,
    Annotations,
    Sealing,
    Renewing,
    Spending,
    Trusting,
    Standings,
    Register,
    Promising,
    Sweeping,
    Purging,
    Nights,
    Discarding,
    Forgetting,
    Restoring,
    Exporting,
    Holding,
    Health,
    Searching,
    Reading,
):
    """All questions that the errands ask; each declares the two or three that are its own.

    Each method is one transaction. Any of them raises Unavailable when the database does not answer, is locked or has
    no room, and those that record raise Conflict when something else is recorded under the same name.
    """

    @classmethod
    def open(cls, url: str, *, create: bool = False, unfinished: bool = False) -> "Catalog":
        """The catalog at the SQLAlchemy `url` (SQLite or PostgreSQL); with `create`, made if there is nothing yet.

        Raises ConfigError when there is none, when it is of another revision, when it is no catalog, or when it is
        being rebuilt and whoever asks does not want an `unfinished` one.
        """
        database = Database.connect(url, create=create)
        try:
            database.check(create=create)
            source = None if unfinished else cls(database).rebuilding()
            if source is not None:
                raise ConfigError(
                    f"{database.shown}: il catalogo è in ricostruzione dallo store {source!r}, e non è completo:"
                    f" `archiver catalog rebuild --from {source}` la finisce (half rebuilt: finish that first)"
                )
        except BaseException:  # whatever stops it: nobody else holds the connection yet
            database.close()
            raise
        return cls(database)

    @staticmethod
    def vacant(url: str) -> bool:
        """Whether no catalog is at `url` yet: no file, or a database without tables.

        Raises ConfigError when it may not be looked at, or holds something else, and Unavailable.
        """
        return Database.vacant(url)

    @staticmethod
    def upgrade(url: str) -> str | None:
        """Bring the tables to the revision of this program; the one they had before. Raises ConfigError as `open`."""
        database = Database.connect(url, create=False)
        try:
            return database.upgrade()
        finally:
            database.close()

    @contextmanager
    def exclusive(self, name: str, *, busy: str, patience: float = PATIENCE, part: str | None = None) -> Iterator[None]:
        """Work called `name` (letters, digits, dashes), by one process at a time; what it records needs the lock.

        With `part`, only that part of it: others are at other parts meanwhile, and nobody at the whole. Raises Busy,
        with that text, when another process is at it for longer than `patience` (seconds).
        """
        with self._database.exclusive(name, busy=busy, patience=patience, part=part):
            yield

    def close(self) -> None:
        """Let the connections go."""
        self._database.close()

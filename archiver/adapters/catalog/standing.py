"""What persons said of certificates: confirmed, or revoked. The truth is the acts in the store, this is their index."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, rows
from archiver.adapters.catalog.tables import STANDING
from archiver.digest import Sha256
from archiver.submission.rows import StandingRow


class Standings:
    """The part of the catalog that knows whom a person vouched for, or did not."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standings(self) -> dict[Sha256, StandingRow]:
        """The newest word on each certificate, by digest."""
        with self._database.reading() as connection:
            found = rows(connection, StandingRow, select(*columns(STANDING, StandingRow)))
        return {row.sha256: row for row in found}

    def stand(self, said: Sequence[StandingRow]) -> None:
        """What acts say; of several on one certificate the newest holds, whatever the order in which they come.

        Of two of the same second the one with the greater name holds.
        """
        with self._database.writing() as connection:
            insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            for row in said:
                new = insert(STANDING).values(asdict(row))
                excluded = new.excluded
                newer = or_(
                    excluded.at > STANDING.c.at,
                    and_(excluded.at == STANDING.c.at, excluded.act > STANDING.c.act),
                )
                values = {"state": excluded.state, "at": excluded.at, "act": excluded.act}
                connection.execute(new.on_conflict_do_update(index_elements=["sha256"], set_=values, where=newer))

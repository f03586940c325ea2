"""The holder's own protocol, as a sidecar brought it; it waits here until the volume closes."""

from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import ANNOTATION


class Annotations:
    """The part of the catalog that keeps sidecars: one registration (JSON) by identificativo, Message-ID or digest."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def annotate(self, mailbox: str, registrations: Mapping[str, str]) -> None:
        """Note these; one that is there under the same key is replaced, as long as its volume is open."""
        with self._database.writing() as connection:
            for key, registration in registrations.items():
                where = (ANNOTATION.c.mailbox == mailbox, ANNOTATION.c.key == key)
                connection.execute(delete(ANNOTATION).where(*where))
                connection.execute(insert(ANNOTATION).values(mailbox=mailbox, key=key, registration=registration))

    def annotations(self, mailbox: str) -> dict[str, str]:
        """All of a mailbox, by key."""
        query = select(ANNOTATION.c.key, ANNOTATION.c.registration).where(ANNOTATION.c.mailbox == mailbox)
        with self._database.reading() as connection:
            return {str(key): str(value) for key, value in connection.execute(query)}

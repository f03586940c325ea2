"""What the alarms ask: how much each mailbox brought lately."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import SEGMENT


class Alarming:
    """The part of the catalog that watches over mailboxes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def arrivals(self, since: datetime) -> Sequence[tuple[str, datetime, int]]:
        """Mailbox, time and number of messages of each segment that came from `since` on."""
        query = select(SEGMENT.c.mailbox, SEGMENT.c.at, SEGMENT.c.messages).where(SEGMENT.c.at >= since)
        with self._database.reading() as connection:
            return [(str(mailbox), at, int(number)) for mailbox, at, number in connection.execute(query)]

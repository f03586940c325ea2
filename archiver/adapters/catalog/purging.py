"""What `purge` asks: where the messages lie that a server still has."""

from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import and_, select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions
from archiver.adapters.catalog.tables import MESSAGE, SEGMENT
from archiver.digest import Sha256
from archiver.submission.rows import MessageRow, SegmentRow


class Purging:
    """The part of the catalog that knows messages by their bytes alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def places(self, mailbox: str, messages: Collection[Sha256]) -> dict[Sha256, tuple[MessageRow, SegmentRow]]:
        """Those of these messages that the mailbox has, each with its segment, by digest."""
        joined = and_(MESSAGE.c.segment == SEGMENT.c.sha256, MESSAGE.c.mailbox == SEGMENT.c.mailbox)
        query = (
            select(*columns(MESSAGE, MessageRow), *columns(SEGMENT, SegmentRow))
            .join(SEGMENT, joined)
            .where(MESSAGE.c.mailbox == mailbox)
        )
        width = len(fields(MessageRow))
        found: dict[Sha256, tuple[MessageRow, SegmentRow]] = {}
        with self._database.reading() as connection:
            for portion in portions(set(messages)):
                for row in connection.execute(query.where(MESSAGE.c.sha256.in_(portion))):
                    message = MessageRow(*row[:width])
                    found[message.sha256] = message, SegmentRow(*row[width:])
        return found

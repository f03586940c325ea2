"""What an export asks: the segments of a mailbox, in the order in which they are read, and what lies in them."""

from sqlalchemy import select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, rows
from archiver.adapters.catalog.tables import MESSAGE, SEGMENT
from archiver.digest import Sha256
from archiver.submission.rows import KeptRow, SegmentRow


class Exporting:
    """The part of the catalog that tells what lies where."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def segments_in(self, mailbox: str) -> list[SegmentRow]:
        """All segments of a mailbox: those of volumes by year and volume, then those that no volume has yet."""
        query = select(*columns(SEGMENT, SegmentRow)).where(SEGMENT.c.mailbox == mailbox)
        with self._database.reading() as connection:
            found = rows(connection, SegmentRow, query)
        return sorted(found, key=lambda row: (row.volume is None, row.year, row.volume or "", row.at, row.sha256))

    def kept_in(self, segment: Sha256, *, mailbox: str) -> list[KeptRow]:
        """The messages in a segment of a mailbox, by digest: where they lie and what is counted, without the rest."""
        query = select(*columns(MESSAGE, KeptRow)).where(MESSAGE.c.segment == segment, MESSAGE.c.mailbox == mailbox)
        with self._database.reading() as connection:
            return rows(connection, KeptRow, query.order_by(MESSAGE.c.sha256))

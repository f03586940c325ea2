"""What readers of the archive ask: one message, a transaction, totals."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import TypedDict

from sqlalchemy import and_, func, select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, rows, rows_in
from archiver.adapters.catalog.tables import IDENTIFIER, MESSAGE, POLL, SEGMENT, TALLY
from archiver.adapters.catalog.tallying import KIND, PDVS, VOLUMES
from archiver.adapters.catalog.types import key
from archiver.digest import Sha256
from archiver.submission.rows import MessageRow, SegmentRow

MOST = 100
"""Messages that one prefix of a digest may find; who gets as many must write more of it."""

_HEXADECIMAL = re.compile("[0-9a-f]{1,64}")


class Counts(TypedDict):
    """Totals: messages and their bytes, those in no volume yet, and the time of each mailbox's last poll."""

    messages: int
    pending: int
    volumes: int
    pdvs: int
    bytes: int
    kinds: dict[str, int]
    polls: dict[str, datetime]


class Reading:
    """The part of the catalog that answers people."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def message(self, sha256: str) -> list[MessageRow]:
        """Messages whose digest begins so, in any mailbox, by digest; none for what is no part of a digest."""
        prefix = sha256.lower()
        if not _HEXADECIMAL.fullmatch(prefix):
            return []
        query = select(*columns(MESSAGE, MessageRow)).where(MESSAGE.c.sha256 >= prefix, MESSAGE.c.sha256 < prefix + "g")
        with self._database.reading() as connection:
            return rows(connection, MessageRow, query.order_by(MESSAGE.c.sha256, MESSAGE.c.mailbox).limit(MOST))

    def segment_of(self, sha256: Sha256, *, mailbox: str | None = None) -> SegmentRow | None:
        """The segment of this digest; name the mailbox where several have the same."""
        query = select(*columns(SEGMENT, SegmentRow)).where(SEGMENT.c.sha256 == sha256).order_by(SEGMENT.c.mailbox)
        if mailbox is not None:
            query = query.where(SEGMENT.c.mailbox == mailbox)
        with self._database.reading() as connection:
            return next(iter(rows(connection, SegmentRow, query.limit(1))), None)

    def same_transaction(
        self, *, mailbox: str | None = None, identificativi: Collection[str] = (), msgids: Collection[str] = ()
    ) -> list[MessageRow]:
        """All messages with one of these identifiers, by date and digest.

        `identificativi` are compared with the provider's, `msgids` with msgid, Message-ID and reference. Empty ones
        name nothing.
        """
        named = (self._named("identificativo", identificativi, mailbox), self._named("msgid", msgids, mailbox))
        found = {(row.sha256, row.mailbox): row for rows in named for row in rows}
        return sorted(found.values(), key=_by_date)

    def linked(self, links: Collection[str], *, mailbox: str | None = None) -> list[MessageRow]:
        """All messages with one of these links, by date and digest."""
        return self._named("link", links, mailbox)

    def counts(self) -> Counts:
        """Totals of the whole archive."""
        sums = (func.sum(TALLY.c.number), func.sum(TALLY.c.size))
        kept = select(TALLY.c.sort, TALLY.c.name, *sums).group_by(TALLY.c.sort, TALLY.c.name)
        pending = select(func.coalesce(func.sum(SEGMENT.c.messages), 0)).where(SEGMENT.c.volume.is_(None))
        with self._database.reading() as connection:
            tally = {(sort, name): (int(n), int(size)) for sort, name, n, size in connection.execute(kept)}
            kinds = {name: found for (sort, name), found in tally.items() if sort == KIND and found[0]}
            return {
                "messages": sum(number for number, _ in kinds.values()),
                "pending": int(connection.scalar(pending) or 0),
                "volumes": tally.get((VOLUMES, ""), (0, 0))[0],
                "pdvs": tally.get((PDVS, ""), (0, 0))[0],
                "bytes": sum(size for _, size in kinds.values()),
                "kinds": {kind: number for kind, (number, _) in sorted(kinds.items())},
                "polls": {str(row.mailbox): row.at for row in connection.execute(select(POLL.c.mailbox, POLL.c.at))},
            }

    def _named(self, scope: str, values: Collection[str], mailbox: str | None) -> list[MessageRow]:
        """All messages known by one of these names, by date and digest."""
        joined = and_(MESSAGE.c.sha256 == IDENTIFIER.c.sha256, MESSAGE.c.mailbox == IDENTIFIER.c.mailbox)
        query = select(*columns(MESSAGE, MessageRow)).join(IDENTIFIER, joined).where(IDENTIFIER.c.scope == scope)
        if mailbox is not None:
            query = query.where(IDENTIFIER.c.mailbox == mailbox)
        names = {key(value) for value in values if value}
        with self._database.reading() as connection:
            found = rows_in(connection, MessageRow, query, IDENTIFIER.c.value, names)
        return sorted({(row.sha256, row.mailbox): row for row in found}.values(), key=_by_date)


def _by_date(row: MessageRow) -> tuple[datetime, Sha256, str]:
    return row.date, row.sha256, row.mailbox

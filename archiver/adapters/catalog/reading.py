"""What readers of the archive ask: one message, a search, a transaction, totals."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, rows, rows_in
from archiver.adapters.catalog.tables import EVIDENCE, HEADING, IDENTIFIER, MESSAGE, PDV, POLL, SEGMENT, TRUST, VOLUME
from archiver.adapters.catalog.types import folded, key
from archiver.digest import Sha256
from archiver.package import layout
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

    def find(
        self,
        terms: Sequence[str],
        *,
        sender: str = "",
        recipient: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        kind: str = "",
        mailbox: str = "",
        limit: int = 50,
        after: tuple[datetime, Sha256] | None = None,
    ) -> list[MessageRow]:
        """Messages with all `terms` in their headers (subject, addresses, identifiers), the newest first.

        Terms, `sender` and `recipient` are parts of words, case and accents apart; from `since`, before `until`. A next
        page begins `after` the date and digest of the last row. `limit` counts messages: one that several mailboxes
        have takes one place, and gives a row for each.
        """
        where = [HEADING.c.words.contains(folded(term), autoescape=True) for term in terms if term]
        where += [HEADING.c.sender.contains(folded(sender), autoescape=True)] if sender else []
        where += [HEADING.c.recipients.contains(folded(recipient), autoescape=True)] if recipient else []
        where += [HEADING.c.kind == kind] if kind else []
        where += [HEADING.c.mailbox == mailbox] if mailbox else []
        where += [HEADING.c.date >= since] if since else []
        where += [HEADING.c.date < until] if until else []
        where += _beyond(*after) if after else []
        newest = (HEADING.c.date.desc(), HEADING.c.sha256.desc())
        query = select(HEADING.c.date, HEADING.c.sha256).where(*where).distinct().order_by(*newest).limit(limit)
        with self._database.reading() as connection:
            page = [(date, sha256) for date, sha256 in connection.execute(query)]
            found = rows_in(connection, MessageRow, _messages(mailbox), MESSAGE.c.sha256, [place[1] for place in page])
        order = {place: number for number, place in enumerate(page)}
        return sorted(
            (row for row in found if (row.date, row.sha256) in order),
            key=lambda row: (order[row.date, row.sha256], row.mailbox),
        )

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

    def promised(self) -> list[str]:
        """The names of all objects that the store should have: rapporti, segments, sealed indexes, records, trust."""
        with self._database.reading() as connection:
            found = set(connection.scalars(select(PDV.c.name)))
            found |= set(connection.scalars(select(EVIDENCE.c.name)))
            segments = select(SEGMENT.c.holder, SEGMENT.c.sha256)
            found |= {layout.segment(str(holder), sha256) for holder, sha256 in connection.execute(segments)}
            trust = select(TRUST.c.holder, TRUST.c.sha256, TRUST.c.extension)
            found |= {layout.trust(str(row.holder), row.sha256, row.extension) for row in connection.execute(trust)}
            volumes = select(VOLUME.c.holder, VOLUME.c.id)
            found |= {layout.index(str(holder), volume) for holder, volume in connection.execute(volumes)}
        return sorted(found)

    def counts(self) -> Counts:
        """Totals of the whole archive."""
        by_kind = select(MESSAGE.c.kind, func.count(), func.sum(MESSAGE.c.size)).group_by(MESSAGE.c.kind)
        pending = select(func.coalesce(func.sum(SEGMENT.c.messages), 0)).where(SEGMENT.c.volume.is_(None))
        with self._database.reading() as connection:
            kinds = {str(kind): (int(number), int(size)) for kind, number, size in connection.execute(by_kind)}
            return {
                "messages": sum(number for number, _ in kinds.values()),
                "pending": int(connection.scalar(pending) or 0),
                "volumes": connection.scalar(select(func.count()).select_from(VOLUME)) or 0,
                "pdvs": connection.scalar(select(func.count()).select_from(PDV)) or 0,
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


def _messages(mailbox: str) -> Select[Any]:
    query = select(*columns(MESSAGE, MessageRow))
    return query.where(MESSAGE.c.mailbox == mailbox) if mailbox else query


def _beyond(date: datetime, sha256: Sha256) -> list[ColumnElement[bool]]:
    # the first condition is contained in the second: it lets the index find where to begin
    return [HEADING.c.date <= date, or_(HEADING.c.date < date, HEADING.c.sha256 < sha256)]

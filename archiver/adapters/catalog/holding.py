"""What the manual and the reports ask: what is held, by which class and until when, what was read, what was renewed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import COPY, EVIDENCE, MESSAGE, OBJECT, SEGMENT, TOKEN, VOLUME
from archiver.adapters.catalog.types import Utc


@dataclass(frozen=True, slots=True)
class HeldRow:
    """So many messages and bytes of one mailbox, class and calendar year, in so many volumes; `pending` are in none.

    `years`, `event` and `basis` are the rule under which they came in.
    """

    mailbox: str
    retention: str
    years: int
    event: str
    basis: str
    year: int
    messages: int
    size: int
    volumes: int
    pending: int


@dataclass(frozen=True, slots=True)
class ReadRow:
    """The copies in one store: how many objects and bytes it should have, how many were read whole since a day.

    `oldest`: since when the one that was not read for longest is unread, or missing; `late` should have been read, and
    were not. `segments` hold messages, `opened` of them were opened since that day; `unopened` should have been.
    """

    store: str
    objects: int
    bytes: int
    read: int
    read_bytes: int
    oldest: datetime | None
    late: int
    segments: int
    opened: int
    unopened: int


@dataclass(frozen=True, slots=True)
class Due:
    """When a copy is late: promised before `settled`, and not read since `read`, or not opened since `opened`."""

    settled: datetime
    read: datetime
    opened: datetime


@dataclass(frozen=True, slots=True)
class RenewedRow:
    """One token of one authority, under which so many records were renewed, `at` its genTime."""

    tsa: str
    algorithm: str
    at: datetime
    records: int


class Holding:
    """The part of the catalog that counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, mailboxes: Collection[str], *, until: datetime | None = None) -> list[HeldRow]:
        """What is held of these mailboxes (ids), taken in before `until`, by mailbox, class and year."""
        rule = tuple(SEGMENT.c[name] for name in ("mailbox", "retention", "years", "event", "basis", "year"))
        pending = case((SEGMENT.c.volume.is_(None), SEGMENT.c.messages), else_=0)
        sums = (func.sum(SEGMENT.c.messages), func.sum(SEGMENT.c.size), func.count(SEGMENT.c.volume.distinct()))
        query = select(*rule, *sums, func.sum(pending)).where(SEGMENT.c.mailbox.in_(sorted(mailboxes)))
        if until:
            query = query.where(SEGMENT.c.at < until)
        with self._database.reading() as connection:
            found = connection.execute(query.group_by(*rule).order_by(*rule)).all()
        return [HeldRow(*row[:6], *map(int, row[6:])) for row in found]

    def held_since(self, holder: str) -> datetime | None:
        """When the first of a holder's messages came in that are held; None: nothing is."""
        query = select(SEGMENT.c.at).where(SEGMENT.c.holder == holder).order_by(SEGMENT.c.at).limit(1)
        with self._database.reading() as connection:
            found: datetime | None = connection.scalar(query)
        return found

    def kinds_of(self, mailboxes: Collection[str], *, until: datetime | None = None) -> dict[str, int]:
        """How many messages of these mailboxes are of each kind."""
        return self._counted(MESSAGE.c.kind, mailboxes, until)

    def contents_of(self, mailboxes: Collection[str], *, until: datetime | None = None) -> dict[str, int]:
        """How many have each verdict on their provider's signature (four outcomes), or none (empty)."""
        return self._counted(MESSAGE.c.content, mailboxes, until)

    def closed_between(self, mailboxes: Collection[str], *, since: datetime, until: datetime) -> tuple[int, int]:
        """How many volumes were closed from `since` and before `until`, and their messages."""
        here = (VOLUME.c.mailbox.in_(sorted(mailboxes)), VOLUME.c.at >= since, VOLUME.c.at < until)
        query = select(func.count(), func.coalesce(func.sum(VOLUME.c.messages), 0)).select_from(VOLUME).where(*here)
        with self._database.reading() as connection:
            volumes, messages = connection.execute(query).one()
        return int(volumes), int(messages)

    def read_copies(self, holder: str, stores: Sequence[str], *, since: datetime, due: Due) -> list[ReadRow]:
        """The copies of a holder's objects in these stores, what of them was read since a day, and what is late."""
        with self._database.reading() as connection:
            found = [connection.execute(_of_store(holder, store, since, due)).one() for store in stores]
        return [_read(store, *row) for store, row in zip(stores, found, strict=True)]

    def renewed(self, *, since: datetime, until: datetime) -> list[RenewedRow]:
        """The tokens of renewals from `since` and before `until`, by time: all holders share them."""
        kept = (EVIDENCE.c.tsa, EVIDENCE.c.algorithm, TOKEN.c.at)
        query = (
            select(*kept, func.count())
            .join(TOKEN, TOKEN.c.sha256 == EVIDENCE.c.token)
            .where(EVIDENCE.c.number > 1, TOKEN.c.at >= since, TOKEN.c.at < until)
            .group_by(*kept, TOKEN.c.sha256)
            .order_by(TOKEN.c.at, EVIDENCE.c.tsa)
        )
        with self._database.reading() as connection:
            return [
                RenewedRow(tsa, algorithm, at, int(count)) for tsa, algorithm, at, count in connection.execute(query)
            ]

    def _counted(
        self, column: ColumnElement[str], mailboxes: Collection[str], until: datetime | None
    ) -> dict[str, int]:
        query = select(column, func.count()).where(MESSAGE.c.mailbox.in_(sorted(mailboxes)))
        if until:
            query = query.where(MESSAGE.c.received < until)
        with self._database.reading() as connection:
            found = connection.execute(query.group_by(column).order_by(column))
            return {str(name): int(count) for name, count in found}


def _read(store: str, objects: int, size: int | None, *rest: Any) -> ReadRow:
    """The sums over nothing are none."""
    read, read_bytes, oldest, late, segments, opened, unopened = rest
    return ReadRow(
        store=store,
        objects=objects,
        bytes=int(size or 0),
        read=int(read or 0),
        read_bytes=int(read_bytes or 0),
        oldest=oldest,
        late=int(late or 0),
        segments=int(segments or 0),
        opened=int(opened or 0),
        unopened=int(unopened or 0),
    )


def _of_store(holder: str, store: str, since: datetime, due: Due) -> Select[Any]:
    size = case((OBJECT.c.size > 0, OBJECT.c.size), else_=0)
    was_read = and_(COPY.c.read.is_not(None), COPY.c.read >= since)
    segment = OBJECT.c.kind == "segment"
    was_opened = and_(segment, COPY.c.opened.is_not(None), COPY.c.opened >= since)
    # what a store was never given is unread since it was promised
    oldest = func.min(func.coalesce(COPY.c.read, COPY.c.at, OBJECT.c.at), type_=Utc())
    settled = OBJECT.c.at < due.settled  # since when a copy is noted, a catalog that was made again has forgotten
    late = and_(settled, or_(COPY.c.read.is_(None), COPY.c.read < due.read))
    unopened = and_(segment, settled, or_(COPY.c.opened.is_(None), COPY.c.opened < due.opened))
    return (
        select(
            func.count(),
            func.sum(size),
            func.sum(case((was_read, 1), else_=0)),
            func.sum(case((was_read, size), else_=0)),
            oldest,
            func.sum(case((late, 1), else_=0)),
            func.sum(case((segment, 1), else_=0)),
            func.sum(case((was_opened, 1), else_=0)),
            func.sum(case((unopened, 1), else_=0)),
        )
        .select_from(OBJECT)
        .outerjoin(COPY, and_(COPY.c.name == OBJECT.c.name, COPY.c.store == store))
        .where(OBJECT.c.holder == holder)
    )

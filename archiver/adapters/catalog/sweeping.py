"""What `sweep` asks and records: where each object was seen and read, what is wrong with it.

No question reads what is in order: see `copies`. (Of the stores that lack an object there may be many objects, as long
as they are being filled.)
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, literal, select, tuple_

from archiver.adapters.catalog import copies as told
from archiver.adapters.catalog.copies import put, upsert
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.promising import of_segment
from archiver.adapters.catalog.records import columns, portions, rows, rows_in, within
from archiver.adapters.catalog.tables import COPY, DAMAGE, NEVER_READ, OBJECT, SEGMENT, TALLY, TO_LOCK
from archiver.adapters.catalog.tallying import SEGMENTS
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow
from archiver.submission.shard import Shard

Age = tuple[datetime, str, str]
"""Since when a copy was not read, its store, its name."""

Opening = tuple[datetime, str]
"""Since when nobody opened the messages of a segment, its name."""

Pair = tuple[ObjectRow, CopyRow]


class Sweeping:
    """The part of the catalog that knows every copy."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- where it is

    def copies(self, store: str, names: Iterable[str]) -> dict[str, CopyRow]:
        """What is known of these objects in one store."""
        query = select(*columns(COPY, CopyRow)).where(COPY.c.store == store)
        with self._database.reading() as connection:
            return {row.name: row for row in rows_in(connection, CopyRow, query, COPY.c.name, names)}

    def note_copies(self, found: Collection[CopyRow]) -> None:
        """What is known of copies now, in place of what was known."""
        with self._database.writing() as connection:
            told.note(connection, found)

    def uncopied(self, store: str, *, after: str = "", limit: int = 500, shard: Shard | None = None) -> list[ObjectRow]:
        """Objects that were never read back from this store, by name; those that can be judged already.

        Here and below: of one shard, if so asked.
        """
        query = select(*columns(OBJECT, ObjectRow)).where(OBJECT.c.name > after, OBJECT.c.sha256 != "")
        query = query.where(*within(OBJECT.c.sha256, shard)).order_by(OBJECT.c.name).limit(limit)
        with self._database.reading() as connection:
            lacking = told.lacking(connection, store)
            found = [rows(connection, ObjectRow, query.where(OBJECT.c.stores == text)) for text in lacking]
        return list(islice(merge(*found, key=lambda row: row.name.encode()), limit))

    def to_lock(self, store: str, *, after: str = "", limit: int = 500, shard: Shard | None = None) -> list[Pair]:
        """Copies that were locked for another's sake than that for which they are kept now, by name."""
        query = _both().where(COPY.c.store == store, TO_LOCK, COPY.c.name > after, *within(OBJECT.c.sha256, shard))
        query = query.order_by(COPY.c.name).limit(limit)
        with self._database.reading() as connection:
            return _pairs(connection, query)

    def oldest(
        self, *, before: datetime, after: Age | None = None, limit: int = 500, shard: Shard | None = None
    ) -> list[Pair]:
        """Copies not read since `before`, or never, those not read for longest first, behind `after`.

        Of all stores, those that are no longer configured too.
        """
        with self._database.reading() as connection:
            stores = told.values(connection, COPY.c.store)
            found = [
                _oldest(connection, store, before, after, limit, within(OBJECT.c.sha256, shard)) for store in stores
            ]
            return list(islice(merge(*found, key=_place), limit))

    def unopened(
        self,
        store: str,
        *,
        before: datetime,
        after: Opening | None = None,
        limit: int = 100,
        shard: Shard | None = None,
    ) -> list[Pair]:
        """Segments in one store whose messages nobody has opened since `before`, by since when, and by name.

        That is since they were opened last, or since they are promised.
        """
        place = (COPY.c.due, COPY.c.name)
        query = _both().where(COPY.c.store == store, COPY.c.due < before, *within(OBJECT.c.sha256, shard))
        query = query.order_by(*place).limit(limit)
        if after is not None:
            query = query.where(COPY.c.due >= after[0], _behind(place, after))
        with self._database.reading() as connection:
            return _pairs(connection, query)

    def unread_since(self, store: str) -> datetime | None:
        """Since when the copy in this store that was not read for longest is unread; None when nothing is promised."""
        seen = select(_age()).where(COPY.c.store == store).order_by(_age(), COPY.c.name).limit(1)
        here = and_(COPY.c.store == store, COPY.c.name == OBJECT.c.name)
        with self._database.reading() as connection:
            lacking = told.lacking(connection, store)
            unseen = select(func.min(OBJECT.c.at)).where(OBJECT.c.stores.in_(lacking), ~exists().where(here))
            found = [connection.scalar(query) for query in (seen, *([unseen] if lacking else []))]
        return min((one for one in found if one is not None), default=None)

    def safety(self, stores: Sequence[str], copies: int, *, shard: Shard | None = None) -> tuple[int, int]:
        """How many messages at least `copies` of these stores have, read back and undamaged; and how many not."""
        total = select(func.coalesce(func.sum(TALLY.c.number), 0)).where(TALLY.c.sort == SEGMENTS)
        of_shard = select(SEGMENT).where(*within(SEGMENT.c.sha256, shard))
        with self._database.reading() as connection:
            messages = _messages(connection, of_shard) if shard else int(connection.scalar(total) or 0)
            few = [text for text in told.values(connection, OBJECT.c.stores) if _count(text, stores) < copies]
            unsafe = _messages(connection, of_shard.where(~SEGMENT.c.promised))  # no sweep knows them yet
            if few:
                unsafe += _messages(connection, of_shard.join(OBJECT, of_segment()).where(OBJECT.c.stores.in_(few)))
            unsafe += _damaged(connection, of_shard, stores, copies, few)
        return messages - unsafe, unsafe

    # --- what is wrong

    def damages(self, store: str = "") -> list[DamageRow]:
        """All that is wrong, in one store or in all, by store, name and code."""
        query = select(*columns(DAMAGE, DamageRow))
        if store:
            query = query.where(DAMAGE.c.store == store)
        with self._database.reading() as connection:
            return sorted(rows(connection, DamageRow, query), key=lambda row: (row.store, row.name, row.code))

    def note_damages(self, seen: Collection[DamageRow]) -> None:
        """These were seen now; what was seen before keeps the time when it was seen first."""
        with self._database.writing() as connection:
            new = upsert(connection, DAMAGE)
            values = {"seen": new.excluded.seen, "found": new.excluded.found}
            kept = new.on_conflict_do_update(index_elements=["store", "name", "code"], set_=values)
            put(connection, kept, seen)

    def resolve(self, gone: Collection[DamageRow]) -> None:
        """These are put right."""
        with self._database.writing() as connection:
            for row in gone:
                here = (DAMAGE.c.store == row.store, DAMAGE.c.name == row.name, DAMAGE.c.code == row.code)
                connection.execute(delete(DAMAGE).where(*here))


GRAVE = ("MISSING", "SIZE", "DIGEST", "UNREADABLE")
"""Damages after which the store does not have the object any more."""


def _oldest(
    connection: Connection,
    store: str,
    before: datetime,
    after: Age | None,
    limit: int,
    mine: Sequence[ColumnElement[bool]],
) -> list[Pair]:
    """Of one store: those of before, then the younger ones that were never read."""
    query = _both().where(COPY.c.store == store, OBJECT.c.sha256 != "", *mine)
    old = query.where(_age() < before, *_beyond(store, after, _age()))
    found = _pairs(connection, old.order_by(_age(), COPY.c.name).limit(limit))
    if len(found) < limit:
        young = query.where(NEVER_READ, COPY.c.at >= before, *_beyond(store, after, COPY.c.at))
        found += _pairs(connection, young.order_by(COPY.c.at, COPY.c.name).limit(limit - len(found)))
    return found


def _beyond(store: str, after: Age | None, mine: ColumnElement[datetime]) -> list[ColumnElement[bool]]:
    """What is behind `after` in the order of age, store and name, of one store.

    The second condition contains the first, by which SQLite's index finds where to begin; PostgreSQL's by both.
    """
    if after is None:
        return []
    age, other, name = after
    if store != other:
        return [mine > age] if store < other else [mine >= age]
    return [mine >= age, _behind((mine, COPY.c.name), (age, name))]


def _behind(place: tuple[ColumnElement[Any], ...], after: tuple[Any, ...]) -> ColumnElement[bool]:
    types = (COPY.c.at.type, COPY.c.name.type)
    return tuple_(*place) > tuple_(*(literal(value, kind) for value, kind in zip(after, types, strict=True)))


def _age() -> ColumnElement[datetime]:
    return func.coalesce(COPY.c.read, COPY.c.at)


def _place(pair: Pair) -> Age:
    _, copy = pair
    return copy.read or copy.at, copy.store, copy.name


def _both() -> Any:
    query = select(*columns(OBJECT, ObjectRow), *columns(COPY, CopyRow))
    return query.join(COPY, COPY.c.name == OBJECT.c.name)


def _pairs(connection: Connection, query: Any) -> list[Pair]:
    return [_pair(row) for row in connection.execute(query)]


def _pair(row: Sequence[Any]) -> Pair:
    width = len(fields(ObjectRow))
    return ObjectRow(*row[:width]), CopyRow(*row[width:])


def _count(text: str, stores: Sequence[str]) -> int:
    return sum(told.having(store, [text]) for store in stores)


def _messages(connection: Connection, query: Any) -> int:
    return int(connection.scalar(query.with_only_columns(func.coalesce(func.sum(SEGMENT.c.messages), 0))) or 0)


def _damaged(connection: Connection, segments: Any, stores: Sequence[str], copies: int, few: list[str]) -> int:
    """Messages in segments that would be in enough stores, were they not damaged there."""
    query = select(DAMAGE.c.name, DAMAGE.c.store).where(DAMAGE.c.store.in_(stores), DAMAGE.c.code.in_(GRAVE)).distinct()
    damaged: dict[str, set[str]] = {}
    for name, store in connection.execute(query):
        damaged.setdefault(name, set()).add(store)
    found = 0
    for name, text in _segments(connection, damaged):
        sound = [store for store in stores if store not in damaged[name]]
        if text not in few and _count(text, sound) < copies:
            found += _messages(connection, segments.join(OBJECT, of_segment()).where(OBJECT.c.name == name))
    return found


def _segments(connection: Connection, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those of these objects that are segments, and the stores that gave them back."""
    query = select(OBJECT.c.name, OBJECT.c.stores).where(OBJECT.c.kind == "segment")
    for portion in portions(set(names)):
        found = connection.execute(query.where(OBJECT.c.name.in_(portion))).all()
        yield from ((name, text) for name, text in found)

"""What `sweep` asks and records: which objects are promised, where each was seen and read, what is wrong with it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows, rows_in
from archiver.adapters.catalog.tables import ACT, COPY, DAMAGE, EVIDENCE, OBJECT, PDV, SEGMENT, TRUST, VOLUME
from archiver.submission.rows import (
    ActRow,
    CopyRow,
    DamageRow,
    EvidenceRow,
    ObjectRow,
    PdvRow,
    SegmentRow,
    TrustRow,
    VolumeRow,
)

Age = tuple[datetime, str, str]
"""Since when a copy was not read, its store, its name."""


class Sweeping:
    """The part of the catalog that knows every object."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- what is promised

    def unpromised_segments(self, *, after: str = "", limit: int = 1000) -> list[SegmentRow]:
        """Segments whose object is not promised yet, by digest; so for all that follow, each by its key."""
        promised = exists().where(_of_segment())
        return self._unpromised(SegmentRow, SEGMENT, promised, SEGMENT.c.sha256, after, limit)

    def unpromised_pdvs(self, *, after: str = "", limit: int = 1000) -> list[PdvRow]:
        """See `unpromised_segments`."""
        promised = exists().where(OBJECT.c.name == PDV.c.name)
        return self._unpromised(PdvRow, PDV, promised, PDV.c.id, after, limit)

    def unpromised_volumes(self, *, after: str = "", limit: int = 1000) -> list[VolumeRow]:
        """See `unpromised_segments`: volumes whose index is not."""
        promised = exists().where(OBJECT.c.sha256 == VOLUME.c.sha256, OBJECT.c.kind == "index")
        return self._unpromised(VolumeRow, VOLUME, promised, VOLUME.c.id, after, limit)

    def unpromised_trust(self, *, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000) -> list[TrustRow]:
        """See `unpromised_segments`, by holder, digest and extension."""
        key = (TRUST.c.holder, TRUST.c.sha256, TRUST.c.extension)
        promised = exists().where(
            OBJECT.c.sha256 == TRUST.c.sha256, OBJECT.c.holder == TRUST.c.holder, OBJECT.c.kind == "trust"
        )
        query = select(*columns(TRUST, TrustRow)).where(~promised, tuple_(*key) > tuple_(*after)).order_by(*key)
        with self._database.reading() as connection:
            return rows(connection, TrustRow, query.limit(limit))

    def unpromised_evidence(
        self, *, after: tuple[str, str, str, int] = ("", "", "", 0), limit: int = 1000
    ) -> list[EvidenceRow]:
        """See `unpromised_segments`, by subject, id, authority and number."""
        key = tuple(EVIDENCE.c[name] for name in ("subject", "subject_id", "tsa", "number"))
        promised = exists().where(OBJECT.c.name == EVIDENCE.c.name)
        query = select(*columns(EVIDENCE, EvidenceRow)).where(~promised, tuple_(*key) > tuple_(*after)).order_by(*key)
        with self._database.reading() as connection:
            return rows(connection, EvidenceRow, query.limit(limit))

    def unpromised_acts(self, *, after: tuple[str, str] = ("", ""), limit: int = 1000) -> list[ActRow]:
        """See `unpromised_segments`, by holder and id."""
        key = (ACT.c.holder, ACT.c.id)
        promised = exists().where(OBJECT.c.name == ACT.c.holder + "/acts/" + ACT.c.id + ".json")
        query = select(*columns(ACT, ActRow)).where(~promised, tuple_(*key) > tuple_(*after)).order_by(*key)
        with self._database.reading() as connection:
            return rows(connection, ActRow, query.limit(limit))

    def promise(self, new: Collection[ObjectRow]) -> None:
        """These objects belong to the archive; what is promised already stays as it was."""
        with self._database.writing() as connection:
            _put(connection, _insert(connection, OBJECT).on_conflict_do_nothing(), new)

    def unlearned(self, *, after: str = "", limit: int = 1000) -> list[ObjectRow]:
        """Objects of which the digest or the size is not known yet, by name."""
        unknown = or_(OBJECT.c.sha256 == "", OBJECT.c.size < 0)
        query = select(*columns(OBJECT, ObjectRow)).where(unknown, OBJECT.c.name > after).order_by(OBJECT.c.name)
        with self._database.reading() as connection:
            return rows(connection, ObjectRow, query.limit(limit))

    def learned(self, row: ObjectRow) -> None:
        """Digest and size of an object are known now."""
        with self._database.writing() as connection:
            values = {"sha256": row.sha256, "size": row.size}
            connection.execute(update(OBJECT).where(OBJECT.c.name == row.name).values(values))

    def assign(self, subject: str, names: Collection[str]) -> None:
        """These objects are kept for the sake of `subject` from now on."""
        with self._database.writing() as connection:
            for portion in portions(set(names)):
                connection.execute(update(OBJECT).where(OBJECT.c.name.in_(portion)).values(subject=subject))

    def expected(self, *, after: str = "", limit: int = 1000) -> list[ObjectRow]:
        """Everything that must be there, by name, ascending by octets."""
        query = select(*columns(OBJECT, ObjectRow)).where(OBJECT.c.name > after).order_by(OBJECT.c.name).limit(limit)
        with self._database.reading() as connection:
            return rows(connection, ObjectRow, query)

    def objects(self, names: Iterable[str]) -> dict[str, ObjectRow]:
        """Those of these names that are promised."""
        query = select(*columns(OBJECT, ObjectRow))
        with self._database.reading() as connection:
            return {row.name: row for row in rows_in(connection, ObjectRow, query, OBJECT.c.name, names)}

    def reports(self, holder: str) -> list[str]:
        """The names of a holder's reports, as far as they are promised."""
        here = (OBJECT.c.kind == "report", OBJECT.c.holder == holder)
        with self._database.reading() as connection:
            return list(connection.scalars(select(OBJECT.c.name).where(*here).order_by(OBJECT.c.name)))

    def promises(self) -> tuple[int, int]:
        """How many objects are promised, and their bytes as far as known."""
        sizes = func.coalesce(func.sum(OBJECT.c.size).filter(OBJECT.c.size > 0), 0)
        with self._database.reading() as connection:
            count, size = connection.execute(select(func.count(), sizes).select_from(OBJECT)).one()
        return int(count), int(size)

    # --- where it is

    def copies(self, store: str, names: Iterable[str]) -> dict[str, CopyRow]:
        """What is known of these objects in one store."""
        query = select(*columns(COPY, CopyRow)).where(COPY.c.store == store)
        with self._database.reading() as connection:
            return {row.name: row for row in rows_in(connection, CopyRow, query, COPY.c.name, names)}

    def note_copies(self, found: Collection[CopyRow]) -> None:
        """What is known of copies now, in place of what was known."""
        with self._database.writing() as connection:
            new = _insert(connection, COPY)
            values = {name: new.excluded[name] for name in ("at", "read", "opened", "kept")}
            _put(connection, new.on_conflict_do_update(index_elements=["store", "name"], set_=values), found)

    def uncopied(self, store: str, *, after: str = "", limit: int = 500) -> list[ObjectRow]:
        """Objects that were never read back from this store, by name; those that can be judged already."""
        here = and_(COPY.c.store == store, COPY.c.name == OBJECT.c.name, COPY.c.read.is_not(None))
        query = (
            select(*columns(OBJECT, ObjectRow))
            .where(~exists().where(here), OBJECT.c.name > after, OBJECT.c.sha256 != "")
            .order_by(OBJECT.c.name)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return rows(connection, ObjectRow, query)

    def to_lock(self, store: str, *, after: str = "", limit: int = 500) -> list[tuple[ObjectRow, CopyRow]]:
        """Copies that were locked for another's sake than that for which they are kept now, by name."""
        query = (
            select(*columns(OBJECT, ObjectRow), *columns(COPY, CopyRow))
            .join(COPY, COPY.c.name == OBJECT.c.name)
            .where(COPY.c.store == store, COPY.c.kept != OBJECT.c.subject, OBJECT.c.name > after)
            .order_by(OBJECT.c.name)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return _pairs(connection, query)

    def oldest(
        self, *, before: datetime, after: Age | None = None, limit: int = 500
    ) -> list[tuple[ObjectRow, CopyRow]]:
        """Copies not read since `before`, or never, those not read for longest first, behind `after`.

        Of all stores, those that are no longer configured too.
        """
        due = or_(COPY.c.read.is_(None), COPY.c.read < before)
        query = (
            select(*columns(OBJECT, ObjectRow), *columns(COPY, CopyRow))
            .join(COPY, COPY.c.name == OBJECT.c.name)
            .where(due, OBJECT.c.sha256 != "")
            .order_by(_age(), COPY.c.store, COPY.c.name)
            .limit(limit)
        )
        if after is not None:
            query = query.where(*_behind(after))
        with self._database.reading() as connection:
            return _pairs(connection, query)

    def unopened(
        self, store: str, *, before: datetime, after: str = "", limit: int = 100
    ) -> list[tuple[ObjectRow, CopyRow]]:
        """Segments in one store whose messages nobody has opened since `before`, by name."""
        age = func.coalesce(COPY.c.opened, OBJECT.c.at)
        query = (
            select(*columns(OBJECT, ObjectRow), *columns(COPY, CopyRow))
            .join(COPY, COPY.c.name == OBJECT.c.name)
            .where(COPY.c.store == store, OBJECT.c.kind == "segment", age < before, OBJECT.c.name > after)
            .order_by(OBJECT.c.name)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return _pairs(connection, query)

    def unread_since(self, store: str) -> datetime | None:
        """Since when the copy in this store that was not read for longest is unread; None when nothing is promised."""
        seen = select(func.min(_age())).where(COPY.c.store == store)
        here = and_(COPY.c.store == store, COPY.c.name == OBJECT.c.name)
        unseen = select(func.min(OBJECT.c.at)).where(~exists().where(here))
        with self._database.reading() as connection:
            found = [connection.scalar(query) for query in (seen, unseen)]
        return min((one for one in found if one is not None), default=None)

    def safety(self, stores: Sequence[str], copies: int) -> tuple[int, int]:
        """How many messages at least `copies` of these stores have, read back and undamaged; and how many not."""
        damaged = exists().where(DAMAGE.c.store == COPY.c.store, DAMAGE.c.name == COPY.c.name, DAMAGE.c.code.in_(GRAVE))
        whole = (
            select(func.count())
            .select_from(COPY)
            .where(COPY.c.name == OBJECT.c.name, COPY.c.store.in_(stores), COPY.c.read.is_not(None), ~damaged)
            .correlate(OBJECT)
            .scalar_subquery()
        )
        here = and_(_of_segment(), whole >= copies)
        total = func.coalesce(func.sum(SEGMENT.c.messages), 0)
        with self._database.reading() as connection:
            messages = int(connection.scalar(select(total)) or 0)
            safe = int(connection.scalar(select(total).where(exists().where(here))) or 0)
        return safe, messages - safe

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
            new = _insert(connection, DAMAGE)
            values = {"seen": new.excluded.seen, "found": new.excluded.found}
            kept = new.on_conflict_do_update(index_elements=["store", "name", "code"], set_=values)
            _put(connection, kept, seen)

    def resolve(self, gone: Collection[DamageRow]) -> None:
        """These are put right."""
        with self._database.writing() as connection:
            for row in gone:
                here = (DAMAGE.c.store == row.store, DAMAGE.c.name == row.name, DAMAGE.c.code == row.code)
                connection.execute(delete(DAMAGE).where(*here))

    def _unpromised(
        self, kind: Any, table: Table, promised: ColumnElement[bool], key: ColumnElement[str], after: str, limit: int
    ) -> list[Any]:
        query = select(*columns(table, kind)).where(~promised, key > after).order_by(key).limit(limit)
        with self._database.reading() as connection:
            return rows(connection, kind, query)


GRAVE = ("MISSING", "SIZE", "DIGEST", "UNREADABLE")
"""Damages after which the store does not have the object any more."""


def _of_segment() -> ColumnElement[bool]:
    """The same bytes of another holder are another object."""
    return and_(OBJECT.c.sha256 == SEGMENT.c.sha256, OBJECT.c.holder == SEGMENT.c.holder, OBJECT.c.kind == "segment")


def _age() -> ColumnElement[datetime]:
    return func.coalesce(COPY.c.read, COPY.c.at)


def _pairs(connection: Connection, query: Any) -> list[tuple[ObjectRow, CopyRow]]:
    width = len(fields(ObjectRow))
    return [(ObjectRow(*row[:width]), CopyRow(*row[width:])) for row in connection.execute(query)]


def _behind(after: Age) -> list[ColumnElement[bool]]:
    """The second condition contains the first, by which SQLite's index finds where to begin; PostgreSQL's by both."""
    age, store, name = after
    here = tuple_(literal(age, COPY.c.at.type), literal(store, COPY.c.store.type), literal(name, COPY.c.name.type))
    return [_age() >= age, tuple_(_age(), COPY.c.store, COPY.c.name) > here]


def _put(
    connection: Connection,
    statement: postgresql.Insert | sqlite.Insert,
    new: Collection[ObjectRow] | Collection[CopyRow] | Collection[DamageRow],
) -> None:
    """All of them, in one order whoever writes: two at once wait for one another, and not each for the other."""
    if new:
        ordered = sorted((asdict(row) for row in new), key=lambda row: (row["name"], row.get("store"), row.get("code")))
        connection.execute(statement, ordered)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)

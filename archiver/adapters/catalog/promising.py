"""What a census asks and records: which rows wait for their objects to be promised, what is promised, what is unknown.

A row is marked with the object that it promises, in one transaction: however many there are, those that wait are found
by an index over them alone.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, literal_column, select, tuple_, update

from archiver.adapters.catalog.copies import asked_again, put, upsert
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows, rows_in
from archiver.adapters.catalog.tables import (
    ACT,
    EVIDENCE,
    OBJECT,
    PDV,
    REPORTS,
    SEGMENT,
    TO_PROMISE,
    TRUST,
    UNLEARNED,
    VOLUME,
)
from archiver.submission.rows import ActRow, EvidenceRow, ObjectRow, PdvRow, SegmentRow, TrustRow, VolumeRow


class Promising:
    """The part of the catalog that knows every object."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unpromised_segments(self, *, after: str = "", limit: int = 1000) -> list[SegmentRow]:
        """Segments whose object is not promised yet, by digest; so for all that follow, each by its key."""
        return self._unpromised(SegmentRow, SEGMENT, (after,), limit)

    def unpromised_pdvs(self, *, after: str = "", limit: int = 1000) -> list[PdvRow]:
        """See `unpromised_segments`."""
        return self._unpromised(PdvRow, PDV, (after,), limit)

    def unpromised_volumes(self, *, after: str = "", limit: int = 1000) -> list[VolumeRow]:
        """See `unpromised_segments`: volumes whose index is not."""
        return self._unpromised(VolumeRow, VOLUME, (after,), limit)

    def unpromised_trust(self, *, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000) -> list[TrustRow]:
        """See `unpromised_segments`, by holder, digest and extension."""
        return self._unpromised(TrustRow, TRUST, after, limit)

    def unpromised_evidence(
        self, *, after: tuple[str, str, str, int] = ("", "", "", 0), limit: int = 1000
    ) -> list[EvidenceRow]:
        """See `unpromised_segments`, by subject, id, authority and number."""
        return self._unpromised(EvidenceRow, EVIDENCE, after, limit)

    def unpromised_acts(self, *, after: tuple[str, str] = ("", ""), limit: int = 1000) -> list[ActRow]:
        """See `unpromised_segments`, by holder and id."""
        return self._unpromised(ActRow, ACT, after, limit)

    def promise(self, new: Collection[ObjectRow]) -> None:
        """These objects belong to the archive; what is promised already stays as it was."""
        with self._database.writing() as connection:
            put(connection, upsert(connection, OBJECT).on_conflict_do_nothing(), new)
            for portion in portions({row.name for row in new}):
                _mark_by_name(connection, portion)
            for portion in portions({str(row.sha256) for row in new if row.sha256}):
                _mark_by_digest(connection, portion)

    def unlearned(self, *, after: str = "", limit: int = 1000) -> list[ObjectRow]:
        """Objects of which the digest or the size is not known yet, by name."""
        return self._objects(UNLEARNED, after, limit)

    def learned(self, row: ObjectRow) -> None:
        """Digest and size of an object are known now."""
        with self._database.writing() as connection:
            values = {"sha256": row.sha256, "size": row.size}
            connection.execute(update(OBJECT).where(OBJECT.c.name == row.name).values(values))
            _mark_by_digest(connection, [row.sha256])

    def assign(self, subject: str, names: Collection[str]) -> None:
        """These objects are kept for the sake of `subject` from now on."""
        with self._database.writing() as connection:
            for portion in portions(set(names)):
                connection.execute(update(OBJECT).where(OBJECT.c.name.in_(portion)).values(subject=subject))
                asked_again(connection, portion, subject)

    def expected(self, *, after: str = "", limit: int = 1000) -> list[ObjectRow]:
        """Everything that must be there, by name, ascending by octets."""
        return self._objects(None, after, limit)

    def objects(self, names: Iterable[str]) -> dict[str, ObjectRow]:
        """Those of these names that are promised."""
        query = select(*columns(OBJECT, ObjectRow))
        with self._database.reading() as connection:
            return {row.name: row for row in rows_in(connection, ObjectRow, query, OBJECT.c.name, names)}

    def reports(self, holder: str) -> list[str]:
        """The names of a holder's reports, as far as they are promised."""
        query = select(OBJECT.c.name).where(REPORTS, OBJECT.c.holder == holder).order_by(OBJECT.c.name)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def promises(self) -> tuple[int, int]:
        """How many objects are promised, and their bytes as far as known."""
        sizes = func.coalesce(func.sum(OBJECT.c.size).filter(OBJECT.c.size > 0), 0)
        with self._database.reading() as connection:
            count, size = connection.execute(select(func.count(), sizes).select_from(OBJECT)).one()
        return int(count), int(size)

    def _objects(self, where: ColumnElement[bool] | None, after: str, limit: int) -> list[ObjectRow]:
        query = select(*columns(OBJECT, ObjectRow)).where(OBJECT.c.name > after).order_by(OBJECT.c.name).limit(limit)
        with self._database.reading() as connection:
            return rows(connection, ObjectRow, query if where is None else query.where(where))

    def _unpromised(self, kind: Any, table: Table, after: tuple[Any, ...], limit: int) -> list[Any]:
        waiting, keys = TO_PROMISE[table]
        place = [table.c[key] for key in keys]
        behind = tuple_(*place) > tuple_(*after) if len(place) > 1 else place[0] > after[0]
        query = select(*columns(table, kind)).where(waiting, behind).order_by(*place).limit(limit)
        with self._database.reading() as connection:
            return rows(connection, kind, query)


def of_segment() -> ColumnElement[bool]:
    """The same bytes of another holder are another object."""
    return and_(OBJECT.c.sha256 == SEGMENT.c.sha256, OBJECT.c.holder == SEGMENT.c.holder, OBJECT.c.kind == "segment")


def _of_volume() -> ColumnElement[bool]:
    return and_(OBJECT.c.sha256 == VOLUME.c.sha256, OBJECT.c.kind == "index")


def _of_trust() -> ColumnElement[bool]:
    return and_(OBJECT.c.sha256 == TRUST.c.sha256, OBJECT.c.holder == TRUST.c.holder, OBJECT.c.kind == "trust")


def _of_act() -> ColumnElement[bool]:
    return OBJECT.c.name == ACT.c.holder + "/acts/" + ACT.c.id + ".json"


def _mark_by_name(connection: Connection, names: list[str]) -> None:
    for table in (PDV, EVIDENCE):
        _mark(connection, table, table.c.name.in_(names), OBJECT.c.name == table.c.name)
    acts = [name.removesuffix(".json").partition("/acts/") for name in names if "/acts/" in name]
    if acts:
        where = tuple_(ACT.c.holder, ACT.c.id).in_([(holder, id) for holder, _, id in acts])
        _mark(connection, ACT, where, _of_act())


def _mark_by_digest(connection: Connection, digests: Collection[str]) -> None:
    for table, promised in ((SEGMENT, of_segment()), (VOLUME, _of_volume())):
        _mark(connection, table, table.c.sha256.in_(digests), promised)
    holders = select(OBJECT.c.holder).where(OBJECT.c.sha256.in_(digests), OBJECT.c.kind == literal_column("'trust'"))
    _mark(connection, TRUST, and_(TRUST.c.holder.in_(holders), TRUST.c.sha256.in_(digests)), _of_trust())


def _mark(connection: Connection, table: Table, where: ColumnElement[bool], promised: ColumnElement[bool]) -> None:
    waiting, _ = TO_PROMISE[table]
    connection.execute(update(table).where(waiting, where, exists().where(promised)).values(promised=True))

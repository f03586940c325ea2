"""What discards and holds ask: closed volumes and what is in them, what belongs together, what was destroyed."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import columns, portions, rows, rows_in
from archiver.adapters.catalog.tables import (
    DESTROYED,
    DISCARD,
    IDENTIFIER,
    MESSAGE,
    OBJECT,
    SEGMENT,
    TOMBSTONE,
    TRUST,
    VOLUME,
)
from archiver.adapters.catalog.types import key
from archiver.digest import Sha256
from archiver.submission.discards import DestroyedRow, DiscardRow, TombstoneRow
from archiver.submission.rows import MessageRow, SegmentRow, VolumeRow

_TRANSACTION = ("identificativo", "msgid")
_OF_SEGMENT = and_(MESSAGE.c.segment == SEGMENT.c.sha256, MESSAGE.c.mailbox == SEGMENT.c.mailbox)
_NAMES = (MESSAGE.c.identificativo, MESSAGE.c.msgid, MESSAGE.c.message_id, MESSAGE.c.reference)


class Discarding:
    """The part of the catalog that knows what may go, and what has gone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- what may go

    def closed(self, holder: str) -> list[VolumeRow]:
        """The holder's volumes, by year, mailbox, class and id."""
        query = select(*columns(VOLUME, VolumeRow)).where(VOLUME.c.holder == holder)
        with self._database.reading() as connection:
            found = rows(connection, VolumeRow, query)
        return sorted(found, key=lambda row: (row.year, row.mailbox, row.retention, row.id))

    def segments_of(self, volume: str) -> list[SegmentRow]:
        """The segments of a volume as they are today, by digest."""
        query = select(*columns(SEGMENT, SegmentRow)).where(SEGMENT.c.volume == volume).order_by(SEGMENT.c.sha256)
        with self._database.reading() as connection:
            return rows(connection, SegmentRow, query)

    def messages_in(
        self, volumes: Collection[str], *, after: tuple[str, str] = ("", ""), limit: int = 100
    ) -> list[MessageRow]:
        """The messages of these volumes, by digest and mailbox, behind that one, so many."""
        query = select(*columns(MESSAGE, MessageRow)).join(SEGMENT, _OF_SEGMENT)
        query = query.where(MESSAGE.c.sha256 >= after[0]).order_by(MESSAGE.c.sha256, MESSAGE.c.mailbox)
        with self._database.reading() as connection:
            found = [
                row
                for portion in portions(set(volumes))
                for row in rows(connection, MessageRow, query.where(SEGMENT.c.volume.in_(portion)).limit(limit + 50))
            ]
        behind = [row for row in found if (row.sha256, row.mailbox) > after]
        return sorted(behind, key=lambda row: (row.sha256, row.mailbox))[:limit]

    def placed(self, holder: str, digests: Collection[Sha256]) -> list[tuple[MessageRow, SegmentRow]]:
        """These messages of the holder in every mailbox, each with its segment, by digest and mailbox."""
        query = select(*columns(MESSAGE, MessageRow), *columns(SEGMENT, SegmentRow)).join(SEGMENT, _OF_SEGMENT)
        query = query.where(MESSAGE.c.holder == holder)
        width = len(columns(MESSAGE, MessageRow))
        with self._database.reading() as connection:
            found = [
                (MessageRow(*row[:width]), SegmentRow(*row[width:]))
                for portion in portions(set(digests))
                for row in connection.execute(query.where(MESSAGE.c.sha256.in_(portion)))
            ]
        return sorted(found, key=lambda pair: (pair[0].sha256, pair[0].mailbox))

    def reaching(self, volumes: Collection[str]) -> dict[str, list[Sha256]]:
        """By volume, those of its messages whose transaction has messages in none of these volumes."""
        found: dict[str, list[Sha256]] = {}
        with self._database.reading() as connection:
            for volume in sorted(volumes):
                inside = select(MESSAGE.c.sha256, *_NAMES).join(SEGMENT, _OF_SEGMENT).where(SEGMENT.c.volume == volume)
                names = _by_name(connection.execute(inside))
                elsewhere = {name for name, other in _bearers(connection, names) if other not in volumes}
                if reach := {digest for name in elsewhere for digest in names[name]}:
                    found[volume] = sorted(reach)
        return found

    def together(self, holder: str, digests: Collection[Sha256]) -> frozenset[Sha256]:
        """These messages of the holder, and all that share a transaction with one of them."""
        known: set[Sha256] = set()
        new = set(digests)
        query = select(MESSAGE.c.sha256, *_NAMES).where(MESSAGE.c.holder == holder)
        with self._database.reading() as connection:
            while new:
                known |= new
                told = (
                    row
                    for portion in portions(new)
                    for row in connection.execute(query.where(MESSAGE.c.sha256.in_(portion)))
                )
                names = _by_name(told)
                bearing = select(MESSAGE.c.sha256).join(IDENTIFIER, _named()).where(MESSAGE.c.holder == holder)
                bearing = bearing.where(IDENTIFIER.c.scope.in_(_TRANSACTION))
                found = {
                    Sha256(digest)
                    for portion in portions(set(names))
                    for digest in connection.scalars(bearing.where(IDENTIFIER.c.value.in_(portion)))
                }
                new = found - known
        return frozenset(known)

    def volumes_of(self, holder: str, digests: Collection[Sha256]) -> frozenset[str]:
        """The closed volumes that hold one of these messages."""
        return frozenset(segment.volume for _, segment in self.placed(holder, digests) if segment.volume)

    def volumes_dated(
        self, holder: str, *, since: datetime | None, until: datetime | None, mailbox: str = ""
    ) -> frozenset[str]:
        """The closed volumes with a message dated from `since`, before `until`, in one mailbox or in any."""
        query = select(SEGMENT.c.volume).join(MESSAGE, _OF_SEGMENT).distinct()
        query = query.where(SEGMENT.c.holder == holder, SEGMENT.c.volume.is_not(None))
        query = query.where(MESSAGE.c.date >= since) if since else query
        query = query.where(MESSAGE.c.date < until) if until else query
        query = query.where(SEGMENT.c.mailbox == mailbox) if mailbox else query
        with self._database.reading() as connection:
            return frozenset(str(found) for found in connection.scalars(query))

    def kept_for(self, subject: str) -> list[str]:
        """The names of all objects that are kept for the sake of this volume, as far as they are promised."""
        query = select(OBJECT.c.name).where(OBJECT.c.subject == subject).order_by(OBJECT.c.name)
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def covered_by(self, volumes: Collection[str]) -> frozenset[Sha256]:
        """The trust material that the catalog says is covered by the evidence of these volumes."""
        with self._database.reading() as connection:
            return frozenset(
                Sha256(found)
                for portion in portions(set(volumes))
                for found in connection.scalars(select(TRUST.c.sha256).where(TRUST.c.covered.in_(portion)))
            )

    # --- what has gone

    def discards(self, holder: str = "") -> list[DiscardRow]:
        """The records of destructions that are in the store, by holder and id."""
        query = select(*columns(DISCARD, DiscardRow))
        query = query.where(DISCARD.c.holder == holder) if holder else query
        with self._database.reading() as connection:
            return sorted(rows(connection, DiscardRow, query), key=lambda row: (row.holder, row.id))

    def unpromised_discards(self) -> list[DiscardRow]:
        """Those whose object is not promised yet."""
        found = self.discards()
        query = select(OBJECT.c.name)
        with self._database.reading() as connection:
            names = portions({row.name for row in found})
            promised = {name for some in names for name in connection.scalars(query.where(OBJECT.c.name.in_(some)))}
        return [row for row in found if row.name not in promised]

    def destroyed(self, holder: str, digests: Iterable[str]) -> dict[str, DestroyedRow]:
        """Those of these segments, metadata.zip (by digest) and volumes (by id) that a discard destroyed."""
        query = select(*columns(DESTROYED, DestroyedRow)).where(DESTROYED.c.holder == holder)
        with self._database.reading() as connection:
            return {row.sha256: row for row in rows_in(connection, DestroyedRow, query, DESTROYED.c.sha256, digests)}

    def discarded(self, mailbox: str, digests: Collection[Sha256]) -> frozenset[Sha256]:
        """Those of these messages that were discarded from the mailbox."""
        found: set[Sha256] = set()
        with self._database.reading() as connection:
            for portion in portions(set(digests)):
                query = select(TOMBSTONE.c.sha256)
                here = query.where(TOMBSTONE.c.mailbox == mailbox, TOMBSTONE.c.sha256.in_(portion))
                found.update(map(Sha256, connection.scalars(here)))
        return frozenset(found)

    def tombstones(self, begun: str, *, limit: int = 50) -> list[TombstoneRow]:
        """Discarded messages whose digest begins so, by mailbox."""
        bounds = (TOMBSTONE.c.sha256 >= begun, TOMBSTONE.c.sha256 < begun + "g")  # behind every hexadecimal digit
        query = select(*columns(TOMBSTONE, TombstoneRow)).where(*bounds)
        with self._database.reading() as connection:
            return rows(connection, TombstoneRow, query.order_by(TOMBSTONE.c.sha256, TOMBSTONE.c.mailbox).limit(limit))

    def note_discards(
        self,
        records: Sequence[DiscardRow] = (),
        destroyed: Sequence[DestroyedRow] = (),
        tombstones: Sequence[TombstoneRow] = (),
    ) -> None:
        """These are so, all together; what is noted already stays as it was."""
        with self._database.writing() as connection:
            note_discards(connection, records, destroyed, tombstones)


def note_discards(
    connection: Connection,
    records: Sequence[DiscardRow] = (),
    destroyed: Sequence[DestroyedRow] = (),
    tombstones: Sequence[TombstoneRow] = (),
) -> None:
    """The same within a transaction."""
    for table, new in ((DISCARD, records), (DESTROYED, destroyed), (TOMBSTONE, tombstones)):
        if new:
            connection.execute(_insert(connection, table).on_conflict_do_nothing(), [asdict(row) for row in new])


def _by_name(told: Iterable[Any]) -> dict[str, set[Sha256]]:
    """Messages by each of the names that their transaction has in them."""
    names: dict[str, set[Sha256]] = {}
    for digest, *values in told:
        for value in {key(value) for value in values if value}:
            names.setdefault(value, set()).add(Sha256(digest))
    return names


def _bearers(connection: Connection, names: dict[str, set[Sha256]]) -> Iterable[tuple[str, str | None]]:
    """Each name with the volume (None: not closed) of every message that bears it."""
    query = (
        select(IDENTIFIER.c.value, SEGMENT.c.volume)
        .select_from(IDENTIFIER)
        .join(MESSAGE, _named())
        .join(SEGMENT, _OF_SEGMENT)
        .where(IDENTIFIER.c.scope.in_(_TRANSACTION))
        .distinct()
    )
    for portion in portions(set(names)):
        yield from (
            (str(name), volume) for name, volume in connection.execute(query.where(IDENTIFIER.c.value.in_(portion)))
        )


def _named() -> Any:
    return and_(MESSAGE.c.sha256 == IDENTIFIER.c.sha256, MESSAGE.c.mailbox == IDENTIFIER.c.mailbox)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)

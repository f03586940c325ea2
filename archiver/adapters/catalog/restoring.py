"""What a rebuild asks and records: whether the catalog is empty, how far it came, and rows by the thousand."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Table, delete, insert, select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.intake import add_brought, add_segments
from archiver.adapters.catalog.records import columns, rows
from archiver.adapters.catalog.tables import (
    ANNOTATION,
    ATTEMPT,
    COPY,
    DAMAGE,
    FAILING,
    FETCHED,
    HANDED_OUT,
    METADATA,
    NAMED,
    NIGHT,
    OBJECT,
    PDV,
    REBUILD,
    RECKONING,
    REREAD,
    SEGMENT,
    SPEND,
)
from archiver.adapters.catalog.trust import note_seen
from archiver.digest import Sha256
from archiver.errors import ConfigError
from archiver.submission.rapporti import Brought
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow, TrustRow

NOT_OF_THE_STORE: frozenset[Table] = frozenset(
    (ANNOTATION, ATTEMPT, COPY, DAMAGE, FAILING, FETCHED, HANDED_OUT, NIGHT, OBJECT, REBUILD, RECKONING, REREAD, SPEND)
)
"""Queues, caches and counts of servers: the store knows nothing of them, and no rebuild makes them again.

ops/decisions/0007 says of each why. OBJECT is what a sweep's census makes of the other rows, DAMAGE what it finds.
"""


class Restoring:
    """The part of the catalog that is made again from the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rebuilding(self) -> str | None:
        """From which store a rebuild is under way, that was cut short or is at work; None: all rows are there."""
        with self._database.reading() as connection:
            return connection.scalar(select(REBUILD.c.source))

    def begin_rebuild(self, source: str, at: datetime) -> None:
        """A rebuild from the store called `source` begins, or goes on. Raises ConfigError when there are rows already,
        or when another store's is under way; with the way out.
        """
        with self._database.writing() as connection:
            before = connection.scalar(select(REBUILD.c.source))
            if before == source:
                return
            if before is not None:
                raise ConfigError(
                    f"{self._database.shown}: una ricostruzione dallo store {before!r} è rimasta a metà: finirla con"
                    f" `--from {before}`, o indicare un altro database vuoto (another one is half done)"
                )
            kept = [table for table in METADATA.sorted_tables if table not in NOT_OF_THE_STORE]
            there = [table.name for table in kept if connection.execute(select(table).limit(1)).first()]
            if there:
                raise ConfigError(
                    f"{self._database.shown}: il catalogo non è vuoto (righe in {', '.join(there[:3])}): una"
                    " ricostruzione non cancella nulla; spostare il file del catalogo, o indicare in [archive] catalog"
                    " un database vuoto, e ripetere (not empty: move it aside or name an empty database)"
                )
            connection.execute(insert(REBUILD).values(source=source, at=at))

    def end_rebuild(self) -> None:
        """All rows are there."""
        with self._database.writing() as connection:
            connection.execute(delete(REBUILD))

    def pdvs_known(self, mailbox: str) -> frozenset[str]:
        """The ids of the mailbox's rapporti."""
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(PDV.c.id).where(PDV.c.mailbox == mailbox)))

    def pdvs_lost(self, mailbox: str) -> list[PdvRow]:
        """The mailbox's rapporti of which only others tell, by number: they have no size."""
        query = select(*columns(PDV, PdvRow)).where(PDV.c.mailbox == mailbox, PDV.c.size == 0)
        with self._database.reading() as connection:
            return sorted(rows(connection, PdvRow, query), key=lambda row: row.number)

    def named(self, holder: str) -> dict[str, str]:
        """The holder's volumes that rapporti say were closed, each with the id of the rapporto."""
        query = select(NAMED.c.volume, NAMED.c.pdv).join(PDV).where(PDV.c.holder == holder)
        with self._database.reading() as connection:
            return {str(volume): str(pdv) for volume, pdv in connection.execute(query)}

    def segments_known(self, mailbox: str) -> frozenset[Sha256]:
        """The digests of the mailbox's segments."""
        with self._database.reading() as connection:
            query = select(SEGMENT.c.sha256).where(SEGMENT.c.mailbox == mailbox)
            return frozenset(map(Sha256, connection.scalars(query)))

    def restore(self, brought: Collection[Brought], met: Collection[TrustRow] = ()) -> None:
        """Several rapporti in one transaction, each as `record_pdv`, and certificates that they met first."""
        with self._database.writing() as connection:
            note_seen(connection, met)
            for item in brought:
                add_brought(connection, item)

    def seen(self, found: Collection[TrustRow]) -> None:
        """Trust material, and when it was first seen: of several times the earliest holds."""
        with self._database.writing() as connection:
            note_seen(connection, found)

    def adopt(self, segments: Sequence[SegmentRow], messages: Sequence[MessageRow]) -> None:
        """Segments of rapporti that are recorded and cannot be read any more, with their messages."""
        with self._database.writing() as connection:
            add_segments(connection, segments, messages)

"""What `ingest` asks and records: which messages are known, and what a poll has brought."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, exists, insert, select, update

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.evidenced import note_evidenced
from archiver.adapters.catalog.ledger import move_clock, write_notes
from archiver.adapters.catalog.records import add, add_once, columns, portions, rows
from archiver.adapters.catalog.searching import add_headings
from archiver.adapters.catalog.tables import (
    IDENTIFIER,
    MESSAGE,
    NAMED,
    PDV,
    SEGMENT,
    UNNAMED,
    VOLUME,
)
from archiver.adapters.catalog.tallying import PDVS, count, of_messages, of_segments
from archiver.adapters.catalog.types import key
from archiver.digest import Sha256
from archiver.submission.ledger import Note
from archiver.submission.rapporti import Brought
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow, VolumeRow


class Intake:
    """The part of the catalog that grows with each poll."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self, mailbox: str) -> PdvRow | None:
        """The newest rapporto of the mailbox: that with the highest number."""
        newest = select(*columns(PDV, PdvRow)).where(PDV.c.mailbox == mailbox).order_by(PDV.c.number.desc()).limit(1)
        with self._database.reading() as connection:
            return next(iter(rows(connection, PdvRow, newest)), None)

    def known(self, mailbox: str, digests: Collection[Sha256]) -> frozenset[Sha256]:
        """Those of `digests` whose messages are kept in this mailbox already."""
        found: set[Sha256] = set()
        with self._database.reading() as connection:
            for portion in portions(digests):
                query = select(MESSAGE.c.sha256).where(MESSAGE.c.mailbox == mailbox, MESSAGE.c.sha256.in_(portion))
                found.update(map(Sha256, connection.scalars(query)))
        return frozenset(found)

    def volumes_to_name(self, mailbox: str) -> list[VolumeRow]:
        """Closed volumes of the mailbox that no rapporto has named yet, by time and id."""
        unnamed = select(*columns(VOLUME, VolumeRow)).where(
            VOLUME.c.mailbox == mailbox, UNNAMED, ~exists().where(NAMED.c.volume == VOLUME.c.id)
        )
        with self._database.reading() as connection:
            return sorted(rows(connection, VolumeRow, unnamed), key=lambda row: (row.at, row.id))

    def record_pdv(
        self,
        pdv: PdvRow,
        segments: Sequence[SegmentRow],
        messages: Sequence[MessageRow],
        volumes: Collection[str] = (),
        notes: Sequence[Note] = (),
    ) -> None:
        """The rapporto, all that it names (`volumes` too), and what became of UIDs, together or not at all.

        The same rapporto again changes nothing. Raises Conflict when another one has its id or its number, or when a
        message is kept in the mailbox already.
        """
        with self._database.writing() as connection:
            add_brought(connection, Brought(pdv, tuple(segments), tuple(messages), tuple(volumes), tuple(notes)))


def add_brought(connection: Connection, brought: Brought) -> None:
    """A rapporto and all that it names, within a transaction; the same again changes nothing. Raises Conflict."""
    pdv = brought.pdv
    if add_once(connection, PDV, pdv):
        count(connection, {(pdv.mailbox, PDVS, ""): (1, pdv.size)})
        note_evidenced(connection, [pdv.id])  # a catalog that catches up may know its evidence already
        add_segments(connection, brought.segments, brought.messages)
        if brought.volumes:
            connection.execute(insert(NAMED), [{"volume": volume, "pdv": pdv.id} for volume in brought.volumes])
            connection.execute(update(VOLUME).where(VOLUME.c.id.in_(brought.volumes)).values(named=True))
        write_notes(connection, pdv.mailbox, brought.notes, pdv.at)
        move_clock(connection, pdv.mailbox, pdv.at)


def add_segments(connection: Connection, segments: Sequence[SegmentRow], messages: Sequence[MessageRow]) -> None:
    """Segments and their messages, within a transaction."""
    add(connection, SEGMENT, segments)
    count(connection, of_segments(segments))
    for portion in portions({segment.pdv for segment in segments}):
        connection.execute(update(PDV).where(PDV.c.id.in_(portion)).values(listed=True))
    _add_messages(connection, messages)


def _add_messages(connection: Connection, messages: Sequence[MessageRow]) -> None:
    add(connection, MESSAGE, messages)
    count(connection, of_messages(messages))
    add_headings(connection, messages)
    names = [name for message in messages for name in identifiers(message)]
    if names:
        connection.execute(insert(IDENTIFIER), names)


def identifiers(message: MessageRow) -> list[dict[str, str]]:
    """The rows by which a message's transaction is known."""
    names = {("identificativo", key(message.identificativo))}
    names.update(("msgid", key(value)) for value in (message.msgid, message.message_id, message.reference))
    names.update(("link", key(value)) for value in message.links)
    return [
        {"scope": scope, "value": value, "sha256": message.sha256, "mailbox": message.mailbox}
        for scope, value in names
        if value
    ]

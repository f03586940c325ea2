"""Forgetting what was destroyed: the rows of messages, segments, volumes and their evidence, and all words of a search.

In SQLite what is deleted is written over, and the journal written back; in PostgreSQL old rows go with the next VACUUM.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, update

from archiver.adapters.catalog import fulltext
from archiver.adapters.catalog.copies import asked_again
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.discarding import note_discards
from archiver.adapters.catalog.evidenced import note_listed, note_newest
from archiver.adapters.catalog.intake import identifiers
from archiver.adapters.catalog.records import add, columns, portions, rows
from archiver.adapters.catalog.tables import (
    COPY,
    DAMAGE,
    EVIDENCE,
    HANDED_OUT,
    HEADING,
    IDENTIFIER,
    MESSAGE,
    OBJECT,
    PDV_VOLUME,
    REREAD,
    SEGMENT,
    TOKEN,
    TRUST,
    VOLUME,
)
from archiver.adapters.catalog.tallying import VOLUMES, count, of_messages, of_segments
from archiver.digest import Sha256
from archiver.submission.oblivion import Oblivion, Rewritten
from archiver.submission.rows import MessageRow, SegmentRow, VolumeRow

FOR_EVER = "*"
"""The subject of what is kept for ever (see `ObjectRow`)."""


class Forgetting:
    """The part of the catalog that forgets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def forget_discarded(self, what: Oblivion) -> int:
        """All of it, or nothing; the same again changes nothing. How many messages no search finds any more."""
        with self._database.writing() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete=ON")
            note_discards(connection, [what.record], what.destroyed, what.tombstones)
            gone = sum(_drop_messages(connection, mailbox, digests) for mailbox, digests in _by_mailbox(what).items())
            for one in what.rewritten:
                _move(connection, one)
            _drop_volumes(connection, what.volumes, what.touched)
            _drop_objects(connection, what)
            if gone:
                fulltext.scour(connection)
        self._database.settle()
        return gone


def _by_mailbox(what: Oblivion) -> dict[str, list[Sha256]]:
    found: dict[str, list[Sha256]] = {}
    for row in what.tombstones:
        found.setdefault(row.mailbox, []).append(row.sha256)
    return found


def _drop_messages(connection: Connection, mailbox: str, digests: Collection[Sha256]) -> int:
    gone = 0
    for portion in portions(set(digests)):
        mine = select(*columns(MESSAGE, MessageRow)).where(MESSAGE.c.mailbox == mailbox, MESSAGE.c.sha256.in_(portion))
        there = rows(connection, MessageRow, mine)
        count(connection, of_messages(there), sign=-1)
        for message in there:
            for name in identifiers(message):
                connection.execute(
                    delete(IDENTIFIER).where(*(IDENTIFIER.c[key] == value for key, value in name.items()))
                )
        connection.execute(delete(HEADING).where(HEADING.c.mailbox == mailbox, HEADING.c.sha256.in_(portion)))
        here = (MESSAGE.c.mailbox == mailbox, MESSAGE.c.sha256.in_(portion))
        gone += connection.execute(delete(MESSAGE).where(*here)).rowcount
    return gone


def _move(connection: Connection, one: Rewritten) -> None:
    """What is left of a segment lies in another one now."""
    old = (SEGMENT.c.sha256 == one.old, SEGMENT.c.mailbox == one.mailbox)
    if one.new is not None:
        there = select(SEGMENT.c.sha256).where(SEGMENT.c.sha256 == one.new.sha256, SEGMENT.c.mailbox == one.mailbox)
        if connection.scalar(there) is None:
            add(connection, SEGMENT, [one.new])
            count(connection, of_segments([one.new]))
        for digest, offset in one.offsets.items():
            mine = (MESSAGE.c.sha256 == digest, MESSAGE.c.mailbox == one.mailbox)
            connection.execute(update(MESSAGE).where(*mine).values(segment=one.new.sha256, offset=offset))
    _drop_segments(connection, *old)


def _drop_volumes(connection: Connection, volumes: Sequence[str], touched: Sequence[str]) -> None:
    for portion in portions(set(volumes)):
        listed = list(connection.scalars(select(PDV_VOLUME.c.pdv).where(PDV_VOLUME.c.volume.in_(portion))))
        _drop_segments(connection, SEGMENT.c.volume.in_(portion))
        connection.execute(delete(PDV_VOLUME).where(PDV_VOLUME.c.volume.in_(portion)))
        note_listed(connection, listed)
        note_newest(connection, "pdv", listed)
        for table in (EVIDENCE, REREAD):
            connection.execute(delete(table).where(table.c.subject == "volume", table.c.subject_id.in_(portion)))
        connection.execute(delete(HANDED_OUT).where(HANDED_OUT.c.volume.in_(portion)))
        there = rows(connection, VolumeRow, select(*columns(VOLUME, VolumeRow)).where(VOLUME.c.id.in_(portion)))
        for volume in there:
            count(connection, {(volume.mailbox, VOLUMES, ""): (1, volume.size)}, sign=-1)
        connection.execute(delete(VOLUME).where(VOLUME.c.id.in_(portion)))
        connection.execute(update(TRUST).where(TRUST.c.covered.in_(portion)).values(covered=""))
    for portion in portions(set(touched)):
        connection.execute(delete(REREAD).where(REREAD.c.subject == "volume", REREAD.c.subject_id.in_(portion)))
    if volumes:
        connection.execute(delete(TOKEN).where(~exists().where(EVIDENCE.c.token == TOKEN.c.sha256)))


def _drop_segments(connection: Connection, *where: ColumnElement[bool]) -> None:
    gone = rows(connection, SegmentRow, select(*columns(SEGMENT, SegmentRow)).where(*where))
    count(connection, of_segments(gone), sign=-1)
    connection.execute(delete(SEGMENT).where(*where))


def _drop_objects(connection: Connection, what: Oblivion) -> None:
    """What is gone is promised no more; what was kept for a volume's sake and is still there is kept for ever."""
    for portion in portions(set(what.objects)):  # another mailbox may have the same segment still
        digests = select(OBJECT.c.sha256).where(OBJECT.c.name.in_(portion))
        connection.execute(update(SEGMENT).where(SEGMENT.c.sha256.in_(digests)).values(promised=False))
    for table in (OBJECT, COPY, DAMAGE):
        for portion in portions(set(what.objects)):
            connection.execute(delete(table).where(table.c.name.in_(portion)))
        for folder in what.folders:  # from its slash to the sign behind a slash
            connection.execute(delete(table).where(table.c.name >= folder, table.c.name < f"{folder[:-1]}0"))
    for portion in portions(set(what.volumes)):
        names = list(connection.scalars(select(OBJECT.c.name).where(OBJECT.c.subject.in_(portion))))
        connection.execute(update(OBJECT).where(OBJECT.c.subject.in_(portion)).values(subject=FOR_EVER))
        for some in portions(names):
            asked_again(connection, some, FOR_EVER)
    for name, sha256, size in what.changed:
        other = (OBJECT.c.name == name, or_(OBJECT.c.sha256 != sha256, OBJECT.c.size != size))
        if connection.execute(update(OBJECT).where(*other).values(sha256=sha256, size=size, stores="")).rowcount:
            connection.execute(delete(COPY).where(COPY.c.name == name))
            connection.execute(delete(DAMAGE).where(DAMAGE.c.name == name))

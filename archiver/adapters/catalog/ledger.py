"""What polls of a server ask and note: which UIDs are accounted for, which could not be fetched, and the counts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, bindparam, delete, func, insert, select, update

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.records import add, columns, rows
from archiver.adapters.catalog.tables import ATTEMPT, FAILING, LEDGER, POLL, RECKONING
from archiver.submission.ledger import Note, union, written
from archiver.submission.rows import AttemptRow, FailingRow, LedgerRow, Outcome, ReckoningRow


class Ledger:
    """The part of the catalog that knows every UID."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ledger(self, mailbox: str) -> list[LedgerRow]:
        """What became of the UIDs of the mailbox, by folder, UIDVALIDITY and UID."""
        query = select(*columns(LEDGER, LedgerRow)).where(LEDGER.c.mailbox == mailbox)
        with self._database.reading() as connection:
            found = rows(connection, LedgerRow, query)
        return sorted(found, key=lambda row: (row.folder, row.validity, row.first))

    def failing(self, mailbox: str) -> list[FailingRow]:
        """What could not be fetched, yet or for good, by folder, UIDVALIDITY and UID."""
        query = select(*columns(FAILING, FailingRow)).where(FAILING.c.mailbox == mailbox)
        with self._database.reading() as connection:
            return sorted(rows(connection, FailingRow, query), key=lambda row: (row.folder, row.validity, row.uid))

    def reckonings(self, mailbox: str, *, newest: bool = False) -> list[ReckoningRow]:
        """Every comparison with the server, or those of the last poll that made any; the oldest first."""
        query = select(*columns(RECKONING, ReckoningRow)).where(RECKONING.c.mailbox == mailbox)
        if newest:
            last = select(func.max(RECKONING.c.at)).where(RECKONING.c.mailbox == mailbox)
            query = query.where(RECKONING.c.at == last.scalar_subquery())
        with self._database.reading() as connection:
            return sorted(rows(connection, ReckoningRow, query), key=lambda row: (row.at, row.folder, row.validity))

    def note_outcomes(self, mailbox: str, notes: Sequence[Note], at: datetime) -> None:
        """What became of UIDs whose messages no rapporto names: the newest note on a UID holds."""
        with self._database.writing() as connection:
            write_notes(connection, mailbox, notes, at)

    def note_failing(self, failing: FailingRow) -> None:
        """A message could not be fetched; the newest word on it holds."""
        with self._database.writing() as connection:
            connection.execute(delete(FAILING).where(_of_one(FAILING, failing), FAILING.c.uid == failing.uid))
            add(connection, FAILING, [failing])

    def attempt(self, mailbox: str) -> AttemptRow | None:
        """The last poll of the mailbox; None before the first."""
        query = select(*columns(ATTEMPT, AttemptRow)).where(ATTEMPT.c.mailbox == mailbox)
        with self._database.reading() as connection:
            return next(iter(rows(connection, AttemptRow, query)), None)

    def note_attempt(self, attempt: AttemptRow) -> None:
        """A poll begins."""
        with self._database.writing() as connection:
            _note_attempt(connection, attempt)

    def note_poll(self, attempt: AttemptRow, reckonings: Sequence[ReckoningRow]) -> None:
        """A poll has ended; how each folder compares with the server."""
        with self._database.writing() as connection:
            _note_attempt(connection, attempt)
            for row in reckonings:
                connection.execute(delete(RECKONING).where(_of_one(RECKONING, row), RECKONING.c.at == row.at))
            add(connection, RECKONING, reckonings)
            move_clock(connection, attempt.mailbox, attempt.at)


def write_notes(connection: Connection, mailbox: str, notes: Sequence[Note], at: datetime) -> None:
    """Notes outcomes within a transaction; what was refused keeps its reason, all else fails no longer."""
    for folder, validity in {(note.folder, note.validity) for note in notes}:
        here = [note for note in notes if (note.folder, note.validity) == (folder, validity)]
        query = select(*columns(LEDGER, LedgerRow)).where(*_within(LEDGER, mailbox, folder, validity))
        gone, new = written(rows(connection, LedgerRow, query), here, mailbox=mailbox, at=at)
        _remove(connection, LEDGER.c.first, [row.first for row in gone], mailbox, folder, validity)
        add(connection, LEDGER, new)
        told = union(note.uids for note in here if note.outcome is not Outcome.REFUSED)
        failing = select(FAILING.c.uid).where(*_within(FAILING, mailbox, folder, validity))
        healed = [uid for uid in connection.scalars(failing) if uid in told]
        _remove(connection, FAILING.c.uid, healed, mailbox, folder, validity)


def _remove(
    connection: Connection, column: Column[int], values: list[int], mailbox: str, folder: str, validity: int
) -> None:
    query = delete(column.table).where(*_within(column.table, mailbox, folder, validity), column == bindparam("value"))
    if values:
        connection.execute(query, [{"value": value} for value in values])


def move_clock(connection: Connection, mailbox: str, at: datetime) -> None:
    """Notes when the mailbox was read last."""
    moved = connection.execute(update(POLL).where(POLL.c.mailbox == mailbox).values(at=at))
    if not moved.rowcount:
        connection.execute(insert(POLL).values(mailbox=mailbox, at=at))


def _note_attempt(connection: Connection, attempt: AttemptRow) -> None:
    connection.execute(delete(ATTEMPT).where(ATTEMPT.c.mailbox == attempt.mailbox))
    add(connection, ATTEMPT, [attempt])


def _within(table: Table, mailbox: str, folder: str, validity: int) -> tuple[ColumnElement[bool], ...]:
    return table.c.mailbox == mailbox, table.c.folder == folder, table.c.validity == validity


def _of_one(table: Table, row: LedgerRow | FailingRow | ReckoningRow) -> ColumnElement[bool]:
    return and_(*_within(table, row.mailbox, row.folder, row.validity))

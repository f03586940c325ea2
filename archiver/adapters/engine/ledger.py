"""The units of a night, in the engine's database: which there are, who began them, what they came to.

A unit is due until it has ended here; whatever is in the queue is only a way to get it done. So a job that is lost
harms nothing, and one that comes twice finds its unit ended.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

from archiver.adapters.engine import schema
from archiver.night import Unit, UnitRow

KEPT = 30
"""Nights whose units are kept, for whoever asks what happened."""

_TURN = "SELECT pg_try_advisory_lock(hashtextextended('pec-archiver/engine-turn', 0))"
_UNITS = "SELECT night, step, key, starts, begun, troubled, ended, told FROM unit WHERE night = %s ORDER BY step, key"
_BEGIN = (
    "UPDATE unit SET starts = starts + 1, begun = coalesce(begun, %s)"
    " WHERE night = %s AND step = %s AND key = %s AND ended IS NULL"
    " RETURNING night, step, key, starts, begun, troubled, ended, told"
)
_FORGET = "DELETE FROM night WHERE id IN (SELECT id FROM night WHERE ended IS NOT NULL ORDER BY at DESC OFFSET %s)"


@dataclass(frozen=True, slots=True)
class Open:
    """The night that is under way."""

    id: str
    at: datetime


class Ledger:
    """One connection to it; everything is recorded at once. Raises Unavailable, and ConfigError without its tables."""

    def __init__(self, connection: "Connection[Any]") -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls, url: str) -> Iterator["Ledger"]:
        """The ledger at the catalog's address, until the end of the block."""
        with schema.connected(url) as connection:
            schema.check(connection, schema.shown(url))
            yield cls(connection)

    def my_turn(self) -> bool:
        """Whether this connection alone may plan now, until it is closed."""
        return bool(self._connection.execute(_TURN).fetchone()[0])  # type: ignore[index]

    def night(self) -> Open | None:
        """The night under way; there is at most one."""
        row = self._connection.execute("SELECT id, at FROM night WHERE ended IS NULL").fetchone()
        return Open(*row) if row else None

    def last_began(self) -> datetime | None:
        """When the newest night began, under way or over."""
        row = self._connection.execute("SELECT max(at) FROM night").fetchone()
        return row[0] if row else None

    def begin_night(self, id: str, at: datetime, units: Iterable[Unit]) -> None:
        """A night with all its units, or nothing of it; those of long ago are forgotten."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute("INSERT INTO night (id, at) VALUES (%s, %s)", (id, at))
            rows = [(id, unit.step, unit.key) for unit in units]
            cursor.executemany("INSERT INTO unit (night, step, key) VALUES (%s, %s, %s)", rows)
            cursor.execute(_FORGET, (KEPT,))

    def end_night(self, id: str, at: datetime) -> None:
        """It is over."""
        self._connection.execute("UPDATE night SET ended = %s WHERE id = %s AND ended IS NULL", (at, id))

    def units(self, night: str) -> list[UnitRow]:
        """All units of a night, by step and key."""
        return [_row(row) for row in self._connection.execute(_UNITS, (night,)).fetchall()]

    def begin(self, night: str, unit: Unit, at: datetime) -> UnitRow | None:
        """Somebody begins this unit now; None when it is over, or nobody knows of it."""
        row = self._connection.execute(_BEGIN, (at, night, unit.step, unit.key)).fetchone()
        return _row(row) if row else None

    def put_back(self, night: str, unit: Unit, *, troubled: datetime | None = None) -> None:
        """Whoever began this unit gives it back: it counts as not begun; `troubled`, because a service was down."""
        query = (
            "UPDATE unit SET starts = greatest(starts - 1, 0), troubled = coalesce(troubled, %s)"
            " WHERE night = %s AND step = %s AND key = %s AND ended IS NULL"
        )
        self._connection.execute(query, (troubled, night, unit.step, unit.key))

    def end(self, night: str, unit: Unit, at: datetime, told: str) -> bool:
        """What the unit came to; False when it was over already, and that stays."""
        query = "UPDATE unit SET ended = %s, told = %s WHERE night = %s AND step = %s AND key = %s AND ended IS NULL"
        return self._connection.execute(query, (at, told, night, unit.step, unit.key)).rowcount == 1


def _row(row: Any) -> UnitRow:
    night, step, key, *others = row
    return UnitRow(night, Unit(step, key), *others)

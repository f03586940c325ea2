"""Rows in and out of the tables: dataclasses, whose fields are the columns."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, insert, select

from archiver.errors import Conflict
from archiver.submission.shard import Shard

PORTION = 500
"""Values in one IN: databases refuse tens of thousands."""


class Row(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Row)
S = TypeVar("S", bound=str)


def columns(table: Table, row: type[R]) -> list[ColumnElement[Any]]:
    """The columns of `table` in the order of the fields of `row`."""
    return [table.c[field.name] for field in fields(row)]


def rows(connection: Connection, kind: type[R], query: Select[Any]) -> list[R]:
    """What a query over `columns` of that kind finds."""
    return [kind(*found) for found in connection.execute(query)]


def rows_in(
    connection: Connection, kind: type[R], query: Select[Any], column: ColumnElement[Any], values: Iterable[S]
) -> list[R]:
    """What `query` finds where `column` is one of `values`, however many these are; each row once, in no order."""
    return [
        row for portion in portions(set(values)) for row in rows(connection, kind, query.where(column.in_(portion)))
    ]


def add(connection: Connection, table: Table, new: Sequence[Row]) -> None:
    """Insert all; nothing when there is nothing."""
    if new:
        names = [field.name for field in fields(new[0])]
        connection.execute(insert(table), [{name: getattr(row, name) for name in names} for row in new])


def add_once(connection: Connection, table: Table, new: R) -> bool:
    """Insert `new`, and say so; False when the very same row is there. Raises Conflict when another one is."""
    kind = type(new)
    keys = list(table.primary_key.columns)
    query = select(*columns(table, kind)).where(*(column == getattr(new, column.name) for column in keys))
    for kept in rows(connection, kind, query):
        if kept != new:
            raise Conflict(f"{table.name}: registrato {kept}, in arrivo {new} (recorded otherwise)")
        return False
    add(connection, table, [new])
    return True


def portions(values: Collection[S]) -> Iterator[list[S]]:
    """The values, sorted, some hundreds at a time."""
    ordered = sorted(values)
    return (ordered[start : start + PORTION] for start in range(0, len(ordered), PORTION))


def within(digest: ColumnElement[Any], shard: Shard | None) -> list[ColumnElement[bool]]:
    """The condition that a digest lies in this shard; none where all are asked for."""
    return [] if shard is None else [digest >= shard.low, digest < shard.high]

"""Counts that are kept with the rows they count, within one transaction: totals never ask for every row."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Select,
    Table,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.tables import MESSAGE, PDV, SEGMENT, TALLY, VOLUME
from archiver.submission.rows import MessageRow, SegmentRow

KIND, FINDING, SEGMENTS, VOLUMES, PDVS = "kind", "finding", "segment", "volume", "pdv"
Name = tuple[str, str, str]
"""Mailbox, sort, name: see `tables.TALLY`."""

Tally = Mapping[Name, tuple[int, int]]
"""By name: how many, and their bytes."""


def of_messages(messages: Iterable[MessageRow]) -> Tally:
    """Messages by kind, with their bytes, and by finding: each once, however often it has it."""
    found: Counter[Name] = Counter()
    sizes: Counter[Name] = Counter()
    for row in messages:
        found[row.mailbox, KIND, row.kind] += 1
        sizes[row.mailbox, KIND, row.kind] += row.size
        found.update((row.mailbox, FINDING, code) for code in dict.fromkeys(row.findings))
    return {name: (number, sizes[name]) for name, number in found.items()}


def of_segments(segments: Sequence[SegmentRow]) -> Tally:
    """Messages in segments, with the segments' bytes, by holder."""
    found: dict[Name, tuple[int, int]] = {}
    for row in segments:
        name = row.mailbox, SEGMENTS, row.holder
        number, size = found.get(name, (0, 0))
        found[name] = number + row.messages, size + row.size
    return found


def count(connection: Connection, tally: Tally, *, sign: int = 1) -> None:
    """So many more there are, or (`sign` -1) fewer."""
    if not tally:
        return
    new = postgresql.insert(TALLY) if connection.dialect.name == "postgresql" else sqlite.insert(TALLY)
    values = {name: TALLY.c[name] + new.excluded[name] for name in ("number", "size")}
    rows = [
        {"mailbox": mailbox, "sort": sort, "name": name, "number": sign * number, "size": sign * size}
        for (mailbox, sort, name), (number, size) in sorted(tally.items())
    ]
    connection.execute(new.on_conflict_do_update(index_elements=["mailbox", "sort", "name"], set_=values), rows)


def wrong(connection: Connection) -> list[Name]:
    """What is counted otherwise than its rows are, by name: every row is read, in one statement."""
    counted = _counted(connection).cte("counted")
    kept = select(TALLY).where((TALLY.c.number != 0) | (TALLY.c.size != 0)).cte("kept")
    differ = (select(one).except_(select(other)).subquery() for one, other in ((counted, kept), (kept, counted)))
    names = union_all(*(select(found.c.mailbox, found.c.sort, found.c.name) for found in differ))
    return sorted({(str(mailbox), str(sort), str(name)) for mailbox, sort, name in connection.execute(names)})


def recount(connection: Connection) -> None:
    """All counts made again from the rows, in this transaction; on a server nobody else counts meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE tally IN EXCLUSIVE MODE")
    connection.execute(delete(TALLY))
    connection.execute(insert(TALLY).from_select(TALLY.c.keys(), _counted(connection)))


def _counted(connection: Connection) -> CompoundSelect[tuple[str, str, str, int, int]]:
    """The tally as the rows have it."""
    each = func.json_each(MESSAGE.c.findings).table_valued("value", name="each")
    if connection.dialect.name == "postgresql":
        findings = cast(cast(MESSAGE.c.findings, Text), postgresql.JSONB)
        each = func.jsonb_array_elements_text(findings).table_valued("value", name="each")
    named = select(
        MESSAGE.c.mailbox, literal(FINDING), each.c.value, func.count(MESSAGE.c.sha256.distinct()), literal(0)
    )
    return union_all(
        _each(MESSAGE, KIND, "kind", func.count()),
        named.select_from(MESSAGE).join(each, literal(True)).group_by(MESSAGE.c.mailbox, each.c.value),
        _each(SEGMENT, SEGMENTS, "holder", func.sum(SEGMENT.c.messages)),
        _each(VOLUME, VOLUMES, "", func.count()),
        _each(PDV, PDVS, "", func.count()),
    )


def _each(table: Table, sort: str, name: str, number: Any) -> Select[Any]:
    """How many of a table, and their bytes, by mailbox and, if there is one, by the column `name`."""
    by = [table.c.mailbox, *([table.c[name]] if name else [])]
    names = [by[0], literal(sort).label("sort"), (by[1] if name else literal("")).label("name")]
    return select(*names, number.label("number"), func.sum(table.c.size).label("size")).group_by(*by)

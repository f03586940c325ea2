"""Counts that are kept with the rows they count, within one transaction: totals never ask for every row."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.tables import TALLY
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

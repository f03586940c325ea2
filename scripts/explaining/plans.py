"""The plan of every statement that is asked, as the database tells it: what it scans, what it reads and gives."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

_EXPLAIN = {
    ("postgresql", True): "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ",
    ("postgresql", False): "EXPLAIN (FORMAT JSON) ",
    ("sqlite", True): "EXPLAIN QUERY PLAN ",
    ("sqlite", False): "EXPLAIN QUERY PLAN ",
}
_READS = re.compile(r"\s*(SELECT|WITH)\b", re.IGNORECASE)
_ASKED = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_SCAN = re.compile(r"SCAN (\w+)(?: AS (\w+))?(.*)")
_PARTIAL = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
_STEPS = 20
"""Of SQLite's machine, for each row read and given: between 10 and 30."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement: whole `tables` that it walks through, rows `read` and `given` (-1: not told), pages, its plan."""

    statement: str
    tables: tuple[str, ...]
    read: int
    given: int
    pages: int
    text: str


@dataclass(slots=True)
class Heard:
    """Plans of what was asked, as long as somebody listens."""

    plans: list[Plan] = field(default_factory=list)
    busy: bool = False
    seconds: float = 0.0
    """That explaining took."""


@contextmanager
def listening() -> Iterator[Heard]:
    """Explains every statement of any catalog before it runs."""
    heard = Heard()

    def explain(connection: Connection, _: Any, statement: str, parameters: Any, __: Any, executemany: bool) -> None:
        if heard.busy or not _ASKED.match(statement):
            return
        heard.busy = True
        start = time.perf_counter()
        try:
            first = parameters[0] if executemany and parameters else parameters
            heard.plans.append(_explained(connection, statement, first))
        finally:
            heard.busy = False
            heard.seconds += time.perf_counter() - start

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", explain)


def _explained(connection: Connection, statement: str, parameters: Any) -> Plan:
    dialect = connection.dialect.name
    reads = bool(_READS.match(statement)) and "FOR UPDATE" not in statement
    found = connection.exec_driver_sql(_EXPLAIN[dialect, reads] + statement, parameters or ()).all()
    if dialect == "sqlite":
        lines = [str(row[-1]) for row in found]
        return _of_sqlite(connection, statement, lines, parameters if reads else None)
    return _of_postgresql(statement, found[0][0], reads)


def _of_sqlite(connection: Connection, statement: str, lines: list[str], parameters: Any) -> Plan:
    """`parameters` of a statement that reads: it is run, and its steps are counted."""
    some = {str(name) for (name,) in connection.exec_driver_sql(_PARTIAL)}
    # a walk by an index is a walk, unless it stops where a page is full, or the index has only what is looked for
    stops = "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER BY" in line for line in lines)
    scans = [match for line in lines if (match := _SCAN.match(line))]
    tables = [match[1] for match in scans if not ("INDEX" in match[3] and (stops or match[3].split()[-1] in some))]
    read, given = (-1, -1) if parameters is None else _stepped(connection, statement, parameters)
    return Plan(statement, tuple(sorted(set(tables))), read, given, -1, "\n".join(lines))


def _stepped(connection: Connection, statement: str, parameters: Any) -> tuple[int, int]:
    """About how many rows were read, by the steps of SQLite's machine; and how many were given."""
    driver: Any = connection.connection.driver_connection
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    driver.set_progress_handler(count, _STEPS)
    try:
        given = len(driver.execute(statement, parameters or ()).fetchall())
    finally:
        driver.set_progress_handler(None, 0)
    return counted, given


def _of_postgresql(statement: str, said: Any, analysed: bool) -> Plan:
    tree = said if isinstance(said, list) else json.loads(said)
    top = tree[0]["Plan"]
    nodes = list(_nodes(top))
    tables = {str(node["Relation Name"]) for node in nodes if node["Node Type"] == "Seq Scan"}
    read = sum(_read(node) for node in nodes) if analysed else -1
    given = int(top["Actual Rows"] * top["Actual Loops"]) if analysed else -1
    pages = int(top.get("Shared Hit Blocks", 0) + top.get("Shared Read Blocks", 0)) if analysed else -1
    return Plan(statement, tuple(sorted(tables)), read, given, pages, "\n".join(_told(top, 0)))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _read(node: dict[str, Any]) -> int:
    """Rows that a node takes out of a table or an index, wanted or not."""
    if not str(node["Node Type"]).endswith("Scan") or node["Node Type"] in (
        "CTE Scan",
        "WorkTable Scan",
        "Subquery Scan",
    ):
        return 0
    lost = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return int((node.get("Actual Rows", 0) + lost) * node.get("Actual Loops", 1))


def _told(node: dict[str, Any], depth: int) -> Iterator[str]:
    where = " ".join(str(node[key]) for key in ("Relation Name", "Index Name") if key in node)
    rows = f" rows {node['Actual Rows']} x {node['Actual Loops']}" if "Actual Rows" in node else ""
    lost = "".join(f", {key.lower()} {node[key]}" for key in node if key.startswith("Rows Removed"))
    condition = "".join(f" [{node[key]}]" for key in ("Index Cond", "Filter") if key in node)
    yield f"{'  ' * depth}{node['Node Type']} {where}{rows}{lost}{condition}"
    for child in node.get("Plans", ()):
        yield from _told(child, depth + 1)

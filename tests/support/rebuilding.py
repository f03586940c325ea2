"""Catalogs table by table, and what a rebuilt one must have in common with the one that was there."""

from typing import Any

from sqlalchemy import select

from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.restoring import NOT_OF_THE_STORE
from archiver.adapters.catalog.tables import HEADING, LEDGER, METADATA, POLL, TALLY, TRUST
from archiver.uids import Uids

Rows = dict[str, list[tuple[Any, ...]]]

GONE = "gone"


def rows(url: str) -> Rows:
    """Every row that a rebuild makes again, by table, in one order; without the numbers that a database gives.

    Left out, each by name as ops/decisions/0007 has them: when a mailbox was read last, when a UID that was gone was
    missed, when trust material that nothing covers yet was first seen, and how far searches have read a message.
    """
    database = Database.connect(url, create=False)
    found: Rows = {}
    with database.reading() as connection:
        for table in METADATA.sorted_tables:
            if table not in NOT_OF_THE_STORE:
                columns = [column for column in table.columns if column is not table.autoincrement_column]
                told = [
                    dict(zip([c.name for c in columns], row, strict=True))
                    for row in connection.execute(select(*columns))
                ]
                found[table.name] = sorted((tuple(row.values()) for row in _comparable(table.name, told)), key=repr)
    database.close()
    return found


def different(before: Rows, after: Rows) -> dict[str, tuple[list[Any], list[Any]]]:
    """By table, the rows that only one of them has."""
    return {
        name: (
            [row for row in before[name] if row not in after[name]],
            [row for row in after[name] if row not in before[name]],
        )
        for name in before
        if before[name] != after[name]
    }


def _comparable(table: str, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # what is promised is noted by the next sweep; of what is gone a count of nothing is left
    told = [{name: value for name, value in row.items() if name != "promised"} for row in told]
    if table == TALLY.name:
        return [row for row in told if row["number"] or row["size"]]
    if table == POLL.name:
        return [row | {"at": None} for row in told]
    if table == HEADING.name:
        return [row | {"read": 0, "lacking": 0} for row in told]
    if table == TRUST.name:
        return [row if row["covered"] else row | {"at": None} for row in told]
    if table == LEDGER.name:
        kept = [row for row in told if row["outcome"] != GONE]
        gone: dict[tuple[str, str, int], list[tuple[int, int]]] = {}
        for row in told:
            if row["outcome"] == GONE:
                where = row["mailbox"], row["folder"], row["validity"]
                gone.setdefault(where, []).append((row["first"], row["last"]))
        return [
            *kept,
            *({"place": where, "uids": str(Uids.joined([tuple(sorted(uids))]))} for where, uids in gone.items()),
        ]
    return told

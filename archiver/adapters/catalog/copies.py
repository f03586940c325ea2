"""What is kept beside every copy, so that of millions those are found that somebody has to look at.

`object.stores` says which stores gave an object back whole: it has few values, and an archive where nothing is lacking
has one. `copy.kept` is `-` where a lock is to be made or made longer; `copy.due` of a segment, since when nobody opened
it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from archiver.adapters.catalog.records import portions
from archiver.adapters.catalog.tables import COPY, OBJECT
from archiver.submission.rows import CopyRow, DamageRow, ObjectRow

ASKED = "-"
"""Instead of the subject for whose sake a copy is locked: it is to be."""

T = TypeVar("T")

_GIVEN = ("store", "name", "at", "read", "opened", "kept")


def values(connection: Connection, column: Column[T], *where: ColumnElement[bool]) -> list[T]:
    """The few different values of a column that begins an index (of the rows `where`), however many rows there are.

    Ascending.
    """
    first = select(func.min(column).label("one")).where(*where).cte(recursive=True)
    following = select(func.min(column)).where(column > first.c.one, *where).scalar_subquery()
    found = first.union_all(select(following).where(first.c.one.is_not(None)))
    return [one for one in connection.scalars(select(found.c.one)) if one is not None]


def having(store: str, stores: Iterable[str]) -> bool:
    """Whether a store is among those that `object.stores` names."""
    return any(store == one for text in stores for one in text.split(","))


def lacking(connection: Connection, store: str) -> list[str]:
    """The values of `object.stores` of objects that this store never gave back."""
    return [text for text in values(connection, OBJECT.c.stores) if not having(store, [text])]


def note(connection: Connection, found: Collection[CopyRow]) -> None:
    """What is known of copies now, in place of what was known, and all that is kept beside it."""
    if not found:
        return
    given = {name: bindparam(f"its_{name}", type_=COPY.c[name].type) for name in _GIVEN}
    ours = OBJECT.c.name == given["name"]
    subject = select(OBJECT.c.subject).where(ours).scalar_subquery()
    kept = case((given["kept"] != subject, literal_column("'-'")), else_=given["kept"])
    due = func.coalesce(given["opened"], OBJECT.c.at)
    due_of_segment = select(due).where(ours, OBJECT.c.kind == literal_column("'segment'")).scalar_subquery()
    new = upsert(connection, COPY).values(**{**given, "kept": kept, "due": due_of_segment})
    changed = {name: new.excluded[name] for name in ("at", "read", "opened", "kept", "due")}
    ordered = sorted(found, key=lambda row: (row.name, row.store))
    connection.execute(
        new.on_conflict_do_update(index_elements=["store", "name"], set_=changed),
        [{f"its_{name}": getattr(row, name) for name in _GIVEN} for row in ordered],
    )
    _have(connection, found)


def _have(connection: Connection, found: Collection[CopyRow]) -> None:
    """Which stores gave these objects back whole, so far as that changed."""
    told: dict[str, dict[str, bool]] = {}
    for row in found:
        told.setdefault(row.name, {})[row.store] = row.read is not None
    changed = []
    for portion in portions(told.keys()):
        query = select(OBJECT.c.name, OBJECT.c.stores).where(OBJECT.c.name.in_(portion)).order_by(OBJECT.c.name)
        for name, text in connection.execute(query.with_for_update()).all():
            before = {one for one in text.split(",") if one}
            gone = {store for store, read in told[name].items() if not read}
            after = ",".join(sorted((before | told[name].keys()) - gone))
            if after != text:
                changed.append({"it": name, "now": after})
    if changed:
        connection.execute(
            update(OBJECT).where(OBJECT.c.name == bindparam("it")).values(stores=bindparam("now")), changed
        )


def asked_again(connection: Connection, names: Sequence[str], subject: str) -> None:
    """Copies of these that were locked for another's sake than `subject` are to be locked again."""
    others = (COPY.c.name.in_(names), COPY.c.kept != subject, COPY.c.kept != literal_column("'-'"))
    connection.execute(update(COPY).where(of_any_store(connection), *others).values(kept=ASKED))


def of_any_store(connection: Connection) -> ColumnElement[bool]:
    """No restriction; but the index begins with the store."""
    return COPY.c.store.in_(values(connection, COPY.c.store))


def put(
    connection: Connection,
    statement: postgresql.Insert | sqlite.Insert,
    new: Collection[ObjectRow] | Collection[CopyRow] | Collection[DamageRow],
) -> None:
    """All of them, in one order whoever writes: two at once wait for one another, and not each for the other."""
    if new:
        ordered = sorted((asdict(row) for row in new), key=lambda row: (row["name"], row.get("store"), row.get("code")))
        connection.execute(statement, ordered)


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """ON CONFLICT means the same in both databases; SQLAlchemy has them apart."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)

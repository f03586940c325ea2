"""The words of messages in the database's own full text, the table `found`: FTS5 in SQLite, a tsvector in PostgreSQL.

A row's number is its place in time (see `searching`), so that the newest come first, a period is a range of numbers,
and a page stops reading where it is full, however frequent a word is. Rows go with their rows of `heading`.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import DBAPIError

from archiver.submission.searched import COLUMNS, Asked, Searched, Wanted

_PEOPLE = "{head sender recipients files}"
_LABELS = {"head": "A", "files": "A", "sender": "B", "recipients": "C"}
_CODE, _FILE = "=", "+"  # no word of text begins so
_SIGNS = {"codes": _CODE, "files": _FILE}
_LAST_POSITION = 16_000  # PostgreSQL counts no further (manual, 8.11.1)
_REFUSALS = ("22", "54")  # data exception, program limit exceeded (PostgreSQL manual, appendix A)
_WINDOW = 2_000
"""Messages that PostgreSQL looks at one by one before it asks the index."""
_GAP = 2  # between columns: no phrase reaches from one into the next

_MAKE = {
    "sqlite": (
        f'CREATE VIRTUAL TABLE found USING fts5({", ".join(COLUMNS)}, tokenize="unicode61 remove_diacritics 2")',
        "CREATE TRIGGER found_forgotten AFTER DELETE ON heading BEGIN DELETE FROM found WHERE rowid = old.id; END",
    ),
    "postgresql": (
        "CREATE TABLE found (id BIGINT PRIMARY KEY REFERENCES heading (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_found_words ON found USING gin (words)",
    ),
}
_VALUES = f"INTO found (rowid, {', '.join(COLUMNS)}) VALUES (:id, {', '.join(':' + name for name in COLUMNS)})"
_VECTOR = "INSERT INTO found (id, words) VALUES (:id, CAST(:words AS tsvector)"
_ITALIAN = "to_tsvector('pg_catalog.italian', :body)"
_WRITE = {
    "sqlite": (text(f"INSERT {_VALUES}"), text(f"INSERT OR REPLACE {_VALUES}")),
    "postgresql": (
        text(f"{_VECTOR})"),
        text(f"{_VECTOR} || {_ITALIAN}) ON CONFLICT (id) DO UPDATE SET words = excluded.words"),
    ),
}


def make(connection: Connection) -> None:
    """The table, after `heading`."""
    for statement in _MAKE[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def write(connection: Connection, rows: Iterable[tuple[int, Searched]]) -> None:
    """New rows, with no body yet, by number."""
    _write(connection, _WRITE[connection.dialect.name][0], rows)


def rewrite(connection: Connection, rows: Iterable[tuple[int, Searched]]) -> frozenset[int]:
    """Rows as they are now, bodies and all, in the place of what was there; the numbers of those that the database
    refuses for what they hold: they stay as they were.
    """
    statement, there = _WRITE[connection.dialect.name][1], list(rows)
    if _taken(connection, statement, there):
        return frozenset()
    return frozenset(row[0] for row in there if not _taken(connection, statement, [row]))


def scour(connection: Connection) -> None:
    """After rows were deleted: what their words left behind in the index is written over as well."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO found (found) VALUES ('optimize')")


def numbers(connection: Connection, asked: Asked, *, low: int, high: int, limit: int) -> Sequence[int]:
    """The numbers, from `low` and below `high`, of rows that are what was asked, the highest first."""
    bounds = {"low": low, "high": high, "limit": limit}
    if asked.nothing:
        return ()
    if not asked.wanted and not asked.alternatives:
        return connection.scalars(_page("heading", "id", ""), bounds).all()
    if connection.dialect.name == "sqlite":
        query = _page("found", "rowid", "found MATCH :match AND ")
        return connection.scalars(query, bounds | {"match": _match(asked)}).all()
    said, values = _query(asked)
    # the planner takes every word that it has not counted for one in two hundred messages, and reads them all for a
    # rare one: so the newest are looked at, and the index is asked for what is not frequent among them
    newest = connection.scalars(_newest(said), bounds | values | {"window": _WINDOW}).all()
    return newest if len(newest) == limit else connection.scalars(_indexed(said), bounds | values).all()


def _taken(connection: Connection, statement: TextClause, rows: Sequence[tuple[int, Searched]]) -> bool:
    """Writes these rows, all or none; whether the database took them."""
    try:
        with connection.begin_nested():
            _write(connection, statement, rows)
    except DBAPIError as error:
        if str(getattr(error.orig, "sqlstate", None))[:2] not in _REFUSALS:
            raise
        return False
    return True


def _page(table: str, number: str, condition: str) -> TextClause:
    return text(
        f"SELECT {number} FROM {table} WHERE {condition}{number} >= :low AND {number} < :high"  # noqa: S608
        f" ORDER BY {number} DESC LIMIT :limit"
    )


def _newest(said: str) -> TextClause:
    rows = "SELECT id, words FROM found WHERE id >= :low AND id < :high ORDER BY id DESC LIMIT :window"
    return text(f"SELECT id FROM ({rows}) AS newest WHERE words @@ ({said}) ORDER BY id DESC LIMIT :limit")  # noqa: S608


def _indexed(said: str) -> TextClause:
    """`id + 0` is in the order of no index."""
    return text(
        f"SELECT id FROM found WHERE words @@ ({said}) AND id >= :low AND id < :high"  # noqa: S608
        " ORDER BY id + 0 DESC LIMIT :limit"
    )


def _write(connection: Connection, statement: TextClause, rows: Iterable[tuple[int, Searched]]) -> None:
    # FTS5 begins a new part of its index wherever a number is lower than the one before
    ordered = sorted(rows, key=lambda row: row[0])
    if not ordered:
        return
    if connection.dialect.name == "sqlite":
        values = [{"id": id, **{name: getattr(row, name) for name in COLUMNS}} for id, row in ordered]
    else:
        values = [{"id": id, "words": _vector(row), "body": row.body} for id, row in ordered]
    connection.execute(statement, values)


# --- SQLite: https://www.sqlite.org/fts5.html, 3


def _match(asked: Asked) -> str:
    conditions = [_condition(wanted) for wanted in asked.wanted]
    conditions += [f"codes : ({' OR '.join(map(_quoted, choice))})" for choice in asked.alternatives]
    return " AND ".join(conditions)


def _condition(wanted: Wanted) -> str:
    phrase = _quoted(" ".join(wanted.words))
    begun = phrase if wanted.whole else phrase + " *"
    if wanted.anywhere:
        return f"({_PEOPLE} : {begun} OR body : {phrase})"
    return f"{{{' '.join(wanted.columns)}}} : {begun}"


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


# --- PostgreSQL: manual, 8.11


def _vector(row: Searched) -> str:
    """The literal of a tsvector: words with their places and the label of their column, codes without."""
    places: dict[str, list[str]] = {}
    at = 0
    for name, label in _LABELS.items():
        for word in getattr(row, name).split():
            at = min(at + 1, _LAST_POSITION)
            places.setdefault(word, []).append(f"{at}{label}")
            if name == "files":
                places.setdefault(_FILE + word, []).append(str(at))
        at += _GAP
    lexemes = [f"'{word}':{','.join(where[:200])}" for word, where in places.items()]
    return " ".join([*lexemes, *(f"'{_CODE}{code}'" for code in row.codes.split())])


def _query(asked: Asked) -> tuple[str, dict[str, str]]:
    """The tsquery as SQL, and its values."""
    said, values = [], {}
    for place, wanted in enumerate(asked.wanted):
        name = f"q{place}"
        values[name] = _phrase(wanted)
        said.append(f"CAST(:{name} AS tsquery)")
        if wanted.anywhere:
            values[f"b{place}"] = " ".join(wanted.words)
            said[-1] = f"({said[-1]} || phraseto_tsquery('pg_catalog.italian', :b{place}))"
    for place, choice in enumerate(asked.alternatives):
        values[f"c{place}"] = " | ".join(f"'{_CODE}{code}'" for code in choice)
        said.append(f"CAST(:c{place} AS tsquery)")
    return " && ".join(said), values


def _phrase(wanted: Wanted) -> str:
    """The words in a row as tsquery: those of codes and files by the sign before them, others by their labels."""
    before = _SIGNS.get(wanted.columns[0], "") if wanted.columns else ""
    labels = "" if before else "".join(_LABELS[name] for name in wanted.columns)
    *first, last = wanted.words
    lasting = labels if wanted.whole else "*" + labels
    terms = [*((word, labels) for word in first), (last, lasting)]
    return " <-> ".join(f"'{before}{word}'" + (f":{signs}" if signs else "") for word, signs in terms)

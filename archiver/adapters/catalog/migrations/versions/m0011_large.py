"""Large archives: what waits is marked and indexed by itself, what is counted is counted as it comes.

Marks and counts are made here from the rows that are there, as the program keeps them from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_MARKS = {
    "pdv": ("promised", "listed"),
    "volume": ("promised", "named"),
    "segment": ("promised",),
    "trust": ("promised",),
    "act": ("promised",),
    "evidence": ("promised", "newest"),
}
_PROMISED = {
    "pdv": "object.name = pdv.name",
    "volume": "object.sha256 = volume.sha256 AND object.kind = 'index'",
    "segment": "object.sha256 = segment.sha256 AND object.holder = segment.holder AND object.kind = 'segment'",
    "trust": "object.sha256 = trust.sha256 AND object.holder = trust.holder AND object.kind = 'trust'",
    "act": "object.name = act.holder || '/acts/' || act.id || '.json'",
    "evidence": "object.name = evidence.name",
}
_FILLED = (
    "UPDATE pdv SET listed = TRUE WHERE EXISTS (SELECT 1 FROM segment WHERE segment.pdv = pdv.id)"
    " OR EXISTS (SELECT 1 FROM pdv_volume WHERE pdv_volume.pdv = pdv.id)"
    " OR EXISTS (SELECT 1 FROM tombstone WHERE tombstone.pdv = pdv.id)",
    "UPDATE pdv SET records = (SELECT count(DISTINCT tsa) FROM evidence WHERE subject = 'pdv' AND subject_id = pdv.id)",
    "UPDATE volume SET named = TRUE WHERE EXISTS (SELECT 1 FROM named WHERE named.volume = volume.id)",
    "UPDATE evidence SET newest = TRUE WHERE NOT EXISTS (SELECT 1 FROM evidence AS later"
    " WHERE later.subject = evidence.subject AND later.subject_id = evidence.subject_id AND later.tsa = evidence.tsa"
    " AND later.number > evidence.number) AND NOT (subject = 'pdv' AND EXISTS (SELECT 1 FROM pdv_volume"
    " WHERE pdv_volume.pdv = evidence.subject_id))",
    "UPDATE object SET stores = coalesce((SELECT string_agg(store, ',' ORDER BY store) FROM copy"
    " WHERE copy.name = object.name AND copy.read IS NOT NULL), '')",
    "UPDATE copy SET kept = '-' WHERE kept <> '-' AND kept <> (SELECT subject FROM object"
    " WHERE object.name = copy.name)",
    "UPDATE copy SET due = (SELECT coalesce(copy.opened, object.at) FROM object"
    " WHERE object.name = copy.name AND object.kind = 'segment')",
    "INSERT INTO tally SELECT mailbox, 'kind', kind, count(*), sum(size) FROM message GROUP BY mailbox, kind",
    "INSERT INTO tally SELECT mailbox, 'segment', holder, sum(messages), sum(size) FROM segment"
    " GROUP BY mailbox, holder",
    "INSERT INTO tally SELECT mailbox, 'volume', '', count(*), sum(size) FROM volume GROUP BY mailbox",
    "INSERT INTO tally SELECT mailbox, 'pdv', '', count(*), sum(size) FROM pdv GROUP BY mailbox",
)
_FINDINGS = {
    "sqlite": "json_each(message.findings) AS one",
    "postgresql": "jsonb_array_elements_text(message.findings::jsonb) AS one (value)",
}
_SOME = (
    ("pdv", "to_promise", "NOT promised", "id"),
    ("pdv", "to_promise_name", "NOT promised", "name"),
    ("pdv", "unlisted", "NOT listed", "mailbox"),
    ("volume", "to_promise", "NOT promised", "id"),
    ("volume", "to_promise_sha256", "NOT promised", "sha256"),
    ("volume", "unnamed", "NOT named", "mailbox"),
    ("segment", "to_promise", "NOT promised", "sha256"),
    ("trust", "to_promise", "NOT promised", "holder sha256 extension"),
    ("trust", "uncovered", "covered = ''", "holder"),
    ("act", "to_promise", "NOT promised", "holder id"),
    ("evidence", "to_promise", "NOT promised", "subject subject_id tsa number"),
    ("evidence", "to_promise_name", "NOT promised", "name"),
    ("evidence", "newest", "newest", "token tsa algorithm subject subject_id"),
    ("evidence", "unread", "token = ''", "subject subject_id tsa number"),
    ("fetched", "well", "reason = ''", "source at night"),
    ("heading", "lacking", "lacking > 0", "id"),
    ("object", "unlearned", "sha256 = '' OR size < 0", "name"),
    ("object", "report", "kind = 'report'", "holder name"),
    ("copy", "to_lock", "kept = '-'", "store name"),
    ("copy", "never_read", "read IS NULL", "store at name"),
    ("copy", "due", "due IS NOT NULL", "store due name"),
)
"""Indexes over some rows: table, name, which rows, columns."""

_ALL = (
    ("pdv", "records"),
    ("pdv_volume", "volume"),
    ("heading", "read id"),
    ("segment", "at holder"),
    ("trust", "holder kind"),
    ("trust", "sha256"),
    ("act", "holder kind at"),
    ("object", "stores name"),
    ("reckoning", "mailbox at"),
)


def upgrade() -> None:
    connection = op.get_bind()
    for table, names in _MARKS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("pdv", sa.Column("records", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("object", sa.Column("stores", sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("copy", sa.Column("due", sa.DateTime(timezone=True), nullable=True))
    _tally()
    for table, promised in _PROMISED.items():
        connection.exec_driver_sql(
            f"UPDATE {table} SET promised = TRUE WHERE EXISTS (SELECT 1 FROM object WHERE {promised})"  # noqa: S608
        )
    for statement in _FILLED:
        connection.exec_driver_sql(_in_words_of(connection.dialect.name, statement))
    one = _FINDINGS[connection.dialect.name]
    connection.exec_driver_sql(
        f"INSERT INTO tally SELECT mailbox, 'finding', one.value, count(DISTINCT sha256), 0 FROM message, {one}"  # noqa: S608
        " GROUP BY mailbox, one.value"
    )
    op.drop_index("ix_message_kind_size", "message")
    op.drop_index("ix_heading_read", "heading")
    op.drop_index("ix_copy_age", "copy")
    op.create_index("ix_copy_age", "copy", ["store", sa.text("coalesce(read, at)"), "name"])
    for table, columns in _ALL:
        op.create_index(f"ix_{table}_{columns.replace(' ', '_')}", table, columns.split())
    for table, name, where, columns in _SOME:
        _index_some(f"ix_{table}_{name}", table, where, columns.split())


def _tally() -> None:
    op.create_table(
        "tally",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("mailbox", "sort", "name")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("number", "size")),
        sa.PrimaryKeyConstraint("mailbox", "sort", "name", name="pk_tally"),
    )


def _index_some(name: str, table: str, where: str, columns: list[str]) -> None:
    # SQLite uses an index for those questions only that say the condition in the same words
    simple = where.replace("NOT promised", "promised = 0").replace("NOT listed", "listed = 0")
    simple = {"NOT named": "named = 0", "newest": "newest = 1"}.get(where, simple)
    op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(simple))


def _in_words_of(dialect: str, statement: str) -> str:
    if dialect == "postgresql":
        return statement
    joined = "(SELECT group_concat(store, ',') FROM (SELECT store FROM copy WHERE copy.name = object.name"
    before, found, after = statement.partition("(SELECT string_agg(store, ',' ORDER BY store) FROM copy")
    if not found:
        return statement
    return before + joined + " AND copy.read IS NOT NULL ORDER BY store))" + after[after.index(", '')") :]

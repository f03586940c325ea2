"""Nothing lost: what the archive promises to have, where it is, and what is wrong with it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "object",
        _ordered("name"),
        _text("holder"),
        _text("kind"),
        _text("sha256"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("subject"),
        _time("at"),
        sa.PrimaryKeyConstraint("name", name="pk_object"),
    )
    op.create_index("ix_object_sha256", "object", ["sha256"])
    op.create_table(
        "copy",
        _text("store"),
        _ordered("name"),
        _time("at"),
        _time("read", nullable=True),
        _time("opened", nullable=True),
        _text("kept"),
        sa.PrimaryKeyConstraint("store", "name", name="pk_copy"),
    )
    op.create_index("ix_copy_age", "copy", [sa.text("coalesce(read, at)"), "store", "name"])
    op.create_table(
        "damage",
        _text("store"),
        _text("name"),
        _text("code"),
        _time("since"),
        _time("seen"),
        _text("found"),
        sa.PrimaryKeyConstraint("store", "name", "code", name="pk_damage"),
    )
    op.create_table("rebuild", _text("source"), _time("at"), sa.PrimaryKeyConstraint("source", name="pk_rebuild"))


def _ordered(name: str) -> "sa.Column[str]":
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, kind, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)

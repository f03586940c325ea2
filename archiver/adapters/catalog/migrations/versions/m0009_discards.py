"""Discards: their records, what each destroyed, and the messages that must not come back unnoticed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "discard",
        _text("holder"),
        _text("id"),
        _text("name"),
        _text("sha256"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("holder", "id", name="pk_discard"),
    )
    op.create_table(
        "destroyed",
        _text("holder"),
        _text("sha256"),
        _text("became"),
        _text("discard"),
        sa.PrimaryKeyConstraint("holder", "sha256", name="pk_destroyed"),
    )
    op.create_table(
        "tombstone",
        _text("sha256"),
        _text("mailbox"),
        _text("holder"),
        _text("pdv"),
        _text("discard"),
        sa.PrimaryKeyConstraint("sha256", "mailbox", name="pk_tombstone"),
    )
    op.create_index("ix_tombstone_pdv", "tombstone", ["pdv"])


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)

"""Full text: the rows that a search reads, numbered by time, and their words beside them.

All of it is made again from the messages, as today's program makes it: nobody needs what an earlier one made of them.
Bodies and attachments follow with `archiver catalog index`.
"""

import sqlalchemy as sa
from alembic import op

from archiver.adapters.catalog import fulltext
from archiver.adapters.catalog.searching import refill

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.drop_table("heading")
    op.create_table(
        "heading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _text("sha256"),
        _text("mailbox"),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("lacking", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heading"),
        sa.UniqueConstraint("sha256", "mailbox", name="uq_heading_sha256_mailbox"),
    )
    op.create_index("ix_heading_read", "heading", ["read"])
    fulltext.make(op.get_bind())
    refill(op.get_bind())


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)

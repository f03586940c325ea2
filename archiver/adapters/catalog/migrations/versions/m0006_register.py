"""The register of accesses and acts: one row an act, and the digests by which it is found."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "act",
        _text("holder"),
        _text("id"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("kind"),
        _text("who"),
        _text("sha256"),
        _text("sha512"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("holder", "id", name="pk_act"),
    )
    op.create_index("ix_act_holder_number", "act", ["holder", "number"])
    op.create_index("ix_act_at", "act", ["at"])
    kind = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "about",
        sa.Column("sha256", kind, nullable=False),
        _text("holder"),
        _text("act"),
        sa.PrimaryKeyConstraint("sha256", "holder", "act", name="pk_about"),
    )


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)

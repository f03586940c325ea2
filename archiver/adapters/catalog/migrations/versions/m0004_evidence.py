"""Evidence that lasts: newest tokens, what renewal has read, trust material and where it came from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("evidence") as evidence:
        evidence.add_column(sa.Column("algorithm", sa.Text(), nullable=False, server_default="sha512"))
        evidence.add_column(sa.Column("token", sa.Text(), nullable=False, server_default=sa.text("''")))
        evidence.create_index("ix_evidence_token", ["token"])
    op.create_table(
        "token",
        _text("sha256"),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        _time("at"),
        sa.PrimaryKeyConstraint("sha256", name="pk_token"),
    )
    op.create_table(
        "reread",
        _text("subject"),
        _text("subject_id"),
        _text("algorithms"),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        _time("at"),
        sa.PrimaryKeyConstraint("subject", "subject_id", name="pk_reread"),
    )
    op.create_table(
        "trust",
        _text("holder"),
        _text("sha256"),
        _text("extension"),
        _text("kind"),
        _text("name"),
        _text("issuer"),
        _time("since"),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        _time("at"),
        _text("covered"),
        sa.PrimaryKeyConstraint("holder", "sha256", "extension", name="pk_trust"),
    )
    op.create_table(
        "fetched",
        _text("source"),
        _text("night"),
        _time("at"),
        _text("reason"),
        _text("sha256"),
        _text("extension"),
        sa.PrimaryKeyConstraint("source", "night", name="pk_fetched"),
    )
    op.create_table(
        "standing",
        _text("sha256"),
        _text("state"),
        _time("at"),
        _text("act"),
        sa.PrimaryKeyConstraint("sha256", name="pk_standing"),
    )


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)

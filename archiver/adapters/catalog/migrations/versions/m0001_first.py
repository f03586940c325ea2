"""The first tables: rapporti, segments, messages, volumes, evidence, cursors, indexes out for signing."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _packages()
    _messages()
    _search()
    _work()


def _packages() -> None:
    op.create_table(
        "evidence",
        _text("subject"),
        _text("subject_id"),
        _text("tsa"),
        _number("number", sa.Integer()),
        _text("name"),
        _time("at"),
        sa.PrimaryKeyConstraint("subject", "subject_id", "tsa", "number", name="pk_evidence"),
    )
    op.create_table(
        "pdv",
        _text("id"),
        _text("holder"),
        _text("mailbox"),
        _number("number"),
        _time("at"),
        _text("sha256"),
        _text("sha512"),
        _number("size"),
        _text("name"),
        _text("cursor"),
        sa.PrimaryKeyConstraint("id", name="pk_pdv"),
        sa.UniqueConstraint("mailbox", "number", name="uq_pdv_mailbox_number"),
    )
    op.create_table(
        "volume",
        _text("id"),
        _text("sha256"),
        _text("holder"),
        _text("mailbox"),
        _text("retention"),
        _number("year", sa.Integer()),
        _number("messages"),
        _number("size"),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_volume"),
    )
    op.create_table(
        "pdv_volume",
        _text("pdv"),
        _text("volume"),
        sa.ForeignKeyConstraint(["pdv"], ["pdv.id"], name="fk_pdv_volume_pdv"),
        sa.ForeignKeyConstraint(["volume"], ["volume.id"], name="fk_pdv_volume_volume"),
        sa.PrimaryKeyConstraint("pdv", "volume", name="pk_pdv_volume"),
    )
    op.create_table(
        "named",
        _text("volume"),
        _text("pdv"),
        sa.ForeignKeyConstraint(["pdv"], ["pdv.id"], name="fk_named_pdv"),
        sa.PrimaryKeyConstraint("volume", name="pk_named"),
    )


def _messages() -> None:
    op.create_table(
        "segment",
        _text("sha256"),
        _text("mailbox"),
        _text("holder"),
        _text("pdv"),
        _text("retention"),
        _number("years", sa.Integer()),
        _text("event"),
        _text("basis"),
        _number("year", sa.Integer()),
        _number("messages"),
        _number("size"),
        _text("first"),
        _text("last"),
        _time("at"),
        sa.Column("volume", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["pdv"], ["pdv.id"], name="fk_segment_pdv"),
        sa.ForeignKeyConstraint(["volume"], ["volume.id"], name="fk_segment_volume"),
        sa.PrimaryKeyConstraint("sha256", "mailbox", name="pk_segment"),
    )
    op.create_index("ix_segment_pdv", "segment", ["pdv"])
    op.create_index("ix_segment_volume", "segment", ["volume"])
    op.create_table(
        "message",
        _text("sha256"),
        _text("mailbox"),
        _text("sha512"),
        _number("size"),
        _text("holder"),
        _text("pdv"),
        _text("segment"),
        _number("offset"),
        _text("kind"),
        _time("date"),
        _number("offset_minutes", sa.Integer()),
        _time("received"),
        _text("subject"),
        _text("sender"),
        _text("recipients"),
        _text("message_id"),
        _text("reference"),
        _text("identificativo"),
        _text("msgid"),
        _text("content"),
        _text("daticert"),
        sa.Column("has_original", sa.Boolean(), nullable=False),
        _text("findings"),
        sa.ForeignKeyConstraint(
            ["segment", "mailbox"], ["segment.sha256", "segment.mailbox"], name="fk_message_segment_mailbox"
        ),
        sa.PrimaryKeyConstraint("sha256", "mailbox", name="pk_message"),
    )
    op.create_index("ix_message_kind_size", "message", ["kind", "size"])
    op.create_index("ix_message_segment_mailbox", "message", ["segment", "mailbox"])


def _search() -> None:
    op.create_table(
        "heading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        _text("sha256"),
        _text("mailbox"),
        _time("date"),
        _text("kind"),
        _text("sender"),
        _text("recipients"),
        _text("words"),
        sa.PrimaryKeyConstraint("id", name="pk_heading"),
    )
    op.create_index("ix_heading_date_sha256", "heading", ["date", "sha256"])
    op.create_table(
        "identifier",
        _text("value"),
        _text("scope"),
        _text("sha256"),
        _text("mailbox"),
        sa.PrimaryKeyConstraint("value", "scope", "sha256", "mailbox", name="pk_identifier"),
        sqlite_with_rowid=False,
    )


def _work() -> None:
    op.create_table(
        "cursor", _text("mailbox"), _text("value"), _time("at"), sa.PrimaryKeyConstraint("mailbox", name="pk_cursor")
    )
    op.create_table(
        "handed_out",
        _text("volume"),
        _text("sha256"),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        _time("at"),
        sa.PrimaryKeyConstraint("volume", name="pk_handed_out"),
    )
    op.create_table(
        "annotation",
        _text("mailbox"),
        _text("key"),
        _text("registration"),
        sa.PrimaryKeyConstraint("mailbox", "key", name="pk_annotation"),
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _number(name: str, kind: sa.types.TypeEngine[int] | None = None) -> sa.Column[int]:
    return sa.Column(name, kind or sa.BigInteger(), nullable=False)

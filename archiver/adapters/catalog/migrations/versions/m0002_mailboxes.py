"""Mailboxes on servers: what became of every UID, what could not be fetched, counts; messages related to others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_FOLDER = ("mailbox", "folder", "validity")


def upgrade() -> None:
    op.add_column("message", sa.Column("links", sa.Text(), nullable=False, server_default="[]"))
    op.create_table("poll", _text("mailbox"), _time(), sa.PrimaryKeyConstraint("mailbox", name="pk_poll"))
    op.execute("INSERT INTO poll (mailbox, at) SELECT mailbox, at FROM cursor")
    op.drop_table("cursor")
    op.create_table(
        "attempt",
        _text("mailbox"),
        _time(),
        sa.Column("ended", sa.Boolean(), nullable=False),
        _text("folders"),
        _text("unread"),
        sa.PrimaryKeyConstraint("mailbox", name="pk_attempt"),
    )
    op.create_table(
        "ledger",
        *_of_folder(),
        _number("first"),
        _number("last"),
        _text("outcome"),
        _time(),
        sa.PrimaryKeyConstraint(*_FOLDER, "first", name="pk_ledger"),
    )
    op.create_table(
        "failing",
        *_of_folder(),
        _number("uid"),
        sa.Column("nights", sa.Integer(), nullable=False),
        _time(),
        _text("reason"),
        sa.PrimaryKeyConstraint(*_FOLDER, "uid", name="pk_failing"),
    )
    op.create_table(
        "reckoning",
        *_of_folder(),
        _time(),
        *map(_number, ("next", "present", "first", "last", "kept", "failing", "missing")),
        sa.PrimaryKeyConstraint(*_FOLDER, "at", name="pk_reckoning"),
    )


def _of_folder() -> "tuple[sa.Column[str], sa.Column[str], sa.Column[int]]":
    return _text("mailbox"), _text("folder"), _number("validity")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _time() -> "sa.Column[object]":
    return sa.Column("at", sa.DateTime(timezone=True), nullable=False)

"""An empty catalog of either kind, and rows to put into it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from servers.databases import MIGRATED
from servers.postgres import Postgres
from sqlalchemy import delete

from archiver.adapters.catalog import Catalog
from archiver.adapters.catalog.database import Database
from archiver.adapters.catalog.tables import METADATA
from archiver.digest import Sha256, sha256, sha512
from archiver.submission.rows import MessageRow, PdvRow, SegmentRow, TrustRow, VolumeRow

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOLDER, MAILBOX = "studio", "legale"
EMPTIED = "emptied"
"""A database that every test finds without a row."""


def opened(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Catalog]:
    """A catalog without a row, `sqlite` in `folder` or on the `postgresql` of the session; closed at the end."""
    if kind == "sqlite":
        url = f"sqlite:///{shutil.copyfile(_empty(folder.parent), folder / 'catalog.db')}"
    else:
        url = _emptied(_on(request.getfixturevalue("postgres")))
    catalog = Catalog.open(url)
    yield catalog
    catalog.close()


@cache
def _empty(folder: Path) -> Path:
    """Migrations take their time: they are run once, and copied."""
    path = folder / "no_row.db"
    Catalog.open(f"sqlite:///{path}", create=True).close()
    return path


def _on(server: Postgres) -> str:
    """The address of one catalog on the server, for all tests one after the other."""
    if not server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{EMPTIED}'"):
        server.sql(f"CREATE DATABASE {EMPTIED} TEMPLATE {MIGRATED}")
    return server.url(EMPTIED)


def _emptied(url: str) -> str:
    database = Database.connect(url, create=False)
    with database.writing() as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(delete(table))
    database.close()
    return url


def digest(name: object) -> Sha256:
    """The digest of something that goes by this name."""
    return sha256(str(name).encode())


def pdv(number: int = 1, *, holder: str = HOLDER, mailbox: str = MAILBOX, size: int = 700) -> PdvRow:
    """A rapporto."""
    id = f"{mailbox}-{number}"
    name = f"{holder}/pdv/{mailbox}/{id}.xml"
    return PdvRow(id, holder, mailbox, number, AT, digest(id), sha512(id.encode()), size, name, f"c{number}")


def segment(name: object, of: PdvRow, *, messages: int = 1) -> SegmentRow:
    """A segment that a rapporto brought."""
    ends = digest("first"), digest("last")
    rule = "corrispondenza", 10, "evento", "base", 2026
    return SegmentRow(digest(name), of.holder, of.mailbox, of.id, *rule, messages, 1000, *ends, of.at)


def message(name: object, of: PdvRow, into: SegmentRow) -> MessageRow:
    """A message that lies in a segment."""
    return MessageRow(
        sha256=digest(name), sha512=sha512(str(name).encode()), size=20_000, holder=of.holder, mailbox=of.mailbox,
        pdv=of.id, segment=into.sha256, offset=41, kind="posta-certificata", date=AT, offset_minutes=60, received=AT,
        subject=f"oggetto {name}", sender="mittente@pec.example", recipients=("a@pec.example",),
        message_id=f"<{name}@pec.example>", reference="", identificativo="", msgid="", content="PASSED PASSED",
        daticert="{}", has_original=True, findings=("A",), links=(f"sdi:{name}",),
    )  # fmt: skip


def volume(id: str = "v1", *, holder: str = HOLDER, mailbox: str = MAILBOX) -> VolumeRow:
    """A closed volume."""
    return VolumeRow(id, digest(id), holder, mailbox, "corrispondenza", 2026, 1, 20_000, AT)


def trust(name: str = "ca", *, holder: str = HOLDER, kind: str = "ca", at: datetime = AT) -> TrustRow:
    """A certificate that nothing covers yet."""
    return replace(TrustRow(holder, digest(name), "cer", kind, name, name, AT, None, AT), at=at)


def brought(catalog: Catalog, number: int = 1, *, mailbox: str = MAILBOX, holder: str = HOLDER) -> SegmentRow:
    """Records a rapporto with one segment of one message; all of them are named after mailbox and number."""
    report = pdv(number, mailbox=mailbox, holder=holder)
    into = segment(f"segment {report.id}", report)
    catalog.record_pdv(report, [into], [message(f"message {report.id}", report, into)])
    return into

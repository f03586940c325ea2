"""What readers ask, with the configuration's names."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from archiver.access import Found, Shown, Status
from archiver.access import search as search_catalog
from archiver.access import show as show_dossier
from archiver.access import status as status_of
from archiver.access.continuity import Certificate
from archiver.access.continuity import continuity as certificate
from archiver.adapters.catalog import Catalog
from archiver.adapters.signer import check_certificate
from archiver.compose.archive import Archive
from archiver.errors import ArchiverError

STALE = timedelta(days=40)
"""A mailbox whose messages have waited longer than any close_after of a month is worth an alert."""


def status(archive: Archive, *, at: datetime, lang: str) -> Status:
    """Totals and alerts."""
    alerts = list(archive.config.warnings)
    try:
        archive.store.has("x")
    except ArchiverError as error:
        alerts.append(str(error))
    alerts += _waiting(archive, at)
    alerts += _signing(archive, at, lang)
    return status_of(archive.catalog, alerts=tuple(alerts))


def continuity(archive: Archive, name: str, *, at: datetime) -> Certificate:
    """Whether any message of the mailbox called `name` was skipped. Raises ConfigError."""
    mailbox = archive.mailbox(name)
    return certificate(archive.catalog, mailbox.id, name=mailbox.name, address=mailbox.address, at=at)


def upgrade(archive: Archive) -> str:
    """Brings the catalog's tables to the revision of this program; which that is."""
    return Catalog.upgrade(archive.config.catalog)


def search(
    archive: Archive,
    terms: Sequence[str],
    *,
    sender: str | None,
    recipient: str | None,
    since: datetime | None,
    until: datetime | None,
    kind: str | None,
    mailbox: str | None,
    limit: int,
    after: str | None,
) -> Found:
    """One page of results."""
    return search_catalog(
        archive.catalog,
        terms,
        sender=sender or "",
        recipient=recipient or "",
        since=since,
        until=until,
        kind=kind or "",
        mailbox=archive.mailbox(mailbox).id if mailbox else "",
        names=_names(archive),
        limit=limit,
        after=after,
    )


def show(archive: Archive, name: str) -> Shown:
    """One dossier."""
    return show_dossier(archive.catalog, archive.store, name, mailboxes=_names(archive))


def _signing(archive: Archive, at: datetime, lang: str) -> list[str]:
    """Indexes that are out to be signed, and a signing certificate that ended or soon will."""
    out = len(archive.catalog.handed_out())
    alerts = (
        [f"{out} indici da firmare / indexes are out to be signed: take them back with `archiver seal --signed DIR`"]
        if out
        else []
    )
    if archive.config.signer.kind == "hand":
        return alerts
    try:
        found = check_certificate(archive.signer.certificate, at=at)
    except ArchiverError as error:
        return [*alerts, str(error)]
    return [*alerts, *(item.text(lang) for item in found)]


def _names(archive: Archive) -> dict[str, str]:
    return {mailbox.id: mailbox.name for mailbox in archive.config.mailboxes}


def _waiting(archive: Archive, at: datetime) -> list[str]:
    names = _names(archive)
    oldest: dict[str, datetime] = {}
    for row in archive.catalog.pending():
        oldest[row.mailbox] = min(row.at, oldest.get(row.mailbox, row.at))
    return [
        f"{names.get(mailbox, mailbox)}: messages wait for a volume since {since:%Y-%m-%d}: run `archiver seal`"
        for mailbox, since in oldest.items()
        if at - since > STALE
    ]

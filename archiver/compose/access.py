"""What readers ask, with the configuration's names."""

from datetime import datetime, timedelta

from archiver.access import Shown, Status
from archiver.access import show as show_dossier
from archiver.access import status as status_of
from archiver.access.continuity import Certificate
from archiver.access.continuity import continuity as certificate
from archiver.access.status import spent_up, uncovered
from archiver.access.trust import asked, unconfirmed
from archiver.adapters.catalog import REVISION, Catalog
from archiver.adapters.signer import check_certificate
from archiver.compose.archive import Archive
from archiver.compose.asking import asking
from archiver.compose.clocked import ahead
from archiver.compose.lastly import last, nightly_alarms
from archiver.compose.looking import admitted, admitted_to_restricted, looked, telling
from archiver.compose.slots import shared
from archiver.compose.watching import answering, watched
from archiver.errors import ArchiverError
from archiver.renew import MARGIN
from archiver.renew.due import ends

SILENT = timedelta(days=3)
"""A mailbox that was not read for longer wants attention."""

STALE = timedelta(days=40)
"""A mailbox whose messages have waited longer than any close_after of a month is worth an alert."""


def status(archive: Archive, *, at: datetime, lang: str) -> Status:
    """Totals and alerts."""
    alerts = [*archive.config.warnings, *stored(archive, lang)]
    alerts += [alarm.text for alarm in nightly_alarms(archive, at=at, lang=lang)]
    alerts += waiting(archive, at)
    alerts += servers(archive, at)
    alerts += stamping(archive, at, lang)
    alerts += evidence(archive, at, lang)
    alerts += signing(archive, at, lang)
    alerts += asked(unconfirmed(archive.catalog, archive.config.holders), lang)
    alerts += watched(archive, at, lang)
    alerts += ahead(archive, at, lang)
    alerts += asking(archive, at=at, lang=lang)
    safe, _ = archive.catalog.safety(answering(archive), archive.config.copies)
    night = last(archive)
    told = night.as_json() if night else None
    return status_of(archive.catalog, at=at, safe=safe, alerts=tuple(alerts), night=told)


def continuity(archive: Archive, name: str, *, at: datetime, newest: bool = False) -> Certificate:
    """Whether any message of the mailbox called `name` was skipped; `newest`: by the last poll alone. ConfigError."""
    mailbox = archive.mailbox(name)
    return certificate(archive.catalog, mailbox.id, name=mailbox.name, address=mailbox.address, at=at, newest=newest)


def upgrade(archive: Archive) -> tuple[str | None, str]:
    """Brings the catalog's tables to the revision of this program; which they had before, and which they have now.

    Where the catalog may be shared by many machines, the tables of their engine too.
    """
    before = Catalog.upgrade(archive.catalog_url)
    if shared(archive.catalog_url):
        from archiver.adapters.engine import install  # one machine needs none of it

        install(archive.catalog_url)
    return before, REVISION


def show(
    archive: Archive, name: str, *, mailbox: str | None = None, reason: str = "", restricted: bool = False
) -> Shown:
    """One dossier; of those that several holders have, the one in `mailbox`. Once it is in the register who asked.

    `restricted`: also messages whose processing is restricted; for whoever may decide, and with a reason. Raises as
    `register`.
    """
    admitted(archive, mailbox, reason)
    if restricted:
        admitted_to_restricted(archive, reason)
    within = archive.mailbox(mailbox).id if mailbox else None
    with telling(archive, reason=reason, name=name, mailbox=within):
        found = show_dossier(
            archive.own if restricted else archive.visible,
            archive.store,
            name,
            mailboxes=_names(archive),
            mailbox=within,
            whole=archive.catalog if archive.who.mailboxes is not None else None,
            behind=None if restricted else archive.own,
        )
    return looked(archive, found, reason=reason, restricted=restricted)


def stored(archive: Archive, lang: str) -> list[str]:
    """A primary store that does not answer, or is not as it should be."""
    try:
        archive.store.has("x")
        return list(archive.site.alerts(lang))
    except ArchiverError as error:
        return [str(error)]


def signing(archive: Archive, at: datetime, lang: str) -> list[str]:
    """Indexes that are out to be signed, and a signing certificate that ended or soon will."""
    out = len(archive.catalog.handed_out())
    alerts = (
        [f"{out} indici da firmare / indexes are out to be signed: take them back with `archiver seal --signed DIR`"]
        if out
        else []
    )
    signer = archive.config.signer
    if signer.kind == "hand" or (signer.kind == "pkcs11" and signer.certificate is None):
        return alerts  # a token may show its certificate only to who logs in: `doctor` and `seal` do, a glance does not
    try:
        found = check_certificate(archive.signer.certificate, at=at)
    except ArchiverError as error:
        return [*alerts, str(error)]
    return [*alerts, *(item.text(lang) for item in found)]


def stamping(archive: Archive, at: datetime, lang: str) -> list[str]:
    """Rapporti that no authority has stamped yet, and authorities that are asked no more tonight."""
    alerts = uncovered(archive.catalog, at=at, lang=lang)
    caps = {tsa.id: tsa.cap for tsa in archive.config.tsas if tsa.cap is not None and not tsa.retired}
    if caps:
        from archiver.adapters.tsa import night_of  # who has no cap needs no network

        alerts += spent_up(archive.catalog, caps, night=night_of(at), lang=lang)
    return alerts


def evidence(archive: Archive, at: datetime, lang: str) -> list[str]:
    """Evidence that nears its end, or has reached it."""
    try:
        policy = archive.policy
    except ArchiverError as error:
        return [str(error)]
    if archive.catalog.evidence_to_read(limit=1):
        return ["evidence record non ancora letti / evidence records not read yet: `archiver renew`"]
    found = archive.catalog.newest_tokens(counted=False)
    known = [(row, ends(row, policy.catalogue, policy.material.certificates)[0]) for row in found]
    near = [(archive.catalog.counted(row).records, until) for row, until in known if until <= at + MARGIN]
    if not near:
        return []
    count, first = sum(records for records, _ in near), min(until for _, until in near)
    if lang == "it":
        return [f"evidence record da rinnovare: {count}, il primo entro il {first:%Y-%m-%d}: `archiver renew`"]
    return [f"evidence records to renew: {count}, the first before {first:%Y-%m-%d}: `archiver renew`"]


def _names(archive: Archive) -> dict[str, str]:
    return {mailbox.id: mailbox.name for mailbox in archive.config.mailboxes}


def servers(archive: Archive, at: datetime) -> list[str]:
    """Mailboxes on servers that were not read to their end, or not lately, or that have gaps to look at."""
    alerts = []
    for mailbox in archive.config.mailboxes:
        if mailbox.imap is None:
            continue
        told = continuity(archive, mailbox.name, at=at, newest=True)
        look = f"`archiver status --continuity {mailbox.name}`"
        if told.polled is None:
            alerts.append(f"{mailbox.name}: mai letta / never read: `archiver ingest {mailbox.name}`")
        elif at - told.polled > SILENT:
            alerts.append(f"{mailbox.name}: non letta dal / not read since {told.polled:%Y-%m-%d}")
        if told.polled is not None and not told.complete:
            alerts.append(f"{mailbox.name}: continuità non attestabile / continuity cannot be certified: {look}")
    return alerts


def waiting(archive: Archive, at: datetime) -> list[str]:
    """Mailboxes whose messages wait for a volume too long."""
    names = _names(archive)
    oldest: dict[str, datetime] = {}
    for row in archive.catalog.pending():
        oldest[row.mailbox] = min(row.at, oldest.get(row.mailbox, row.at))
    return [
        f"{names.get(mailbox, mailbox)}: messages wait for a volume since {since:%Y-%m-%d}: run `archiver seal`"
        for mailbox, since in oldest.items()
        if at - since > STALE
    ]

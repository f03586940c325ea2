"""What a person should know the next morning, from all that the archive watches."""

from collections.abc import Iterator
from datetime import datetime

from archiver.access.alarms import (
    READABLE,
    WEEK,
    WEEKS,
    Alarm,
    Level,
    alarmed,
    of_fiscal,
    of_mailboxes,
    of_readability,
    of_sendings,
    of_verifica,
)
from archiver.access.trust import asked, unconfirmed
from archiver.compose import access
from archiver.compose.archive import Archive
from archiver.compose.clocked import ahead
from archiver.compose.lastly import nightly_alarms
from archiver.compose.watching import watched
from archiver.errors import ArchiverError
from archiver.package.act import ActKind


def alarms(archive: Archive, *, at: datetime, lang: str) -> tuple[Alarm, ...]:
    """Every alarm of the archive, those of sendings last. What cannot be looked at is an alarm itself."""
    return (*nightly_alarms(archive, at=at, lang=lang), *_standing(archive, at, lang), *_looked(archive, at, lang))


def _standing(archive: Archive, at: datetime, lang: str) -> Iterator[Alarm]:
    """What `status` tells of the archive itself."""
    warnings, error = Level.WARNING, Level.ERROR
    said = (
        ("CONFIGURATION", warnings, "archive", list(archive.config.warnings), "archiver doctor"),
        ("STORE", error, "store", access.stored(archive, lang), "archiver doctor"),
        ("SWEEP_BEHIND", error, "store", list(watched(archive, at, lang)), "archiver sweep"),
        ("VOLUME_WAITING", warnings, "archive", access.waiting(archive, at), "archiver seal"),
        ("MAILBOX_FAILED", error, "mailbox", access.servers(archive, at), "archiver ingest"),
        ("STAMPING", warnings, "tsa", access.stamping(archive, at, lang), "archiver seal"),
        ("RENEWAL_DUE", error, "evidence", access.evidence(archive, at, lang), "archiver renew"),
        ("REGISTER_AHEAD", warnings, "register", ahead(archive, at, lang), "archiver log show"),
        ("SIGNER", error, "signer", access.signing(archive, at, lang), "archiver doctor"),
        (
            "PROVIDER_NEW",
            warnings,
            "trust",
            asked(unconfirmed(archive.catalog, archive.config.holders), lang),
            "archiver trust list --new",
        ),
    )
    for code, level, subject, texts, command in said:
        for text in texts:
            yield Alarm(code, level, subject, text, None, command)


def _looked(archive: Archive, at: datetime, lang: str) -> Iterator[Alarm]:
    """What has to be looked for in the catalog."""
    config = archive.config
    names = {mailbox.id: mailbox.name for mailbox in config.mailboxes}
    try:
        watched_boxes = {mailbox.id: mailbox.name for mailbox in config.mailboxes if mailbox.imap}
        arrivals = archive.catalog.arrivals(at - WEEK * (WEEKS + 1))
        yield from of_mailboxes(arrivals, at=at, names=watched_boxes, lang=lang)
        fiscal = frozenset(name for name, retention in config.retentions.items() if retention.fiscal)
        yield from of_fiscal(
            archive.catalog.pending(), fiscal=fiscal, year_end=config.alarms.fiscal_year_end, at=at, lang=lang
        )
        yield from of_readability(_unopened(archive, at), at=at, lang=lang)
        yield from of_verifica(_verified(archive), at=at, lang=lang)
        found = alarmed(archive.catalog, at=at, days=config.alarms.days)
        yield from of_sendings(found, at=at, names=names, lang=lang)
    except ArchiverError as error:
        yield Alarm("CATALOG", Level.ERROR, "catalog", str(error), None, "archiver doctor")


def _unopened(archive: Archive, at: datetime) -> datetime | None:
    """Since when nobody has opened the messages of a segment of the primary, if it is too long ago."""
    primary = next(iter(archive.stores))
    found = archive.catalog.unopened(primary, before=at - READABLE, limit=1)
    return next((copy.opened or row.at for row, copy in found), None)


def _verified(archive: Archive) -> dict[str, tuple[datetime, bool]]:
    """By holder, when its last verbale was made (True), or since when something is held (False)."""
    found: dict[str, tuple[datetime, bool]] = {}
    for holder in archive.config.holders:
        made = archive.catalog.find_acts([holder], kind=ActKind.VERIFICA, limit=1)
        since = made[0].at if made else archive.catalog.held_since(holder)
        if since:
            found[holder] = since, bool(made)
    return found

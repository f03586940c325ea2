"""Purging, with everything that the configuration gives it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.reporting import filed
from archiver.config import MailboxConfig
from archiver.errors import ConfigError
from archiver.purge import MINIMUM_DAYS, Purging, Report, Wish
from archiver.purge import purge as purge_server
from archiver.verdict import Finding

Clock = Callable[[], datetime]


def purge(
    archive: Archive,
    mailbox_name: str,
    *,
    older_than: timedelta,
    unread: bool = False,
    dry_run: bool,
    clock: Clock,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Report:
    """Deletes from its server what is older than `older_than` and provably in the archive, or says what that would be.

    Raises ConfigError unless the configuration allows it for this mailbox, Unavailable, and Busy while another process
    is at the mailbox.
    """
    mailbox = archive.mailbox(mailbox_name)
    _check(mailbox, older_than)
    wish = Wish(clock() - older_than, older_than.days, unread)
    with archive.alone("ingest", mailbox):
        work = _work(archive, mailbox, clock)
        if not dry_run:
            archive.store.tidy(at=clock())  # asks whether the store may be written to, before anything is proven
        return purge_server(work, wish, dry_run=dry_run, progress=progress)


def _check(mailbox: MailboxConfig, older_than: timedelta) -> None:
    if mailbox.imap is None:
        raise ConfigError(f"mailbox {mailbox.name}: has no [mailbox.imap] in the configuration: nothing to delete from")
    if not mailbox.imap.purge:
        raise ConfigError(
            f"mailbox {mailbox.name}: la cancellazione dal server non è permessa; per permetterla scrivere `purge ="
            " true` in [mailbox.imap] (deleting from the server is off: write `purge = true` in its [mailbox.imap])"
        )
    if older_than < timedelta(days=MINIMUM_DAYS):
        raise ConfigError(
            f"--older-than {older_than.days}d: almeno {MINIMUM_DAYS}d: prima i volumi sono aperti, le copie in corso e"
            f" i messaggi in uso (at least {MINIMUM_DAYS}d: before, volumes are open and messages in use)"
        )


def _work(archive: Archive, mailbox: MailboxConfig, clock: Clock) -> Purging:
    holder = archive.box(mailbox, clock()).holder

    def file(content: Mapping[str, Any]) -> tuple[str, tuple[Finding, ...]]:
        done = filed(archive, kind="purge", holder=holder, content=content, clock=clock)
        return done.name, done.warnings

    return Purging(
        holder=holder,
        mailbox=mailbox.id,
        server=archive.server(mailbox),
        stores=archive.stores,
        copies=archive.config.copies,
        lines=len(archive.lines(clock, counted=False)),
        catalog=archive.catalog,
        trust=archive.trust,
        file=file,
        clock=clock,
    )

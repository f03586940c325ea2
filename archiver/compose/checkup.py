"""Whether everything that an archive needs is there, and what to do when it is not."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from hashlib import sha512

from archiver.compose import storage
from archiver.compose.archive import Archive
from archiver.compose.clocked import ahead
from archiver.compose.founding import is_new
from archiver.compose.storage import FAILED, OK, WARNING, Check, tried
from archiver.config import MailboxConfig
from archiver.errors import Absent, ArchiverError, Malformed
from archiver.evidence.timestamp import judge_token, query, read_token, token_of
from archiver.stamping import Authority
from archiver.verdict import Indication


def doctor(archive: Archive, *, at: datetime) -> tuple[Check, ...]:
    """All checks; none of them changes the archive."""
    return tuple(_checks(archive, at))


def _checks(archive: Archive, at: datetime) -> Iterator[Check]:
    config = archive.config
    yield Check("configuration", OK, f"{len(config.holders)} holder, {len(config.mailboxes)} mailboxes")
    for warning in config.warnings:
        yield Check("configuration", WARNING, warning)
    new = _is_new(archive)
    if new:
        yield Check("store", OK, "not there yet, nor is the catalog: `archiver init` or the first ingest makes both")
    else:
        yield from storage.checks(archive, at)
        yield tried("catalog", lambda: f"{archive.catalog.counts()['messages']} messages")
        yield tried("store and catalog", lambda: _agreement(archive))
        for text in ahead(archive, at, config.language):
            yield Check("register", WARNING, text)
    yield _providers(archive)
    yield from _signer(archive, at)
    try:
        for authority in (one for line in archive.lines(lambda: at, counted=not new) for one in line):
            yield tried(f"tsa {authority.port.id}", partial(_stamp, authority, at))
    except ArchiverError as error:
        yield Check("tsa", FAILED, str(error))
    for mailbox in config.mailboxes:
        if mailbox.path is not None:
            there = mailbox.path.exists()
            text = str(mailbox.path) if there else f"{mailbox.path} is not there"
            yield Check(f"mailbox {mailbox.name}", OK if there else FAILED, text)
        elif mailbox.imap is not None:
            yield tried(f"mailbox {mailbox.name}", partial(_server, archive, mailbox))


def _is_new(archive: Archive) -> bool:
    try:
        return is_new(archive)
    except ArchiverError:
        return False  # the catalog's own line says what is the matter with it


def _agreement(archive: Archive) -> str:
    """Every object that the catalog knows of is in the store: the end of a chain has nobody else to miss it."""
    names = archive.catalog.promised()
    missing = set(names)
    for holder in {name.partition("/")[0] for name in names}:
        missing -= {item.name for item in archive.store.list(f"{holder}/")}
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise Absent(
            f"{min(missing)}{more}: in the catalog, and not in the store: restore the store before anything else"
        )
    return f"{len(names)} objects that the catalog knows are in the store"


def _providers(archive: Archive) -> Check:
    try:
        count = len(archive.providers.anchors)
    except ArchiverError as error:
        return Check("providers", FAILED, str(error))
    if count:
        return Check("providers", OK, f"{count} CA certificates")
    folder = archive.config.providers
    text = f"{folder} holds no CA certificate: the origin of every PEC signature will be INDETERMINATE; put them there"
    return Check("providers", WARNING, text)


def _signer(archive: Archive, at: datetime) -> Iterator[Check]:
    if archive.config.signer.kind == "hand":
        yield Check("signer", OK, "by hand: archiver seal --to-sign DIR, then --signed DIR")
        return
    try:
        warnings = archive.check_signer(at)
        archive.signer.ready()
    except ArchiverError as error:
        yield Check("signer", FAILED, str(error))
        return
    yield Check("signer", OK, "the certificate may sign")
    for found in warnings:
        yield Check("signer", WARNING, found.text("en"))


def _server(archive: Archive, mailbox: MailboxConfig) -> str:
    """Logs in and opens every folder that ingest would read; asks whether deleting, where allowed, can be done."""
    server = archive.server(mailbox, patient=False)
    try:
        folders = [server.look(name) for name in server.folders()]
        if mailbox.imap and mailbox.imap.purge:
            server.check_deletes()
    finally:
        server.close()
    shown = ", ".join(f"{folder.name} {len(folder.uids)}" for folder in folders)
    return f"{mailbox.imap.host if mailbox.imap else ''} answers; messages: {shown or 'no folder to read'}"


def _stamp(authority: Authority, at: datetime) -> str:
    """A token over nothing, asked for (it counts, and may cost) and judged."""
    imprint, nonce = sha512(b"").digest(), secrets.randbits(64)
    reply = authority.port.answer(query("sha512", imprint, nonce, authority.policy))
    token = token_of(reply, algorithm="sha512", imprint=imprint, nonce=nonce, at=at, policy=authority.policy)
    judged = judge_token(
        read_token(token, authority.anchors),
        authority.trusted,
        algorithm="sha512",
        data_digest=imprint,
        at=at,
        subject="tsa",
    )
    if judged.indication is not Indication.PASSED:
        raise Malformed("; ".join(found.text("en") for found in judged.findings))
    return "answers, and its token is good"

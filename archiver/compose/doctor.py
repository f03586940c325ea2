"""Whether everything that an archive needs is there, and what to do when it is not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha512

from archiver.compose.archive import Archive
from archiver.compose.init import is_new
from archiver.config import MailboxConfig
from archiver.errors import Absent, ArchiverError, Malformed
from archiver.evidence.timestamp import judge_token, query, read_token, token_of
from archiver.seal import Authority
from archiver.verdict import Indication

OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `state` is ok, warning or failed; `text` says what was found, or what to do."""

    name: str
    state: str
    text: str


def doctor(archive: Archive, *, at: datetime) -> tuple[Check, ...]:
    """All checks; none of them changes the archive."""
    return tuple(_checks(archive, at))


def _checks(archive: Archive, at: datetime) -> Iterator[Check]:
    config = archive.config
    yield Check("configuration", OK, f"{len(config.holders)} holder, {len(config.mailboxes)} mailboxes")
    for warning in config.warnings:
        yield Check("configuration", WARNING, warning)
    if is_new(config):
        yield Check("store", OK, "not there yet, nor is the catalog: `archiver init` or the first ingest makes both")
    else:
        yield _try("store", lambda: _store(archive))
        yield _try("catalog", lambda: f"{archive.catalog.counts()['messages']} messages")
        yield _try("store and catalog", lambda: _agreement(archive))
    yield _providers(archive)
    yield from _signer(archive, at)
    try:
        for authority in archive.authorities(lambda: at):
            yield _try(f"tsa {authority.port.id}", partial(_stamp, authority, at))
    except ArchiverError as error:
        yield Check("tsa", FAILED, str(error))
    for mailbox in config.mailboxes:
        if mailbox.path is not None:
            there = mailbox.path.exists()
            text = str(mailbox.path) if there else f"{mailbox.path} is not there"
            yield Check(f"mailbox {mailbox.name}", OK if there else FAILED, text)
        elif mailbox.imap is not None:
            yield _try(f"mailbox {mailbox.name}", partial(_server, archive, mailbox))


def _try(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, OK, look())
    except (ArchiverError, Malformed) as error:
        return Check(name, FAILED, str(error))


def _store(archive: Archive) -> str:
    archive.store.has("probe")
    return str(archive.config.stores[0].path)


def _agreement(archive: Archive) -> str:
    """Every object that the catalog knows of is in the store: the end of a chain has nobody else to miss it."""
    names = archive.catalog.promised()
    missing = [name for name in names if not archive.store.has(name)]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise Absent(
            f"{missing[0]}{more}: in the catalog, and not in the store: restore the store before anything else"
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
    except ArchiverError as error:
        yield Check("signer", FAILED, str(error))
        return
    yield Check("signer", OK, "the certificate may sign")
    for found in warnings:
        yield Check("signer", WARNING, found.text("en"))


def _server(archive: Archive, mailbox: MailboxConfig) -> str:
    """Logs in and opens every folder that ingest would read."""
    server = archive.server(mailbox, patient=False)
    try:
        folders = [server.look(name) for name in server.folders()]
    finally:
        server.close()
    shown = ", ".join(f"{folder.name} {len(folder.uids)}" for folder in folders)
    return f"{mailbox.imap.host if mailbox.imap else ''} answers; messages: {shown or 'no folder to read'}"


def _stamp(authority: Authority, at: datetime) -> str:
    """A token over nothing, asked for and judged."""
    imprint = sha512(b"").digest()
    token = token_of(
        authority.port.answer(query("sha512", imprint, 1)), algorithm="sha512", imprint=imprint, nonce=1, at=at
    )
    judged = judge_token(
        read_token(token), algorithm="sha512", data_digest=imprint, anchors=authority.anchors, at=at, subject="tsa"
    )
    if judged.indication is not Indication.PASSED:
        raise Malformed("; ".join(found.text("en") for found in judged.findings))
    return "answers, and its token is good"

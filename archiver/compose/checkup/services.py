"""Whom an archive works with: providers' CAs, whoever signs, time stamping authorities, mail servers."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from hashlib import sha512
from pathlib import Path

from asn1crypto import x509

from archiver.compose.checkup.running import refused, tried
from archiver.compose.checkup.values import FAILED, OK, WARNING, Check, Checkup, Look
from archiver.compose.lastly import FULL
from archiver.config import MailboxConfig, TsaConfig
from archiver.errors import ArchiverError, ConfigError, Malformed
from archiver.evidence.timestamp import claimed, judge_token, query, read_token, token_of
from archiver.ports import Quota
from archiver.stamping import Authority
from archiver.verdict import Indication

APART, FAR = 60, 300
"""Seconds between two clocks: what a person should know, and what every token is refused for."""


def providers(checkup: Checkup) -> Iterator[Check]:
    """Whether there is anybody to believe."""
    folder = checkup.archive.config.providers
    looked = checkup.say("providers.looked", folder=folder)
    try:
        count = len(checkup.archive.providers.anchors)
    except ArchiverError as error:
        yield Check("providers", FAILED, looked, str(error), f"ls -l {folder}")
        return
    if count:
        yield Check("providers", OK, looked, checkup.say("providers.ok", count=count))
        return
    make = f"mkdir -p {folder}"
    if folder.is_dir():
        yield Check("providers", WARNING, looked, checkup.say("providers.none"), f"ls -l {folder}")
    else:
        yield Check("providers", WARNING, looked, checkup.say("providers.none"), make, mend=partial(_made, checkup))


def signer(checkup: Checkup) -> Iterator[Check]:
    """Whether the seal may be made now, and how long yet."""
    archive, looked = checkup.archive, checkup.say("signer.looked")
    if archive.config.signer.kind == "hand":
        yield Check("signer", OK, looked, checkup.say("signer.hand"))
        return
    try:
        warnings = archive.check_signer(checkup.at)
        archive.signer.ready()
    except ArchiverError as error:
        way = checkup.edit if isinstance(error, ConfigError) else checkup.command("doctor")
        yield Check("signer", FAILED, looked, str(error), way)
        return
    end = x509.Certificate.load(archive.signer.certificate).not_valid_after
    yield Check("signer", OK, looked, checkup.say("signer.ok", end=end))
    for found in warnings:
        yield Check("signer", WARNING, looked, found.text(checkup.lang), checkup.edit)


def authorities(checkup: Checkup) -> Iterator[tuple[str, Look]]:
    """Each authority that is asked; what keeps all of them from being asked is said once."""
    try:
        lines = checkup.archive.lines(checkup.archive.clock, counted=_counting(checkup))
    except ArchiverError as error:
        yield "tsa", partial(_none, error=error)
        return
    asked = {tsa.id: tsa for tsa in checkup.archive.config.tsas}
    for authority in (one for line in lines for one in line):
        found = asked[authority.port.id]
        yield f"tsa {found.id}", partial(_authority, authority=authority, tsa=found)


def mailboxes(checkup: Checkup) -> Iterator[tuple[str, Look]]:
    """Each mailbox that is read by itself."""
    for mailbox in checkup.archive.config.mailboxes:
        if mailbox.path is not None:
            yield f"mailbox {mailbox.name}", partial(_folder, name=mailbox.name, path=mailbox.path)
        elif mailbox.imap is not None:
            yield f"mailbox {mailbox.name}", partial(_server, mailbox=mailbox)


def _counting(checkup: Checkup) -> bool:
    """Whether there is a catalog that questions can be counted in."""
    try:
        return checkup.archive.catalog is not None
    except ArchiverError:
        return False


def _made(checkup: Checkup) -> str:
    folder = checkup.archive.config.providers
    folder.mkdir(parents=True)
    return checkup.say("providers.made", folder=folder)


def _none(checkup: Checkup, *, error: ArchiverError) -> Iterator[Check]:
    yield refused("tsa", error, checkup)


def _folder(checkup: Checkup, *, name: str, path: Path) -> Iterator[Check]:
    looked, there = checkup.say("mailbox.looked", place=path), path.exists()
    text = checkup.say("mailbox.there") if there else checkup.say("mailbox.gone", path=path)
    yield Check(f"mailbox {name}", OK if there else FAILED, looked, text, "" if there else checkup.edit)


def _server(checkup: Checkup, *, mailbox: MailboxConfig) -> Iterator[Check]:
    """Logs in and opens every folder that ingest would read; asks whether deleting, where allowed, can be done."""
    assert mailbox.imap, "asked of no other"
    looked = checkup.say("mailbox.looked", place=f"{mailbox.imap.host}:{mailbox.imap.port}")
    full: list[Quota] = []

    def look() -> str:
        server = checkup.archive.server(mailbox, patient=False)
        try:
            folders = [server.look(name) for name in server.folders()]
            if mailbox.imap and mailbox.imap.purge:
                server.check_deletes()
            full.extend(filter(None, [server.quota()]))
        finally:
            server.close()
        shown = ", ".join(f"{folder.name} {len(folder.uids)}" for folder in folders)
        return checkup.say("mailbox.ok", folders=shown or checkup.say("mailbox.empty"))

    yield tried(checkup, f"mailbox {mailbox.name}", looked, look)
    for quota in full:
        if quota.used >= FULL * quota.limit:
            share = checkup.say("mailbox.full", share=100 * quota.used // quota.limit)
            way = checkup.command("purge", mailbox.name, "--older-than", "90d", "--dry-run")
            yield Check(f"mailbox {mailbox.name}", WARNING, looked, share, way)


def _authority(checkup: Checkup, *, authority: Authority, tsa: TsaConfig) -> Iterator[Check]:
    """A token over nothing, asked for (it counts, and may cost) and judged; and what time it claims."""
    name = f"tsa {tsa.id}"
    place = tsa.http.url if tsa.http else "ca/"
    looked = checkup.say("tsa.looked", place=place)
    imprint, nonce = sha512(b"").digest(), secrets.randbits(64)
    try:
        reply = authority.port.answer(query("sha512", imprint, nonce, authority.policy))
    except (ArchiverError, OSError) as error:
        yield Check(name, FAILED, looked, str(error), checkup.edit)
        return
    at = checkup.archive.clock()
    if tsa.http:
        yield from _clock(checkup, reply, tsa.id, at)
    yield tried(
        checkup, name, looked, lambda: _judged(checkup, authority, reply, imprint, nonce, at), next=checkup.edit
    )


def _judged(checkup: Checkup, authority: Authority, reply: bytes, imprint: bytes, nonce: int, at: datetime) -> str:
    token = token_of(reply, algorithm="sha512", imprint=imprint, nonce=nonce, at=at, policy=authority.policy)
    read = read_token(token, authority.anchors)
    judged = judge_token(
        read,
        authority.trusted,
        algorithm="sha512",
        data_digest=imprint,
        at=at,
        subject="tsa",
    )
    if judged.indication is not Indication.PASSED:
        raise Malformed("; ".join(found.text(checkup.lang) for found in judged.findings))
    assert read.certificate, "a token whose signer is unknown does not pass"
    return checkup.say("tsa.ok", end=x509.Certificate.load(read.certificate).not_valid_after)


def _clock(checkup: Checkup, reply: bytes, tsa: str, at: datetime) -> Iterator[Check]:
    """This machine's clock against the authority's; nothing where there is no token, which is said elsewhere."""
    try:
        apart = round(abs((claimed(reply) - at).total_seconds()))
    except Malformed:
        return
    looked = checkup.say("clock.looked", tsa=tsa)
    if apart <= APART:
        yield Check("clock", OK, looked, checkup.say("clock.ok", seconds=apart))
    else:
        state = FAILED if apart > FAR else WARNING
        yield Check("clock", state, looked, checkup.say("clock.off", seconds=apart), "timedatectl status")

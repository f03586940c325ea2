"""Whom to tell, with everything that the configuration gives: mail servers, hooks, and what may leave the house."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

from archiver.adapters.notices import MailServer, SmtpNotice, WebhookNotice
from archiver.compose.archive import Archive
from archiver.compose.secrets import known, later
from archiver.config.night import PROBLEMS
from archiver.errors import ArchiverError, ConfigError
from archiver.nightly import Discreet, Done, Failure, Night, code_of
from archiver.nightly.words import summary, title
from archiver.ports import Letter, Notice


def ways(archive: Archive) -> tuple[tuple[Notice, str], ...]:
    """Each way to a person that is configured, and when it is taken (`always`, `problems`)."""
    email, webhook = archive.config.notify.email, archive.config.notify.webhook
    found: list[tuple[Notice, str]] = []
    if email:
        server = MailServer(
            host=email.host,
            port=email.port,
            security=email.security,
            user=email.user,
            password=later(email.password, archive.environ, archive.config.folder),
            ca=email.ca,
        )
        found.append((SmtpNotice(server, sender=email.sender, to=email.to), email.when))
    if webhook:
        token = later(webhook.token, archive.environ, archive.config.folder)
        found.append((WebhookNotice(webhook.url, token=token, ca=webhook.ca), webhook.when))
    return tuple(found)


def discreet(archive: Archive) -> Discreet:
    """Strikes out what must not leave: secrets, addresses, and the users of mail servers."""
    boxes = archive.config.mailboxes
    names = [box.imap.user for box in boxes if box.imap] + [
        name for box in boxes for name in (box.address, *box.aliases)
    ]
    called = {name for box in boxes for name in (box.name, box.id)}  # what people call a mailbox is how it is told
    return Discreet(
        names=(name for name in names if name not in called), secrets=known(archive.config, archive.environ)
    )


def letter(night: Night, lang: str) -> Letter:
    """What people are told of a night."""
    return Letter(title(night, lang), "\n".join(summary(night, lang)) + "\n", night.as_json())


def tell(archive: Archive, night: Night, *, at: datetime, lang: str) -> Done:
    """Tells everybody who wants to know of this night; one way that fails does not stop the other."""
    wanted = [way for way, when in ways(archive) if when != PROBLEMS or night.troubled]
    return _told(wanted, tuple(_sent(archive, wanted, letter(night, lang), at)))


def trial(archive: Archive, lang: str) -> Letter:
    """A notice that says that notices arrive."""
    mark = {"it": " - SENZA VALORE LEGALE", "en": " - WITHOUT LEGAL VALUE"}[lang] if archive.config.demo else ""
    subject = {"it": "Archivio PEC: avviso di prova", "en": "PEC archive: trial notice"}[lang] + mark
    text = {
        "it": "Questo è un avviso di prova: chi lo legge riceverà quelli della notte.\n",
        "en": "This is a trial: whoever reads it will receive the notices of the night.\n",
    }[lang]
    return Letter(subject, text, {"id": "trial", "demo": archive.config.demo})


def unfinished(archive: Archive, lang: str) -> Letter | None:
    """A notice that the last night did not come to its end; None when it did, and told so itself."""
    try:
        newest = next(iter(archive.catalog.nights(1)), None)
        steps = json.loads(newest.told)["steps"] if newest and newest.told else {}
    except ArchiverError:
        newest, steps = None, {}
    if newest and newest.ended and steps.get("notify", {}).get("result") == "done":
        return None
    subject = {"it": "Archivio PEC: la notte NON è arrivata in fondo", "en": "PEC archive: the night did NOT end"}[lang]
    if archive.config.demo:
        subject += {"it": " - SENZA VALORE LEGALE", "en": " - WITHOUT LEGAL VALUE"}[lang]
    began = f"{newest.at:%Y-%m-%d %H:%M:%SZ} ({newest.host}, pid {newest.pid})" if newest else "?"
    text = {
        "it": f"Iniziata: {began}. Guardare il registro del servizio, poi eseguire `archiver nightly`: riprende da dove"
        " si è fermata, e nulla di ciò che era al sicuro è perso.\n    journalctl -u archiver-nightly\n",
        "en": f"Begun: {began}. Look at the service's journal, then run `archiver nightly`: it goes on from where it"
        " stopped, and nothing that was safe is lost.\n    journalctl -u archiver-nightly\n",
    }[lang]
    return Letter(subject, text, {"id": newest.id if newest else "unfinished", "demo": archive.config.demo})


def notify(archive: Archive, told: Letter, *, clock: Callable[[], datetime]) -> Done:
    """Tells everybody, whatever they want to know. Raises ConfigError when nobody is configured."""
    wanted = [way for way, _ in ways(archive)]
    if not wanted:
        raise ConfigError(
            "nessun avviso è configurato: aggiungere [notify.email] o [notify.webhook] (no way to notify is configured)"
        )
    return _told(wanted, tuple(_sent(archive, wanted, told, clock())))


def _told(wanted: list[Notice], failures: tuple[Failure, ...]) -> Done:
    codes = {failure.code for failure in failures}
    nobody = len(failures) == len(wanted) and len(codes) == 1
    return Done({"sent": len(wanted) - len(failures)}, failures, code=codes.pop() if nobody else None)


def _sent(archive: Archive, wanted: list[Notice], told: Letter, at: datetime) -> Iterator[Failure]:
    strike = discreet(archive)
    for way in wanted:
        try:
            way.send(told, at=at)
        except ArchiverError as error:
            yield Failure(way.id, strike(str(error)), code_of(error), "archiver notify --test")

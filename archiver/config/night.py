"""The night in a configuration: what it does, whom it tells, what it writes for machines that watch."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archiver.config.table import Table

LOOPBACK = ("localhost", "127.0.0.1", "::1")
ALWAYS, PROBLEMS = "always", "problems"
LEVELS = ("debug", "info", "warning", "error")

_ADDRESS = r"[^@\s<>,]+@[^@\s<>,]+"
_PORTS = {"starttls": 587, "tls": 465, "local": 25}


@dataclass(frozen=True, slots=True)
class NightConfig:
    """`expected`: whether somebody configured a night; `hours`: after so many without one there is an alarm.

    `index`: the night also reads bodies and attachments for search; `jobs`: processes that ingest (None: as a rule).
    """

    expected: bool = False
    hours: int = 36
    index: bool = True
    jobs: int | None = None


@dataclass(frozen=True, slots=True)
class EmailConfig:
    """A mail server that takes notices: `security` is `starttls`, `tls`, or `local` (in the clear, to this machine).

    `password` is a reference, `ca` a private authority; `when` is `always` or `problems`.
    """

    to: tuple[str, ...]
    sender: str
    host: str
    port: int
    security: str
    user: str
    password: str
    ca: Path | None
    when: str


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """An address that takes JSON: `token` is a reference, sent as a bearer's; `ca`, `when`: as there."""

    url: str
    token: str
    ca: Path | None
    when: str


@dataclass(frozen=True, slots=True)
class NotifyConfig:
    """Whom the night tells what it came to."""

    email: EmailConfig | None = None
    webhook: WebhookConfig | None = None


@dataclass(frozen=True, slots=True)
class LogsConfig:
    """`level` of the log, and its `form`: `json`, `console`, or empty: JSON where nobody watches."""

    level: str = "info"
    form: str = ""


NO_NIGHT, NO_NOTICES, ANY_LOGS = NightConfig(), NotifyConfig(), LogsConfig()
"""Without their tables."""


def night(top: Table) -> NightConfig:
    """The table [night]."""
    if not top.has("night"):
        return NO_NIGHT
    table = top.table("night")
    found = NightConfig(
        expected=True,
        hours=table.number("hours", 36, low=1, high=24 * 366),
        index=table.flag("index", True),
        jobs=table.number("jobs", 1, low=1, high=64) if table.has("jobs") else None,
    )
    table.close()
    return found


def notify(top: Table, folder: Path) -> NotifyConfig:
    """The tables [notify.email] and [notify.webhook]."""
    if not top.has("notify"):
        return NO_NOTICES
    table = top.table("notify")
    found = NotifyConfig(
        email=_email(table.table("email"), folder) if table.has("email") else None,
        webhook=_webhook(table.table("webhook"), folder) if table.has("webhook") else None,
    )
    table.close()
    return found


def logs(top: Table) -> LogsConfig:
    """The table [logs]."""
    if not top.has("logs"):
        return ANY_LOGS
    table = top.table("logs")
    found = LogsConfig(
        level=table.text("level", "info", one_of=LEVELS),
        form=table.text("format", "", one_of=("json", "console")),
    )
    table.close()
    return found


def textfile(top: Table, folder: Path) -> Path | None:
    """Where the table [metrics] wants a file for node_exporter; its name must end as that reads."""
    if not top.has("metrics"):
        return None
    table = top.table("metrics")
    path = table.path("textfile", folder)
    if path.suffix != ".prom":
        table.complain("textfile", f"must end in .prom, or node_exporter does not read it, found {str(path)!r}")
    table.close()
    return path


def check_notices(found: NotifyConfig, own: Collection[str], top: Table) -> None:
    """Whether notices go round the archived mailboxes: `own` are their addresses and users, in lower case."""
    if found.email is None:
        return
    asked = (*(("to", one) for one in found.email.to), ("from", found.email.sender), ("user", found.email.user))
    for key, address in asked:
        if address and address.lower() in own:
            top.complain(
                "",
                f"[notify.email] {key}: {address!r} è una casella archiviata: la notte conserverebbe i propri avvisi, e"
                " una casella guasta inghiottirebbe il suo allarme: indicare un'altra casella, di un altro gestore (an"
                " archived mailbox: give another one)",
            )


def _email(table: Table, folder: Path) -> EmailConfig:
    security = table.text("security", "starttls", one_of=tuple(_PORTS))
    found = EmailConfig(
        to=table.texts("to"),
        sender=table.text("from", pattern=_ADDRESS, hint="must be a mail address"),
        host=table.text("host", pattern=r"[^\s/@]+", hint="must be the name of a mail server, such as smtp.example.it"),
        port=table.number("port", _PORTS.get(security, 587), low=1, high=65535),
        security=security,
        user=table.text("user", ""),
        password=table.reference("password"),
        ca=table.path("ca", folder) if table.has("ca") else None,
        when=table.text("when", ALWAYS, one_of=(ALWAYS, PROBLEMS)),
    )
    if not found.to:
        table.complain("to", 'is missing: a list of addresses, such as ["responsabile@studio.example.it"]')
    for address in found.to:
        if not re.fullmatch(_ADDRESS, address):
            table.complain("to", f"must be mail addresses, found {address!r}")
    if bool(found.user) != bool(found.password):
        table.complain("password" if found.user else "user", "is missing: a login needs both")
    if security == "local" and (found.host not in LOOPBACK or found.user):
        table.complain("security", "'local' is for a mail server on this machine (localhost), without a user")
    table.close()
    return found


def _webhook(table: Table, folder: Path) -> WebhookConfig:
    found = WebhookConfig(
        url=_hook(table),
        token=table.reference("token"),
        ca=table.path("ca", folder) if table.has("ca") else None,
        when=table.text("when", ALWAYS, one_of=(ALWAYS, PROBLEMS)),
    )
    table.close()
    return found


def _hook(table: Table) -> str:
    """An address; one that is wrong is not shown, and none ever is whole: there may be a password in it."""
    value = table.text("url")
    try:
        parts = urlsplit(value)
        good = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        good = good and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        good = False
    if value and (not good or re.search(r"\s", value)):
        table.complain("url", "must be an https address without a user in it (http only to this machine)")
    return value

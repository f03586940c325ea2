"""Notices by e-mail; the server's certificate is verified before anything is said (RFC 5321, 3207, 8314)."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from archiver.errors import ConfigError, Unavailable
from archiver.ports import Letter

_FINAL = 500
"""SMTP replies from here on are not to be tried again as they are (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server: `security` is `starttls`, `tls`, or `local` (in the clear, to this machine only).

    `password` gives the secret, and is asked each time; `ca` is a file of PEM certificates instead of the system's;
    `timeout` is of one answer, in seconds.
    """

    host: str
    port: int
    security: str
    user: str = ""
    password: Callable[[], str] | None = field(default=None, repr=False)
    ca: Path | None = None
    timeout: float = 30.0

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self.host}:{self.port}"


class SmtpNotice:
    """A `ports.Notice`: one mail to all of `to`, as from `sender`."""

    id = "email"

    def __init__(self, server: MailServer, *, sender: str, to: tuple[str, ...]) -> None:
        self._server = server
        self._sender = sender
        self._to = to

    def send(self, letter: Letter, *, at: datetime) -> None:
        """Returns when the server has taken it for everybody."""
        server = self._server
        context = _context(server)
        try:
            with _opened(server, context) as session:
                if server.password:
                    session.login(server.user, server.password())
                refused = session.send_message(self._mail(letter, at))
        except smtplib.SMTPAuthenticationError as error:
            raise ConfigError(
                f"{server.place}: accesso rifiutato: controllare `user` e `password` di [notify.email]"
                f" (login refused, {error.smtp_code})"
            ) from None  # what the server said may repeat what it was told
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(server, min(code for code, _ in error.recipients.values())) from None
        except smtplib.SMTPResponseException as error:
            raise _refused(server, error.smtp_code) from None
        except ssl.SSLCertVerificationError as error:
            raise Unavailable(
                f"{server.place}: certificato del server non accettato ({error.verify_message}): controllare `host` e"
                " `ca` (certificate refused: check host and ca)"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise Unavailable(
                f"{server.place}: avviso non consegnato al server: {reason}: controllare `host`, `port` e `security`"
                " (not delivered to the server)"
            ) from error
        if refused:
            raise _refused(server, min(code for code, _ in refused.values()))

    def _mail(self, letter: Letter, at: datetime) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._to)
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = (
            f"<{letter.data.get('id', 'notice')}.{at.timestamp():.6f}@{self._sender.partition('@')[2]}>"
        )
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
        mail.set_content(letter.text)
        return mail


def _context(server: MailServer) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(server.ca) if server.ca else None)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{server.ca}: certificati della CA non leggibili (not a file of PEM certificates)"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _opened(server: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    """A session that may be told secrets: TLS, or this machine."""
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    session = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        if server.security == "local":
            if not _is_here(session.sock):
                raise ConfigError(f"{server.place}: security = 'local' è per questa macchina (for this machine only)")
            return session
        session.starttls(context=context)
    except smtplib.SMTPNotSupportedError:
        session.close()
        raise ConfigError(
            f'{server.place}: il server non offre STARTTLS: nulla viene inviato in chiaro; usare security = "tls"'
            " (no STARTTLS offered: nothing is sent in the clear)"
        ) from None
    except BaseException:  # whatever stops it: the connection must not stay open
        session.close()
        raise
    return session


def _is_here(raw: "socket.socket | None") -> bool:
    peer = raw.getpeername()[0] if raw else ""
    return str(peer).startswith("127.") or peer == "::1"


def _refused(server: MailServer, code: int) -> ConfigError | Unavailable:
    """By the kind of the reply; its words are left out: they name people."""
    text = f"{server.place}: avviso rifiutato dal server, risposta {code} (refused by the server)"
    return ConfigError(f"{text}: controllare `from` e `to` di [notify.email]") if code >= _FINAL else Unavailable(text)

"""From an account to a logged-in connection: TLS first, with the server's name checked, then a password or a token."""

import socket
import ssl
from base64 import b64encode
from imaplib import IMAP4, IMAP4_SSL

from archiver.adapters.imap.account import Account
from archiver.adapters.imap.syntax import shown
from archiver.adapters.imap.wire import Broken, Done, Wire, trouble
from archiver.errors import ConfigError, Unavailable

PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"})
"""Response codes of a refusal that has nothing to do with what was asked (RFC 5530)."""
_TELLING = 6  # characters of a secret


def opened(account: Account, timeout: float) -> Wire:
    """A connection that may ask for folders; every read on it ends within `timeout` seconds.

    The certificate must be valid, for this host, and lead to `account.ca` or to the system's; TLS 1.2 at least.
    Raises Broken when it may go better a moment later, Unavailable when TLS cannot be had, ConfigError when the
    server refuses who logs in, or `ca` cannot be read. No message holds the secret.
    """
    session = _protected(account, _context(account), timeout)
    wire = Wire(session, account.place)
    try:
        session.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small commands follow each other
        _log_in(account, session, wire)
    except BaseException:  # whatever stops it: the connection must not stay open
        _dropped(session)
        raise
    return wire


def _context(account: Account) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(account.ca) if account.ca else None)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{account.ca}: certificati della CA non leggibili, atteso un file PEM (not a file of PEM certificates):"
            f" {trouble_of(error)}"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _protected(account: Account, context: ssl.SSLContext, timeout: float) -> IMAP4:
    try:
        if not account.starttls:
            return IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=timeout)
        return _upgraded(account, IMAP4(account.host, account.port, timeout=timeout), context)
    except ssl.SSLCertVerificationError as error:
        raise Unavailable(
            f"{account.place}: certificato del server non accettato ({error.verify_message}): controllare il nome del"
            " server e la CA indicata nella configurazione (certificate refused: check host and CA)"
        ) from error
    except ssl.SSLError as error:
        raise Broken(
            f"{account.place}: TLS non riuscito ({trouble_of(error)}): controllare porta e tipo di connessione, TLS"
            " diretto o STARTTLS (TLS failed: check port, and TLS against STARTTLS)"
        ) from error
    except (TimeoutError, IMAP4.error) as error:
        raise Broken(f"{account.place}: {trouble(error)}") from error
    except OSError as error:
        raise Broken(f"{account.place}: non raggiungibile (cannot be reached): {trouble_of(error)}") from error
    except ValueError as error:  # of the socket library, before it asks anybody
        raise ConfigError(f"{account.place}: nome di server non valido (no name of a host): {error}") from error


def _upgraded(account: Account, session: IMAP4, context: ssl.SSLContext) -> IMAP4:
    try:
        if "STARTTLS" not in session.capabilities or session.state != "NONAUTH":
            raise Unavailable(
                f"{account.place}: il server non offre STARTTLS: nessuna password viene inviata in chiaro; usare la"
                " porta con TLS diretto, di solito 993 (no STARTTLS offered: use the port with implicit TLS)"
            )
        session.starttls(context)
    except BaseException:  # whatever stops it: the connection must not stay open
        _dropped(session)
        raise
    return session


def _log_in(account: Account, session: IMAP4, wire: Wire) -> None:
    secret, offered = account.secret(), session.capabilities
    try:
        if account.oauth:
            refused = _sasl(session, "XOAUTH2", f"user={account.user}\x01auth=Bearer {secret}\x01\x01")
        elif "AUTH=PLAIN" in offered:
            refused = _sasl(session, "PLAIN", f"\0{account.user}\0{secret}")
        elif "LOGINDISABLED" in offered:
            refused = Done("NO", "LOGINDISABLED, AUTH=PLAIN absent")
        else:
            refused = wire.command("LOGIN", _octets(account.user), _octets(secret))
    except Broken as error:
        raise Broken(_hidden(str(error), account, secret)) from None
    except (OSError, IMAP4.abort) as error:
        raise Broken(f"{account.place}: {_hidden(trouble(error), account, secret)}") from None
    if not refused.ok:
        raise _refusal(account, refused, secret)


def _sasl(session: IMAP4, mechanism: str, answer: str) -> Done:
    answers = iter((_octets(answer),))
    try:
        session.authenticate(mechanism, lambda _: next(answers, b""))  # a second question tells why: it wants nothing
    except IMAP4.abort:
        raise
    except IMAP4.error as error:
        if "got more than" in str(error):  # imaplib's own: a line without end, no answer to us
            raise IMAP4.abort(str(error)) from error
        return Done("NO", shown(str(error).encode()))
    return Done("OK", "")


def _refusal(account: Account, refused: Done, secret: str) -> Exception:
    said = _hidden(refused.said, account, secret)
    if refused.code in PASSING:
        return Broken(f"{account.place}: accesso di {account.user} rimandato (login deferred): {said}")
    what = "token OAuth" if account.oauth else "password"
    return ConfigError(
        f"{account.place}: accesso rifiutato a {account.user}: controllare utente e {what} nella configurazione della"
        f" casella, e che l'accesso IMAP sia attivo (login refused: check user and secret): {said}"
    )


def _hidden(said: str, account: Account, secret: str) -> str:
    """What the server said, up to where the secret begins in any form in which it was sent."""
    sent = (
        secret,
        b64encode(_octets(f"\0{account.user}\0{secret}")).decode(),
        b64encode(_octets(f"user={account.user}\x01auth=Bearer {secret}\x01\x01")).decode(),
    )
    for form in sent:
        beginning = shown(_octets(form))[:_TELLING]
        if beginning and beginning in said:
            said = said[: said.index(beginning)] + "***"
    return said


def _octets(text: str) -> bytes:
    """UTF-8 (RFC 4616, 2); what the environment brought that is none goes as it came."""
    return text.encode("utf-8", "surrogateescape")


def trouble_of(error: Exception) -> str:
    """What a library said, fit to be shown."""
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return shown(str(reason).encode())


def _dropped(session: IMAP4) -> None:
    try:
        session.shutdown()
    except OSError:
        pass  # it is gone already

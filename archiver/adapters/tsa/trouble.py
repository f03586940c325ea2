"""What goes wrong between us and an authority, in words: urllib3's errors, by what can be done about them."""

import re
import ssl

from urllib3.exceptions import NameResolutionError, NewConnectionError, ProxyError, SSLError
from urllib3.exceptions import TimeoutError as SilentError

from archiver.adapters.tsa.account import Account
from archiver.adapters.tsa.outcome import Passing, Refused

_REFUSED_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_LONGEST = 200


def trouble(error: Exception, account: Account, *, late: bool) -> Passing | Refused:
    """What to say of an error; `late` when our own clock has ended the exchange, whatever was raised then."""
    place = account.place
    reason = error.original_error if isinstance(error, ProxyError) else error
    if late or (isinstance(reason, SilentError) and not isinstance(reason, NewConnectionError)):
        return Passing(f"{place}: nessuna risposta completa entro {account.timeout:g} s (timed out)")
    if isinstance(error, ProxyError):
        return _relay(reason, account)
    if isinstance(error, SSLError):
        return _tls(error, account)
    if isinstance(error, NameResolutionError):
        return Passing(f"{place}: nome del server non trovato: controllare `url` e il DNS (no such host)")
    if isinstance(error, NewConnectionError):
        return Passing(f"{place}: non raggiungibile (cannot be reached): {cause(error)}")
    return _lost(account, cause(error))


def relay_refused(relay: str) -> Refused:
    """The proxy wants to know who asks (407)."""
    return Refused(
        f"proxy {relay}: accesso rifiutato (HTTP 407): il proxy chiede credenziali: controllare `proxy`, o autorizzare"
        " questa macchina sul proxy (the proxy refuses us)"
    )


def cause(error: BaseException) -> str:
    """What the system or a library said at first: urllib3 wraps it once or twice."""
    while True:
        below = error.__cause__ or next((item for item in error.args if isinstance(item, BaseException)), None)
        if below is None:
            break
        error = below
    said = str(getattr(error, "strerror", None) or error or type(error).__name__)
    return "".join(sign if sign.isprintable() else " " for sign in said)[:_LONGEST]


def _relay(reason: Exception, account: Account) -> Passing | Refused:
    status = _REFUSED_TUNNEL.search(str(reason))
    if status is None:
        said = cause(reason)
        return Passing(f"proxy {account.relay}: non raggiungibile: controllare `proxy` (cannot be reached): {said}")
    if status[1] == "407":
        return relay_refused(account.relay)
    text = f"proxy {account.relay}: non apre la via verso {account.place} (HTTP {status[1]}, no way through)"
    return Passing(text) if status[1] >= "500" else Refused(f"{text}: autorizzare la destinazione sul proxy")


def _lost(account: Account, said: str) -> Passing:
    # a server that misses the client's certificate may hang up before its reason is read
    anonymous = account.url.startswith("https:") and not account.certificate
    hint = "; se il server chiede un certificato client: `certificate`, `key`" if anonymous else ""
    return Passing(f"{account.place}: connessione interrotta (connection lost): {account.hidden(said)}{hint}")


def _tls(error: SSLError, account: Account) -> Passing | Refused:
    place = account.place
    inner = next((item for item in error.args if isinstance(item, Exception)), error)
    said = str(getattr(inner, "reason", None) or inner).replace("_", " ").lower()
    if isinstance(inner, ssl.SSLCertVerificationError):
        return Refused(
            f"{place}: certificato del server non accettato ({inner.verify_message}): controllare il nome del server in"
            " `url` e la CA in `ca` (server's certificate refused: check host and CA)"
        )
    if isinstance(inner, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _lost(account, said)
    if "alert" in said and ("certificate" in said or "unknown ca" in said or "handshake failure" in said):
        return Refused(
            f"{place}: il server chiede un certificato client, o non accetta quello configurato: controllare"
            f" `certificate` e `key` (client certificate missing or refused): {said}"
        )
    return Refused(
        f"{place}: TLS non riuscito: controllare in `url` la porta, e https contro http (TLS failed): {said}"
    )

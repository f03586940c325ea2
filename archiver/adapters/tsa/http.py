"""An RFC 3161 authority over HTTP: asked again when that may help, and told apart when what comes back is no answer."""

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from archiver.adapters.tsa.account import Account, shown_url
from archiver.adapters.tsa.outcome import LARGEST, Answer, Passing, Refused
from archiver.adapters.tsa.page import short, words
from archiver.errors import Unavailable

if TYPE_CHECKING:
    from archiver.adapters.tsa.wire import Wire

LONGEST_PAUSE = 60.0
"""Seconds. Who is told to wait longer comes back in another run."""
REPLY = "application/timestamp-reply"


class HttpAuthority:
    """A `ports.TimeStampingAuthority` over HTTP; any number of threads may ask. `pause` waits so many seconds.

    What fails on the way, 429 and 5xx are asked again after 1, 2, 4, ... seconds, or after what the server asks for;
    nothing else is.
    """

    def __init__(self, account: Account, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._account = account
        self._pause = pause
        self._made: Wire | None = None
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""
        return self._account.id

    def answer(self, query: bytes) -> bytes:
        """DER TimeStampReq -> what the authority calls a TimeStampResp, its octets as received (RFC 3161, 3.4).

        Raises Unavailable, saying what happened and the way out, and ConfigError for certificates or secrets that
        cannot be read.
        """
        return self.answer_counted(query, lambda: None)

    def answer_counted(self, query: bytes, asked: Callable[[], None]) -> bytes:
        """The same; `asked` is called each time a question is about to leave, and may stop it: what it raises goes."""
        attempt = 1
        while True:
            try:
                return _judged(self._wire().post(query, asked), self._account)
            except Refused as error:
                raise Unavailable(f"TSA {self.id}: {error}") from error
            except Passing as error:
                wait = _backoff(attempt) if error.wait is None else error.wait
                if attempt >= self._account.attempts or wait > LONGEST_PAUSE:
                    raise Unavailable(f"TSA {self.id}: {error}; {_given_up(attempt, error.wait)}") from error
            self._pause(wait)
            attempt += 1

    def _wire(self) -> "Wire":
        from archiver.adapters.tsa.wire import Wire  # urllib3 only for those who ask: it takes 40 ms

        with self._lock:
            if self._made is None:
                self._made = Wire(self._account)
            return self._made


def _backoff(attempt: int) -> float:
    return min(2.0 ** (attempt - 1), LONGEST_PAUSE)


def _given_up(attempts: int, wait: float | None) -> str:
    asked = "" if wait is None else f", il server chiede di attendere {wait:g} s (asks to wait)"
    return f"tentativi: {attempts}{asked}; riprovare più tardi (try again later)"


def _judged(answer: Answer, account: Account) -> bytes:
    """The reply in an answer. Raises Passing and Refused."""
    match answer.status:
        case 200:
            return _reply(answer, account)
        case 401 | 403:
            raise _refused(
                answer,
                account,
                "accesso rifiutato: controllare `user`, `password` e il certificato client (credentials refused)",
            )
        case 407:
            from archiver.adapters.tsa.trouble import relay_refused

            raise relay_refused(account.relay)
        case 429 | 503:
            raise Passing(_told(answer, account, "server occupato (busy)"), answer.wait)
        case status if status >= 500:
            raise Passing(_told(answer, account, "errore del server (server error)"), answer.wait)
        case status if 300 <= status < 400:
            target = shown_url(answer.headers.get("location", ""))
            raise _refused(
                answer, account, f"rimanda a {target}: se è giusto, metterlo in `url` (redirect not followed)"
            )
        case _:
            raise _refused(answer, account, "domanda non accettata: controllare `url` (question refused: check url)")


def _reply(answer: Answer, account: Account) -> bytes:
    """The body, if it is what RFC 3161, 3.4 wants."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if len(answer.body) > LARGEST:
        raise _refused(answer, account, f"risposta oltre {LARGEST} byte, non è una marca temporale (answer too large)")
    if encoding not in ("", "identity"):
        raise _refused(answer, account, f"risposta compressa ({encoding}), non richiesta (compressed answer)")
    if answer.content_type != REPLY:
        found = answer.content_type or "nessun tipo (no type)"
        raise _refused(answer, account, f"atteso {REPLY}, trovato {found}: controllare `url` (not a time stamp)")
    if not answer.body:
        raise _refused(answer, account, "risposta vuota (empty answer)")
    return answer.body


def _refused(answer: Answer, account: Account, what: str) -> Refused:
    return Refused(_told(answer, account, what))


def _told(answer: Answer, account: Account, what: str) -> str:
    """The server, the proxy on the way to it, the status, what it means, and the first words of its page."""
    way = account.place + (f" (proxy {account.relay})" if account.proxy else "")
    said = short(account.hidden(words(answer.body, answer.content_type)))
    return f"{way}: HTTP {answer.status}: {what}{said and f': «{said}»'}"

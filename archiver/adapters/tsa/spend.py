"""What authorities are asked is counted before it is asked, night by night, and ends at a cap: tokens cost money."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from archiver.errors import Unavailable
from archiver.evidence.timestamp import grants
from archiver.night import night_of
from archiver.ports import TimeStampingAuthority


class Ledger(Protocol):
    """Questions and tokens by authority and night; whoever asks at once counts one after the other."""

    def ask(self, tsa: str, night: date, *, cap: int | None) -> bool:
        """Counts one question and says True; False, and nothing is counted, when `cap` was reached."""

    def granted(self, tsa: str, night: date) -> None:
        """One of the night's questions brought a token."""


@runtime_checkable
class Repeating(Protocol):
    """An authority that may ask more than once for one answer, and says so each time before it does."""

    def answer_counted(self, query: bytes, asked: Callable[[], None]) -> bytes:
        """As `answer`; what `asked` raises stops the question."""


class Capped:
    """A `ports.TimeStampingAuthority` around another one: no question leaves that was not counted, none beyond `cap`.

    `cap` is per night, None without limit; `clock` tells the time, aware.
    """

    def __init__(
        self, inner: TimeStampingAuthority, ledger: Ledger, *, cap: int | None, clock: Callable[[], datetime]
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._cap = cap
        self._clock = clock

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""
        return self._inner.id

    def answer(self, query: bytes) -> bytes:
        """As the authority inside; a token that it grants is counted, whatever it turns out to be worth.

        Raises Unavailable, also when the night's cap is reached, and what the ledger raises: then nothing is asked.
        """
        night = night_of(self._clock())
        reply = self._asked(query, lambda: self._count(night))
        if grants(reply):
            self._ledger.granted(self.id, night)
        return reply

    def _asked(self, query: bytes, count: Callable[[], None]) -> bytes:
        if isinstance(self._inner, Repeating):
            return self._inner.answer_counted(query, count)
        count()
        return self._inner.answer(query)

    def _count(self, night: date) -> None:
        if not self._ledger.ask(self.id, night, cap=self._cap):
            raise Unavailable(
                f"TSA {self.id}: tetto di {self._cap} richieste raggiunto per la notte del {night}: alzare"
                " `tokens_per_night` nella configurazione, o attendere mezzogiorno (cap of the night reached)"
            )

"""Each question once a night (noon to noon, Rome), whatever the number of certificates, volumes and processes."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.collect.shelf import Shelf
from archiver.collect.values import Catalog
from archiver.digest import sha256
from archiver.errors import Malformed, Unavailable
from archiver.night import night_of
from archiver.submission.rows import FetchedRow

PATIENCE = timedelta(hours=1)
"""So long a question that failed is not asked again."""


class Refused(Exception):
    """A question without an answer, with the reason."""


@dataclass(frozen=True, slots=True)
class Question:
    """`source` is its name in the catalog. `ask` and `check` raise Unavailable or Malformed when there is no answer.

    `newer` is given the answer and the one that the source gave before.
    """

    source: str
    extension: str
    ask: Callable[[], bytes]
    check: Callable[[bytes], None]
    newer: Callable[[bytes, bytes], None] | None = None


class Questions:
    """Asks, looks, keeps, in this order; an answer that does not hold is not kept."""

    def __init__(self, shelf: Shelf, catalog: Catalog, clock: Callable[[], datetime], *, asking: bool) -> None:
        self._shelf = shelf
        self._catalog = catalog
        self._clock = clock
        self._asking = asking

    def answer(self, question: Question, holders: Collection[str]) -> bytes:
        """The night's answer, kept for these holders. Raises Refused."""
        at = self._clock()
        night = night_of(at)
        row = self._catalog.fetched(question.source, night)
        octets = self._had(row, at)
        if octets is not None:
            _checked(question, octets)
            self._shelf.keep(octets, question.extension, holders, at=at)
            return octets
        if row is not None and row.reason and timedelta(0) <= at - row.at < PATIENCE:
            raise Refused(row.reason)
        if not self._asking:
            raise Refused("[trust] fetch = false: nulla viene chiesto in rete (nothing is fetched)")
        asked = FetchedRow(question.source, night.isoformat(), at)
        try:
            octets = self._new(question)
        except (Unavailable, Malformed) as error:
            self._catalog.record_fetched(FetchedRow(asked.source, asked.night, at, reason=str(error) or "?"))
            raise Refused(str(error)) from error
        came = FetchedRow(asked.source, asked.night, at, sha256=sha256(octets), extension=question.extension)
        self._shelf.keep(octets, question.extension, holders, at=at, fetched=came)
        return octets

    def last(self, source: str) -> tuple[datetime | None, bytes] | None:
        """The newest answer of any night that is still kept, and until when it is good."""
        row = self._catalog.last_fetched(source)
        found = self._shelf.find(row.sha256, row.extension) if row else None
        return (found[0].until, found[1]) if found else None

    def _had(self, row: FetchedRow | None, at: datetime) -> bytes | None:
        """What came earlier in the night; not what is due by now, or lies nowhere any more."""
        if row is None or row.reason:
            return None
        found = self._shelf.find(row.sha256, row.extension)
        if found is None or (found[0].kind != "list" and found[0].until is not None and found[0].until <= at):
            return None
        return found[1]

    def _new(self, question: Question) -> bytes:
        """Raises Unavailable and Malformed."""
        octets = question.ask()
        question.check(octets)
        before = self.last(question.source) if question.newer else None
        if question.newer and before:
            question.newer(octets, before[1])
        return octets


def _checked(question: Question, octets: bytes) -> None:
    try:
        question.check(octets)
    except Malformed as error:
        raise Refused(str(error)) from error

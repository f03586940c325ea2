"""So many at once and no more, over all machines: of polls of one mail server, of questions to one authority.

Each place is a lock in the catalog's server, so it is free again when whoever had it ends, however that is. With a
catalog of one machine nothing is counted: there `--jobs` says how many.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from time import monotonic, sleep

from archiver.adapters.catalog import Catalog, file
from archiver.errors import Busy
from archiver.ports import TimeStampingAuthority

PATIENCE = 60.0
"""Seconds that somebody waits for a place."""

_PAUSE = 0.2


@contextmanager
def place(catalog: Catalog, what: str, most: int, *, patience: float = PATIENCE) -> Iterator[None]:
    """One of `most` places at `what` (a server, an authority). Raises Busy when none gets free in time."""
    busy = f"{what}: {most} alla volta, e sono tutti occupati: ripetere ([engine]: so many at once)"
    name = f"place-{sha256(what.encode()).hexdigest()[:16]}"
    with ExitStack() as held:
        until = monotonic() + patience
        while not _taken(held, catalog, name, most, busy):
            if monotonic() >= until:
                raise Busy(busy)
            sleep(_PAUSE)
        yield


def _taken(held: ExitStack, catalog: Catalog, name: str, most: int, busy: str) -> bool:
    for number in range(most):
        try:
            held.enter_context(catalog.exclusive(f"{name}-{number}", busy=busy, patience=0))
        except Busy:
            continue
        return True
    return False


def shared(url: str) -> bool:
    """Whether the catalog at this address is one that many machines may share."""
    return file(url) is None


class Counted:
    """A `ports.TimeStampingAuthority` that is asked so many questions at once, over all machines."""

    def __init__(self, inner: TimeStampingAuthority, catalog: Callable[[], Catalog], most: int) -> None:
        self._inner = inner
        self._catalog = catalog
        self._most = most

    @property
    def id(self) -> str:
        """Its name in the configuration and in the store."""
        return self._inner.id

    def answer(self, query: bytes) -> bytes:
        """As the authority inside. Raises Busy, which is Unavailable, when too many ask."""
        with place(self._catalog(), f"TSA {self.id}", self._most):
            return self._inner.answer(query)

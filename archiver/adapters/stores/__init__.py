"""Where the objects lie: one module per kind of store, one contract suite for all of them."""

from datetime import datetime
from typing import Protocol

from archiver.ports import Erasable

__all__ = ["Store"]


class Store(Erasable, Protocol):
    """A store that also cleans up after itself."""

    def tidy(self, *, at: datetime) -> int:
        """Removes the store's own leftovers that nobody needs at `at`; how many."""

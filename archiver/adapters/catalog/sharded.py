"""The catalog as one of several workers sees it: what is due of its own part, everything else as it is.

Rows that tell what is known (copies, damages, terms) are answered whole; only questions about what is still to be done
are narrowed, so that what one part does not do another one does.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from archiver.submission.rows import PdvRow, SegmentRow
from archiver.submission.shard import Shard

_OF_SHARDS = frozenset({"uncopied", "to_lock", "oldest", "unopened", "safety", "unread", "unread_count"})


class OfShard:
    """Questions of `sweep`, `replicate` and `catalog index` about what is due, answered for one shard."""

    def __init__(self, catalog: Any, shard: Shard) -> None:
        self._catalog = catalog
        self._shard = shard

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._catalog, name)
        return partial(found, shard=self._shard) if name in _OF_SHARDS else found


class OfHolder:
    """Questions of `seal` about what is due, answered for one holder."""

    def __init__(self, catalog: Any, holder: str) -> None:
        self._catalog = catalog
        self._holder = holder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)

    def pending(self) -> list[SegmentRow]:
        """See the catalog."""
        found: list[SegmentRow] = self._catalog.pending(self._holder)
        return found

    def pdvs_without_evidence(self, *asked: Any, **more: Any) -> list[PdvRow]:
        """See the catalog."""
        found: list[PdvRow] = self._catalog.pdvs_without_evidence(*asked, **more)
        return [row for row in found if row.holder == self._holder]

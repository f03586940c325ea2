"""The catalog as somebody sees it who may read some mailboxes only: messages of others are not there.

Not even by digest, by Message-ID, or as parts of a dossier: a dossier that reaches into another mailbox is folded from
what lies in these. What it then shows is less: a delivery whose receipt lies elsewhere is pending. How many messages
are withheld from a dossier is told beside it (`Shown.withheld`), so that nobody takes them for missing.
"""

from collections.abc import Collection
from typing import Any

from archiver.digest import Sha256
from archiver.submission.rows import MessageRow, SegmentRow


class Within:
    """Questions about messages, answered for these mailboxes (by id) alone; all others as the catalog answers them."""

    def __init__(self, catalog: Any, mailboxes: Collection[str]) -> None:
        self._catalog = catalog
        self._mailboxes = frozenset(mailboxes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)

    def find(self, *terms: Any, mailboxes: Collection[str] | None = None, **filters: Any) -> list[MessageRow]:
        """See the catalog."""
        asked = self._mailboxes if mailboxes is None else self._mailboxes & frozenset(mailboxes)
        found: list[MessageRow] = self._catalog.find(*terms, mailboxes=asked, **filters)
        return self._seen(found)

    def message(self, sha256: str) -> list[MessageRow]:
        """See the catalog."""
        return self._seen(self._catalog.message(sha256))

    def messages_of(self, segments: Collection[Sha256], *, mailbox: str | None = None) -> list[MessageRow]:
        """See the catalog."""
        return self._seen(self._catalog.messages_of(segments, mailbox=mailbox))

    def same_transaction(self, **names: Any) -> list[MessageRow]:
        """See the catalog."""
        return self._seen(self._catalog.same_transaction(**names))

    def linked(self, links: Collection[str], *, mailbox: str | None = None) -> list[MessageRow]:
        """See the catalog."""
        return self._seen(self._catalog.linked(links, mailbox=mailbox))

    def segment_of(self, sha256: Sha256, *, mailbox: str | None = None) -> SegmentRow | None:
        """See the catalog."""
        found: SegmentRow | None = self._catalog.segment_of(sha256, mailbox=mailbox)
        return found if found is None or found.mailbox in self._mailboxes else None

    def _seen(self, rows: list[MessageRow]) -> list[MessageRow]:
        return [row for row in rows if row.mailbox in self._mailboxes]

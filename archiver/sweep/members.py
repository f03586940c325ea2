"""What lies in the objects: both digests of every member, as index, records and rapporti name them; and whether people
can still read the messages (linee guida AgID 4.9: integrity and readability).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from archiver.digest import digests
from archiver.errors import Absent, ConfigError, Malformed, Unavailable
from archiver.package import layout
from archiver.package.segment import reader as segment_reader
from archiver.ports import ObjectStore
from archiver.submission.rows import ObjectRow
from archiver.sweep.values import Report, Sweeping
from archiver.verdict import Indication, Severity
from archiver.verify import judge_volume


class Members:
    """Opens what was read."""

    def __init__(self, work: Sweeping, report: Report) -> None:
        self._work = work
        self._report = report

    def wrong(self, row: ObjectRow, store: ObjectStore) -> str:
        """Why an index is not the index of a whole volume in this store, or a segment not that of its messages.

        Empty when all is right. The judge decides: SHA-256 as the index names them, the digests of the records' trees.
        Raises Unavailable, ConfigError.
        """
        try:
            return self._volume(row, store) if row.kind == layout.Kind.INDEX else self._segment(row, store)
        except (Absent, Malformed) as error:
            return str(error)

    def open_due(self, before: datetime, *, spent: Callable[[], bool], there: Callable[[], bool]) -> None:
        """Opens the messages of the primary's segments that nobody has opened since `before`, until `spent`.

        One that cannot be read is passed over, as long as the store is `there`.
        """
        store, after = self._work.primary, None
        before = min(before, self._work.clock())  # none twice in one run
        while pairs := self._work.catalog.unopened(store, before=before, after=after):
            for row, copy in pairs:
                after = copy.opened or row.at, row.name
                if spent():
                    return
                try:
                    for raw in self._messages(row, self._work.stores[store]):
                        self._report.readable.add(raw)
                except (Absent, Malformed):
                    continue  # its digest says what is wrong with it
                except (Unavailable, ConfigError):
                    if not there():
                        return  # whoever reads says so
                    continue
                self._report.opened += 1
                self._report.bytes += row.size
                self._work.catalog.note_copies([replace(copy, opened=self._work.clock())])

    def _volume(self, row: ObjectRow, store: ObjectStore) -> str:
        now = self._work.clock()
        report = judge_volume(store, row.holder, row.subject, trust=self._work.trust, at=now, contents=False)
        if report.indication is Indication.PASSED:
            return ""
        grave = [found for found in report.verdict.findings if found.severity in (Severity.ERROR, Severity.DOUBT)]
        return "; ".join(f"{found.code} {found.subject}" for found in grave[:5])

    def _segment(self, row: ObjectRow, store: ObjectStore) -> str:
        """A segment that waits for its volume: against both digests in the catalog's rows, which are its rapporto's."""
        expected = {item.sha256: item for item in self._work.catalog.messages_of([row.sha256])}
        for raw in self._messages(row, store):
            found = digests(raw)
            item = expected.pop(found.sha256, None)
            if item is None or item.sha512 != found.sha512:
                return f"{layout.message_path(found.sha256)}: sha512 {found.sha512[:32]}"
        return f"{len(expected)} messages missing" if expected else ""

    def _messages(self, row: ObjectRow, store: ObjectStore) -> Iterator[bytes]:
        with store.open(row.name) as file:
            for member in segment_reader.members(file, prefix="messages/", suffix=".eml"):
                yield member.read()

"""Closed volumes, each looked at once in a run: judged on the primary store, and compared with every replica.

A replica counts when it has every object of the volume besides the segments, byte for byte as the primary, which the
judge has passed; of the segments each message is read back by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ConfigError, Unavailable
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.purge.values import Purging, Reason, Report
from archiver.submission.rows import VolumeRow
from archiver.verdict import Indication
from archiver.verify import Trust, heed, informed, judge_volume


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be said of all messages of a volume: why they stay, or which `stores` have all but the segments.

    `members` are the messages that its index lists (SHA-256, octets), so that nothing counts as covered on the
    catalog's word alone.
    """

    reason: Reason | None = None
    stores: tuple[str, ...] = ()
    members: frozenset[bytes] = frozenset()


class Volumes:
    """The volumes of one run. A store that cannot be asked is named in the report, and asked no more."""

    def __init__(self, work: Purging, report: Report) -> None:
        self._work, self._report = work, report
        self._known: dict[str, Standing] = {}
        self._trusts: dict[str, Trust] = {}

    def standing(self, volume: str) -> Standing:
        """What can be said of it. Raises Unavailable when the primary store does not answer."""
        if volume not in self._known:
            self._known[volume] = self._looked_at(volume)
        return self._known[volume]

    def _looked_at(self, volume: str) -> Standing:
        row = self._work.catalog.volume(volume)
        if row is None:
            return Standing(Reason.OPEN)
        # 1. a record of every line (readings 19)
        if len(self._work.catalog.lineages("volume", volume)) < max(1, self._work.lines):
            return Standing(Reason.UNCOVERED)
        # 2. the package verdict today: seal, index, evidence, every file, on the primary (AgID guidelines, 4.7)
        judged = judge_volume(
            self._work.primary,
            row.holder,
            volume,
            trust=self._trust(row.holder),
            at=self._work.clock(),
            contents=False,
        )
        if judged.indication is not Indication.PASSED or judged.proven_at is None:
            self._report.volumes[volume] = judged.verdict
            return Standing(Reason.UNPROVEN)
        # 3. it is the volume that was closed
        p7m = self._work.primary.get(layout.index(row.holder, volume))
        if sha256(p7m) != row.sha256:
            self._report.volumes[volume] = judged.verdict
            return Standing(Reason.UNPROVEN)
        index = index_reader.read(open_signed(p7m).content or b"")
        names = tuple(self._names(row, index))
        # 4. no finding about any of its objects, in any store
        damaged = {row.name for row in self._work.catalog.damages() if row.store in self._work.stores}
        if not damaged.isdisjoint(names):
            return Standing(Reason.DAMAGED)
        # 5. the stores that have all of it
        try:
            digests = {name: sha256(self._work.primary.get(name)) for name in names}
        except Absent:  # a record that the catalog knows, and without which the judge could do
            return Standing(Reason.DAMAGED)
        stores = tuple(store for store in self._work.stores if self._whole(store, digests))
        return Standing(None, stores, frozenset(bytes.fromhex(file.sha256) for file in index.messages))

    def _trust(self, holder: str) -> Trust:
        """Whom the judge believes, with what the holder's store tells of later."""
        if holder not in self._trusts:
            at, store = self._work.clock(), self._work.primary
            known = informed(store, holder, trust=self._work.trust)
            self._trusts[holder], _ = heed(store, holder, trust=known, at=at)
        return self._trusts[holder]

    def _names(self, row: VolumeRow, index: Index) -> Iterator[str]:
        """Every object of a volume but the segments."""
        yield layout.index(row.holder, row.id)
        yield layout.metadata(row.holder, row.id)
        yield from self._records("volume", row.id)
        for file in index.rdvs:
            yield layout.listed(row.holder, row.mailbox, file.path)
            yield from self._records("pdv", file.path.removeprefix("pdv/").removesuffix(f".{file.extension}"))
        yield from (layout.listed(row.holder, row.mailbox, file.path) for file in index.records)
        yield from (layout.trust(row.holder, file.sha256, file.extension) for file in index.trust)

    def _records(self, subject: str, subject_id: str) -> Iterator[str]:
        return (record.name for record in self._work.catalog.evidence_of(subject, subject_id))

    def _whole(self, store: str, digests: dict[str, Sha256]) -> bool:
        if store in self._report.stores:
            return False
        held = self._work.stores[store]
        try:
            return all(sha256(held.get(name)) == digest for name, digest in digests.items())
        except Absent:
            return False
        except (Unavailable, ConfigError) as error:
            self._report.stores[store] = str(error)
            return False

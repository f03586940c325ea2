"""The desk: decides which messages are new, gathers what was packed, writes the rapporti, keeps the ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from archiver.digest import Sha256
from archiver.ingest.batch import Batch
from archiver.ingest.chunk import CHUNK_MESSAGES, Arrival
from archiver.ingest.heal import heal
from archiver.ingest.met import Register
from archiver.ingest.packer import Packed
from archiver.ingest.values import Intake, Report
from archiver.package.rdv.values import Item
from archiver.ports import Unfetched
from archiver.submission import intake, ledger
from archiver.submission.ledger import Note, Place
from archiver.submission.rows import Outcome, PdvRow
from archiver.uids import Uids

PDV_MESSAGES = 2_500
PDV_BYTES = 1 << 30
ROWS_BYTES = 32 << 20
"""What waits in memory for its rapporto: the receipts of a sending to hundreds each name all of them."""


class Desk:
    """One poll's decisions, for whoever fetches and packs. `observed` is False for files that are handed in.

    A new message is wanted once; whoever was told so must bring it back packed. The same bytes again are a duplicate,
    named in the same rapporto as the first or in a later one, so that nothing is held to be kept before it is.
    """

    def __init__(self, into: Intake, report: Report, *, observed: bool, at: datetime) -> None:
        self._into = into
        self._report = report
        self._observed = observed
        self._at = at
        self._batch = Batch(heal(into))
        rows = into.catalog.ledger(into.box.mailbox)
        self._outcomes: dict[Place, dict[Outcome, Uids]] = {}
        for outcome in Outcome:
            for place, uids in ledger.accounted(row for row in rows if row.outcome is outcome).items():
                self._outcomes.setdefault(place, {})[outcome] = uids
        self._under_way: dict[Sha256, list[Item]] = {}
        self._register = Register(into, report, at=at)
        self._packed: set[Sha256] = set()
        self._opened: set[Place] = set()
        self._wanted = 0
        self._named = 0
        self._weight = 0

    def uids(self, place: Place, *outcomes: Outcome) -> Uids:
        """The UIDs of a place that have one of these outcomes, as recorded; without `outcomes`, any."""
        known = self._outcomes.get(place, {})
        return ledger.union(known.get(outcome, Uids()) for outcome in outcomes or Outcome)

    def sift(self, arrivals: Sequence[Arrival]) -> list[bool]:
        """Which of these messages are wanted; what is to be said of the others is noted."""
        mailbox, digests = self._into.box.mailbox, [item.digests.sha256 for item in arrivals]
        known = self._into.catalog.known(mailbox, digests)
        discarded = self._into.catalog.discarded(mailbox, digests) - known
        self._report.discarded += sum(digest in discarded for digest in digests)
        return [self._wants(item, known | discarded) for item in arrivals]

    def accept(self, packed: Packed) -> None:
        """A segment with messages that were wanted is in the store."""
        self._batch.accept(packed)
        self._register.meet(packed.met)
        for kept in packed.kept:
            self._packed.add(kept.row.sha256)
            self._weight += len(kept.row.daticert)
            for duplicate in self._under_way.pop(kept.row.sha256):
                self._name(duplicate)

    def refuse(self, unread: Unfetched) -> None:
        """A message that will not be tried again: its rapporto says so."""
        self._name(intake.refused(unread))

    def gone(self, place: Place, uids: Uids) -> None:
        """UIDs that are not there any more."""
        self._batch.gone(place, uids)

    def open(self, folder: str, validity: int) -> None:
        """The folder has this UIDVALIDITY now: what older ones meant is history, and leaves the cursor."""
        self._opened.add((folder, validity))

    def turn(self) -> bool:
        """Whether a rapporto is due. If so: pack all that was wanted, then `close`; what is wanted from now on will be
        in the next one.
        """
        due = (
            self._wanted + self._named > PDV_MESSAGES - CHUNK_MESSAGES
            or self._batch.size >= PDV_BYTES
            or self._weight >= ROWS_BYTES
        )
        if due:
            self._wanted = self._named = self._weight = 0
        return due

    def close(self, packed: Iterable[Packed] = ()) -> None:
        """Accepts the last segments, then writes and notes all; a batch without news leaves no rapporto."""
        for last in packed:
            self.accept(last)
        batch, into = self._batch, self._into
        self._packed.clear()
        for note in batch.notes:
            self._remember(note)
        if not batch.news:
            if batch.notes:
                into.catalog.note_outcomes(into.box.mailbox, batch.notes, self._at)
            self._batch = Batch(batch.head)
            return
        self._register.note()  # first: else a certificate whose message is known already would not be met again
        head = batch.close(into, observed=self._observed, at=self._at, after=self._cursor(batch.head))
        self._batch = Batch(head)
        self._report.new += len(batch.messages)
        self._report.bytes += batch.size
        self._report.pdvs.append(head.id)
        self._report.findings.update(code for row in batch.messages for code in row.findings)

    def _cursor(self, head: PdvRow | None) -> str:
        """The cursor before, but for the folders that this poll has opened: those state all that is known now."""
        before = head.cursor if head else ""
        if not self._opened:
            return before
        anew = {folder for folder, _ in self._opened}
        kept = {place: uids for place, uids in ledger.read_cursor(before).items() if place[0] not in anew}
        return ledger.cursor(kept | {place: self.uids(place) for place in self._opened if self.uids(place)})

    def _wants(self, arrival: Arrival, known: frozenset[Sha256]) -> bool:
        digest = arrival.digests.sha256
        here = digest in self._packed
        if digest in known or here:
            self._report.known += 1
            if self._observed or here:  # files handed in again bring nothing new: they are only counted
                self._name(_duplicate(arrival))
            return False
        if digest in self._under_way:
            self._report.known += 1
            self._under_way[digest].append(_duplicate(arrival))
            return False
        self._under_way[digest] = []
        self._wanted += 1
        return True

    def _name(self, item: Item) -> None:
        self._batch.name(item)
        self._named += 1

    def _remember(self, note: Note) -> None:
        found = self._outcomes.setdefault((note.folder, note.validity), {})
        for outcome, uids in found.items():
            found[outcome] = uids - note.uids
        found[note.outcome] = found.get(note.outcome, Uids()) | note.uids


def _duplicate(arrival: Arrival) -> Item:
    return intake.duplicate(arrival.digests, arrival.origin, arrival.folder, arrival.received)

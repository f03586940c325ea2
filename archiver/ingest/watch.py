"""One poll of a mail server: what is new in each folder, three nights for what cannot be fetched, and the reckoning."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from archiver.errors import Absent, Unavailable
from archiver.ingest.chunk import Heard
from archiver.ingest.desk import Desk
from archiver.ingest.packer import Packed
from archiver.ingest.values import Intake, Report
from archiver.ports import Fetched, Folder, Gone, Mailbox, Unfetched
from archiver.submission import ledger
from archiver.submission.intake import ROME
from archiver.submission.rows import AttemptRow, FailingRow, Outcome, ReckoningRow
from archiver.uids import Uids

NIGHTS = 3
"""On so many days a message that cannot be fetched is tried, before its rapporto says so."""

_VANISHED = (
    "la cartella non è più sul server, o non è più tra quelle da leggere: quanto vi è arrivato dopo l'ultima lettura"
    " non è in archivio (not on the server any more, or not to be read: what came after the last poll is not archived)"
)

_SETTLED = (Outcome.ARCHIVED, Outcome.KNOWN, Outcome.REFUSED)


@dataclass(frozen=True, slots=True)
class Share:
    """Messages of one folder for one pair of hands to fetch."""

    folder: Folder
    uids: Uids

    def fetch(self, mailbox: Mailbox) -> Iterator[Fetched | Unfetched | Gone]:
        """These messages; their origin says UIDVALIDITY and UID."""
        for item in mailbox.fetch(self.folder, self.uids):
            yield item if isinstance(item, Gone) else replace(item, origin=self._origin(item.uid))
            del item

    def _origin(self, uid: int) -> str:
        return ledger.origin(self.folder.validity, uid)


class Watch:
    """A poll under way. `again` tries once more what was given up."""

    def __init__(self, into: Intake, report: Report, *, at: datetime, again: bool) -> None:
        self.desk = Desk(into, report, observed=True, at=at)
        self.at = at
        self.failure: Unavailable | None = None
        self._into = into
        self._report = report
        self._settled = _SETTLED[:2] if again else _SETTLED
        failing = into.catalog.failing(into.box.mailbox)
        self._failing = {(row.folder, row.validity, row.uid): row for row in failing}
        self._folders: dict[str, Folder] = {}
        self._names: tuple[str, ...] = ()

    def look(self, mailbox: Mailbox) -> list[tuple[Folder, Uids]]:
        """Each folder, and what is to be fetched there. A folder that cannot be opened is reported."""
        found = []
        names = self._begin(mailbox)
        for name in names:
            try:
                folder = mailbox.look(name)
            except Absent as error:
                self.broken(name, error)
                continue
            self._folders[name] = folder
            found.append((folder, self._new(folder)))
        return found

    def _begin(self, mailbox: Mailbox) -> tuple[str, ...]:
        """Notes that a poll begins. A folder that was there the last time, and is not any more, is reported once."""
        catalog, box = self._into.catalog, self._into.box.mailbox
        before = catalog.attempt(box)
        if before:  # until the server has said more: what was to be read then is to be read now
            catalog.note_attempt(replace(before, at=self.at, ended=False))
        else:
            catalog.note_attempt(AttemptRow(box, self.at, False, (), ()))
        names = mailbox.folders()
        for name in before.folders if before else ():
            if name not in names:
                self._report.broken.append((name, _VANISHED))
        self._names = names
        return names

    def hear(self, folder: Folder, heard: Heard) -> list[bool]:
        """What a chunk holds; which of its messages are wanted."""
        gone = Uids.of(item.uid for item in heard.gone)
        self.desk.gone(_place(folder), gone)
        self._report.gone += len(gone)
        for unread in heard.unread:
            self._unread(folder, unread)
        return self.desk.sift(heard.arrivals)

    def accept(self, packed: Packed) -> None:
        """A segment is in the store."""
        self.desk.accept(packed)

    def broken(self, name: str, error: Absent) -> None:
        """A folder cannot be read, or read further: the others are."""
        if name in self._folders or name not in dict(self._report.broken):
            self._report.broken.append((name, str(error)))
        self._folders.pop(name, None)

    def reckon(self, mailbox: Mailbox) -> None:
        """Compares every folder that was read with the server as it is now, and notes that."""
        failing = self._into.catalog.failing(self._into.box.mailbox)
        rows = []
        for folder in list(self._folders.values()):
            try:
                rows.append(self._reckoning(folder, mailbox.look(folder.name), failing))
            except Absent as error:
                self.broken(folder.name, error)
        unread = tuple(dict.fromkeys(name for name, _ in self._report.broken if name in self._names))
        attempt = AttemptRow(self._into.box.mailbox, self.at, True, self._names, unread)
        self._into.catalog.note_poll(attempt, rows)

    def _new(self, folder: Folder) -> Uids:
        place = _place(folder)
        self.desk.open(*place)
        seen = self.desk.uids(place)
        gone = Uids.span(1, folder.next - 1) - folder.uids - seen
        self.desk.gone(place, gone)
        if seen:  # before the first poll nobody knows what there was
            self._report.gone += len(gone)
        return folder.uids - self.desk.uids(place, *self._settled)

    def _unread(self, folder: Folder, unread: Unfetched) -> None:
        """Notes another night; after the third the message is given up, and its rapporto says so."""
        where = folder.name, folder.validity, unread.uid
        before = self._failing.get(where)
        nights = 1 if before is None else before.nights + (_day(self.at) > _day(before.at))
        row = FailingRow(self._into.box.mailbox, *where, nights, self.at, unread.reason)
        self._failing[where] = row
        shown = f"{folder.name} UID {unread.uid}"
        said = f"{unread.reason} [{nights}/{NIGHTS}]"
        self._report.refused.append((shown, said))
        self._into.catalog.note_failing(row)
        if nights >= NIGHTS:
            self.desk.refuse(unread)

    def _reckoning(self, then: Folder, now: Folder, failing: Iterable[FailingRow]) -> ReckoningRow:
        place = _place(then)
        if _place(now) != place:
            raise Absent(
                f"UIDVALIDITY {then.validity} -> {now.validity}: la cartella è stata ricreata durante la lettura; la"
                " prossima esecuzione la rilegge (recreated under way, the next run reads it anew)"
            )
        present = now.uids & Uids.span(1, then.next - 1)
        kept = present & self.desk.uids(place, *_SETTLED)
        retried = Uids.of(row.uid for row in failing if (row.folder, row.validity) == place) & (present - kept)
        missing = present - kept - retried
        if missing:
            self._report.missing += len(missing)
            self._report.broken.append((then.name, _missing(missing)))
        return ReckoningRow(
            mailbox=self._into.box.mailbox,
            folder=then.name,
            validity=then.validity,
            at=self.at,
            next=then.next,
            present=len(present),
            first=present.first,
            last=present.last,
            kept=len(kept),
            failing=len(retried),
            missing=len(missing),
        )


def _place(folder: Folder) -> tuple[str, int]:
    return folder.name, folder.validity


def _day(at: datetime) -> date:
    return at.astimezone(ROME).date()


def _missing(uids: Uids) -> str:
    shown = str(uids)
    return (
        f"{len(uids)} messaggi sul server e non in archivio: UID {shown[:200]}: ripetere (on the server, not in the"
        " archive: run again)"
    )

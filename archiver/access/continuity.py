"""The certificate of continuity: that no UID of a mailbox was skipped, or which ones, and why."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from archiver.submission.ledger import Place
from archiver.submission.rows import AttemptRow, FailingRow, LedgerRow, Outcome, ReckoningRow
from archiver.uids import Uids

FAILING = "failing"
MISSING = "missing"


class Ledger(Protocol):
    """What the certificate asks of the catalog."""

    def ledger(self, mailbox: str) -> list[LedgerRow]:
        """What became of every UID."""

    def failing(self, mailbox: str) -> list[FailingRow]:
        """What could not be fetched, yet or for good."""

    def attempt(self, mailbox: str) -> AttemptRow | None:
        """The last poll."""

    def reckonings(self, mailbox: str, *, newest: bool = False) -> list[ReckoningRow]:
        """Every comparison with the server, or those of the last poll that made any; the oldest first."""


@dataclass(frozen=True, slots=True)
class Gap:
    """UIDs of which the archive holds no message: `gone`, `refused`, or `failing` (to be tried again).

    Noticed by the poll `at`; `since` is the poll before it, None when the first one found them so.
    """

    uids: str
    count: int
    outcome: str
    at: datetime
    since: datetime | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """The folder as the server showed it at the end of a poll, below the UIDNEXT of its beginning."""

    at: datetime
    present: int
    kept: int
    failing: int
    missing: int


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """One folder under one UIDVALIDITY: polls that read it to its end, from `since` to `until` (None: there was none).

    `first` to `last` are the UIDs with a known outcome: `archived` messages are kept from here, `known` ones were kept
    already. `current` is False for a UIDVALIDITY that the server has given up since; `read` is False when the
    mailbox's last poll did not read the folder: it is not there any more, not asked for, or could not be opened.
    """

    folder: str
    validity: int
    current: bool
    read: bool
    since: datetime | None
    until: datetime | None
    polls: int
    first: int
    last: int
    archived: int
    known: int
    gaps: tuple[Gap, ...]
    server: Count | None

    @property
    def complete(self) -> bool:
        """Whether the folder was read to its end, and every message that could be had is kept."""
        absent = all(gap.outcome == Outcome.GONE for gap in self.gaps)
        return absent and self.server is not None and self.server.missing == 0


@dataclass(frozen=True, slots=True)
class Certificate:
    """All folders of one mailbox. The last poll began at `polled`; `ended` says whether it came to its end.

    It was to read the folders `asked`; `unread` of them it could not read to the end. Others are not its matter.
    """

    mailbox: str
    address: str
    at: datetime
    polled: datetime | None
    ended: bool
    asked: tuple[str, ...]
    unread: tuple[str, ...]
    folders: tuple[FolderRecord, ...]

    @property
    def complete(self) -> bool:
        """Whether no message was skipped in the folders that the last poll read; of a mailbox that was never polled,
        or whose last poll did not end or did not read a folder, nothing of the kind can be said.
        """
        read = [folder for folder in self.folders if folder.current and folder.read]
        return bool(read) and self.ended and not self.unread and all(folder.complete for folder in read)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        folders = [asdict(folder) | {"complete": folder.complete} for folder in self.folders]
        return {
            "mailbox": self.mailbox,
            "address": self.address,
            "at": self.at.isoformat(),
            "complete": self.complete,
            "polled": self.polled.isoformat() if self.polled else None,
            "ended": self.ended,
            "asked": list(self.asked),
            "unread": list(self.unread),
            "folders": [_told(folder) for folder in folders],
        }


def continuity(
    ledger: Ledger, mailbox: str, *, name: str, address: str, at: datetime, newest: bool = False
) -> Certificate:
    """What the ledger says of the mailbox with this id.

    `newest`: for whoever asks only whether it is complete now, in a time that does not grow with the polls. Times and
    numbers of polls, and what the last one did not read, are not told then.
    """
    rows: dict[Place, list[LedgerRow]] = {}
    for row in ledger.ledger(mailbox):
        rows.setdefault((row.folder, row.validity), []).append(row)
    counts: dict[Place, list[ReckoningRow]] = {}
    for count in ledger.reckonings(mailbox, newest=newest):
        counts.setdefault((count.folder, count.validity), []).append(count)
    failing: dict[Place, list[FailingRow]] = {}
    for failed in ledger.failing(mailbox):
        failing.setdefault((failed.folder, failed.validity), []).append(failed)
    polled = max((found[-1].at for found in counts.values()), default=None)
    validities = _validities(counts)
    records = tuple(
        _record(
            place,
            rows.get(place, []),
            counts.get(place, []),
            failing.get(place, []),
            current=validities.get(place[0], place[1]) == place[1],
            polled=polled,
        )
        for place in sorted(rows.keys() | counts.keys() | failing.keys())
    )
    attempt = ledger.attempt(mailbox)
    return Certificate(
        mailbox=name,
        address=address,
        at=at,
        polled=attempt.at if attempt else None,
        ended=attempt is not None and attempt.ended,
        asked=attempt.folders if attempt else (),
        unread=attempt.unread if attempt else (),
        folders=records,
    )


def _validities(counts: dict[Place, list[ReckoningRow]]) -> dict[str, int]:
    """The UIDVALIDITY that each folder had when it was read last."""
    latest = sorted((found[-1].at, folder, validity) for (folder, validity), found in counts.items())
    return {folder: validity for _, folder, validity in latest}


def _record(
    place: Place,
    rows: list[LedgerRow],
    counts: list[ReckoningRow],
    failing: list[FailingRow],
    *,
    current: bool,
    polled: datetime | None,
) -> FolderRecord:
    last = counts[-1] if counts else None
    gaps = [*_gaps(rows, counts, failing), *_failing(rows, counts, failing)]
    return FolderRecord(
        folder=place[0],
        validity=place[1],
        current=current,
        read=last is not None and last.at == polled,
        since=counts[0].at if counts else None,
        until=last.at if last else None,
        polls=len(counts),
        first=min((row.first for row in rows), default=0),
        last=max((row.last for row in rows), default=0),
        archived=_number(rows, Outcome.ARCHIVED),
        known=_number(rows, Outcome.KNOWN),
        gaps=tuple(sorted(gaps, key=lambda gap: int(gap.uids.partition(":")[0]))),
        server=Count(last.at, last.present, last.kept, last.failing, last.missing) if last else None,
    )


def _gaps(rows: list[LedgerRow], counts: Sequence[ReckoningRow], failing: list[FailingRow]) -> list[Gap]:
    reasons = {row.uid: row.reason for row in failing}
    return [
        Gap(
            uids=str(Uids.span(row.first, row.last)),
            count=row.last - row.first + 1,
            outcome=row.outcome,
            at=row.at,
            since=_poll_before(row.at, counts),
            reason=reasons.get(row.first, "") if row.outcome is Outcome.REFUSED else "",
        )
        for row in rows
        if row.outcome in (Outcome.GONE, Outcome.REFUSED)
    ]


def _failing(rows: list[LedgerRow], counts: Sequence[ReckoningRow], failing: list[FailingRow]) -> list[Gap]:
    given_up = [Uids.span(row.first, row.last) for row in rows if row.outcome is Outcome.REFUSED]
    return [
        Gap(str(row.uid), 1, FAILING, row.at, _poll_before(row.at, counts), row.reason)
        for row in failing
        if not any(row.uid in uids for uids in given_up)
    ]


def _poll_before(at: datetime, counts: Sequence[ReckoningRow]) -> datetime | None:
    return max((count.at for count in counts if count.at < at), default=None)


def _number(rows: list[LedgerRow], outcome: Outcome) -> int:
    return sum(row.last - row.first + 1 for row in rows if row.outcome is outcome)


def _told(value: Any) -> Any:
    """Times as ISO 8601, whatever they lie in."""
    if isinstance(value, dict):
        return {key: _told(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_told(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value

"""Records grow: each is judged before and after, and put beside the one it holds; nothing is overwritten."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from archiver.digest import sha256
from archiver.errors import Absent, ConfigError, Conflict, Unavailable
from archiver.evidence.policy import Policy
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import Examined, examine
from archiver.evidence.record.tokens import Tokens
from archiver.renew.values import Due, Failure, Renewing, Report
from archiver.submission.rows import EvidenceRow, TokenRow
from archiver.verdict import Finding, Indication, Severity, verdict

BATCH = 200
"""Records between two notes in the catalog: what a crash leaves unnoted is found in the store."""

_NUMBER = len("000001.ers")

Check = Callable[[Examined], tuple[Finding, ...]]
Name = tuple[str, str, str]


@dataclass(slots=True)
class Growing:
    """One run's records under way: the judge's memory of shared tokens, and rows that wait for the catalog.

    `now` moves on whenever an authority was asked: a token may be older than the judge, never younger.
    """

    work: Renewing
    report: Report
    now: datetime
    progress: Callable[[int], None]
    tokens: Tokens = field(default_factory=Tokens)
    _rows: list[EvidenceRow] = field(default_factory=list)
    _tokens: dict[str, TokenRow] = field(default_factory=dict)
    _failed: dict[Name, tuple[Failure, bool]] = field(default_factory=dict)

    def records(self, due: Due) -> Iterator[EvidenceRow]:
        """Every record on the due token that has not failed yet, page by page."""
        after = ("", "")
        while page := self.work.catalog.records_on(due.newest, after=after):
            after = (page[-1].subject, page[-1].subject_id)
            yield from (row for row in page if _name(row) not in self._failed)

    def adopt(self, due: Due, policy: Policy) -> None:
        """Judges and notes the next records on this token that the store has already.

        A run that was cut has left them, or the catalog that knew them was lost: then the token may have ended since.
        """
        for row in self.records(due):
            name = following(row)
            if self.work.store.has(name):
                self._adopt(row, name, policy)
        self.flush()

    def before(self, row: EvidenceRow, policy: Policy) -> bytes | None:
        """The record as it stands, once the judge has passed it; None, and a failure, otherwise."""
        try:
            octets = self.work.store.get(row.name)
        except Absent as error:
            self.spoilt(row, str(error))
            return None
        examined = examine(octets, policy, at=self.now, subject=row.name, tokens=self.tokens)
        if wrong := _wrong(examined.findings):
            self.failed(row, wrong)
            return None
        return octets

    def put(
        self,
        row: EvidenceRow,
        older: bytes,
        newer: bytes,
        policy: Policy,
        check: Check = lambda examined: (),
    ) -> None:
        """Puts a grown record once the judge has passed it; a failure otherwise."""
        name = following(row)
        examined = examine(newer, policy, at=self.now, subject=name, tokens=self.tokens)
        if wrong := _wrong((*examined.findings, *_not_continued(older, newer, name), *check(examined))):
            self.failed(row, wrong)
            return
        try:
            self.work.store.put(name, newer)
        except Conflict as error:
            self.spoilt(row, str(error))
            return
        self._note(row, name, examined)

    def flush(self) -> None:
        """Notes what waits."""
        if self._rows:
            self.work.catalog.record_evidence(self._rows, list(self._tokens.values()))
            self.report.renewed += len(self._rows)
            self.progress(self.report.renewed)
        self._rows, self._tokens = [], {}

    def failed(self, row: EvidenceRow, wrong: Sequence[Finding]) -> None:
        """One record that the judge does not pass; errors say that something is altered or gone."""
        italian, english = ("; ".join(dict.fromkeys(item.text(lang) for item in wrong)) for lang in ("it", "en"))
        altered = any(item.severity is Severity.ERROR for item in wrong)
        self._fail(row, Failure(row.name, italian, english), altered=altered)

    def spoilt(self, row: EvidenceRow, reason: str) -> None:
        """One record that cannot be read, or of which something is missing."""
        self._fail(row, Failure(row.name, reason, reason), altered=True)

    def refused(self, row: EvidenceRow, italian: str, english: str) -> None:
        """One record that must not be renewed, although nothing is altered."""
        self._fail(row, Failure(row.name, italian, english), altered=False)

    def settle(self) -> None:
        """What failed goes into the report; where another lineage of the same thing is sound, it has only fallen."""
        for (subject, subject_id, tsa), (failure, altered) in self._failed.items():
            others = (other for other in self.work.catalog.lineages(subject, subject_id) if other != tsa)
            sound = any((subject, subject_id, other) not in self._failed for other in others)
            (self.report.fallen if sound and not altered else self.report.failures).append(failure)
        self._failed = {}

    def _adopt(self, row: EvidenceRow, name: str, policy: Policy) -> None:
        try:
            older, newer = self.work.store.get(row.name), self.work.store.get(name)
        except Absent as error:
            self.spoilt(row, str(error))
            return
        examined = examine(newer, policy, at=self.now, subject=name, tokens=self.tokens)
        if wrong := _wrong((*examined.findings, *_not_continued(older, newer, name))):
            self.failed(row, wrong)
        else:
            self._note(row, name, examined)

    def _fail(self, row: EvidenceRow, failure: Failure, *, altered: bool) -> None:
        self._failed.setdefault(_name(row), (failure, altered))

    def _note(self, row: EvidenceRow, name: str, examined: Examined) -> None:
        volume = self.work.catalog.volume(row.subject_id) if row.subject == "volume" else None
        try:
            self.work.store.retain(name, until=self.work.keep(volume))
        except (Unavailable, Absent, ConfigError) as error:
            self.spoilt(row, str(error))
            return
        stamp = examined.stamps[-1]
        token = TokenRow(sha256(stamp.token.octets), stamp.token.octets, stamp.token.gen_time)
        grown = EvidenceRow(
            row.subject, row.subject_id, row.tsa, row.number + 1, name, row.at, stamp.algorithm, token.sha256
        )
        self._rows.append(grown)
        self._tokens[token.sha256] = token
        if len(self._rows) >= BATCH:
            self.flush()


def following(row: EvidenceRow) -> str:
    """The name of the next record of a lineage."""
    return f"{row.name[:-_NUMBER]}{row.number + 1:06}.ers"


def _name(row: EvidenceRow) -> Name:
    return row.subject, row.subject_id, row.tsa


def _not_continued(older: bytes, newer: bytes, name: str) -> tuple[Finding, ...]:
    broken = continues(older, newer, name)
    return (broken,) if broken else ()


def _wrong(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Errors and doubts."""
    if verdict(findings).indication is Indication.PASSED:
        return ()
    return tuple(item for item in findings if item.severity in (Severity.ERROR, Severity.DOUBT))

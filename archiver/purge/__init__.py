"""Deleting from a mail server what the archive provably has: prove, certify, delete, say what went.

Nothing is deleted that was not proven in this very run, and nothing before the certificate that names it is in the
store. A run that is cut leaves messages on the server, and the next one proves them anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from archiver.errors import Absent
from archiver.ports import Folder
from archiver.purge import certificate
from archiver.purge.certificate import Outcome
from archiver.purge.proof import PORTION, Proof, still, unfit
from archiver.purge.values import GRAVE, Progress, Proven, Purging, Reason, Refused, Report, Wish
from archiver.uids import Uids

__all__ = ["GRAVE", "MINIMUM_DAYS", "Purging", "Reason", "Refused", "Report", "Wish", "purge"]

MINIMUM_DAYS = 30
"""Younger messages are never deleted: people look for them in their mail program, receipts still refer to them, the
volume of a month may be open, and the nights until then have brought every replica up to date."""

ROUND = 5000
"""Messages of one certificate: as many are proven before the first of them is deleted."""

SPELL = 50 * ROUND
"""Messages after which a report says what went, if there are more."""


def purge(work: Purging, wish: Wish, *, dry_run: bool = False, progress: Progress = lambda done, total: None) -> Report:
    """Deletes what `wish` names and the archive has, or with `dry_run` says what that would be.

    Raises ConfigError when the server cannot delete exactly what is named, Unavailable when the server, the primary
    store or the catalog does not answer; what was deleted until then is reported in the store.
    """
    report = Report()
    try:
        work.server.check_deletes()
        found = _proven(work, wish, report, progress)
        if dry_run:
            for one in found:
                _count(report, one)
        else:
            _delete_all(work, wish, found, report)
    finally:
        work.server.close()
    return report


def _proven(work: Purging, wish: Wish, report: Report, progress: Progress) -> Iterator[Proven]:
    """All that is proven, folder by folder."""
    proof = Proof(work, wish, report)
    chosen = list(_fitting(work, proof, report))
    total, done = sum(len(uids) for _, uids in chosen), 0
    for folder, uids in chosen:
        try:
            for portion in uids.portions(PORTION):
                yield from proof.of(folder, portion)
                done += len(portion)
                progress(done, total)
        except Absent as error:
            report.folders.append((folder.name, str(error)))


def _fitting(work: Purging, proof: Proof, report: Report) -> Iterator[tuple[Folder, Uids]]:
    for name in work.server.folders():
        try:
            folder = work.server.look(name)
            report.messages += len(folder.uids)
            yield folder, proof.fitting(folder)
        except Absent as error:
            report.folders.append((name, str(error)))


def _delete_all(work: Purging, wish: Wish, found: Iterable[Proven], report: Report) -> None:
    """As many rounds as it takes; what went is told after so many, because a report has an end."""
    left = iter(found)
    while (first := next(left, None)) is not None:
        _rounds(work, wish, chain((first,), islice(left, SPELL - 1)), report)


def _rounds(work: Purging, wish: Wish, found: Iterator[Proven], report: Report) -> None:
    """Round by round: the certificate, then the messages that it names; at the end what went, whatever happened."""
    told = Outcome()
    try:
        while messages := list(islice(found, ROUND)):
            told.certificates.append(_file(work, certificate.proven(work, wish, messages), report))
            told.proven += len(messages)
            for one in messages:
                _count(report, one)
            for folder, members in certificate.by_folder(messages):
                _delete(work, wish, folder, members, told, report)
    finally:
        report.deleted += told.count
        report.certificates += told.certificates
        if told.certificates:
            report.outcomes.append(_file(work, certificate.outcome(work, told, report), report))


def _file(work: Purging, content: Mapping[str, Any], report: Report) -> str:
    name, warnings = work.file(content)
    report.warnings += warnings
    return name


def _count(report: Report, one: Proven) -> None:
    report.proven += 1
    report.bytes += one.size


def _delete(work: Purging, wish: Wish, folder: Folder, members: list[Proven], told: Outcome, report: Report) -> None:
    """Deletes the messages of one folder, some at a time; those that somebody has marked in the meantime stay."""
    left = Uids.of(one.uid for one in members)
    place = folder.name, folder.validity
    try:
        for portion in left.portions(PORTION):
            marks = work.server.marks(folder, portion)
            going = still(marks, wish, portion)
            for uid in portion - going:
                report.skip(unfit(marks.get(uid), wish) or Reason.UNDELETED, folder.name, uid)
            left -= portion - going
            # until the server has answered nobody knows
            told.uncertain[place] = going
            gone = work.server.delete(folder, going) if going else going
            del told.uncertain[place]
            told.deleted[place] = told.deleted.get(place, Uids()) | gone
            left -= gone
            report.skip(Reason.UNDELETED, folder.name, *(going - gone))
            left -= going
    except Absent as error:
        report.folders.append((folder.name, str(error)))
        report.skip(Reason.UNDELETED, folder.name, *left)

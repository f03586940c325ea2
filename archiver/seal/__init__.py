"""Seal: volumes close, are sealed, and are covered, together with the night's rapporti, by one token of each authority.

Every step looks first whether its output is there; a run cut short is finished by the next one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from archiver.digest import Sha256, sha256
from archiver.errors import Absent, ArchiverError, ConfigError, Malformed, Unavailable
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import Index
from archiver.seal import evidence, hand
from archiver.seal.apart import each
from archiver.seal.asking import collect_signers, collect_stamping, stamps
from archiver.seal.draft import Draft, begun, draft, group, pdv_of, put_metadata
from archiver.seal.evidence import FIRST, Groups, Leaf, covering
from archiver.seal.others import heal_trust, note_other, other_leaves, settle
from archiver.seal.plan import Cut, aged, cuts
from archiver.seal.retain import retain_pending, retain_volume
from archiver.seal.sign import sealed, whole
from archiver.seal.values import Catalog, Failure, Report, Sealing, Seals
from archiver.stamping import Authority, Line, end_with, stopping
from archiver.submission.annotations import registration_of, registrations
from archiver.submission.rows import EvidenceRow, SegmentRow, TokenRow, VolumeRow
from archiver.verdict import Indication, finding
from archiver.verify import Report as Judged
from archiver.verify import Trust, judge_volume

__all__ = ["Authority", "Catalog", "Failure", "Line", "Report", "Sealing", "Seals", "seal"]

Progress = Callable[[int, int | None], None]


def seal(
    work: Sealing,
    *,
    volumes: bool = True,
    everything: bool = False,
    to_sign: Path | None = None,
    signed: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Closes what is due (`everything`: all that is pending), seals it, and covers it with evidence.

    `to_sign` and `signed` are the folders of signing by hand. Without `volumes` only the rapporti are covered: what
    came in is protected even when nobody can sign. What cannot be sealed is a failure in the report, and stays pending.
    Raises Unavailable when signer, authority or store do not answer, ConfigError when the signer wants mending,
    Conflict for what must not be. What was sealed until the signer stopped, and the rapporti, are covered first.
    """
    report, groups = Report(), Groups(work.algorithms)
    report.failures += retain_pending(work)
    heal_trust(work)
    by_hand = (to_sign, signed)
    closing: list[_Closing] = []
    stops: list[ArchiverError] = []
    with stopping(stops):
        if volumes:
            closing.extend(_sealed_volumes(work, groups, report, everything, by_hand, progress))
    ordered = sorted(closing, key=lambda item: (item.volume.at, item.volume.id))  # the order that a rebuild finds
    for place, item in enumerate(ordered, 1):
        trust, volume = [file.sha256 for file in item.index.trust], item.volume
        later = [other.volume.id for other in ordered[place:] if other.volume.at == volume.at]
        work.catalog.cover(volume.holder, trust, volume.id, volume.at, instead=later)
    collect_signers(work, report)
    others, batches = other_leaves(groups, work, report)
    for line in work.lines:
        with stopping(stops):
            rapporti = list(evidence.pdv_leaves(line, groups, work, report))
            if rapporti or closing or any(leaf.urgent for leaf in others):
                leaves = [*rapporti, *others, *(item.leaf for item in closing)]
                evidence.cover(leaves, groups, line, work, report)
            noting = evidence.Noting(groups, line, work, report)
            for leaf in rapporti:
                report.rapporti += noting.note(leaf)
            for leaf in others:  # also when nothing was covered: a run was cut behind its evidence
                report.others += note_other(leaf, noting)
    settle(batches, work)
    _close(closing, work, report)
    if report.volumes:
        collect_stamping(stamps([item.leaf for item in closing], work), work, report)
    end_with(stops)
    return report


@dataclass(frozen=True, slots=True)
class _Closing:
    """A sealed volume that waits for its evidence and for the judge.

    `bare` counts an administration's messages without its own protocol; `until` it is kept (None: for ever).
    """

    volume: VolumeRow
    segments: tuple[Sha256, ...]
    index: Index
    leaf: Leaf
    bare: int
    until: date | None


def _sealed_volumes(
    work: Sealing,
    groups: Groups,
    report: Report,
    everything: bool,
    by_hand: tuple[Path | None, Path | None],
    progress: Progress,
) -> Iterator[_Closing]:
    pending = work.catalog.pending()
    pending = [row for row in pending if not _stranger(row, work, report)]
    total, done = sum(row.messages for row in pending), 0
    planned = list(
        cuts(
            pending,
            begun=lambda row: begun(row, work),
            due=lambda row: everything or aged(row.at, work.boxes[row.mailbox].close_after, work.clock()),
            awaited=lambda row: not everything and _awaited(row, work),
        )
    )
    for cut, made in zip(planned, each(work, _drafted, planned, messages=total), strict=True):
        try:
            if not isinstance(made, Draft):
                raise made
            closing = _seal_one(made, work, groups, report, by_hand)
        except (Malformed, Absent) as error:
            report.failures.append(Failure(f"volume {cut[0].sha256}", str(error)))
            continue
        done += sum(row.messages for row in cut)
        progress(done, total)
        if closing:
            yield closing


def _stranger(row: SegmentRow, work: Sealing, report: Report) -> bool:
    """Whether the configuration no longer knows whose this is; said once a mailbox, and the others go on."""
    box = work.boxes.get(row.mailbox)
    if box and box.holder == row.holder:
        return False
    reason = (
        f"its messages came in for holder {row.holder}, and it now belongs to {box.holder}: put the holder's id back"
        if box
        else "its messages wait for a volume, and it is no longer configured: put its [[mailbox]] back, with this id"
    )
    failure = Failure(f"mailbox {row.mailbox}", reason)
    if failure not in report.failures:
        report.failures.append(failure)
    return True


def _awaited(row: SegmentRow, work: Sealing) -> bool:
    """Whether an administration's register may still bring the protocol of messages of this segment."""
    box = work.boxes[row.mailbox]
    if not box.public or not box.annotations_days or aged(row.at, f"{box.annotations_days}d", work.clock()):
        return False
    known = registrations(work.catalog.annotations(box.mailbox))
    messages = work.catalog.messages_of([row.sha256], mailbox=row.mailbox)
    return any(registration_of(message, known) is None for message in messages)


def _drafted(cut: Cut, work: Sealing) -> Draft | Malformed | Absent:
    try:
        return draft(cut, work)
    except (Malformed, Absent) as error:
        return error


def _seal_one(
    made: Draft, work: Sealing, groups: Groups, report: Report, by_hand: tuple[Path | None, Path | None]
) -> _Closing | None:
    """One volume up to its seal; None when it waits for a hand."""
    put_metadata(made, work)
    to_sign, signed = by_hand
    p7m = whole(work.store.get(made.name), work, subject=made.name) if work.store.has(made.name) else None
    if p7m is None and to_sign:
        hand.give_out(made, to_sign, work, report)
        return None
    if p7m is None:
        p7m = hand.take_back(made, signed, work, report) if signed else sealed(made, work, report)
    if p7m is None:
        report.waiting += 1
        return None
    work.catalog.taken_back(made.id)  # whoever signed it: it is out no longer
    return _closing(made, p7m, work, groups)


def _closing(made: Draft, p7m: bytes, work: Sealing, groups: Groups) -> _Closing:
    index = index_reader.read(open_signed(p7m).content or b"")
    digests = group(made, p7m, index, work)
    holder = made.box.holder
    record = partial(layout.volume_record, holder, made.id, number=FIRST)
    leaf = groups.add("volume", made.id, made.name, lambda tsa: record(tsa=tsa), digests)
    first = made.cut[0]
    volume = VolumeRow(
        id=made.id,
        sha256=sha256(p7m),
        holder=holder,
        mailbox=first.mailbox,
        retention=first.retention,
        year=first.year,
        messages=made.messages,
        size=sum(row.size for row in made.cut),
        at=index.at,
    )
    return _Closing(
        volume=volume,
        segments=tuple(row.sha256 for row in made.cut),
        index=index,
        leaf=leaf,
        bare=sum(not item.administrative for item in made.sheets) if made.box.public else 0,
        until=made.box.retention.term(first.year),
    )


def _close(closing: Iterable[_Closing], work: Sealing, report: Report) -> None:
    """Asks the judge, on the files as read back; only a volume that PASSED, with a record of every line, is closed."""
    covered = [(item, [covering(item.leaf, line, work) for line in work.lines]) for item in closing]
    ready = [(item, authorities) for item, authorities in covered if all(authorities)]
    volumes = [item.volume for item, _ in ready]
    judged = each(work, _judged, volumes, messages=sum(volume.messages for volume in volumes))
    for (item, authorities), found in zip(ready, judged, strict=True):
        _close_one(item, filter(None, authorities), found, work, report)


def _judged(volume: VolumeRow, work: Sealing) -> Judged:
    trust = Trust(work.providers, work.policy)
    return judge_volume(work.store, volume.holder, volume.id, trust=trust, at=work.clock(), contents=False)


def _close_one(item: _Closing, covered: Iterable[Authority], judged: Judged, work: Sealing, report: Report) -> None:
    if judged.indication is not Indication.PASSED or judged.proven_at is None:
        report.failures.append(Failure(f"volume {item.volume.id}", verdict=judged.verdict))
        return
    rows = list(_recorded(item.leaf, covered, judged.proven, work))
    try:
        retain_volume(item.volume, item.segments, item.index, until=item.until, work=work)
    except (Unavailable, Absent, ConfigError) as error:
        report.failures.append(Failure(f"volume {item.volume.id}", str(error)))
        return
    # the volume last: a run cut between the two is judged again, and both are noted
    work.catalog.record_evidence([row for row, _ in rows], [token for _, token in rows])
    work.catalog.record_volume(item.volume, item.segments, [pdv_of(file) for file in item.index.rdvs])
    report.volumes += 1
    report.messages += item.volume.messages
    if item.bare:
        found = finding("ANNOTATION_MISSING", f"volume {item.volume.id}", missing=item.bare, found=item.volume.messages)
        report.warnings.append(found)


def _recorded(
    leaf: Leaf, covered: Iterable[Authority], proven: Mapping[str, datetime], work: Sealing
) -> Iterator[tuple[EvidenceRow, TokenRow]]:
    for authority in covered:
        names = evidence.lineage(leaf, authority, work)
        yield from evidence.recorded(leaf, authority, names, proven[names[-1]], work)

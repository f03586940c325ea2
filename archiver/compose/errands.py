"""The errands, with everything that the configuration gives them."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.adapters.sources import open_source
from archiver.compose.archive import Archive
from archiver.compose.init import furnish
from archiver.config import MailboxConfig
from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Unavailable
from archiver.ingest import Report, heal
from archiver.ingest import ingest as take_in
from archiver.pec.message import read
from archiver.seal import Failure
from archiver.seal import Report as SealReport
from archiver.seal import seal as seal_volumes
from archiver.submission.annotations import read_annotations
from archiver.verdict import Indication

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Ingested:
    """What all polls of one run brought; `broken` mailboxes could not be read, by name and reason."""

    new: int
    known: int
    bytes: int
    findings: dict[str, int]
    refused: tuple[tuple[str, str], ...]
    broken: tuple[tuple[str, str], ...]

    @property
    def failed(self) -> int:
        """Messages that could not be read."""
        return len(self.refused)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "new": self.new,
            "known": self.known,
            "failed": self.failed,
            "bytes": self.bytes,
            "findings": self.findings,
            "refused": [{"origin": origin, "reason": reason} for origin, reason in self.refused],
            "broken": [{"mailbox": name, "reason": reason} for name, reason in self.broken],
        }


def ingest(
    archive: Archive,
    names: Iterable[str],
    *,
    source: Path | None,
    target: str | None,
    annotations: Path | None,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Ingested:
    """Takes in `source`, or what is new in the mailboxes called `names` (none: all that have a path).

    One broken mailbox does not stop the others. Raises ConfigError, and Unavailable when the only source fails.
    """
    registered = _annotations(annotations, archive, target) if annotations else None
    boxes = _sources(archive, tuple(names), source, target, annotated=registered is not None)
    reports: list[Report] = []
    broken: list[tuple[str, str]] = []
    with archive.alone("ingest"):
        furnish(archive.config)
        archive.store.tidy(at=clock())
        if registered:
            archive.catalog.annotate(*registered)
        for mailbox, path in boxes:
            into = archive.intake(mailbox, clock)
            report = Report()
            reports.append(report)
            try:
                take_in(open_source(path, proves=_proves(archive, clock)), into, report=report, progress=progress)
            except ArchiverError as error:
                if len(boxes) == 1 and not (report.pdvs and isinstance(error, Unavailable)):
                    raise
                broken.append((mailbox.name, str(error)))
    findings: Counter[str] = Counter()
    for report in reports:
        findings.update(report.findings)
    return Ingested(
        new=sum(report.new for report in reports),
        known=sum(report.known for report in reports),
        bytes=sum(report.bytes for report in reports),
        findings=dict(findings),
        refused=tuple(item for report in reports for item in report.refused),
        broken=tuple(broken),
    )


def seal(
    archive: Archive,
    *,
    everything: bool,
    to_sign: Path | None,
    signed: Path | None,
    clock: Callable[[], datetime],
    progress: Progress,
) -> SealReport:
    """Closes, seals and covers what is due.

    Raises ConfigError when nobody can sign now; the rapporti are covered first, so that what came in is protected.
    """
    with archive.alone("seal"):
        behind = _catch_up(archive, clock)
        try:
            work, warnings = archive.sealing(clock, _nonce, by_hand=bool(to_sign or signed))
        except ConfigError:
            unsigned, _ = archive.sealing(clock, _nonce, by_hand=True)
            seal_volumes(unsigned, volumes=False)
            raise
        report = seal_volumes(work, everything=everything, to_sign=to_sign, signed=signed, progress=progress)
    report.warnings[:0] = warnings
    report.failures[:0] = behind
    return report


def _catch_up(archive: Archive, clock: Callable[[], datetime]) -> list[Failure]:
    """Heals a catalog that is behind its store (a run cut short, a backup put back) before anything is sealed."""
    failures = []
    try:
        with archive.alone("ingest"):
            for mailbox in archive.config.mailboxes:
                try:
                    heal(archive.intake(mailbox, clock, signing=False))
                except (Conflict, ConfigError, Absent) as error:
                    failures.append(Failure(f"mailbox {mailbox.name}", str(error)))
    except Unavailable:
        pass  # an ingest is at work, and heals by itself; a store that is not there will be said by the sealing
    return failures


def _sources(
    archive: Archive, names: tuple[str, ...], source: Path | None, target: str | None, *, annotated: bool
) -> list[tuple[MailboxConfig, Path]]:
    if source is not None:
        if names:
            raise ConfigError("with --from, name the mailbox with --mailbox NAME")
        return [(archive.mailbox(target), source)]
    if target and not annotated:
        raise ConfigError("--mailbox goes with --from; to poll a mailbox write: archiver ingest NAME")
    chosen = [archive.mailbox(name) for name in names] or [item for item in archive.config.mailboxes if item.path]
    if not chosen and not annotated:
        raise ConfigError("no mailbox has a `path` to read; give one in the configuration, or use --from PATH")
    without = [mailbox.name for mailbox in chosen if mailbox.path is None]
    if without:
        raise ConfigError(f"mailbox {', '.join(without)}: has no `path` in the configuration; use --from PATH")
    return [(mailbox, mailbox.path) for mailbox in chosen if mailbox.path]


def _annotations(path: Path, archive: Archive, target: str | None) -> tuple[str, dict[str, str]]:
    """The id of the mailbox that a sidecar is about, and its registrations."""
    if archive.config.kind != "pa":
        raise ConfigError('--annotations is for public administrations: [archive] kind = "pa"')
    mailbox = archive.mailbox(target)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return mailbox.id, read_annotations(text, name=str(path))


def _proves(archive: Archive, clock: Callable[[], datetime]) -> Callable[[bytes], bool]:
    """Whether a provider's signature of these bytes is intact."""
    at = clock()

    def proves(raw: bytes) -> bool:
        signature = read(raw, own=frozenset(), providers=archive.providers, proof=at).signature
        return signature is not None and signature.integrity.indication is Indication.PASSED

    return proves


def _nonce() -> int:
    return secrets.randbits(64)

"""Taking over packages of other conservatori: judged, their messages taken in as declared, all else kept with them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.founding import furnish
from archiver.compose.register import register
from archiver.config import MailboxConfig
from archiver.digest import Sha256, digests_of
from archiver.errors import ConfigError, Conflict
from archiver.handover.foreign import judge_package
from archiver.handover.keep import Kept, zips
from archiver.handover.mails import Mails
from archiver.handover.packages import Package, packages
from archiver.ingest import Report as Ingested
from archiver.ingest import hand_in
from archiver.package.act import ActKind
from archiver.package.layout import Kind
from archiver.submission.keeping import kept_until
from archiver.submission.rows import ObjectRow
from archiver.verdict import Finding, Indication, Severity
from archiver.verify import Report, together

Progress = Callable[[int, int | None], None]
FOR_EVER = "*"


@dataclass(frozen=True, slots=True)
class Foreign:
    """What became of foreign packages: the judge's report on each, and what was taken in and kept.

    `refused`: nothing was written.
    """

    packages: tuple[tuple[Package, Report], ...]
    report: Report
    new: int = 0
    known: int = 0
    kept: tuple[Kept, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    refused: bool = False

    @property
    def whole(self) -> bool:
        """Whether everything is here, and the judge passed it."""
        return self.report.indication is Indication.PASSED and not self.refused and not self.failed

    @property
    def said(self) -> tuple[Finding, ...]:
        """What is to be said, the grave first; what could not be verified always."""
        rank = {Severity.ERROR: 0, Severity.DOUBT: 1, Severity.WARNING: 2, Severity.INFO: 3}
        return tuple(sorted(self.report.verdict.findings, key=lambda found: rank[found.severity]))

    def lines(self, lang: str) -> list[str]:
        """For people."""
        english, words = lang == "en", ("packages", "new messages", "already here", "objects kept")
        if not english:
            words = ("pacchetti", "messaggi nuovi", "già in archivio", "oggetti conservati con essi")
        found = self.report.verdict
        if self.refused:
            what = "nothing was taken over; `--as-is` takes it over as it is"
            if not english:
                what = "nulla è stato preso in carico; con `--as-is` si prende in carico com'è"
            return [f"{found.indication.value} {found.sub_indication}: {what}"]
        counts = (len(self.packages), self.new, self.known, len(self.kept))
        told = ", ".join(f"{count} {word}" for count, word in zip(counts, words, strict=True))
        return [f"{found.indication.value} {found.sub_indication}".rstrip() + f": {told}"]

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        return {
            "kind": "foreign",
            "taken": not self.refused,
            "new": self.new,
            "known": self.known,
            "failed": [{"origin": origin, "reason": reason} for origin, reason in self.failed],
            "kept": [one.name for one in self.kept],
            "packages": [
                {
                    "sha256": package.id,
                    "index": package.outer.path,
                    "generation": package.index.generation,
                    "id": package.index.id,
                    "application": package.index.application,
                    "files": len(package.files),
                    "messages": len(package.mails),
                    "indication": report.indication.value,
                    "sub_indication": report.verdict.sub_indication,
                }
                for package, report in self.packages
            ],
            **self.report.as_json(lang),
        }


def take_foreign(
    archive: Archive,
    root: Path,
    mailbox: str | None,
    *,
    as_is: bool,
    reason: str,
    clock: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> Foreign:
    """Takes over the packages in `root`, into the mailbox called `mailbox`. Raises ConfigError, Conflict, Unavailable.

    What the judge fails is left where it is, unless it is to be taken over `as_is`. First the messages are safe, then
    what came with them, so whoever is cut short runs it again.
    """
    found, wrong = packages(root)
    if not found and not wrong:
        raise ConfigError(
            f"{root}: non è un'esportazione di `archiver export --everything` e non contiene un indice UNI 11386"
            " (PIndex o IdC); per semplici messaggi: archiver ingest --from (neither an export nor a package with an"
            " index; for plain messages: archiver ingest --from)"
        )
    box = archive.mailbox(mailbox)
    at = clock()
    judged = tuple((package, judge_package(root, package, policy=archive.policy, at=at)) for package in found)
    report = together((one for _, one in judged), wrong)
    if not found or (report.indication is Indication.FAILED and not as_is):
        return Foreign(judged, report, refused=True)
    furnish(archive)
    for package, one in judged:
        what = {
            "files": len(package.files),
            "generation": package.index.generation,
            "indication": one.indication.value,
            "messages": len(package.mails),
            "package": package.id,
        }
        register(archive, holders=[box.holder], kind=ActKind.TAKEOVER, what=what, reason=reason, clock=clock)
    ingested = _taken_in(archive, Mails(root, found), box, clock, progress)
    kept = tuple(one for package in found for one in _kept(archive, root, package, box.holder, clock))
    return Foreign(judged, report, ingested.new, ingested.known, kept, tuple(ingested.refused))


def _taken_in(
    archive: Archive, mails: Mails, box: MailboxConfig, clock: Callable[[], datetime], progress: Progress
) -> Ingested:
    report = Ingested()
    if len(mails):
        with archive.alone("ingest", box):
            hand_in(mails, archive.intake(box, clock), report=report, progress=progress)
    return report


def _kept(archive: Archive, root: Path, package: Package, holder: str, clock: Callable[[], datetime]) -> list[Kept]:
    """Puts the ZIPs of a package, reads them back, locks them for ever, and says that they are promised."""
    found: list[Kept] = []
    for kept, file in zips(root, package, holder):
        archive.store.put(kept.name, file)
        with archive.store.open(kept.name) as back:
            if not _same(back, kept.sha256):
                raise Conflict(f"{kept.name}: riletto diverso da come è stato scritto (read back otherwise)")
        archive.store.retain(kept.name, until=kept_until(None, now=clock()))
        found.append(kept)
    rows = [ObjectRow(one.name, holder, Kind.TAKEOVER, one.sha256, one.size, FOR_EVER, clock()) for one in found]
    archive.catalog.promise(rows)
    return found


def _same(file: Any, expected: Sha256) -> bool:
    return digests_of(iter(lambda: file.read(1 << 20), b"")).sha256 == expected

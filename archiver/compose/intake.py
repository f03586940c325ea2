"""Ingest, with everything that the configuration gives it: mailboxes on servers, folders, files handed in."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import active_children, get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any

from archiver.adapters.sources import open_source
from archiver.compose.archive import Archive
from archiver.compose.founding import furnish
from archiver.compose.slots import place, shared
from archiver.config import MailboxConfig
from archiver.digest import Sha256
from archiver.errors import ArchiverError, ConfigError, Unavailable, of_the_system, unforeseen
from archiver.ingest import Crew, Packer, Report, hand_in, poll
from archiver.pec.message import read
from archiver.ports import Mailbox
from archiver.submission.annotations import read_annotations
from archiver.verdict import Finding, Indication

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Polled:
    """What one mailbox brought: messages, of which so many `failed`; how many folders could not be read; its error."""

    name: str
    new: int
    known: int
    failed: int
    folders: int
    error: ArchiverError | None


@dataclass(frozen=True, slots=True)
class Ingested:
    """What all polls of one run brought.

    `broken` mailboxes could not be read (to the end), nor could `folders`, by name and reason; so many mailboxes were
    read `whole`. `gone` UIDs were not on the server any more; `missing` ones are, and are not accounted for.
    `certificates` of providers that were never seen before ask for confirmation, each once. `discarded` of the `known`
    had been discarded, and are not taken in again.
    """

    new: int
    known: int
    bytes: int
    gone: int
    missing: int
    findings: dict[str, int]
    refused: tuple[tuple[str, str], ...]
    folders: tuple[tuple[str, str], ...]
    broken: tuple[tuple[str, ArchiverError], ...]
    whole: int
    certificates: tuple[Finding, ...] = ()
    polled: tuple[Polled, ...] = ()
    discarded: int = 0

    @property
    def failed(self) -> int:
        """Messages that could not be read."""
        return len(self.refused)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "new": self.new,
            "known": self.known,
            "discarded": self.discarded,
            "failed": self.failed,
            "bytes": self.bytes,
            "gone": self.gone,
            "missing": self.missing,
            "findings": self.findings,
            "certificates": [found.as_json() for found in self.certificates],
            "refused": [{"origin": origin, "reason": reason} for origin, reason in self.refused],
            "folders": [{"folder": name, "reason": reason} for name, reason in self.folders],
            "broken": [{"mailbox": name, "reason": str(error)} for name, error in self.broken],
            "mailboxes": {one.name: {"new": one.new, "known": one.known, "failed": one.failed} for one in self.polled},
        }


@dataclass(frozen=True, slots=True)
class _Unit:
    """One mailbox, and the files to take in (None: those of its server)."""

    mailbox: MailboxConfig
    files: Path | None


def ingest(
    archive: Archive,
    names: Iterable[str] = (),
    *,
    source: Path | None = None,
    target: str | None = None,
    annotations: Path | None = None,
    jobs: int = 1,
    again: bool = False,
    clock: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> Ingested:
    """Takes in `source`, or what is new in the mailboxes called `names` (none: all that have a server or a path).

    `jobs` processes share the work, over mailboxes or within one. One broken mailbox does not stop the others, nor does
    one that another process is at, on this machine or elsewhere: it is `broken` with Busy. Raises ConfigError, and
    Unavailable when the only source fails.
    """
    registered = _annotations(annotations, archive, target) if annotations else None
    units = _units(archive, tuple(names), source, target, annotated=registered is not None)
    furnish(archive)
    archive.store.tidy(at=clock())
    if registered:
        mailbox, registrations = registered
        with archive.alone("ingest", mailbox):
            archive.catalog.annotate(mailbox.id, registrations)
    done = list(_all(archive, units, jobs=jobs, again=again, clock=clock, progress=progress))
    if len(units) == 1:
        _, report, error = done[0]
        if error and not (report.pdvs and isinstance(error, Unavailable)):
            raise error
    return _summed(done, several=len(units) > 1)


def _all(
    archive: Archive,
    units: list[_Unit],
    *,
    jobs: int,
    again: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> Iterator[tuple[str, Report, ArchiverError | None]]:
    """Every unit, here or each in a process of its own."""
    if jobs == 1 or len(units) <= 1:
        for unit in units:
            report = Report()
            error = _one(archive, unit, report, jobs=jobs, again=again, clock=clock, progress=progress)
            yield unit.mailbox.name, report, error
        return
    size = min(jobs, len(units))
    apart = partial(_apart, archive.fresh(), jobs=max(1, jobs // size), again=again, clock=clock)
    pool = ProcessPoolExecutor(size, mp_context=get_context("spawn"), initializer=tied)
    try:
        waiting = {pool.submit(apart, unit): unit for unit in units}
        for number, future in enumerate(as_completed(waiting), 1):
            try:
                report, error = future.result()
            except BrokenProcessPool:
                report, error = Report(), Unavailable("the process that read it has ended: run again")
            progress(number, len(units))
            yield waiting[future].mailbox.name, report, error
        pool.shutdown()
    except BaseException:  # an interruption ends the others too: what they have not recorded is done again
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()
        raise


def tied() -> None:
    """Ctrl-C is heard by the process that started this one; when that one is killed, this one ends too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_outlive_nobody, daemon=True).start()


def _outlive_nobody() -> None:
    starter = parent_process()
    if starter is not None:
        starter.join()
        os.kill(os.getpid(), signal.SIGKILL)


def _apart(
    archive: Archive, unit: _Unit, *, jobs: int, again: bool, clock: Callable[[], datetime]
) -> tuple[Report, ArchiverError | None]:
    report = Report()
    error = _one(archive, unit, report, jobs=jobs, again=again, clock=clock, progress=lambda done, total: None)
    return report, error


def _one(
    archive: Archive,
    unit: _Unit,
    report: Report,
    *,
    jobs: int,
    again: bool,
    clock: Callable[[], datetime],
    progress: Progress,
) -> ArchiverError | None:
    """One mailbox. What was kept stands, whatever is returned."""
    try:
        with _place(archive, unit.mailbox), archive.alone("ingest", unit.mailbox):
            into = archive.intake(unit.mailbox, clock)
            if unit.files is not None:
                hand_in(open_source(unit.files, proves=_proves(archive, clock)), into, report=report, progress=progress)
            else:
                hands = partial(_hands, archive.fresh(), unit.mailbox.name, into.providers.distrusted)
                crew = Crew(hands, jobs) if jobs > 1 else None
                poll(archive.server(unit.mailbox), into, report=report, crew=crew, again=again, progress=progress)
    except ArchiverError as error:
        return error
    except OSError as error:
        return of_the_system(error)
    except Exception as error:  # whatever it is, the other mailboxes have nothing to do with it
        return unforeseen(error)
    return None


def _place(archive: Archive, mailbox: MailboxConfig) -> AbstractContextManager[None]:
    """One of the places at the mailbox's server, where machines share it."""
    if mailbox.imap is None or not shared(archive.catalog_url):
        return nullcontext()
    return place(archive.catalog, f"IMAP {mailbox.imap.host}", archive.config.engine.imap)


def _hands(archive: Archive, name: str, distrusted: frozenset[Sha256], at: datetime) -> tuple[Mailbox, Packer]:
    """A connection and a packer, in another process; what persons said of certificates it need not ask again."""
    mailbox, providers = archive.mailbox(name), archive.providers.without(distrusted)
    packer = Packer(archive.box(mailbox, at), archive.store, providers, at, archive.inspector)
    return archive.server(mailbox), packer


def _summed(done: list[tuple[str, Report, ArchiverError | None]], *, several: bool) -> Ingested:
    findings: Counter[str] = Counter()
    for _, report, _ in done:
        findings.update(report.findings)

    def named(name: str, where: str) -> str:
        return f"{name}: {where}" if several else where

    return Ingested(
        new=sum(report.new for _, report, _ in done),
        known=sum(report.known for _, report, _ in done),
        discarded=sum(report.discarded for _, report, _ in done),
        bytes=sum(report.bytes for _, report, _ in done),
        gone=sum(report.gone for _, report, _ in done),
        missing=sum(report.missing for _, report, _ in done),
        findings=dict(findings),
        refused=tuple((named(name, origin), why) for name, report, _ in done for origin, why in report.refused),
        folders=tuple((named(name, folder), why) for name, report, _ in done for folder, why in report.broken),
        broken=tuple((name, error) for name, _, error in done if error),
        whole=sum(error is None for _, _, error in done),
        certificates=tuple({found.subject: found for _, report, _ in done for found in report.certificates}.values()),
        polled=tuple(
            Polled(name, report.new, report.known, report.failed, len(report.broken), error)
            for name, report, error in done
        ),
    )


def _units(
    archive: Archive, names: tuple[str, ...], source: Path | None, target: str | None, *, annotated: bool
) -> list[_Unit]:
    if source is not None:
        if names:
            raise ConfigError("with --from, name the mailbox with --mailbox NAME")
        return [_Unit(archive.mailbox(target), source)]
    if target and not annotated:
        raise ConfigError("--mailbox goes with --from; to poll a mailbox write: archiver ingest NAME")
    chosen = [archive.mailbox(name) for name in dict.fromkeys(names)] or [
        item for item in archive.config.mailboxes if item.path or item.imap
    ]
    if not chosen and not annotated:
        raise ConfigError(
            "no mailbox has a server or a `path` to read; give it [mailbox.imap] in the configuration, or use"
            " --from PATH"
        )
    without = [mailbox.name for mailbox in chosen if mailbox.path is None and mailbox.imap is None]
    if without:
        raise ConfigError(
            f"mailbox {', '.join(without)}: has neither [mailbox.imap] nor a `path` in the configuration; use"
            " --from PATH"
        )
    return [_Unit(mailbox, mailbox.path) for mailbox in chosen]


def _annotations(path: Path, archive: Archive, target: str | None) -> tuple[MailboxConfig, dict[str, str]]:
    """The mailbox that a sidecar is about, and its registrations."""
    if archive.config.kind != "pa":
        raise ConfigError('--annotations is for public administrations: [archive] kind = "pa"')
    mailbox = archive.mailbox(target)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return mailbox, read_annotations(text, name=str(path))


def _proves(archive: Archive, clock: Callable[[], datetime]) -> Callable[[bytes], bool]:
    """Whether a provider's signature of these bytes is intact."""
    at = clock()

    def proves(raw: bytes) -> bool:
        signature = read(raw, own=frozenset(), providers=archive.providers, proof=at).signature
        return signature is not None and signature.integrity.indication is Indication.PASSED

    return proves

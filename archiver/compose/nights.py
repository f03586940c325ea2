"""The steps of a night, as the configuration has them: each an errand, and what it came to in figures and failures."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from archiver.compose.alarming import alarms
from archiver.compose.archive import Archive
from archiver.compose.boxes import holder_of
from archiver.compose.indexing import index
from archiver.compose.intake import Polled, ingest
from archiver.compose.quotas import quotas
from archiver.compose.renewing import renew
from archiver.compose.sealing import seal
from archiver.compose.sweeping import replicate, reread, sweep
from archiver.config import MailboxConfig
from archiver.errors import ArchiverError, ConfigError
from archiver.night import Unit
from archiver.nightly import Alert, Discreet, Done, Failure, Result, code_of
from archiver.nightly.units import LIST
from archiver.nightly.values import UNAVAILABLE, UNITS
from archiver.pec.readable import Tally
from archiver.renew import MARGIN
from archiver.submission.shard import Shard
from archiver.sweep import Report
from archiver.sweep.values import Failure as StoreFailure
from archiver.verdict import Finding, Severity

Clock = Callable[[], datetime]
Progress = Callable[[int, int | None], None]
Errand = Callable[[Progress], Done]

OF_THE_NIGHT = ("NIGHT_SILENT", "NIGHT_FAILED")
"""Alarms about nights: while one is under way, it tells of itself."""


@dataclass(frozen=True, slots=True)
class _Errands:
    archive: Archive
    budget: int | timedelta | None
    jobs: int
    lang: str
    clock: Clock
    strike: Discreet

    def ingest(self, progress: Progress, key: str = "") -> Done:
        """Every mailbox that can be polled, or the one with this id; where there is none, nothing is wrong."""
        polled_boxes = [box for box in polled(self.archive) if key in ("", box.id)]
        if not polled_boxes:
            return Done({"new": 0, "known": 0, "failed": 0, "bytes": 0, "mailboxes": {}})
        names = [box.name for box in polled_boxes]
        try:
            done = ingest(self.archive, names, jobs=self.jobs, clock=self.clock, progress=progress)
        except ArchiverError as error:
            if len(polled_boxes) > 1:
                raise
            only = Polled(polled_boxes[0].name, 0, 0, 0, 0, error)
            return self._polled({"new": 0, "known": 0, "failed": 0, "bytes": 0}, (only,), ())
        figures = {
            "new": done.new, "known": done.known, "failed": done.failed, "bytes": done.bytes, "gone": done.gone,
            "missing": done.missing, "findings": dict(sorted(done.findings.items())),
        }  # fmt: skip
        return self._polled(figures, done.polled, done.certificates)

    def _polled(self, figures: dict[str, Any], polled: tuple[Polled, ...], new: tuple[Finding, ...]) -> Done:
        full = quotas(self.archive, [one.name for one in polled if one.error is None])
        boxes: dict[str, dict[str, Any]] = {}
        for one in sorted(polled, key=lambda item: item.name):
            failed = one.error or one.failed or one.folders
            boxes[one.name] = {
                "id": self.archive.mailbox(one.name).id,
                "result": str(Result.FAILED if failed else Result.DONE),
                "new": one.new,
                "known": one.known,
                "failed": one.failed,
            }
            if found := full.get(one.name):
                boxes[one.name] |= {"used": found.used, "limit": found.limit}
        failures = tuple(failure for one in polled for failure in self._of_mailbox(one))
        codes = {failure.code for failure in failures}
        nobody = all(one.error for one in polled) and len(codes) == 1
        alerts = tuple(self._warnings(new))
        return Done(figures | {"mailboxes": boxes}, failures, alerts, next(iter(codes)) if nobody else None)

    def _of_mailbox(self, one: Polled) -> Iterator[Failure]:
        look = f"archiver status --continuity {one.name}"
        if one.error:
            yield Failure(one.name, self.strike(str(one.error)), code_of(one.error), "archiver doctor")
        if one.folders:  # by number: names of folders are people's
            yield Failure(one.name, f"cartelle non lette: {one.folders} (folders that could not be read)", next=look)
        if one.failed:
            reason = f"messaggi non letti: {one.failed}, ritentati le prossime notti (could not be read, tried again)"
            yield Failure(one.name, reason, next=look)

    def seal(self, progress: Progress, holder: str | None = None) -> Done:
        """What is due closes, of all or of one holder; what came in is covered."""
        hands: dict[str, None] = {"to_sign": None, "signed": None}
        done = seal(
            self.archive, everything=False, **hands, clock=self.clock, progress=progress, holder=holder, jobs=self.jobs
        )
        figures = {
            "volumes": done.volumes, "messages": done.messages, "rapporti": done.rapporti, "tokens": done.tokens,
            "waiting": done.waiting, "tsa": self.archive.waits.by_authority(),
        }  # fmt: skip
        failures = tuple(
            Failure(self.strike(one.subject), self._reason(one.subject, one.text(self.lang)), next="archiver seal")
            for one in done.failures
        )
        return Done(figures, failures, tuple(self._warnings(done.warnings)))

    def replicate(self, progress: Progress, shard: Shard | None = None) -> Done:
        """Every store up to what is promised."""
        done = replicate(self.archive, clock=self.clock, progress=progress, shard=shard)
        figures = {
            "copied": done.copied, "bytes": done.bytes, "read": done.read, "locked": done.locked, "safe": done.safe,
            "unsafe": done.unsafe,
        }  # fmt: skip
        return Done(figures, (*self._of_stores(done.failures, "archiver replicate"), *_damaged(done.findings)))

    def renew(self, progress: Progress) -> Done:
        """What ends within the margin."""
        done = renew(self.archive, horizon=MARGIN, target="", dry_run=False, clock=self.clock, progress=progress)
        figures = {
            "due": done.due, "renewed": done.renewed, "tokens": done.tokens, "bytes": done.bytes,
            "tsa": self.archive.waits.by_authority(),
        }  # fmt: skip
        failures = tuple(
            Failure(one.subject, self._reason(one.subject, one.text(self.lang)), next="archiver renew")
            for one in done.failures
        )
        return Done(figures, failures, tuple(self._warnings(done.warnings)))

    def reread(self, progress: Progress, shard: Shard) -> Done:
        """The oldest of one shard read again; what is wrong is told when the sweep is over."""
        done = reread(
            self.archive,
            shard,
            budget=self.budget,
            clock=self.clock,
            progress=lambda _, made, total: progress(made, total),
        )
        figures = {
            "objects": done.objects, "bytes": done.bytes, "opened": done.opened, "readable": done.readable.as_json(),
        }  # fmt: skip
        return Done(figures, tuple(self._of_stores(done.failures, "archiver sweep")))

    def sweep(self, progress: Progress, already: Report | None = None) -> Done:
        """Every store listed, the oldest read again within the budget, unless others have `already`."""
        done = sweep(
            self.archive,
            budget=self.budget,
            clock=self.clock,
            progress=lambda _, made, total: progress(made, total),
            already=already,
        )
        told = done.as_json()
        names = ("objects", "bytes", "listed", "missing", "corrupt", "unexpected", "locks", "repaired", "open")
        figures = {name: told[name] for name in (*names, "oldest_unread_days", "promise_days", "promise_kept")}
        figures["tsa"] = self.archive.waits.by_authority()
        failures = [*self._of_stores(done.failures, "archiver sweep"), *_damaged(done.findings)]
        if not done.kept:
            reason = (
                f"promessa non mantenuta: una copia non è riletta da {done.oldest_unread_days} giorni, promessi"
                f" {done.days} (the promise is broken)"
            )
            failures.append(Failure("sweep", reason, next="archiver sweep --all"))
        return Done(figures, tuple(failures), tuple(self._warnings(done.warnings)))

    def index(self, progress: Progress, shard: Shard | None = None) -> Done:
        """Bodies and attachments, for search."""
        done = index(self.archive, again=False, oldest=False, progress=progress, shard=shard)
        reason = f"messaggi non leggibili dallo store: {len(done.failed)} (could not be read from the store)"
        failures = (Failure("index", reason, next="archiver sweep --repair"),) if done.failed else ()
        return Done({"read": done.read, "failed": len(done.failed)}, failures)

    def alarms(self, progress: Progress) -> Done:  # noqa: ARG002  (every errand has one)
        """What a person should know in the morning: no failures of the night, and told with it."""
        found = [one for one in alarms(self.archive, at=self.clock(), lang=self.lang) if one.code not in OF_THE_NIGHT]
        alerts = tuple(Alert(a.code, str(a.level), self.strike(a.subject), self.strike(a.text), a.next) for a in found)
        levels = Counter(alert.level for alert in alerts)
        return Done({"errors": levels["error"], "warnings": levels["warning"]}, alerts=alerts)

    def _of_stores(self, failures: Iterable[StoreFailure], command: str) -> Iterator[Failure]:
        for one in failures:
            code = UNAVAILABLE if one.passing else UNITS
            yield Failure(f"store {one.store}", self.strike(one.reason), code, command)

    def _reason(self, subject: str, text: str) -> str:
        return self.strike(text.removeprefix(f"{subject}: "))

    def _warnings(self, found: Iterable[Finding]) -> Iterator[Alert]:
        for one in found:
            yield Alert(one.code, "warning", self.strike(one.subject), self.strike(one.text(self.lang)))


def errands(
    archive: Archive, *, budget: int | timedelta | None, jobs: int, lang: str, clock: Clock, strike: Discreet
) -> list[tuple[str, Errand]]:
    """The steps by their names, in their order."""
    all_of_them = _Errands(archive, budget, jobs, lang, clock, strike)
    found: list[tuple[str, Errand]] = [
        ("ingest", all_of_them.ingest),
        ("seal", all_of_them.seal),
        ("replicate", all_of_them.replicate),
        ("renew", all_of_them.renew),
        ("sweep", all_of_them.sweep),
    ]
    if archive.config.night.index:
        found.append(("index", all_of_them.index))
    return [*found, ("alarms", all_of_them.alarms)]


def part(
    archive: Archive, unit: Unit, *, jobs: int, lang: str, clock: Clock, strike: Discreet, read: Sequence[Done] = ()
) -> Errand:
    """One unit of a night that many machines share: the same work as the step's, on that part alone.

    `read`: what the shards of a sweep came to, for the unit that ends it. Raises ConfigError for a unit that is none
    of this archive's.
    """
    all_of_them = _Errands(archive, None, jobs, lang, clock, strike)
    known = {"ingest": {box.id for box in polled(archive)}, "seal": set(sealed(archive))}
    if unit.key not in known.get(unit.step, {unit.key}):
        raise ConfigError(
            f"{unit.name}: non è in questa configurazione: dare la stessa a tutte le macchine (not configured here)"
        )
    match unit.step:
        case "ingest":
            return partial(all_of_them.ingest, key=unit.key)
        case "seal":
            return partial(all_of_them.seal, holder=unit.key)
        case "sweep" if unit.key == LIST:
            return partial(all_of_them.sweep, already=_already(archive, read))
        case "replicate" | "sweep" | "index":
            called = {"replicate": all_of_them.replicate, "sweep": all_of_them.reread, "index": all_of_them.index}
            return partial(called[unit.step], shard=Shard.named(unit.key))
        case "renew":
            return all_of_them.renew
        case _:
            return all_of_them.alarms


def polled(archive: Archive) -> list[MailboxConfig]:
    """The mailboxes that can be polled."""
    return [box for box in archive.config.mailboxes if box.path or box.imap]


def sealed(archive: Archive) -> list[str]:
    """The holders whose mailboxes are configured, by id."""
    return sorted({holder_of(archive.config, box) for box in archive.config.mailboxes})


def _already(archive: Archive, read: Sequence[Done]) -> Report:
    """What the shards of a sweep have read, as a report that goes on."""
    report = Report(days=archive.config.sweep.days)
    for done in read:
        report.objects += int(done.figures.get("objects", 0))
        report.bytes += int(done.figures.get("bytes", 0))
        report.opened += int(done.figures.get("opened", 0))
        if "readable" in done.figures:
            report.readable.merge(Tally.told(done.figures["readable"]))
        for failure in done.failures:
            store = failure.subject.removeprefix("store ")
            report.failures.append(StoreFailure(store, failure.reason, passing=failure.code == UNAVAILABLE))
    return report


def _damaged(found: Iterable[Finding]) -> Iterator[Failure]:
    """What is wrong with copies, by kind: objects' names are long, and `sweep` says them all."""
    grave = [one for one in found if one.severity in (Severity.ERROR, Severity.DOUBT)]
    for (store, code), number in sorted(Counter((one.subject.partition(":")[0], one.code) for one in grave).items()):
        yield Failure(f"store {store}", f"{code}: {number}", next="archiver sweep --repair")

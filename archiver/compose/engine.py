"""A worker: takes units of the night that many machines share, and does each as the night on one machine does it.

Whoever is free plans: asks what is due, and queues what need not wait. What a unit came to is noted once; the last unit
folds all of them into the night that `archiver nightly` would have told of.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from archiver.adapters.engine import Again, GivenBack, Ledger, Order, Queue, usable
from archiver.adapters.engine.ledger import Open
from archiver.compose.archive import Archive
from archiver.compose.boxes import holder_of
from archiver.compose.founding import furnish
from archiver.compose.nights import Clock, part, polled, sealed
from archiver.compose.notices import discreet
from archiver.compose.overnight import Log, Run, finished
from archiver.errors import ArchiverError, ConfigError
from archiver.night import NightRow, Unit, UnitRow
from archiver.nightly import Alert, Done, Failure, Night, Step, Task, attempted
from archiver.nightly.fold import folded, heard, told
from archiver.nightly.units import LIST, NIGHT, ORDER, PRIORITY, ready, units
from archiver.nightly.values import UNAVAILABLE, UNITS

MOST = 5
"""So many processes may die over one unit: then it is not theirs to blame."""

REST = 20.0
"""Seconds for which a worker that cannot reach the store takes no unit: others do."""

KEPT = ("stores", "store", "catalog")
"""What of an archive goes on to the next unit: connections. Keys are read anew: a worker lives long."""

_ROME = ZoneInfo("Europe/Rome")


@dataclass(slots=True)
class Worked:
    """What one worker did: units that ended with it, by step; how many of them failed; how many nights it ended."""

    units: dict[str, int] = field(default_factory=dict)
    failed: int = 0
    nights: int = 0

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {"units": dict(sorted(self.units.items())), "failed": self.failed, "nights": self.nights}


class Engine:
    """One worker of an archive. `run` says who it is; `stopped`, whether it was told to end.

    Raises ConfigError for a catalog that machines cannot share.
    """

    def __init__(
        self, archive: Archive, run: Run, *, clock: Clock, stopped: Callable[[], bool], log: Log, now: bool = False
    ) -> None:
        if not usable(archive.catalog_url):
            raise ConfigError(
                "catalogo: con SQLite lavora una macchina sola: `archiver nightly` fa la notte; per più macchine:"
                ' catalog = "postgresql://..." (many machines need PostgreSQL)'
            )
        self._archive, self._run, self._clock, self._log = archive, run, clock, log
        self._url = archive.catalog_url
        self._queue = Queue(self._url, heartbeat=archive.config.engine.heartbeat)
        self._stopped, self._ending, self._now = stopped, False, now
        self._doubt = False
        self._idle: list[dict[str, object]] = []
        self.worked = Worked()

    def work(self, *, queues: tuple[str, ...] = (), concurrency: int = 1, once: bool = False) -> None:
        """Works until told to stop; with `once`, until no night is under way. Raises Unavailable, ConfigError."""
        with Ledger.opened(self._url):
            furnish(self._archive)
        if self._now or once:
            self.plan()
        looked = [0.0]
        self._queue.serve(
            queues=queues or tuple(PRIORITY),
            concurrency=concurrency,
            do=self.do,
            plan=self.plan,
            stopped=lambda: self._stopped() or (once and self._over(looked)),
        )

    def plan(self) -> None:
        """Begins a night when it is time, and queues what is due of the one under way and need not wait."""
        with Ledger.opened(self._url) as ledger:
            if not ledger.my_turn():
                return
            night = ledger.night() or self._begun(ledger)
            if night is None:
                return
            due = [row.unit for row in ledger.units(night.id) if row.ended is None]
            if not due:  # cut short between the last unit and the end
                ledger.end_night(night.id, self._clock())
                return
            holders = {box.id: holder_of(self._archive.config, box) for box in self._archive.config.mailboxes}
            self._queue.put(Order(night.id, unit, PRIORITY[unit.step]) for unit in ready(due, holders))

    def do(self, night: str, unit: Unit) -> None:
        """One unit, to its end, unless it has ended. Raises Again when a service is down, GivenBack when told to stop
        or when this machine is the one that cannot reach the store.
        """
        with Ledger.opened(self._url) as ledger:
            row = ledger.begin(night, unit, self._clock())
        if row is None:
            return
        if self._doubt and unit != NIGHT and not self._expired(row) and not self._reaches_store():
            self._hand_back(row, troubled=True)
            self._queue.rest(REST)
            raise GivenBack
        self._log("info", "unit.begin", night=night, step=unit.step, key=unit.key, start=row.starts)
        if unit == NIGHT:
            self._close(row)
            return
        done = self._done(row)
        step = Step.ended(unit.step, 0.0, done)
        self._doubt = step.code == UNAVAILABLE
        if self._doubt and not self._expired(row):
            self._hand_back(row, troubled=True)
            self._log("warning", "unit.again", night=night, step=unit.step, key=unit.key, reasons=_reasons(done))
            raise Again
        self._end(row, done, step.code)

    def _begun(self, ledger: Ledger) -> Open | None:
        at = self._clock()
        last = ledger.last_began()
        if not self._now and last is not None and last >= _hour(self._archive.config.engine.at, at):
            return None
        self._now = False
        archive, config = self._archive, self._archive.config
        boxes = [box.id for box in polled(archive)]
        asked = units(boxes, sealed(archive), of=config.engine.shards, index=config.night.index)
        id, catalog = secrets.token_hex(8), archive.fresh().catalog
        try:
            catalog.begin_night(NightRow(id, at, self._run.host, self._run.pid))
        finally:
            catalog.close()
        ledger.begin_night(id, at, asked)
        self._log("info", "night.begin", night=id, mailboxes=len(boxes), units=len(asked))
        return Open(id, at)

    def _done(self, row: UnitRow) -> Done:
        """What the unit's work comes to, in an archive of its own, over connections of units before."""
        unit = row.unit
        if row.starts > MOST:
            reason = f"{row.starts - 1} processi terminati mentre ci lavoravano: guardarne il log (killed at it)"
            return Done(failures=(Failure(unit.name, reason, UNITS, "archiver doctor"),), code=UNITS)
        archive = self._opened()
        strike = discreet(archive)
        read = self._read(row) if unit == Unit("sweep", LIST) else ()

        def work() -> Done:
            errand = part(
                archive, unit, jobs=self._run.jobs, lang=self._run.lang, clock=self._clock, strike=strike, read=read
            )
            return errand(self._beat)

        def fault(name: str, error: Exception) -> None:
            self._log("error", "step.fault", step=name, error=error)

        try:
            done = attempted(Task(unit.step, work), discreet=strike, foreign=fault)
        except KeyboardInterrupt:
            _closed(archive)
            self._hand_back(row)
            raise GivenBack from None
        if done.code or done.failures:  # a connection may be the reason
            _closed(archive)
        else:
            self._idle.append({name: vars(archive)[name] for name in KEPT if name in vars(archive)})
        return done

    def _opened(self) -> Archive:
        """The archive as it is now; what nobody works with at the moment is not opened anew."""
        archive = self._archive.fresh()
        vars(archive).update(self._idle.pop() if self._idle else {})
        return archive

    def _read(self, row: UnitRow) -> tuple[Done, ...]:
        """What the shards of this night's sweep came to."""
        with Ledger.opened(self._url) as ledger:
            rows = ledger.units(row.night)
        return tuple(heard(one.told) for one in rows if one.unit.step == "sweep" and one.told)

    def _end(self, row: UnitRow, done: Done, code: int) -> None:
        unit, at = row.unit, self._clock()
        with Ledger.opened(self._url) as ledger:
            if not ledger.end(row.night, unit, at, told(done)):
                return
            others = any(one.unit.step == unit.step and one.ended is None for one in ledger.units(row.night))
        self.worked.units[unit.step] = self.worked.units.get(unit.step, 0) + 1
        self.worked.failed += bool(code)
        level = "error" if code else "info"
        told_of: dict[str, object] = {
            name: value for name, value in done.figures.items() if isinstance(value, int | float)
        }
        told_of |= {"night": row.night, "step": unit.step, "key": unit.key, "code": code, "reasons": _reasons(done)}
        self._log(level, "unit.end", **told_of)
        if not others:  # what waited for this step need not wait for the next plan
            self.plan()

    def _close(self, row: UnitRow) -> None:
        """The night: folded, noted and told, once; who is killed while he tells leaves it to be told again."""
        with Ledger.opened(self._url) as ledger:
            rows, night = ledger.units(row.night), ledger.night()
        archive = self._archive.fresh()
        try:
            if night is not None and not _told(archive, row.night):
                run = Run(row.night, self._run.host, self._run.pid, self._run.jobs, None, self._run.lang)
                whole = _folded(night, rows, self._clock(), demo=archive.config.demo)
                finished(archive, whole, run, clock=self._clock, log=self._log, strike=discreet(archive))
        finally:
            _closed(archive)
        with Ledger.opened(self._url) as ledger:
            ledger.end(row.night, row.unit, self._clock(), "")
            ledger.end_night(row.night, self._clock())
        self.worked.nights += 1

    def _hand_back(self, row: UnitRow, *, troubled: bool = False) -> None:
        with Ledger.opened(self._url) as ledger:
            ledger.put_back(row.night, row.unit, troubled=self._clock() if troubled else None)

    def _expired(self, row: UnitRow) -> bool:
        """Whether services have been down for this unit for as long as it is tried again."""
        patience = timedelta(minutes=self._archive.config.engine.patience)
        return row.troubled is not None and self._clock() - row.troubled >= patience

    def _reaches_store(self) -> bool:
        archive = self._archive.fresh()
        try:
            next(archive.store.inventory(), None)
        except (ArchiverError, OSError):
            return False
        self._doubt = False
        return True

    def _beat(self, done: int, total: int | None) -> None:  # noqa: ARG002  (every errand tells both)
        """Between two parts of a unit."""
        if self._stopped():
            raise KeyboardInterrupt

    def _over(self, looked: list[float]) -> bool:
        """Whether no night is under way any more; asked of the database once a second."""
        if not self._ending and monotonic() - looked[0] >= 1:
            looked[0] = monotonic()
            with Ledger.opened(self._url) as ledger:
                self._ending = ledger.night() is None
        return self._ending


def _folded(night: Open, rows: list[UnitRow], ended: datetime, *, demo: bool) -> Night:
    """All units of a night as its steps, in the order of a night on one machine."""
    steps, alerts = list[Step](), list[Alert]()
    for name in ORDER:
        mine = [row for row in rows if row.unit.step == name and row.told]
        if not mine:
            continue
        listing = [row for row in mine if row.unit == Unit("sweep", LIST) and heard(row.told).figures]
        done = folded([heard(row.told) for row in listing or mine])
        begun = min(row.begun or night.at for row in mine)
        seconds = max(row.ended or ended for row in mine) - begun
        steps.append(Step.ended(name, max(0.0, seconds.total_seconds()), done))
        alerts += done.alerts
    return Night(night.id, night.at, ended, tuple(steps), tuple(dict.fromkeys(alerts)), demo)


def _told(archive: Archive, id: str) -> bool:
    """Whether this night was noted and told before whoever did so was cut short."""
    row = next((one for one in archive.catalog.nights() if one.id == id), None)
    return row is not None and row.ended is not None and '"notify": {"result": "done"' in row.told


def _hour(at: str, now: datetime) -> datetime:
    """The last time that it was this hour in Rome."""
    hour, _, minute = at.partition(":")
    local = now.astimezone(_ROME)
    found = local.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return found if found <= local else found - timedelta(days=1)


def _reasons(done: Done) -> list[str]:
    return [f"{failure.subject}: {failure.reason}" for failure in done.failures]


def _closed(archive: Archive) -> None:
    """Lets go of the catalog's connections, if there are any."""
    if "catalog" in vars(archive):
        archive.catalog.close()

"""The night, with everything that the configuration gives it: its lock, its steps, its record, and whom it tells."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from archiver.adapters.catalog import Catalog
from archiver.compose.archive import Archive
from archiver.compose.founding import furnish
from archiver.compose.measuring import measured
from archiver.compose.nights import errands
from archiver.compose.notices import discreet, tell
from archiver.errors import ArchiverError, Busy, of_the_system
from archiver.night import NightRow
from archiver.nightly import Discreet, Done, Night, Result, Step, Task, run
from archiver.nightly.run import Heard

Clock = Callable[[], datetime]
Progress = Callable[[int, int | None], None]
Budget = int | timedelta | None


class Log(Protocol):
    """Whoever writes down what happens, for machines; `level` is `debug`, `info`, `warning` or `error`."""

    def __call__(self, level: str, event: str, **fields: Any) -> None: ...


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the night: the id of its log, who runs it, with how many processes, how much it reads again."""

    id: str
    host: str
    pid: int
    jobs: int
    budget: Budget
    lang: str


def _unwatched(name: str) -> AbstractContextManager[Progress]:  # noqa: ARG001
    return nullcontext(lambda done, total: None)


def _unlogged(level: str, event: str, **fields: Any) -> None:
    pass


def nightly(
    archive: Archive,
    run_: Run,
    *,
    clock: Clock,
    watch: Callable[[str], AbstractContextManager[Progress]] = _unwatched,
    log: Log = _unlogged,
) -> Night:
    """Does the whole night, and tells of it, whatever fails. Raises Busy, saying who is at it.

    `watch` is entered for each step and hears how far it is; what it raises as KeyboardInterrupt ends the night in good
    order. `log` never hears of persons above `debug`.
    """
    at, strike = clock(), discreet(archive)
    with ExitStack() as stack:
        try:
            _made(archive)
            stack.enter_context(_alone(archive, run_))
            archive.catalog.begin_night(NightRow(run_.id, at, run_.host, run_.pid))
        except Busy:
            raise
        except ArchiverError as error:
            return _unopened(archive, run_, at, error, clock=clock, log=log)
        except OSError as error:
            return _unopened(archive, run_, at, of_the_system(error), clock=clock, log=log)
        log("info", "night.begin", mailboxes=len(archive.config.mailboxes), jobs=run_.jobs)
        heard, steps = Heard(), list[Step]()
        work = errands(archive, budget=run_.budget, jobs=run_.jobs, lang=run_.lang, clock=clock, strike=strike)
        tasks = [Task(name, partial(_watched, watch, name, errand)) for name, errand in work]
        for step in run(tasks, clock=clock, discreet=strike, heard=heard, **_logging(log)):
            _log_step(log, step)
            steps.append(step)
        night = Night(run_.id, at, clock(), tuple(steps), tuple(heard.alerts), archive.config.demo)
        return finished(archive, night, run_, clock=clock, log=log, strike=strike)


def _made(archive: Archive) -> None:
    """An archive that has none yet gets its store and its catalog; a store that is down stops those who need it."""
    try:
        furnish(archive)
    except ArchiverError:
        if Catalog.vacant(archive.catalog_url):
            raise


@contextmanager
def _alone(archive: Archive, run_: Run) -> Iterator[None]:
    """Holds the lock of the night over a connection of its own: when that is lost, the errands' own locks still hold.

    Raises Busy with the name of whoever has it.
    """
    keeper = Catalog.open(archive.catalog_url)
    try:
        busy = _held(keeper, run_.lang)
        with keeper.exclusive("nightly", busy=busy):
            yield
    finally:
        keeper.close()


def _held(catalog: Catalog, lang: str) -> str:
    """What is said when another process has the lock."""
    newest = next((row for row in catalog.nights(1) if row.ended is None), None)
    who = f" ({newest.at:%Y-%m-%d %H:%M:%SZ}, {newest.host}, pid {newest.pid})" if newest else ""
    return {
        "it": f"un'altra `archiver nightly` è al lavoro su questo archivio{who}: riprovare quando avrà finito",
        "en": f"another `archiver nightly` is at work on this archive{who}: try again when it is done",
    }[lang]


def _watched(
    watch: Callable[[str], AbstractContextManager[Progress]], name: str, errand: Callable[[Progress], Done]
) -> Done:
    with watch(name) as progress:
        return errand(progress)


def _unopened(archive: Archive, run_: Run, at: datetime, error: ArchiverError, *, clock: Clock, log: Log) -> Night:
    """A night that could not begin: nothing can be noted, and somebody must hear of it all the more."""

    def fail() -> Done:
        raise error

    strike = discreet(archive)
    steps = tuple(run([Task("open", fail)], clock=clock, discreet=strike, heard=Heard()))
    _log_step(log, steps[0])
    night = Night(run_.id, at, clock(), steps, (), archive.config.demo)
    told = _telling(archive, night, run_, clock=clock, log=log, strike=strike, metrics=False)
    return _with(night, told, clock())


def finished(archive: Archive, night: Night, run_: Run, *, clock: Clock, log: Log, strike: Discreet) -> Night:
    """Written down first, so that `status` knows of it whatever happens to those who are told; then told."""
    noted = _noted(archive, night, run_, clock=clock, strike=strike)
    told = _telling(archive, _with(night, noted, night.ended), run_, clock=clock, log=log, strike=strike)
    whole = _with(night, [*noted, *told], clock())
    again = _noted(archive, whole, run_, clock=clock, strike=strike)
    if archive.config.textfile and any(step.name == "notify" and step.code for step in told):
        again += run([Task("metrics", partial(_textfile, archive, clock))], clock=clock, discreet=strike, heard=Heard())
    known = {step.name for step in whole.steps}
    whole = _with(whole, [step for step in again if step.code and step.name not in known], whole.ended)
    level = "info" if not whole.code else "error"
    log(level, "night.end", code=whole.code, failed=list(whole.failed), alerts=len(whole.alerts))
    return whole


def _noted(archive: Archive, night: Night, run_: Run, *, clock: Clock, strike: Discreet) -> list[Step]:
    """Nothing when it could be written down; else the step that says why not."""

    def note() -> Done:
        row = NightRow(run_.id, night.at, run_.host, run_.pid, night.ended, night.code, night.told())
        archive.catalog.end_night(row)
        return Done()

    done = run([Task("record", note)], clock=clock, discreet=strike, heard=Heard())
    return [step for step in done if step.result is not Result.DONE]


def _telling(
    archive: Archive,
    night: Night,
    run_: Run,
    *,
    clock: Clock,
    log: Log,
    strike: Discreet,
    metrics: bool = True,
) -> list[Step]:
    """Metrics, then notices: these say when those failed."""
    steps: list[Step] = []

    def notices() -> Done:
        return tell(archive, _with(night, steps, night.ended), at=clock(), lang=run_.lang)

    tasks = []
    if archive.config.textfile and metrics:
        tasks.append(Task("metrics", partial(_textfile, archive, clock)))
    if archive.config.notify.email or archive.config.notify.webhook:
        tasks.append(Task("notify", notices))
    for step in run(tasks, clock=clock, discreet=strike, heard=Heard(), **_logging(log)):
        _log_step(log, step)
        steps.append(step)
    return steps


def _textfile(archive: Archive, clock: Clock) -> Done:
    from archiver.adapters.metrics import written  # only for those who want metrics

    figures = measured(archive, at=clock())
    if archive.config.textfile:
        written(archive.config.textfile, figures)
    return Done({"figures": len(figures)})


def _with(night: Night, more: list[Step], ended: datetime) -> Night:
    return Night(night.id, night.at, ended, (*night.steps, *more), night.alerts, night.demo)


def _logging(log: Log) -> dict[str, Any]:
    """What hears of steps, for `run`."""

    def foreign(name: str, error: Exception) -> None:
        log("error", "step.fault", step=name, error=error)

    return {"begun": lambda name: log("info", "step.begin", step=name), "foreign": foreign}


def _log_step(log: Log, step: Step) -> None:
    for failure in step.failures:
        log(
            "error" if failure.code != 3 else "warning",
            "step.failure",
            step=step.name,
            subject=failure.subject,
            reason=failure.reason,
            code=failure.code,
        )
    figures = {name: value for name, value in step.figures.items() if isinstance(value, int | float)}
    level = "error" if step.code else "info"
    log(level, "step.end", step=step.name, result=str(step.result), seconds=round(step.seconds, 3), **figures)

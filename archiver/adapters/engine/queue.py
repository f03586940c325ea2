"""The queue, as Procrastinate keeps it: who takes which unit, how often again, and what those left who were killed.

A job names a unit of a night by its identifiers, nothing else. Units of one name never stand in the queue twice
(queueing lock) and are never done by two at once (lock). The periodic task is in the queue like any other: whoever is
free plans, so that no machine is special.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, RetryDecision, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException, UniqueViolation
from procrastinate.jobs import Job, Status

from archiver.adapters.engine import schema
from archiver.errors import Unavailable
from archiver.night import Unit

PLANNING = "night"
"""The queue of what concerns the night as a whole; who serves no other queue plans only."""

EVERY = 10
"""Seconds between two plans, at most."""

MISSED = 3
"""So many signs of life that do not come: a worker counts as dead."""

LONGEST = 60
"""Seconds that a unit waits at most until it is tried again."""

_DO, _PLAN = "archiver.unit", "archiver.plan"
_FIRST = 100
_NOTHING = "-"
"""The name of a queue that there is not."""

_LEAST = 2
_LOOKS, _PAUSE = 1.0, 0.2
"""Seconds between two looks into the queue when nobody calls, and between two at whether to stop."""


class Again(Exception):
    """A service was down: the unit is to be tried again, after a while that doubles."""


class GivenBack(Exception):
    """Whoever was at the unit was told to stop, or cannot do it: another one takes it at once."""


@dataclass(frozen=True, slots=True)
class Order:
    """A unit to be done: of which night, and how soon (the greater number first)."""

    night: str
    unit: Unit
    priority: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many jobs of one queue in one state (`todo`, `doing`), and since when the oldest of them."""

    queue: str
    state: str
    jobs: int
    since: datetime | None


class _Patience(RetryStrategy):
    """Again at 2, 4, 8 ... seconds, never later than the longest wait; what was given back at once; nothing else."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """As Procrastinate asks it."""
        if isinstance(exception, GivenBack):
            return RetryDecision(retry_in={"seconds": 0})
        if isinstance(exception, Again):
            return RetryDecision(retry_in={"seconds": min(LONGEST, 2 ** (min(job.attempts, 10) + 1))})
        return None


class Queue:
    """The queue at the catalog's address; its workers give a sign of life every `heartbeat` seconds.

    No driver's error leaves it: Unavailable, ConfigError.
    """

    def __init__(self, url: str, *, heartbeat: int = 10) -> None:
        self._url = url
        self._heartbeat = heartbeat
        self._served: list[str] = []
        self._resting = 0.0

    def rest(self, seconds: float) -> None:
        """This worker takes no unit for so long; it goes on planning, if it does."""
        self._resting = monotonic() + seconds
        self._served[:] = [name for name in self._served if name == PLANNING] or [_NOTHING]

    def put(self, orders: Iterable[Order]) -> int:
        """Queues these, but for those that stand in the queue or are being done; how many those are."""
        asked, made = list(orders), 0
        if not asked:
            return 0
        there = self._names()
        app = App(connector=SyncPsycopgConnector(kwargs=schema.options(self._url), min_size=1, max_size=1))
        with _errors(self._url), app.open():
            for order in asked:
                if order.unit.name not in there:
                    made += self._put(app, order)
        return made

    def waiting(self) -> list[Waiting]:
        """What is queued and what is being done, by queue and state."""
        query = (
            "SELECT queue_name, status::text, count(*), min((SELECT min(at) FROM procrastinate_events e"
            " WHERE e.job_id = j.id)) FROM procrastinate_jobs j WHERE status IN ('todo', 'doing') GROUP BY 1, 2"
        )
        with schema.connected(self._url) as connection:
            return sorted(
                (Waiting(*row) for row in connection.execute(query).fetchall()), key=lambda one: (one.queue, one.state)
            )

    def workers(self) -> int:
        """How many have given a sign of life lately."""
        query = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)"
        with schema.connected(self._url) as connection:
            row = connection.execute(query, (2 * MISSED * self._heartbeat,)).fetchone()
        return int(row[0]) if row else 0

    def serve(
        self,
        *,
        queues: Sequence[str],
        concurrency: int,
        do: Callable[[str, Unit], None],
        plan: Callable[[], None],
        stopped: Callable[[], bool],
    ) -> None:
        """Takes jobs and does them until `stopped`; a job at work is waited for.

        `do` and `plan` are called in threads. Raises Unavailable when the database goes.
        """
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL + 1)  # what is to be told, whoever works tells
        logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL + 1)
        app = self._app(concurrency)
        self._register(app, do, plan)
        with _errors(self._url):
            asyncio.run(self._work(app, queues, concurrency, stopped))
        if not stopped():
            raise Unavailable(
                f"{schema.shown(self._url)}: la connessione del motore è caduta: ripetere (the engine's was lost)"
            )

    async def _work(self, app: App, queues: Sequence[str], concurrency: int, stopped: Callable[[], bool]) -> None:
        chosen = list(queues)
        self._served[:] = chosen
        # Procrastinate asks for the jobs of this very list each time: what is taken out of it is not served
        asked: dict[str, Any] = {"queues": self._served}
        asked |= {"concurrency": concurrency, "install_signal_handlers": False, "delete_jobs": "always"}
        asked |= {"update_heartbeat_interval": float(self._heartbeat), "fetch_job_polling_interval": _LOOKS}
        asked |= {"stalled_worker_timeout": float(MISSED * self._heartbeat)}
        # jobs that end after the database has gone: what there is to tell is raised, no traceback of it is
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        async with app.open_async():
            working = asyncio.create_task(app.run_worker_async(**asked))
            while not working.done() and not stopped():
                await asyncio.wait({working}, timeout=_PAUSE)
                if self._resting and monotonic() >= self._resting:
                    self._resting, self._served[:] = 0.0, chosen
            if not working.done():
                working.cancel()
            await asyncio.gather(working, return_exceptions=stopped())

    def _app(self, concurrency: int) -> App:
        size = concurrency + _LEAST + 2
        own = schema.options(self._url)
        connector = PsycopgConnector(kwargs=own, min_size=_LEAST, max_size=size, timeout=10.0)
        return App(connector=connector)

    def _register(self, app: App, do: Callable[[str, Unit], None], plan: Callable[[], None]) -> None:
        @app.task(name=_DO, retry=_Patience())
        def unit(night: str, step: str, key: str) -> None:
            do(night, Unit(step, key))

        @app.periodic(cron=f"* * * * * */{min(EVERY, self._heartbeat)}")
        @app.task(name=_PLAN, queue=PLANNING, priority=_FIRST, queueing_lock=_PLAN)
        async def planning(timestamp: int) -> None:  # noqa: ARG001  (Procrastinate says when)
            await _reclaim(app, MISSED * self._heartbeat)
            await asyncio.to_thread(plan)

    def _put(self, app: App, order: Order) -> int:
        unit = order.unit
        job = app.configure_task(_DO, queue=unit.step, lock=unit.name, queueing_lock=unit.name, priority=order.priority)
        try:
            job.defer(night=order.night, step=unit.step, key=unit.key)
        except AlreadyEnqueued:
            return 0
        return 1

    def _names(self) -> set[str]:
        query = "SELECT lock FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock IS NOT NULL"
        with schema.connected(self._url) as connection:
            return {name for (name,) in connection.execute(query).fetchall()}


async def _reclaim(app: App, seconds: int) -> None:
    """What those were at who have given no sign of life: units are queued again, plans are forgotten."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=seconds):
        try:
            if job.task_name == _DO:
                await manager.retry_job(job)
                continue
        except UniqueViolation:
            pass  # it stands in the queue already
        await manager.finish_job(job, status=Status.FAILED, delete_job=True)


class _errors:
    """No driver's error leaves the block."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, at: Any) -> None:
        if isinstance(error, ProcrastinateException | psycopg.Error):
            below: BaseException | None = error
            while below is not None and not isinstance(below, psycopg.Error):
                below = below.__cause__ or below.__context__
            driver = below if isinstance(below, psycopg.Error) else psycopg.OperationalError(str(error))
            raise schema.meaning(driver, schema.shown(self._url)) from error

"""Rebuilding the catalog, with everything that the configuration still tells: stores, addresses, authorities, hands."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from datetime import datetime
from multiprocessing import active_children, get_context

from archiver.adapters.catalog import Catalog
from archiver.compose import stores
from archiver.compose.archive import Archive
from archiver.compose.intake import tied
from archiver.errors import ConfigError, Unavailable
from archiver.package.report.values import ReportKind
from archiver.rebuild import Ask, Mapped, Read, Reader, Rebuilding, Report
from archiver.rebuild import rebuild as rebuild_catalog
from archiver.sweep import recalled
from archiver.verify import Trust

AHEAD = 2
"""Segments that each process may have read before their turn."""

ALONE = 32 << 20
"""Bytes of messages that this process reads itself before others are started: a small archive is read in no time."""

Progress = Callable[[int, int | None], None]


def rebuild(
    archive: Archive,
    *,
    source: str | None = None,
    jobs: int = 1,
    clock: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
) -> Report:
    """Makes every row of an empty catalog again from the store, or from the replica called `source`.

    `jobs` processes read segments beside this one, which writes; with 1 it does both. The tables are made where there
    are none. Cut short, it goes on when it is run again. Raises ConfigError for a catalog that holds rows already,
    Unavailable, and Busy while another errand is at work on it.
    """
    store_id = source or archive.config.stores[0].id
    store = opened(archive, store_id)  # first: without it no catalog is made either
    catalog = Catalog.open(archive.catalog_url, create=True, unfinished=True)
    try:
        with exclusively(archive, catalog), hands(archive, store_id, store, jobs) as mapped:
            catalog.begin_rebuild(store_id, clock())
            work = Rebuilding(
                store=store,
                catalog=catalog,
                trust=Trust(archive.providers, archive.policy),
                own={box.id: frozenset((box.address, *box.aliases)) for box in archive.config.mailboxes},
                lines=_lines(archive),
                mapped=mapped,
                clock=clock,
                progress=progress,
                others={id: one for id, one in archive.stores.items() if id != store_id},
            )
            report = rebuild_catalog(work)
            catalog.note_damages([row for holder in archive.config.holders for row in recalled(store, holder)])
            catalog.end_rebuild()
    finally:
        catalog.close()
    return report


def opened(archive: Archive, store_id: str) -> stores.Store:
    configs = {one.id: one for one in archive.config.stores}
    if store_id not in configs:
        raise ConfigError(
            f"--from {store_id}: nessuno [[store]] ha questo id; configurati: {', '.join(configs)} (no such store)"
        )
    return stores.site(configs[store_id], archive.environ, archive.config.folder, archive.clock).opened()


def _lines(archive: Archive) -> tuple[frozenset[str], ...]:
    """The authorities as sealing asks them: those that stand in for one another, then each redundant one."""
    asked = [tsa for tsa in archive.config.tsas if not tsa.retired]
    first = frozenset(tsa.id for tsa in asked if not tsa.redundant)
    others = tuple(frozenset((tsa.id,)) for tsa in asked if tsa.redundant)
    return (first, *others) if first else others


@contextmanager
def exclusively(archive: Archive, catalog: Catalog) -> Iterator[None]:
    """No errand that writes is at work with this catalog, and none begins."""
    reports = (f"report-{kind}-{holder}" for kind in ReportKind for holder in archive.config.holders)
    polls = (f"ingest-{box.id}" for box in archive.config.mailboxes)  # a purge holds its mailbox's too
    registers = (f"register-{holder}" for holder in archive.config.holders)
    names = ["rebuild", "seal", "renew", "replicate", "sweep", *polls, *reports, *registers]
    busy = "un altro comando è al lavoro su questo catalogo: ripetere quando ha finito (another command is at work)"
    with ExitStack() as held:
        for name in names:
            held.enter_context(catalog.exclusive(name, busy=busy))
        yield


@contextmanager
def hands(archive: Archive, store_id: str, store: stores.Store, jobs: int) -> Iterator[Mapped]:
    """Who reads segments: this process, or others beside it."""
    reader = Reader(store, archive.providers, archive.inspector)
    if jobs <= 1:
        yield lambda asks: map(reader.read, asks)
        return
    alone = [ALONE]
    pool = ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(archive.fresh(), store_id)
    )
    try:
        yield lambda asks: _ahead(pool, asks, jobs * AHEAD, reader, alone)
        pool.shutdown()
    except BrokenProcessPool as error:
        raise Unavailable("a process that read segments has ended: run again, it goes on from there") from error
    except BaseException:  # an interruption ends the others too: what is not recorded is read again
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()
        raise


def _ahead(
    pool: ProcessPoolExecutor, asks: Iterable[Ask], most: int, reader: Reader, alone: list[int]
) -> Iterator[Read]:
    """What they read, in order, with so many segments under way; while some is left of `alone`, what `reader` does."""
    waiting: deque[Future[Read]] = deque()
    for ask in asks:
        alone[0] -= ask.size
        if alone[0] > 0:
            yield reader.read(ask)
            continue
        waiting.append(pool.submit(_read, ask))
        while len(waiting) > most or (waiting and waiting[0].done()):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


_READERS: list[Reader] = []
"""The one reader of a process that does nothing else."""


def _begin(archive: Archive, store_id: str) -> None:
    tied()
    _READERS[:] = [Reader(opened(archive, store_id), archive.providers, archive.inspector)]


def _read(ask: Ask) -> Read:
    return _READERS[0].read(ask)

"""The catalog: whether it is sound, agrees with the store, and searches find everything."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from shlex import quote
from time import monotonic

from archiver.access.text import VERSION
from archiver.adapters import machine
from archiver.adapters.catalog import REVISION, Catalog, file, of_damage
from archiver.adapters.catalog.searching import LAST
from archiver.compose.checkup.configuration import opened
from archiver.compose.checkup.places import shown
from archiver.compose.checkup.running import refused
from archiver.compose.checkup.values import FAILED, OK, WARNING, Check, Checkup
from archiver.compose.indexing import index
from archiver.errors import ArchiverError, Unavailable

PORTION = 1000
"""Names between two looks at the clock."""

MARGIN = 0.8
"""The share of its time that a comparison takes before it says how far it came."""


def catalog(checkup: Checkup) -> Iterator[Check]:
    """Revision, pages, size, permissions."""
    looked, wrong = checkup.say("catalog.looked", shown=file(checkup.archive.catalog_url) or "PostgreSQL"), None
    try:
        found = checkup.archive.catalog
        looked = checkup.say("catalog.looked", shown=found.place())
        wrong = found.unsound()
        counts = {"revision": REVISION, "messages": found.counts()["messages"], "size": shown(found.size())}
    except ArchiverError as error:
        if not of_damage(error):
            yield replace(refused("catalog", error, checkup), looked=looked, next=_way(checkup, error))
            return
        wrong = str(error)
    if wrong:
        yield Check("catalog", FAILED, looked, checkup.say("catalog.unsound", found=wrong), _again(checkup))
        return
    yield Check("catalog", OK, looked, checkup.say("catalog.ok", **counts))
    yield from _permissions(checkup, looked)


def agreement(checkup: Checkup) -> Iterator[Check]:
    """Every object that the catalog knows of is in the store: the end of a chain has nobody else to miss it."""
    return compared(checkup, checkup.archive.catalog.promised(), _names(checkup))


def compared(checkup: Checkup, promised: Iterable[str], there: Iterable[str]) -> Iterator[Check]:
    """Both are walked side by side, in the order of names, neither is held in memory; as far as time allows."""
    name, until = "store and catalog", monotonic() + checkup.seconds * MARGIN
    looked = checkup.say("agreement.looked", shown=checkup.archive.config.stores[0].shown)
    count, missing, first, cut = 0, 0, "", False
    for wanted, found in side_by_side(promised, there):
        count += 1
        if not found:
            missing, first = missing + 1, first or wanted
        if cut := count % PORTION == 0 and monotonic() > until:
            break
    if missing:
        more = checkup.say("agreement.more", count=missing - 1) if missing > 1 else ""
        text = checkup.say("agreement.missing", first=first, more=more)
        options = ("--repair",) if len(checkup.archive.config.stores) > 1 else ()
        yield Check(name, FAILED, looked, text, checkup.command("sweep", *options))
    elif cut:
        yield Check(name, WARNING, looked, checkup.say("agreement.cut", count=count), checkup.longer)
    else:
        yield Check(name, OK, looked, checkup.say("agreement.ok", count=count))


def side_by_side(wanted: Iterable[str], there: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each name that is wanted, and whether it is there; both ascend, and one of each is held at a time."""
    found = iter(there)
    name = next(found, None)
    for one in wanted:
        while name is not None and name < one:
            name = next(found, None)
        yield one, name == one


def counts(checkup: Checkup) -> Iterator[Check]:
    """The totals that status, metrics and reports tell are kept with the rows; who deletes rows by hand has others."""
    looked, wrong = checkup.say("counts.looked"), checkup.archive.catalog.miscounted()
    if not wrong:
        yield Check("counts", OK, looked, checkup.say("counts.ok"))
        return

    def recounted() -> str:
        checkup.archive.catalog.recount()
        return checkup.say("counts.again")

    found = checkup.say("counts.wrong", count=len(wrong), first=" ".join(filter(None, wrong[0])))
    yield Check("counts", WARNING, looked, found, checkup.command("doctor", "--fix"), mend=recounted)


def search(checkup: Checkup) -> Iterator[Check]:
    """Messages that no search has read."""
    looked, waiting = checkup.say("search.looked"), checkup.archive.catalog.unread_count(VERSION, most=LAST)
    if not waiting:
        yield Check("search", OK, looked, checkup.say("search.ok"))
        return

    def read() -> str:
        return checkup.say("search.indexed", count=index(checkup.archive, again=False, oldest=False).read)

    found = checkup.say("search.behind", count=waiting)
    yield Check("search", WARNING, looked, found, checkup.command("catalog", "index"), mend=read)


def _names(checkup: Checkup) -> Iterator[str]:
    """Everything in the primary, ascending."""
    for item in checkup.archive.store.list(""):
        yield item.name


def _way(checkup: Checkup, error: ArchiverError) -> str:
    """What brings a catalog back that does not open: it is not there, its tables are older; else whoever set it up."""
    if isinstance(error, Unavailable):
        return checkup.command("doctor")
    try:
        gone = Catalog.vacant(checkup.archive.catalog_url)
    except ArchiverError:
        return checkup.edit
    return checkup.command("catalog", "rebuild" if gone else "upgrade")


def _again(checkup: Checkup) -> str:
    """Puts the damaged file aside, with its journal, and makes it again."""
    path = file(checkup.archive.catalog_url)
    aside = f"mv {quote(str(path))} {quote(f'{path}.damaged')}"
    journal = f"rm -f {quote(f'{path}-wal')} {quote(f'{path}-shm')}"
    return f"{aside} && {journal} && {checkup.command('catalog', 'rebuild')}"


def _permissions(checkup: Checkup, looked: str) -> Iterator[Check]:
    path = file(checkup.archive.catalog_url)
    if path is None or not (guard := machine.guard(path)).exposed:
        return
    beside = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    yield opened(checkup, "catalog", looked, checkup.say("catalog.open", mode=guard.shown), path, *beside)

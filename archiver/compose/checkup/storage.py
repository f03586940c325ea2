"""The stores: whether they are there, do what is asked of them, are apart from one another, and are tidy."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import combinations, islice
from pathlib import Path

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose.checkup.running import refused, tried
from archiver.compose.checkup.values import FAILED, OK, WARNING, Check, Checkup, Look
from archiver.compose.stores import BucketSite, FolderSite, Site, sites
from archiver.config import StoreConfig
from archiver.errors import ArchiverError

SAMPLE = 300
"""How many objects' locks are looked at; each is two questions to the server."""

_SOON = timedelta(days=7)


def looks(checkup: Checkup) -> Iterator[tuple[str, Look]]:
    """All looks at every store, the primary's first; a replica's bear its id."""
    archive = checkup.archive
    places = sites(archive.config, archive.environ, archive.clock)
    for number, store in enumerate(archive.config.stores):
        site, which = places[store.id], f" {store.id}" if number else ""
        if isinstance(site, BucketSite):
            yield f"storage{which}", partial(_probe, site=site, store=store, which=which)
            yield f"storage{which}: locks", partial(_locks, site=site, store=store, which=which)
        yield f"store{which}", partial(_there, site=site, store=store, which=which)
        if isinstance(site, FolderSite):
            yield f"temporary files{which}", partial(_temporary, store=store, which=which)
    yield "store", _apart


def new(checkup: Checkup) -> Iterator[Check]:
    """An archive of which there is nothing yet."""
    primary = checkup.archive.config.stores[0]
    looked = checkup.say("store.looked", shown=primary.shown)
    way = checkup.command("init", checkup.file.parent)
    yield Check("store", OK, looked, checkup.say("store.new"), way)


def _there(checkup: Checkup, *, site: Site, store: StoreConfig, which: str) -> Iterator[Check]:
    looked = checkup.say("store.looked", shown=store.shown)

    def opened() -> str:
        site.opened().has("probe")
        return checkup.say("store.ok", shown=store.shown)

    yield tried(checkup, f"store{which}", looked, opened, next=checkup.command("init", checkup.file.parent))


def _temporary(checkup: Checkup, *, store: StoreConfig, which: str) -> Iterator[Check]:
    """What writers that died left aside; the store removes it itself at the next `replicate` or `renew`."""
    if store.path is None or not store.path.exists():
        return
    name, looked = f"temporary files{which}", checkup.say("temporary.looked", store=store.shown)
    found = FilesystemStore(store.path)
    left = found.left_behind(at=checkup.at)
    if not left:
        yield Check(name, OK, looked, checkup.say("temporary.ok"))
        return

    def tidy() -> str:
        return checkup.say("temporary.tidied", count=found.tidy(at=checkup.at))

    way = checkup.command("doctor", "--fix")
    yield Check(name, WARNING, looked, checkup.say("temporary.left", count=left), way, mend=tidy)


def _apart(checkup: Checkup) -> Iterator[Check]:
    """What would take two stores at once."""
    for one, other in combinations(checkup.archive.config.stores, 2):
        name, looked = f"store {other.id}", checkup.say("apart.looked", one=one.id, other=other.id)
        if one.operator.casefold() == other.operator.casefold():
            text = checkup.say("apart.operator", operator=other.operator, one=one.id)
            yield Check(name, WARNING, looked, text, checkup.edit)
        if one.s3 and other.s3:
            if (one.s3.endpoint, one.s3.access) == (other.s3.endpoint, other.s3.access):
                yield Check(name, WARNING, looked, checkup.say("apart.keys", one=one.id), checkup.edit)
        elif one.path and other.path and _disk(one.path) == _disk(other.path) is not None:
            text = checkup.say("apart.disk", path=other.path, one=one.path)
            yield Check(name, WARNING, looked, text, checkup.edit)


def _disk(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except OSError:
        return None


def _probe(checkup: Checkup, *, site: BucketSite, store: StoreConfig, which: str) -> Iterator[Check]:
    """What the server really does, asked anew: its next version, or its next administrator, may have changed it.

    Nothing is tried where there is no store: the bucket may be somebody else's.
    """
    looked = checkup.say("probe.looked", shown=store.shown)
    try:
        site.opened()
        found = site.probe()
    except ArchiverError as error:
        yield refused(f"storage{which}", error, checkup)
        return
    for line in found.lines:
        state = OK if line.ok else FAILED if line in found.refused else WARNING
        text = line.found if line.ok else line.text(checkup.lang)
        yield Check(f"storage{which}: {line.name}", state, looked, text, "" if line.ok else checkup.edit)


def _locks(checkup: Checkup, *, site: BucketSite, store: StoreConfig, which: str) -> Iterator[Check]:
    """Whether what the catalog knows is locked; of many objects some hundreds are asked for, from first to last."""
    if site.bucket.lock.wire is None:
        return
    name, looked = f"storage{which}: locks", checkup.say("locks.looked", shown=store.shown)
    total = sum(1 for _ in checkup.archive.catalog.promised())
    asked = list(islice(checkup.archive.catalog.promised(), 0, None, max(1, -(-total // SAMPLE))))
    ends = site.ends(asked)
    soon = checkup.at + _SOON
    bare = [one for one, until in ends.items() if until is None]
    ending = [one for one, until in ends.items() if until is not None and until < soon]
    if bare:
        text = checkup.say("locks.bare", several=_several(checkup, bare, asked))
        yield Check(name, WARNING, looked, text, checkup.command("sweep"))
    if ending:
        text = checkup.say("locks.ending", several=_several(checkup, ending, asked), soon=soon)
        yield Check(name, WARNING, looked, text, checkup.command("seal"))
    if not bare and not ending:
        yield Check(name, OK, looked, checkup.say("locks.ok", asked=len(ends), all=total))


def _several(checkup: Checkup, found: list[str], asked: list[str]) -> str:
    return checkup.say("several", first=found[0], count=len(found), asked=len(asked))

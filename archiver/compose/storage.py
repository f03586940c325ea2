"""Whether the stores of an archive are there, do what is asked of them, and are apart from one another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

from archiver.compose.archive import Archive
from archiver.compose.stores import BucketSite, Site, sites
from archiver.config import StoreConfig
from archiver.errors import ArchiverError, Malformed

OK, WARNING, FAILED = "ok", "warning", "failed"

SAMPLE = 300
"""How many objects' locks are looked at; each is two questions to the server."""

_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `state` is ok, warning or failed; `text` says what was found, or what to do."""

    name: str
    state: str
    text: str


def checks(archive: Archive, at: datetime) -> Iterator[Check]:
    """All checks of every store, the primary's first; a replica's bear its id."""
    places = sites(archive.config, archive.environ, archive.clock)
    for number, store in enumerate(archive.config.stores):
        yield from _one(archive, store, places[store.id], f" {store.id}" if number else "", at)
    for one, other in combinations(archive.config.stores, 2):
        yield from _apart(one, other)


def tried(name: str, look: Callable[[], str]) -> Check:
    """What `look` found, or why it found nothing."""
    try:
        return Check(name, OK, look())
    except (ArchiverError, Malformed) as error:
        return Check(name, FAILED, str(error))


def _one(archive: Archive, store: StoreConfig, site: Site, which: str, at: datetime) -> Iterator[Check]:
    if isinstance(site, BucketSite):
        yield from _probe(site, which, archive.config.language)
        yield from _locks(archive, site, which, at)
    yield tried(f"store{which}", lambda: _opened(site, store))


def _opened(site: Site, store: StoreConfig) -> str:
    site.opened().has("probe")
    return store.shown


def _apart(one: StoreConfig, other: StoreConfig) -> Iterator[Check]:
    """What would take both at once."""
    name = f"store {other.id}"
    if one.operator.casefold() == other.operator.casefold():
        text = f"run by {other.operator!r}, as {one.id}: who closes one account closes both; better somebody else"
        yield Check(name, WARNING, text)
    if one.s3 and other.s3:
        if (one.s3.endpoint, one.s3.access) == (other.s3.endpoint, other.s3.access):
            yield Check(name, WARNING, f"the keys of {one.id}: who steals them has both; give each store its own")
    elif one.path and other.path and _disk(one.path) == _disk(other.path) is not None:
        yield Check(name, WARNING, f"{other.path} is on the same disk as {one.path}: both go with it")


def _disk(path: Path) -> int | None:
    try:
        return path.stat().st_dev
    except OSError:
        return None


def _probe(site: BucketSite, which: str, lang: str) -> Iterator[Check]:
    """What the server really does, asked anew: its next version, or its next administrator, may have changed it.

    Nothing is tried where there is no store: the bucket may be somebody else's.
    """
    try:
        site.opened()
        found = site.probe()
    except ArchiverError as error:
        yield Check(f"storage{which}", FAILED, str(error))
        return
    for line in found.lines:
        state = OK if line.ok else FAILED if line in found.refused else WARNING
        yield Check(f"storage{which}: {line.name}", state, line.found if line.ok else line.text(lang))


def _locks(archive: Archive, site: BucketSite, which: str, at: datetime) -> Iterator[Check]:
    """Whether what the catalog knows is locked; of many objects some hundreds are asked for, from first to last."""
    if site.bucket.lock.wire is None:
        return
    soon = at + _SOON
    try:
        names = archive.catalog.promised()
        asked = names if len(names) <= SAMPLE else [names[number * len(names) // SAMPLE] for number in range(SAMPLE)]
        ends = site.ends(asked)
    except ArchiverError as error:
        yield Check(f"storage{which}: locks", FAILED, str(error))
        return
    bare = [name for name, until in ends.items() if until is None]
    ending = [name for name, until in ends.items() if until is not None and until < soon]
    if bare:
        text = (
            "no lock: anybody with the keys can delete it. Copied from elsewhere, written while lock was off, or the"
            " keys may not GetObjectRetention. Lock it by hand, or copy the archive into a bucket by its own commands"
        )
        yield Check(f"storage{which}: locks", WARNING, f"{_several(bare, asked)}: {text}")
    if ending:
        text = (
            f"lock ends before {soon:%Y-%m-%d}: from then on anybody with the keys can delete it. `archiver seal` locks"
            " what it seals to the end of its class; what is past that end is to be discarded"
        )
        yield Check(f"storage{which}: locks", WARNING, f"{_several(ending, asked)}: {text}")
    if not bare and not ending:
        yield Check(f"storage{which}: locks", OK, f"{len(ends)} of {len(names)} objects asked for, all locked")


def _several(found: list[str], asked: list[str]) -> str:
    return f"{found[0]} ({len(found)} of {len(asked)} objects asked for)"

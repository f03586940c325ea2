"""Archives in folders with several stores: made once by the errands, copied for every test, damaged and swept.

estate = Estate(folder).copied(tmp_path)
estate.rot("due").flip(name)
report = estate.sweep(everything=True)
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver import compose
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose.sweeping import sweeping
from archiver.compose.trust import trust_decide
from archiver.package import layout
from archiver.package.act import ActKind
from archiver.package.layout import Kind
from archiver.submission.rows import ObjectRow
from archiver.sweep import Replicated, Report, Sweeping, census
from archiver.verify import Report as Judged
from support.damage import Rot
from support.small import EMPTY, EVENING, HOLDER, HOUR, ORDINARY, few, look, make

PRIMARY, SECOND, THIRD = "primary", "due", "tre"
STORES = (PRIMARY, SECOND, THIRD)
OTHER = "m-altra"
NIGHT = EVENING + 12 * HOUR
"""When everything that made the estate is over."""

DAY = timedelta(days=1)


@dataclass
class Estate:
    """An archive in a folder whose stores are folders beside it; `at` is what its clock shows."""

    folder: Path
    at: datetime = NIGHT

    @property
    def config(self) -> Path:
        """Its configuration."""
        return self.folder / "archiver.toml"

    def copied(self, folder: Path) -> "Estate":
        """The same elsewhere."""
        shutil.copytree(self.folder, folder)
        return Estate(folder, self.at)

    def open(self) -> compose.Archive:
        """As a new process opens it."""
        return compose.open_archive(self.config, environ={}, clock=lambda: self.at)

    def root(self, store: str = PRIMARY) -> Path:
        """Where a store lies."""
        return self.folder / ("store" if store == PRIMARY else store)

    def store(self, store: str = PRIMARY) -> FilesystemStore:
        """A store, past the archive."""
        return FilesystemStore(self.root(store))

    def rot(self, store: str = PRIMARY) -> Rot:
        """Damage to a store."""
        return Rot(self.root(store))

    def objects(self, store: str = PRIMARY) -> dict[str, bytes]:
        """Every object of a store by name."""
        found = self.store(store)
        return {item.name: found.get(item.name) for item in found.list()}

    def replicate(self) -> Replicated:
        """Every store is brought up to date."""
        archive = self.open()
        return compose.replicate(archive, clock=archive.clock, progress=silent)

    def sweep(self, **options: Any) -> Report:
        """One sweep."""
        archive = self.open()
        return compose.sweep(archive, clock=archive.clock, **options)

    @contextmanager
    def work(self) -> Iterator[Sweeping]:
        """What a sweep works with, for whoever wants to do it by parts."""
        archive = self.open()
        yield sweeping(archive, archive.clock)
        archive.catalog.close()

    def promised(self) -> dict[str, ObjectRow]:
        """Every object that the catalog says is there."""
        with self.work() as work:
            found, after = {}, ""
            while rows := work.catalog.expected(after=after):
                found |= {row.name: row for row in rows}
                after = rows[-1].name
            return found

    def promised_after_census(self) -> dict[str, ObjectRow]:
        """The same, once what is new was noted."""
        with self.work() as work:
            census(work)
        return self.promised()

    def judged(self) -> Judged:
        """The judge on the primary."""
        small = look(self.folder)
        return small.judge(at=self.at, trust=self.open().trust)


def grown(folder: Path) -> Estate:
    """Two mailboxes, volumes of two years, a confirmed certificate, a new tree and a new timestamp, a trust batch.

    Three stores, the replicas up to date; no sweep yet.
    """
    old, new = few("2025-03-01"), few("2026-01-07", seed=2)
    small = make(folder, [*old[:3], *new[:2], EMPTY], [*old[3:], *new[2:], ORDINARY])
    with_stores(small.folder, SECOND, THIRD)
    estate = Estate(small.folder)
    again_sealed(estate, target="sha3_512")
    return estate


def again_sealed(estate: Estate, *, target: str) -> None:
    """A certificate is confirmed, everything gets a new tree, and what that collected a batch."""
    archive = compose.open_archive(estate.config, environ={}, clock=lambda: EVENING)
    (provider, *_) = archive.catalog.trust_of(HOLDER, kind="provider")
    at = EVENING + 2 * HOUR
    trust_decide(archive, provider.sha256, ActKind.TRUST_CONFIRMED, reason="elenco AgID", at=at)
    renew(estate, at=EVENING + 4 * HOUR, target=target)
    at = EVENING + 5 * HOUR
    done = compose.seal(archive, everything=False, to_sign=None, signed=None, clock=lambda: at, progress=silent)
    assert not done.failures


def renew(estate: Estate, *, at: datetime, target: str = "", horizon: timedelta = 365 * DAY) -> None:
    """Everything that is due on a day, or a new tree."""
    archive = compose.open_archive(estate.config, environ={}, clock=lambda: at)
    done = compose.renew(archive, horizon=horizon, target=target, dry_run=False, clock=lambda: at, progress=silent)
    assert done.renewed == done.due > 0, done.as_json()


def with_stores(folder: Path, *replicas: str, write: str = "nightly") -> None:
    """Replicas in folders, made and empty."""
    config = folder / "archiver.toml"
    with config.open("a", encoding="utf-8") as file:
        for name in replicas:
            FilesystemStore.create(folder / name)
            file.write(
                f'\n[[store]]\nid = "{name}"\nkind = "filesystem"\npath = "{name}"\nwrite = "{write}"\n'
                'country = "IT"\noperator = "un altro"\n'
            )


def kinds(names: Iterable[str]) -> dict[Kind, str]:
    """One name of each kind, the first."""
    found: dict[Kind, str] = {}
    for name in sorted(names):
        if parsed := layout.parse(name):
            found.setdefault(parsed.kind, name)
    return found


def silent(done: int, total: int | None) -> None:
    """No progress."""

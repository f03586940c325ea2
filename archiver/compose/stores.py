"""Where an archive's objects lie, or will lie: what is there, how it is opened, how it is made."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from archiver.adapters.stores import Store as Store
from archiver.adapters.stores.deferred import Deferred
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose.secrets import later
from archiver.config import Config, S3Config, StoreConfig
from archiver.errors import Absent, ArchiverError, ConfigError

if TYPE_CHECKING:
    from archiver.adapters.stores.s3 import Bucket
    from archiver.adapters.stores.s3.probe import Line, Probe

_AT_ONCE = 8
"""Questions about single objects that are under way at one time."""


class Site(Protocol):
    """A place for a store."""

    def opened(self) -> Store:
        """The store that is there. Raises Unavailable when there is none, ConfigError when it may not be used."""

    def made(self, owners: tuple[str, ...] = ()) -> Store:
        """The store, made if it is not there yet, for the holders with these ids. Raises ConfigError, Unavailable.

        What is there already is no obstacle if it is a store, and theirs; anything else is refused, with the way out.
        """

    @property
    def vacant(self) -> bool:
        """Whether nothing at all is there: a store may be made without anybody asking for one."""

    @property
    def empty(self) -> bool:
        """Whether no object is there. An empty place may be a disk that is not mounted. Raises Unavailable."""

    def alerts(self, lang: str) -> tuple[str, ...]:
        """What somebody should know of the place, beyond what the configuration says."""


def sites(config: Config, environ: Mapping[str, str], clock: Callable[[], datetime]) -> dict[str, Site]:
    """Every place that the configuration names, by the id of its store, the primary's first."""
    return {one.id: site(one, environ, config.folder, clock) for one in config.stores}


def opened(found: Mapping[str, Site]) -> dict[str, Store]:
    """All stores by id; each is opened when it is first used, and raises then, and from then on, why it does not."""
    return {name: Deferred(place.opened) for name, place in found.items()}


def erasing(config: Config, environ: Mapping[str, str], clock: Callable[[], datetime]) -> dict[str, Store]:
    """All stores by id, with the keys of whoever carries out discards, where the configuration names any."""
    found: dict[str, Site] = {}
    for one in config.stores:
        keys = one.s3 and one.s3.discard_access
        mine = replace(one, s3=replace(one.s3, access=keys, secret=one.s3.discard_secret)) if one.s3 and keys else one
        found[one.id] = site(mine, environ, config.folder, clock)
    return opened(found)


def site(config: StoreConfig, environ: Mapping[str, str], folder: Path, clock: Callable[[], datetime]) -> Site:
    """The place that a configuration names; `folder` is that of the configuration."""
    if config.s3 is None:
        assert config.path is not None, "the configuration's reader lets nothing else through"
        return FolderSite(config.path)
    return BucketSite(bucket(config.s3, environ, folder), clock)


@dataclass(frozen=True, slots=True)
class FolderSite:
    """A folder on a disk."""

    path: Path

    def opened(self) -> Store:
        """See `Site`."""
        return FilesystemStore(self.path)

    def made(self, owners: tuple[str, ...] = ()) -> Store:  # noqa: ARG002  (a disk tells its folders apart)
        """See `Site`."""
        return FilesystemStore.create(self.path)

    @property
    def vacant(self) -> bool:
        """See `Site`."""
        return not self.path.exists()

    @property
    def empty(self) -> bool:
        """See `Site`."""
        return not self.path.exists() or all(
            entry.name.startswith(".") or entry.name == "lost+found" for entry in self.path.iterdir()
        )

    def alerts(self, lang: str) -> tuple[str, ...]:  # noqa: ARG002
        """See `Site`: none."""
        return ()


@dataclass(frozen=True, slots=True)
class BucketSite:
    """A bucket, or the part of it below a prefix. It is probed before it becomes a store."""

    bucket: "Bucket"
    clock: Callable[[], datetime]

    def opened(self) -> Store:
        """See `Site`. Whoever reads needs no more; nothing is written to a server that was not tried, or failed."""
        from archiver.adapters.stores.s3 import S3Store  # boto3 is large, and a folder does not need it

        return S3Store(self.bucket, self.clock, permit=self._permit)

    def made(self, owners: tuple[str, ...] = ()) -> Store:
        """See `Site`: refused when the server does not keep what the configuration asks of it."""
        from archiver.adapters.stores.s3 import S3Store

        S3Store.prepare(self.bucket, self.clock)
        found = self.probe()
        _refuse(found, found.refused)
        S3Store.create(self.bucket, self.clock, owners=owners)
        return self.opened()

    def ends(self, names: Sequence[str]) -> dict[str, datetime | None]:
        """When the lock of each of these objects ends as the server shows it; None without one.

        What is not there is left out. Raises Unavailable, ConfigError.
        """
        from archiver.adapters.stores.s3 import S3Store

        store = S3Store(self.bucket, self.clock)

        def end(name: str) -> dict[str, datetime | None]:
            with suppress(Absent):
                return {name: store.locked_until(name)}
            return {}

        with ThreadPoolExecutor(min(_AT_ONCE, self.bucket.connections)) as pool:
            return {name: until for found in pool.map(end, names) for name, until in found.items()}

    def _permit(self) -> None:
        """Raises ConfigError as long as nobody knows that the server keeps what is asked of it."""
        from archiver.adapters.stores.s3.probe import last_probe

        found = last_probe(self.bucket)
        if found is None or not found.about(self.bucket):
            raise ConfigError(self._untried)
        _refuse(found, found.lasting)

    @property
    def _untried(self) -> str:
        return (
            f"{self.bucket.shown}: il server non è stato provato con questa configurazione: finché non lo è, non vi si"
            " scrive; eseguire `archiver doctor` (not probed as it is configured now: nothing is written until it is)"
        )

    def probe(self) -> "Probe":
        """What the server really does; the answer is stored in it. Raises Unavailable, ConfigError."""
        from archiver.adapters.stores.s3.probe import probe

        return probe(self.bucket, self.clock)

    @property
    def vacant(self) -> bool:
        """Never: a wrong name looks like a place where nothing is."""
        return False

    @property
    def empty(self) -> bool:
        """See `Site`."""
        from archiver.adapters.stores.s3 import S3Store

        return S3Store.empty(self.bucket, self.clock)

    def alerts(self, lang: str) -> tuple[str, ...]:
        """See `Site`: what the last probe warned of, or that there is none of what is configured now."""
        from archiver.adapters.stores.s3.probe import Severity, last_probe

        try:
            found = last_probe(self.bucket)
        except ArchiverError as error:  # whoever only looks must not be kept from it
            return (str(error),)
        if found is None or not found.about(self.bucket):
            return (self._untried,)
        shown = [gap.text(lang) for gap in found.gaps if gap.severity is Severity.WARNS or gap in found.lasting]
        return tuple(f"{self.bucket.shown}: {text}" for text in shown)


def _refuse(found: "Probe", gaps: "tuple[Line, ...]") -> None:
    """Raises ConfigError with the consequence of every gap, if there is one."""
    if gaps:
        reasons = "\n".join(f"  {line.name}: {line.text('it')}" for line in gaps)
        raise ConfigError(
            f"{found.shown}: questo server non va usato così com'è configurato"
            f" (this server may not be used as it is configured):\n{reasons}"
        )


def bucket(config: S3Config, environ: Mapping[str, str], folder: Path) -> "Bucket":
    """The bucket of a configuration; its keys are resolved when they are needed."""
    from archiver.adapters.stores.s3 import Bucket, Lock

    return Bucket(
        endpoint=config.endpoint,
        region=config.region,
        name=config.bucket,
        prefix=config.prefix,
        virtual=config.virtual,
        ca=config.ca,
        compat=config.compat,
        lock=Lock(config.lock),
        lock_days=config.lock_days,
        access=later(config.access, environ, folder),
        secret=later(config.secret, environ, folder),
        connections=config.connections,
        attempts=config.attempts,
        timeout=config.timeout,
    )

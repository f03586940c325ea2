"""Where an archive's objects lie, or will lie: what is there, how it is opened, how it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.compose.secrets import later
from archiver.config import S3Config, StoreConfig
from archiver.errors import ConfigError
from archiver.ports import ObjectStore

if TYPE_CHECKING:
    from archiver.adapters.stores.s3 import Bucket
    from archiver.adapters.stores.s3.probe import Line, Probe


class Store(ObjectStore, Protocol):
    """A store that also cleans up after itself."""

    def tidy(self, *, at: datetime) -> int:
        """Removes the store's own leftovers that nobody needs at `at`; how many."""


class Site(Protocol):
    """A place for a store."""

    def opened(self) -> Store:
        """The store that is there. Raises Unavailable when there is none, ConfigError when it may not be used."""

    def made(self) -> Store:
        """The store, made if it is not there yet. Raises ConfigError, Unavailable."""

    @property
    def vacant(self) -> bool:
        """Whether nothing at all is there: a store may be made without anybody asking for one."""

    @property
    def empty(self) -> bool:
        """Whether no object is there. An empty place may be a disk that is not mounted. Raises Unavailable."""

    def alerts(self, lang: str) -> tuple[str, ...]:
        """What somebody should know of the place, beyond what the configuration says."""


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

    def made(self) -> Store:
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
        """See `Site`: refused as long as nobody knows that the server keeps the locks that are asked of it."""
        from archiver.adapters.stores.s3 import S3Store  # boto3 is large, and a folder does not need it
        from archiver.adapters.stores.s3.probe import last_probe

        store, found = S3Store(self.bucket, self.clock), last_probe(self.bucket)
        if found is None or not found.about(self.bucket):
            raise ConfigError(
                f"{self.bucket.shown}: il server non è stato provato con questa configurazione: eseguire"
                " `archiver doctor` (not probed as it is configured now)"
            )
        _refuse(found, found.unlocked)
        return store

    def made(self) -> Store:
        """See `Site`: refused when the server does not keep what the configuration asks of it."""
        from archiver.adapters.stores.s3 import S3Store

        S3Store.prepare(self.bucket, self.clock)
        found = self.probe()
        _refuse(found, found.refused)
        return S3Store.create(self.bucket, self.clock)

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
        """See `Site`: what the last probe warned of."""
        from archiver.adapters.stores.s3.probe import Severity, last_probe

        found = last_probe(self.bucket)
        gaps = found.gaps if found else ()
        return tuple(f"{self.bucket.shown}: {gap.text(lang)}" for gap in gaps if gap.severity is Severity.WARNS)


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

"""A store in a bucket: one object per name below a prefix, locked from its first moment, always read as it was first.

Names with a leading dot belong to the store itself: `.archiver-store` says that this is one; below `.probe/` lies what
trials of the server left behind.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from archiver.adapters.stores.filesystem import ABANDONED, FORMAT, MARKER
from archiver.adapters.stores.names import checked, checked_prefix
from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.making import ready, there
from archiver.adapters.stores.s3.objects import Objects
from archiver.errors import Absent, ArchiverError, ConfigError, Unavailable
from archiver.ports import Stored

PROBES = ".probe/"
"""Below it lie the objects with which a server is tried out, for a while."""


class S3Store:
    """`archiver.ports.ObjectStore` over a prefix that `create` has made. No error of the driver is let out.

    A prefix without the marker is refused with Unavailable, at opening and before anything is said to be absent: a
    bucket that is gone, or another one, must never look like an empty archive. Threads may share it.
    """

    def __init__(self, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        self._objects = Objects(bucket, clock)
        self._present()

    @classmethod
    def create(cls, bucket: Bucket, clock: Callable[[], datetime]) -> "S3Store":
        """The store in `bucket`, which is made, with the locks it needs, if it is not there yet.

        Raises ConfigError when something else lies below the prefix, or the bucket that is there cannot lock; and
        Unavailable.
        """
        objects = Objects(bucket, clock)
        ready(objects.connection)
        if objects.look(MARKER) is None:
            _refuse(bucket, _stranger(objects))
            objects.put(MARKER, FORMAT)
        return cls(bucket, clock)

    @classmethod
    def prepare(cls, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        """The bucket as `create` needs it, with no store yet: now its server can be tried out. Raises as `create`."""
        ready(Objects(bucket, clock).connection)

    @classmethod
    def empty(cls, bucket: Bucket, clock: Callable[[], datetime]) -> bool:
        """Whether no object of an archive lies below the prefix, or there is no such bucket. Raises Unavailable."""
        objects = Objects(bucket, clock)
        return not there(objects.connection) or not _stranger(objects)

    @property
    def shown(self) -> str:
        """How people are told of it."""
        return self._objects.bucket.shown

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        self._objects.put(checked(name), data)

    def get(self, name: str) -> bytes:
        checked(name)
        try:
            return self._objects.get(name)
        except Absent:
            self._present()
            raise

    def read(self, name: str, offset: int, length: int) -> bytes:
        checked(name)
        if offset < 0 or length < 0:
            raise ValueError(f"{name}: offset {offset}, length {length}")
        try:
            return self._objects.read(name, offset, length)
        except Absent:
            self._present()
            raise

    def open(self, name: str) -> BinaryIO:
        checked(name)
        try:
            return self._objects.open(name)
        except Absent:
            self._present()
            raise

    def has(self, name: str) -> bool:
        there = self._objects.look(checked(name)) is not None
        if not there:
            self._present()
        return there

    def list(self, prefix: str = "") -> Iterator[Stored]:
        return self._list(checked_prefix(prefix))

    def retain(self, name: str, *, until: datetime) -> None:
        self._objects.retain(checked(name), until)

    def tidy(self, *, at: datetime) -> int:
        """Remove what trials of the server left more than a day before `at`, as far as its lock has ended; how much."""
        old = (item for item in self._objects.everything(PROBES) if item["LastModified"] < at - ABANDONED)
        return sum(self._removed(item["Key"], item["VersionId"]) for item in list(old))

    def _present(self) -> None:
        try:
            found = self._objects.get(MARKER)
        except Absent as error:
            raise Unavailable(
                f"{self.shown}: qui non c'è un archivio (manca {MARKER}): bucket o prefix sbagliati? `archiver init` ne"
                " crea uno (no store here: wrong bucket or prefix?)"
            ) from error
        if found != FORMAT:
            raise ConfigError(
                f"{self.shown}{MARKER}: atteso {FORMAT!r}, trovato {found[:40]!r} (unknown format of the store)"
            )

    def _list(self, prefix: str) -> Iterator[Stored]:
        self._present()
        for name, version in self._objects.list(prefix):
            if not _own(name):
                yield Stored(name, version.size)

    def _removed(self, key: str, version: str) -> bool:
        try:
            self._objects.connection.ask("delete_object", "", Key=key, VersionId=version)
        except ArchiverError:
            return False  # still locked, or our keys may not delete: it does no harm
        return True


def _own(name: str) -> bool:
    """Whether it is the store's own, or a folder that some console has drawn."""
    return not name or name.endswith("/") or any(part.startswith(".") for part in name.split("/"))


def _stranger(objects: Objects) -> str:
    """The first name below the prefix that is not the store's own, or nothing."""
    return next((name for name, _ in objects.list("") if not _own(name)), "")


def _refuse(bucket: Bucket, stranger: str) -> None:
    if stranger:
        raise ConfigError(
            f"{bucket.shown}: c'è altro ({stranger}) e non è un archivio: indicare un altro prefix o un altro bucket."
            f" Se è la copia di un archivio, rimettere l'oggetto {MARKER} con la riga {FORMAT.decode().strip()!r}"
            " (not empty, and not a store)"
        )

"""A store in a bucket: one object per name below a prefix, locked from its first moment; the first one is the one read.

Names with a leading dot belong to the store itself: `.archiver-store` says that this is one, `.archiver-owner` whose;
below `.probe/` lies what trials of the server left behind, below `.repaired/` which versions repairs made the objects.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

from archiver.adapters.stores.filesystem import ABANDONED, FORMAT, MARKER
from archiver.adapters.stores.names import checked, checked_prefix
from archiver.adapters.stores.s3.bucket import Bucket, Lock
from archiver.adapters.stores.s3.erasing import Erasing
from archiver.adapters.stores.s3.making import ready, there
from archiver.adapters.stores.s3.objects import Objects
from archiver.adapters.stores.s3.owner import claim, own, refuse_strangers, stranger
from archiver.errors import Absent, ArchiverError, ConfigError, Unavailable
from archiver.ports import Bar, Held, Stored

PROBES = ".probe/"
"""Below it lie the objects with which a server is tried out, for a while."""


class S3Store:
    """`archiver.ports.ObjectStore` over a prefix that `create` has made. No error of the driver is let out.

    A prefix without the marker is refused with Unavailable, at opening and before anything is said to be absent: a
    bucket that is gone, or another one, must never look like an empty archive. Threads may share it.
    """

    def __init__(
        self, bucket: Bucket, clock: Callable[[], datetime], *, permit: Callable[[], None] = lambda: None
    ) -> None:
        """`permit` is asked once, before anything is changed: it raises why nothing may be. Reading needs none."""
        self._objects = Objects(bucket, clock)
        self._erasing = Erasing(self._objects)
        self._permit = permit
        self._permitted = False
        self._present()
        self._objects.learn()

    @classmethod
    def create(cls, bucket: Bucket, clock: Callable[[], datetime], *, owners: tuple[str, ...] = ()) -> "S3Store":
        """The store in `bucket`, which is made, with the locks it needs, if it is not there yet.

        `owners` are the ids of those whose archive it is to be; none: anybody's. Raises ConfigError when something else
        lies below the prefix, another archive around it or in it, when the store is of other owners, or the bucket that
        is there cannot lock; and Unavailable.
        """
        cls.prepare(bucket, clock)
        objects = Objects(bucket, clock)
        if owners:
            claim(objects, owners)
        if objects.look(MARKER) is None:
            objects.put(MARKER, FORMAT)
        return cls(bucket, clock)

    @classmethod
    def prepare(cls, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        """The bucket as `create` needs it, with no store yet: now its server can be tried out. Raises as `create`."""
        objects = Objects(bucket, clock)
        ready(objects.connection)
        if objects.look(MARKER) is None:
            refuse_strangers(objects)

    @classmethod
    def empty(cls, bucket: Bucket, clock: Callable[[], datetime]) -> bool:
        """Whether no object of an archive lies below the prefix, or there is no such bucket. Raises Unavailable."""
        objects = Objects(bucket, clock)
        return not there(objects.connection) or not stranger(objects)

    @property
    def locks(self) -> bool:
        return self._objects.bucket.lock is not Lock.OFF

    @property
    def shown(self) -> str:
        """How people are told of it."""
        return self._objects.bucket.shown

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        checked(name)
        self._allowed()
        self._objects.put(name, data)

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
        checked(name)
        self._allowed()
        self._objects.retain(name, until)

    def inventory(self, prefix: str = "") -> Iterator[Held]:
        return self._inventory(checked_prefix(prefix))

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        checked(name)
        self._allowed()
        self._objects.repair(name, data)

    def locked_until(self, name: str) -> datetime | None:
        held = self._objects.held(checked(name))
        return None if held.lock is Lock.OFF else held.until

    def bar(self, name: str) -> Bar | None:
        return self._erasing.bar(checked(name))

    def check_erases(self) -> None:
        self._allowed()
        self._erasing.check()

    def erase(self, name: str) -> None:
        checked(name)
        self._present()
        self._allowed()
        self._erasing.erase(name)

    def replace(self, name: str, data: bytes | BinaryIO) -> None:
        checked(name)
        self._allowed()
        self._erasing.replace(name, data)

    def tidy(self, *, at: datetime) -> int:
        """Remove what trials of the server left more than a day before `at`, as far as its lock has ended; how much.

        The store's own marker stays locked as long as the store is worked on.
        """
        self._allowed()
        self._objects.retain(MARKER, at + timedelta(days=self._objects.bucket.lock_days // 2))
        old = (item for item in self._objects.everything(PROBES) if item["LastModified"] < at - ABANDONED)
        return sum(self._removed(item["Key"], item["VersionId"]) for item in list(old))

    def _allowed(self) -> None:
        """Raises what `permit` raises, each time until it does not."""
        if not self._permitted:
            self._permit()
            self._permitted = True

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
            if not own(name):
                yield Stored(name, version.size)

    def _inventory(self, prefix: str) -> Iterator[Held]:
        self._present()
        for held in self._objects.inventory(prefix):
            if not own(held.name):
                yield held

    def _removed(self, key: str, version: str) -> bool:
        try:
            self._objects.connection.ask("delete_object", "", Key=key, VersionId=version)
        except ArchiverError:
            return False  # still locked, or our keys may not delete: it does no harm
        return True

"""Objects of a bucket: written once by look, put, look; read by version; locked, and the lock read back.

S3 has no create-once that every server keeps (`If-None-Match: *` is sent, but some ignore it on locked buckets), so the
rule is in how a name is read: the oldest version is the object. Two writers at once leave two versions, both see which
came first, and the other one has either the same bytes or a Conflict. A repair lays good bytes on top and says that
these are the object from now on (see `repairs`).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO, TypeVar

from archiver.adapters.stores.octets import compare, pieces, refuse_difference
from archiver.adapters.stores.s3.body import Body, carried
from archiver.adapters.stores.s3.bucket import Bucket
from archiver.adapters.stores.s3.client import Connection
from archiver.adapters.stores.s3.errors import missing
from archiver.adapters.stores.s3.locks import Locks
from archiver.adapters.stores.s3.reader import Reader
from archiver.adapters.stores.s3.repairs import REPAIRED, Repair, Repairs, chosen, others, read
from archiver.adapters.stores.s3.retention import Retention
from archiver.adapters.stores.s3.versions import UNVERSIONED, Known, Version
from archiver.digest import Sha256
from archiver.errors import Absent, ArchiverError, ConfigError, Conflict, Unavailable
from archiver.ports import Held

LARGEST = 5 << 30
"""Bytes; what S3 takes in one PUT. In parts its checksum would be one of checksums, and its lock a second request."""

REPLACED = ".replaced/"
"""Below it lies, in a bucket without versions, what repairs took out of the way: `<name>.<sha256>`."""

_KNOWN = 10_000

T = TypeVar("T")


class Objects:
    """Objects below the bucket's prefix, by any name; nothing is known here of markers and of what a name may be."""

    def __init__(self, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self.connection = Connection(bucket)
        self._reader = Reader(self.connection)
        self._locks = Locks(self.connection, clock)
        self.now = clock
        self._known = Known(_KNOWN)
        self._repairs = Repairs(self._repair_of)

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        """As `ObjectStore.put`; locked from the first moment for the bucket's `lock_days`."""
        with carried(data) as body:
            _refuse_giant(name, body)
            self._put(name, body)

    def repair(self, name: str, data: bytes | BinaryIO) -> None:
        """As `ObjectStore.repair`: a version more, locked as long as the object was, and then the word that it counts.

        After a cut between the two the good version on top is found, and only the word is missing.
        """
        with carried(data) as body:
            _refuse_giant(name, body)
            versions = self._reader.versions(name)
            if versions:
                self._repair(name, body, versions)
            else:
                self._put(name, body)

    def learn(self, prefix: str = "") -> None:
        """Which objects, of names that start so, were repaired: one listing, normally an empty one."""
        for name, versions in self._reader.listed(REPAIRED + prefix):
            self._repairs.listed(name.removeprefix(REPAIRED), versions[0])

    def get(self, name: str) -> bytes:
        """The whole object. Raises Absent."""
        return self._with(name, lambda version: self._reader.part(name, version, 0, version.size))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """As `ObjectStore.read`: one ranged GET, and none beyond the end. Raises Absent."""
        return self._with(name, lambda version: self._reader.part(name, version, offset, length))

    def open(self, name: str) -> BinaryIO:
        """The object, downloaded whole. Raises Absent."""
        return self._with(name, lambda version: self._reader.spooled(name, version))

    def look(self, name: str) -> Version | None:
        """The version that is the object now, asked of the server; None if there is none."""
        versions = self._reader.versions(name)
        found = chosen(versions, self._repairs.of(name)) if versions else None
        self._known.note(name, found)
        return found

    def list(self, prefix: str) -> Iterator[tuple[str, Version]]:
        """Names that start so, with the version that is the object, by name; what delete markers hide is shown too."""
        for name, versions in self._reader.listed(prefix):
            yield name, chosen(versions, self._repairs.of(name))

    def inventory(self, prefix: str) -> Iterator[Held]:
        """As `ObjectStore.inventory`, the store's own names among the others."""
        for name, versions in self._reader.listed(prefix):
            repair = self._repairs.of(name)
            hidden = not any(version.latest for version in versions)
            yield Held(name, chosen(versions, repair).size, hidden, others(versions, repair))

    def everything(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Every version and every delete marker of names that start so, as S3 describes them; in no order."""
        for page in self._reader.everything(prefix):
            yield from page.get("Versions", ())
            yield from page.get("DeleteMarkers", ())

    def retain(self, name: str, until: datetime) -> None:
        """As `ObjectStore.retain`. Raises Absent, Unavailable."""
        asked = self._locks.asked(until)
        if asked is None:
            if self.look(name) is None:
                raise missing(self.bucket, name)
            return
        self._with(name, lambda version: self._locks.extend(name, version, asked))

    def held(self, name: str) -> Retention:
        """The lock of the object as the server shows it now. Raises Absent, Unavailable."""
        return self._with(name, lambda version: self._locks.held(name, version))

    def laid(self, name: str, data: bytes, lock: Retention) -> str:
        """A version on top of whatever is there, locked so; its id."""
        with carried(data) as body:
            return self._send(name, body, lock).id

    def forgotten(self, name: str) -> None:
        """Nothing is remembered of an object any more: it was destroyed, or all that lay beside it."""
        self._known.note(name, None)
        self._repairs.forget(name)

    def _put(self, name: str, body: Body) -> None:
        lock = self._locks.fresh()
        mine = None
        if not self._in_sight(name):
            with suppress(Conflict):  # the server says that somebody was first
                mine = self._send(name, body, lock, IfNoneMatch="*")
        first = self.look(name)
        if first is None:
            raise Unavailable(
                f"{name}: {self.bucket.shown}: scritto, e il server non lo elenca: ripetere (put, but not listed)"
            )
        if mine is None or (mine.id, mine.etag) != (first.id, first.etag):
            first = self._compared(name, first, body)
            self._locks.extend(name, first, lock)
        else:
            self._locks.inspect(name, first, body.size, lock)
        self._known.note(name, first)

    def _repair(self, name: str, body: Body, versions: tuple[Version, ...]) -> None:
        self.learn(name)  # others repair too
        repair, lock, good = self._repairs.of(name), self._locks.fresh(), versions[0]
        before = chosen(versions, repair)
        with suppress(Absent, Unavailable):  # the server itself may stumble over what is damaged
            lock = self._locks.held(name, before).joined(lock)
        if good.latest and self._equal(name, good, body):
            self._locks.extend(name, good, lock)
        else:
            good = self._lay(name, before, body, lock)
        beside = tuple(one.id for one in versions if one.id != good.id)
        if good.id != UNVERSIONED and (good.id != before.id or others(versions, repair)):
            self._tell(name, Repair(good.id, _digest(body), beside))
        self._known.note(name, good)

    def _lay(self, name: str, before: Version, body: Body, lock: Retention) -> Version:
        """The good bytes as a new version on top."""
        if before.id == UNVERSIONED:
            self._keep(name, before)
        good = self._send(name, body, lock)
        self._locks.inspect(name, good, body.size, lock)
        return good

    def _keep(self, name: str, before: Version) -> None:
        """Without versions a PUT leaves nothing of what was there: that goes under another name before."""
        with self._reader.spooled(name, before) as damaged, carried(damaged) as body:
            self._put(f"{REPLACED}{name}.{_digest(body)}", body)

    def _tell(self, name: str, repair: Repair) -> None:
        """Write down which version is the object; the newest such word holds."""
        with carried(repair.octets) as body:
            lock, own = self._locks.fresh(), REPAIRED + name
            self._locks.inspect(own, self._send(own, body, lock), body.size, lock)
        self._repairs.note(name, repair)

    def _repair_of(self, name: str, version: Version) -> Repair | None:
        try:
            return read(self._reader.part(REPAIRED + name, version, 0, version.size))
        except Absent:
            return None

    def _equal(self, name: str, version: Version, body: Body) -> bool:
        """Whether the version has these bytes; what cannot be read has not."""
        if version.size != body.size:
            return False
        try:
            with self._reader.spooled(name, version) as kept:
                return compare(kept, body.stream()).same
        except ArchiverError:
            return False

    def _in_sight(self, name: str) -> bool:
        """Whether something is on top; what a delete marker hides is not seen here, but by the look after the PUT."""
        try:
            self.connection.about("head_object", name)
        except Absent:
            return False
        return True

    def _send(self, name: str, body: Body, lock: Retention, **only: str) -> Version:
        """The version made. Raises Conflict when it was to be made `only` on a condition that does not hold."""
        asked = {**body.digest(compat=self.bucket.compat), **lock.in_put, **only}
        made = self.connection.about("put_object", name, Body=body.content, ContentLength=body.size, **asked)
        return Version(made.get("VersionId") or UNVERSIONED, body.size, made["ETag"], latest=True)

    def _compared(self, name: str, first: Version, body: Body) -> Version:
        """The object, which has these bytes: `first`, or what somebody repaired since we opened. Raises Conflict."""
        try:
            self._compare(name, first, body)
        except Conflict:
            self.learn(name)
            now = self.look(name)
            if now is None or now.id == first.id:
                raise
            self._compare(name, now, body)
            return now
        return first

    def _compare(self, name: str, version: Version, body: Body) -> None:
        with self._reader.spooled(name, version) as kept:
            refuse_difference(name, kept, body.stream())

    def _with(self, name: str, ask: Callable[[Version], T]) -> T:
        """The answer of `ask` to the object's version: first to the one remembered, then to the one that is there."""
        known = self._known.get(name)
        if known is not None:
            try:
                return ask(known)
            except Absent:  # destroyed since: perhaps another is there
                self._known.note(name, None)
        found = self.look(name)
        if found is None:
            raise missing(self.bucket, name)
        return ask(found)


def _refuse_giant(name: str, body: Body) -> None:
    if body.size > LARGEST:
        raise ConfigError(
            f"{name}: {body.size} byte: S3 accetta al massimo {LARGEST} byte per oggetto; conservarlo in uno store di"
            " tipo filesystem (too large for one PUT)"
        )


def _digest(body: Body) -> Sha256:
    made = sha256()
    for piece in pieces(body.stream()):
        made.update(piece)
    body.stream()  # it stands at its beginning again
    return Sha256(made.hexdigest())

"""Objects of a bucket: written once by look, put, look; read by version; locked, and the lock read back.

S3 has no create-once that every server keeps (`If-None-Match: *` is sent, but some ignore it on locked buckets), so the
rule is in how a name is read: the oldest version is the object. Two writers at once leave two versions, both see which
came first, and the other one has either the same bytes or a Conflict.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO, TypeVar

from archiver.adapters.stores.octets import PIECE, refuse_difference
from archiver.adapters.stores.s3.body import Body, carried, spool, write
from archiver.adapters.stores.s3.bucket import Bucket, Lock
from archiver.adapters.stores.s3.client import Connection
from archiver.adapters.stores.s3.errors import Cut, errors, missing
from archiver.adapters.stores.s3.retention import Retention
from archiver.adapters.stores.s3.versions import UNVERSIONED, Known, Version, chosen, grouped
from archiver.errors import Absent, ConfigError, Conflict, Unavailable

LARGEST = 5 << 30
"""Bytes; what S3 takes in one PUT. In parts its checksum would be one of checksums, and its lock a second request."""

_KNOWN = 10_000
_FEW = 20
_MANY = 1000

T = TypeVar("T")


class Objects:
    """Objects below the bucket's prefix, by any name; nothing is known here of markers and of what a name may be."""

    def __init__(self, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self.connection = Connection(bucket)
        self._clock = clock
        self._known = Known(_KNOWN)

    def put(self, name: str, data: bytes | BinaryIO) -> None:
        """As `ObjectStore.put`; locked from the first moment for the bucket's `lock_days`."""
        with carried(data) as body:
            if body.size > LARGEST:
                raise ConfigError(
                    f"{name}: {body.size} byte: S3 accetta al massimo {LARGEST} byte per oggetto; conservarlo in uno"
                    " store di tipo filesystem (too large for one PUT)"
                )
            lock = Retention.of(self.bucket.lock, self._clock() + timedelta(days=self.bucket.lock_days))
            mine = None if self._in_sight(name) else self._send(name, body, lock)
            first = self.look(name)
            if first is None:
                raise Unavailable(
                    f"{name}: {self.bucket.shown}: scritto, e il server non lo elenca: ripetere (put, but not listed)"
                )
            if mine != (first.id, first.etag):
                self._compare(name, first, body)
                self._extend(name, first, lock)
            else:
                self._inspect(name, first, body.size, lock)
            self._known.note(name, first)

    def get(self, name: str) -> bytes:
        """The whole object. Raises Absent."""
        return self._with(name, lambda version: self._bytes(name, version, 0, version.size))

    def read(self, name: str, offset: int, length: int) -> bytes:
        """As `ObjectStore.read`: one ranged GET, and none beyond the end. Raises Absent."""
        return self._with(name, lambda version: self._bytes(name, version, offset, length))

    def open(self, name: str) -> BinaryIO:
        """The object, downloaded whole. Raises Absent."""
        return self._with(name, lambda version: self._spooled(name, version))

    def look(self, name: str) -> Version | None:
        """The version that is the object now, asked of the server; None if there is none."""
        key = self.bucket.prefix + name
        key_and_versions = next(grouped(self._pages(key, _FEW, only=key)), None)
        found = chosen(key_and_versions[1]) if key_and_versions and key_and_versions[0] == key else None
        self._known.note(name, found)
        return found

    def list(self, prefix: str) -> Iterator[tuple[str, Version]]:
        """Names that start so, with the version that is the object, by name; what delete markers hide is shown too."""
        start = len(self.bucket.prefix)
        for key, versions in grouped(self._pages(self.bucket.prefix + prefix, _MANY)):
            yield key[start:], chosen(versions)

    def everything(self, prefix: str) -> Iterator[dict[str, Any]]:
        """Every version and every delete marker of names that start so, as S3 describes them; in no order."""
        for page in self._pages(self.bucket.prefix + prefix, _MANY):
            yield from page.get("Versions", ())
            yield from page.get("DeleteMarkers", ())

    def retain(self, name: str, until: datetime) -> None:
        """As `ObjectStore.retain`. Raises Absent, Unavailable."""
        if self.bucket.lock is Lock.OFF or until <= self._clock():  # S3 takes no day that has passed
            if self.look(name) is None:
                raise missing(self.bucket, name)
            return
        asked = Retention.of(self.bucket.lock, until)
        self._with(name, lambda version: self._extend(name, version, asked))

    def held(self, name: str) -> Retention:
        """The lock of the object as the server shows it now. Raises Absent, Unavailable."""
        return self._with(name, lambda version: self._held(name, version))

    def _in_sight(self, name: str) -> bool:
        """Whether something is on top; what a delete marker hides is not seen here, but by the look after the PUT."""
        try:
            self.connection.about("head_object", name)
        except Absent:
            return False
        return True

    def _send(self, name: str, body: Body, lock: Retention) -> tuple[str, str] | None:
        """The version made and its ETag; None if the server says that somebody was first."""
        asked = {**body.digest(compat=self.bucket.compat), **lock.in_put, "IfNoneMatch": "*"}
        try:
            made = self.connection.about("put_object", name, Body=body.content, ContentLength=body.size, **asked)
        except Conflict:
            return None
        return made.get("VersionId") or UNVERSIONED, made["ETag"]

    def _compare(self, name: str, version: Version, body: Body) -> None:
        with self._spooled(name, version) as kept:
            refuse_difference(name, kept, body.stream())

    def _inspect(self, name: str, version: Version, size: int, asked: Retention) -> None:
        """Read back what was written just now."""
        answer = self.connection.about("head_object", name, **_addressed(version))
        if answer["ContentLength"] != size:
            raise Unavailable(
                f"{name}: {self.bucket.shown}: scritti {size} byte, il server ne ha {answer['ContentLength']}: non va"
                " usato (the server keeps another size)"
            )
        self._insist(name, Retention.of_head(answer), asked)

    def _extend(self, name: str, version: Version, asked: Retention) -> None:
        """Lock it as asked, if it is not; never less than it is. What may not be made stronger is made longer."""
        held = self._held(name, version)
        if held.covers(asked):
            return
        if held.lock in (Lock.OFF, held.joined(asked).lock):
            self._lock(name, version, held.joined(asked), asked)
            return
        try:
            # S3 takes a change of mode for a weakening, whichever way it goes
            self._lock(name, version, held.joined(asked), asked, BypassGovernanceRetention=True)
        except ConfigError:  # our keys are denied the bypass, as they should be
            asked = Retention(held.lock, asked.until)
            if not held.covers(asked):
                self._lock(name, version, asked, asked)

    def _held(self, name: str, version: Version) -> Retention:
        return Retention.of_head(self.connection.about("head_object", name, **_addressed(version)))

    def _lock(self, name: str, version: Version, wanted: Retention, asked: Retention, **stronger: bool) -> None:
        retention, place = {"Mode": wanted.lock.wire, "RetainUntilDate": wanted.until}, _addressed(version)
        self.connection.about("put_object_retention", name, Retention=retention, **place, **stronger)
        told = self.connection.about("get_object_retention", name, **place).get("Retention", {})
        self._insist(name, Retention.read(told.get("Mode"), told.get("RetainUntilDate")), asked)

    def _insist(self, name: str, held: Retention, asked: Retention) -> None:
        if not held.covers(asked):
            raise Unavailable(
                f"{name}: {self.bucket.shown}: chiesto il blocco {asked}, il server mostra {held}: l'oggetto c'è, ma"
                " può essere distrutto prima; controllare l'object lock del bucket e il permesso GetObjectRetention,"
                " poi ripetere (lock asked for and not kept: the object could be destroyed earlier)"
            )

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

    def _bytes(self, name: str, version: Version, offset: int, length: int) -> bytes:
        length = max(0, min(length, version.size - offset))
        if not length and version.size:
            return b""
        return self._repeated(lambda: b"".join(self._body(name, version, offset, length, whole=True)))

    def _spooled(self, name: str, version: Version) -> BinaryIO:
        return self._repeated(lambda: self._download(name, version))

    def _download(self, name: str, version: Version) -> BinaryIO:
        file: BinaryIO = spool()
        try:
            for piece in self._body(name, version, 0, version.size):
                write(file, piece)
            file.seek(0)
        except BaseException:  # whatever stops it: nothing half read is left
            file.close()
            raise
        return file

    def _body(self, name: str, version: Version, offset: int, length: int, *, whole: bool = False) -> Iterator[bytes]:
        """Exactly those bytes of exactly that version, or Unavailable."""
        part = (offset, length) != (0, version.size)
        span = {"Range": f"bytes={offset}-{offset + length - 1}"} if part else {}
        answer = self.connection.about("get_object", name, **_addressed(version), **span)
        got, body = 0, answer["Body"]
        if answer["ContentLength"] == length and (
            not part or answer.get("ContentRange", "").startswith(f"bytes {offset}-")
        ):
            with errors(self.bucket, name), body:
                while piece := body.read(None if whole else PIECE):
                    got += len(piece)
                    yield piece
        if got != length:
            body.close()
            raise Cut(
                f"{name}: {self.bucket.shown}: chiesti {length} byte da {offset}, il server ne manda"
                f" {got or answer['ContentLength']}: ripetere (another length than was asked for)"
            )

    def _repeated(self, ask: Callable[[], T]) -> T:
        """What the driver does not do: ask again when an answer began well and broke off."""
        for _ in range(self.bucket.attempts - 1):
            try:
                return ask()
            except Cut:
                continue
        return ask()

    def _pages(self, start: str, size: int, *, only: str | None = None) -> Iterator[dict[str, Any]]:
        """Listings of all versions of keys that start so; with `only`, no further than that key."""
        place: dict[str, str] = {}
        while True:
            page = self.connection.ask("list_object_versions", "", Prefix=start, MaxKeys=size, **place)
            yield page
            if not page.get("IsTruncated") or (only is not None and page.get("NextKeyMarker") != only):
                return
            following = {
                "KeyMarker": page.get("NextKeyMarker", ""),
                "VersionIdMarker": page.get("NextVersionIdMarker", ""),
            }
            if following == place:
                raise Unavailable(f"{self.bucket.shown}: l'elenco non va avanti (the listing does not go on)")
            place = following


def _addressed(version: Version) -> dict[str, str]:
    return {"VersionId": version.id}

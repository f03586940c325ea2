"""What a bucket gives back: its versions, by listing; the bytes asked for of one version, or an error, never fewer."""

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar

from archiver.adapters.stores.octets import PIECE
from archiver.adapters.stores.s3.body import spool, write
from archiver.adapters.stores.s3.client import Connection
from archiver.adapters.stores.s3.errors import Cut, errors
from archiver.adapters.stores.s3.versions import Version, grouped
from archiver.errors import Unavailable

_FEW = 20
_MANY = 1000

T = TypeVar("T")


class Reader:
    """Reads below the bucket's prefix, by any name and by version; which of them is the object is not asked here."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.bucket = connection.bucket

    def versions(self, name: str) -> tuple[Version, ...]:
        """All versions of the object, newest first."""
        key = self.bucket.prefix + name
        found = next(grouped(self._pages(key, _FEW, only=key)), None)
        return found[1] if found and found[0] == key else ()

    def listed(self, prefix: str) -> Iterator[tuple[str, tuple[Version, ...]]]:
        """All names that start so, ascending, each with its versions."""
        start = len(self.bucket.prefix)
        for key, versions in grouped(self.everything(prefix)):
            yield key[start:], versions

    def everything(self, prefix: str) -> Iterator[dict[str, Any]]:
        """A listing of all versions and delete markers of names that start so, page by page as S3 gives it."""
        return self._pages(self.bucket.prefix + prefix, _MANY)

    def part(self, name: str, version: Version, offset: int, length: int) -> bytes:
        """`length` bytes from `offset`, fewer at the end. Raises Absent, Unavailable."""
        length = max(0, min(length, version.size - offset))
        if not length and version.size:
            return b""
        return self._repeated(lambda: b"".join(self._body(name, version, offset, length, whole=True)))

    def spooled(self, name: str, version: Version) -> BinaryIO:
        """The whole version, downloaded. Raises Absent, Unavailable."""
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
        answer = self.connection.about("get_object", name, **version.address, **span)
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

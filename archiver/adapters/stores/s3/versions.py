"""Versions: S3 never replaces an object in a versioned bucket, it lays another on top.

A listing shows the versions of one key together, the newest first, in the order in which the server took them in; a
delete marker is no version here. `LastModified` is not asked: servers set it before they take the version in, so that
of two writers at once the later one may bear the earlier time.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock as Mutex
from typing import Any

UNVERSIONED = "null"
"""The id of what was written while the bucket kept no versions."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one key; `size` in bytes, `etag` as the server makes it; `latest`: neither a version on top of it
    nor a delete marker, when it was listed.
    """

    id: str
    size: int
    etag: str
    latest: bool = False

    @property
    def address(self) -> dict[str, str]:
        """The parameter that names it in a request."""
        return {"VersionId": self.id}


def grouped(pages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[Version, ...]]]:
    """The keys of a listing with their versions, newest first; a key of which only delete markers are left has none."""
    current, gathered = "", list[Version]()
    for page in pages:
        for entry in page.get("Versions", ()):
            if entry["Key"] != current and gathered:
                yield current, tuple(gathered)
                gathered = []
            current = entry["Key"]
            gathered.append(_version(entry))
    if gathered:
        yield current, tuple(gathered)


def _version(entry: Mapping[str, Any]) -> Version:
    latest = bool(entry.get("IsLatest", True))
    return Version(entry.get("VersionId") or UNVERSIONED, entry["Size"], entry["ETag"], latest)


class Known:
    """The versions of the objects asked for last: at most `most` names. They cannot change while they are there."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._mutex = Mutex()
        self._names: OrderedDict[str, Version] = OrderedDict()

    def get(self, name: str) -> Version | None:
        """The version of `name`, if it is remembered."""
        with self._mutex:
            found = self._names.get(name)
            if found is not None:
                self._names.move_to_end(name)
            return found

    def note(self, name: str, version: Version | None) -> None:
        """Remember; or forget, when it is not there. Objects without a version can be overwritten: never remembered."""
        with self._mutex:
            self._names.pop(name, None)
            if version is not None and version.id != UNVERSIONED:
                self._names[name] = version
                if len(self._names) > self._most:
                    self._names.popitem(last=False)

"""Repairs: good bytes laid over damaged ones are a new version; a small object says that it is the object from now on.

Without it the oldest version is the object. `.repaired/<name>` is a JSON object: `version`, the one that is the object;
`sha256` of its bytes; `beside`, the versions known to lie beside it then. Repaired once more, it gets a version more
itself: the newest one holds. One that cannot be read, or names a version that is not there any more, says nothing.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock as Mutex

from archiver.adapters.stores.s3.versions import Version
from archiver.digest import Sha256

REPAIRED = ".repaired/"
"""Below it lies, by the name of the object, which of its versions is the object."""


@dataclass(frozen=True, slots=True)
class Repair:
    """`version` is the object, `beside` are the versions that were there with it."""

    version: str
    sha256: Sha256
    beside: tuple[str, ...]

    @property
    def octets(self) -> bytes:
        """As it is stored."""
        fields = {"beside": list(self.beside), "sha256": self.sha256, "version": self.version}
        return json.dumps(fields, sort_keys=True).encode()


def read(octets: bytes) -> Repair | None:
    """What the small object says, or None if it says nothing that can be understood."""
    try:
        fields = json.loads(octets)
        version, digest, beside = fields["version"], fields["sha256"], fields["beside"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not all(isinstance(one, str) for one in (version, digest)) or not isinstance(beside, list):
        return None
    return Repair(version, Sha256(digest), tuple(one for one in beside if isinstance(one, str)))


class Repairs:
    """Which objects were repaired, as one listing showed it, and since then by ourselves; each is read when needed."""

    def __init__(self, fetch: Callable[[str, Version], Repair | None]) -> None:
        self._fetch = fetch
        self._mutex = Mutex()
        self._listed: dict[str, Version] = {}
        self._read: dict[str, Repair | None] = {}

    def listed(self, name: str, version: Version) -> None:
        """There is one about `name`, in this version of it."""
        with self._mutex:
            self._listed[name] = version
            self._read.pop(name, None)

    def note(self, name: str, repair: Repair) -> None:
        """It was written just now."""
        with self._mutex:
            self._read[name] = repair

    def forget(self, name: str) -> None:
        """There is none about `name` any more."""
        with self._mutex:
            self._listed.pop(name, None)
            self._read.pop(name, None)

    def of(self, name: str) -> Repair | None:
        """What is known of `name`. Raises Unavailable when it cannot be asked."""
        with self._mutex:
            if name in self._read:
                return self._read[name]
            listed = self._listed.get(name)
        if listed is None:
            return None
        found = self._fetch(name, listed)
        with self._mutex:
            return self._read.setdefault(name, found)


def chosen(newest_first: Sequence[Version], repair: Repair | None) -> Version:
    """The version that is the object: the repaired one, else the oldest that is there. What else came is not read."""
    if repair is not None:
        for version in newest_first:
            if version.id == repair.version:
                return version
    return newest_first[-1]


def others(newest_first: Sequence[Version], repair: Repair | None) -> int:
    """How many versions are neither the object nor its twins, and were not there when it was repaired.

    Twins have its size and its ETag: what two writers at once leave, or a request sent again after its answer was lost.
    """
    kept = chosen(newest_first, repair)
    known = set(repair.beside) if repair is not None and kept.id == repair.version else set()
    return sum((one.size, one.etag) != (kept.size, kept.etag) and one.id not in known for one in newest_first)

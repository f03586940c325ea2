"""Files on their way into an exhibit: each is put once, and its digests are kept for the manifests and the index."""

from collections.abc import Mapping
from typing import Protocol

from archiver.digest import Digests, Sha256, digests, sha512
from archiver.package.exhibit import layout, manifest
from archiver.package.exhibit.layout import ALGORITHMS, DATA
from archiver.verify import Files


class Sink(Files, Protocol):
    """Where an exhibit is written; what was put can be read back at once, by the same path."""

    def put(self, path: str, octets: bytes) -> None:
        """Writes the file `path`, which is not there yet."""


class Bag:
    """The files that were put, by path."""

    def __init__(self, sink: Sink) -> None:
        self.files: Sink = sink
        self.digests: dict[str, Digests] = {}

    def add(self, path: str, octets: bytes, *, sha256: Sha256 | None = None) -> Digests:
        """Puts a file; one that is there already with the same bytes is left as it is. Raises ValueError for others.

        `sha256` is that of the octets, from whoever has computed it already.
        """
        found = Digests(sha256, sha512(octets), len(octets)) if sha256 else digests(octets)
        before = self.digests.get(path)
        if before is None:
            self.files.put(path, octets)
            self.digests[path] = found
        elif before != found:
            raise ValueError(f"{path}: expected once, or twice the same, found {before.sha256} and {found.sha256}")
        return found

    @property
    def octets(self) -> int:
        """Bytes of all files."""
        return sum(found.size for found in self.digests.values())

    @property
    def listed(self) -> dict[str, Sha256]:
        """What the index lists: all but itself and the bag's frame."""
        return {path: found.sha256 for path, found in self.digests.items() if path not in layout.FRAME}

    def frame(self, facts: Mapping[str, str]) -> None:
        """The manifests of all that was added (RFC 8493); nothing may be added after it."""
        payload = {path: found for path, found in self.digests.items() if path.startswith(DATA)}
        octets = sum(found.size for found in payload.values())
        self.add(layout.BAG, manifest.DECLARATION)
        self.add(layout.BAG_INFO, manifest.information(facts, octets=octets, files=len(payload)))
        for algorithm in ALGORITHMS:
            self.add(layout.manifest(algorithm), _lines(payload, algorithm))
        tags = {path: found for path, found in self.digests.items() if not path.startswith(DATA)}
        for algorithm in ALGORITHMS:
            self.add(layout.tag_manifest(algorithm), _lines(tags, algorithm))


def _lines(files: Mapping[str, Digests], algorithm: str) -> bytes:
    return manifest.manifest({path: getattr(found, algorithm) for path, found in files.items()})

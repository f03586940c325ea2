"""The messages of foreign packages, as whoever takes in files reads them: declared, not observed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from archiver.errors import Unavailable
from archiver.handover.packages import Package
from archiver.ports import Fetched, Unfetched


class Mails:
    """`archiver.ports.Files` over the messages of packages; where each lay is its path in what was handed over."""

    def __init__(self, root: Path, packages: Sequence[Package]) -> None:
        self._root = root
        self._paths = sorted({path for package in packages for path in package.mails})

    def __len__(self) -> int:
        return len(self._paths)

    def read(self) -> Iterator[Fetched | Unfetched]:
        """All of them, by path. Raises Unavailable for one that vanished."""
        for path in self._paths:
            try:
                yield Fetched((self._root / path).read_bytes(), path)
            except OSError as error:
                raise Unavailable(f"{self._root / path}: {error.strerror}: ripetere (run again)") from error

"""An exhibit in a folder, as somebody unpacked it: every file counts, but for what operating systems leave there."""

import os
from collections.abc import Iterator
from pathlib import Path

from archiver.adapters.stores.folder import Folder
from archiver.package.exhibit.layout import litter
from archiver.ports import Stored
from archiver.verdict import Finding, finding


class Unpacked(Folder):
    """The files below a folder, those with a leading dot too; `findings` name what is left out."""

    def __init__(self, root: Path) -> None:
        """Looks at all names once."""
        super().__init__(root)
        found = sorted(_walk(root))
        self._files = {name: size for name, size in found if not litter(name)}
        self.findings: list[Finding] = [finding("EXHIBIT_LITTER", name) for name, _ in found if litter(name)]

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """Files whose names start with `prefix`, ascending."""
        return (Stored(name, size) for name, size in self._files.items() if name.startswith(prefix))


def _walk(root: Path) -> Iterator[tuple[str, int]]:
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if path.is_file():
                yield path.relative_to(root).as_posix(), path.stat().st_size

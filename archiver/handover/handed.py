"""An export read as if it were the store that it came from: single files where they lie, ZIPs made again when asked.

So whoever reads stores can read it: the judge before anything is taken over, and whoever then brings the objects in.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

from archiver.digest import Sha256
from archiver.errors import Absent, Malformed
from archiver.evidence.cms import open_signed
from archiver.handover import recipe
from archiver.handover.bag import PAYLOAD, walk
from archiver.handover.export import PENDING
from archiver.handover.recipe import Recipe
from archiver.handover.volumes import AS_FOUND, RECIPES
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.layout import Kind
from archiver.ports import Stored

_OF_VOLUMES = (layout.PINDEX, "evidence")
_NOT_OBJECTS = frozenset(("messages", "metadata", "trust", "pdv"))
"""Folders of a volume's tree whose files are objects elsewhere, or entries of ZIPs."""


@dataclass(frozen=True, slots=True)
class Made:
    """A ZIP to be made: its recipe, the folder of its files, and what stands around a digest in their names."""

    recipe: Recipe
    folder: Path
    prefix: str
    suffix: str


class Handed:
    """`archiver.verify.files.Files` over an export. Raises Malformed when it is built, for recipes that are none.

    `strange` are files that mean nothing; `as_found` the names of objects that were damaged where they come from;
    `volumes` has, by holder, the messages that lie as files in each volume's tree, `waiting` those of no volume.
    """

    def __init__(self, root: Path) -> None:
        self._files: dict[str, Path] = {}
        self._made: dict[str, Made] = {}
        self._sizes: dict[str, int] = {}
        self.strange: list[str] = []
        self.as_found: set[str] = set()
        self.volumes: dict[str, Counter[str]] = defaultdict(Counter)
        self.waiting: Counter[str] = Counter()
        found: list[tuple[str, int]] = [item for item in walk(root / PAYLOAD) if "/" in item[0]]
        for path, size in found:
            self._add(root / PAYLOAD / path, path, size)
        for name in list(self._made):
            if name in self._files:  # it was found damaged, and is handed over as it was
                del self._made[name]
        self._names = sorted({*self._files, *self._made})
        self.holders = sorted({name.partition("/")[0] for name in self._names})

    def _add(self, file: Path, path: str, size: int) -> None:
        holder, folder, *rest = path.split("/")
        name = ""
        if folder == AS_FOUND:
            name = "/".join((holder, *rest))
            self.as_found.add(name)
        elif folder == RECIPES and len(rest) == 1:
            self._recipes(file, holder, rest[0].removesuffix(".json"))
            return
        elif folder == "volumes" and len(rest) > 1:
            self.volumes[holder][rest[0]] += rest[1] == "messages"
            if rest[1] in _NOT_OBJECTS:
                return
            name = path
        elif folder == PENDING and rest[:1] == ["messages"]:
            return
        elif folder != "volumes":
            name = path
        if layout.parse(name) is None:
            self.strange.append(path)
        else:
            self._files[name], self._sizes[name] = file, size

    def _recipes(self, file: Path, holder: str, unit: str) -> None:
        segments, metadata = recipe.read(file.read_bytes(), f"{holder}/{RECIPES}/{unit}.json")
        base = file.parents[1]
        folder = base / PENDING if unit == PENDING else base / "volumes" / unit
        try:
            for one in segments:
                self._made[layout.segment(holder, one.sha256)] = Made(one, folder, "messages/", ".eml")
            if metadata:
                self._made[layout.metadata(holder, unit)] = Made(metadata, folder, "metadata/", ".xml")
        except ValueError as error:
            raise Malformed(f"{holder}/{RECIPES}/{unit}.json: {error}") from error
        if unit == PENDING:  # two mailboxes may have one message, which is one file
            self.waiting[holder] += sum(len(one.entries) for one in segments)

    @property
    def messages(self) -> int:
        """How many messages there are, in volumes and in none."""
        return sum(sum(found.values()) for found in self.volumes.values()) + self.waiting.total()

    def mailboxes(self) -> dict[str, set[str]]:
        """By holder, the mailboxes of which something is there: of rapporti, and of indexes that can be read."""
        found: dict[str, set[str]] = {holder: set() for holder in self.holders}
        for name in self._names:
            parsed = layout.parse(name)
            if parsed and parsed.mailbox:
                found[parsed.holder].add(parsed.mailbox)
            elif parsed and parsed.kind is Kind.INDEX:
                with suppress(Malformed):
                    index = index_reader.read(open_signed(self.get(name)).content or b"")
                    found[parsed.holder].add(index.volume.mailbox)
        return found

    # --- as a store is read

    def has(self, name: str) -> bool:
        """Whether it is handed over, or can be made of what is."""
        return name in self._files or name in self._made

    def get(self, name: str) -> bytes:
        """The whole object. Raises Absent."""
        with self.open(name) as file:
            return file.read()

    def open(self, name: str) -> BinaryIO:
        """The object, seekable. Raises Absent; of what a ZIP lacks the judge finds the digest to be another."""
        if name in self._files:
            try:
                return self._files[name].open("rb")
            except OSError as error:
                raise Absent(f"{name}: {error.strerror}") from error
        if name not in self._made:
            raise Absent(f"{name}: non è nell'esportazione (not in what is handed over)")
        return self._zip(name)[0]

    def list(self, prefix: str = "") -> Iterator[Stored]:
        """All objects whose names start with `prefix`, ascending; of a ZIP that is yet to be made the size is 0."""
        return (Stored(name, self._sizes.get(name, 0)) for name in self._names if name.startswith(prefix))

    # --- what only a taking over asks

    def whole(self, name: str) -> tuple[BinaryIO, int]:
        """The object and its size. Raises Malformed for a ZIP that does not come out as its name says."""
        if name in self._files:
            return self.open(name), self._sizes[name]
        file, found = self._zip(name)
        expected = self._made[name].recipe.sha256
        if found != expected:
            file.close()
            raise Malformed(f"{name}: expected SHA-256 {expected}, found {found}")
        size = file.seek(0, SEEK_END)
        file.seek(0)
        return file, size

    def recipe_of(self, name: str) -> Sha256 | None:
        """The digest that a ZIP to be made shall have; None for all else."""
        return self._made[name].recipe.sha256 if name in self._made else None

    def _zip(self, name: str) -> tuple[BinaryIO, Sha256]:
        made = self._made[name]
        entries = ((f"{made.prefix}{digest}{made.suffix}", digest) for digest in made.recipe.entries)
        there = [(path, file) for path, _ in entries if (file := made.folder / path).is_file()]
        try:
            return recipe.made(there, made.recipe.label)
        except (Malformed, OSError) as error:
            raise Absent(f"{name}: {error}") from error

"""What the index of an exhibit says: which files, of which volumes, whose, made by whom, when."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Final

from archiver.digest import Sha256
from archiver.package import rules
from archiver.package.agents import Parties
from archiver.package.exhibit import layout
from archiver.package.index.values import FORMATS, Application, Source

MOREINFO_NAMESPACE: Final = "urn:pec-archiver:exhibit-moreinfo:1"
MOREINFO_SCHEMA: Final = "schemas/exhibit-moreinfo-1.xsd"
FORMAT: Final = "1"
MEDIA: Final = FORMATS | {
    "ers": "application/octet-stream",
    "json": "application/json",
    "html": "text/html",
    "pdf": "application/pdf",
    "py": "text/x-python",
    "txt": "text/plain",
}
"""Media type by extension; `application/octet-stream` for any other."""

_GROUP = re.compile(r"data/(volumes/[0-9a-f]{64}|[a-z]+)/")


class Genre(StrEnum):
    """What the package was made for."""

    EXHIBIT = "esibizione"
    EXPORT = "esportazione"


@dataclass(frozen=True, slots=True)
class File:
    """One file of the exhibit, by its path from the top folder."""

    path: str
    sha256: Sha256

    def __post_init__(self) -> None:
        rules.path(self.path)
        rules.sha256(self.sha256)

    @property
    def id(self) -> str:
        """Its path, with colons."""
        return self.path.replace("/", ":")

    @property
    def extension(self) -> str:
        """`xml.p7m`, or what stands after the last dot."""
        name = self.path.rpartition("/")[2]
        return "xml.p7m" if name.endswith(".xml.p7m") else name.rpartition(".")[2]

    @property
    def media(self) -> str:
        """By the extension."""
        return MEDIA.get(self.extension, "application/octet-stream")

    @property
    def group(self) -> str:
        """The group it belongs to: a volume, a folder of `data/`, the dossier, or what people open."""
        if found := _GROUP.match(self.path):
            return found[1].replace("/", ":")
        return "dossier" if self.path.startswith(layout.DATA) else "presentazione"


@dataclass(frozen=True, slots=True)
class Pdd:
    """The whole index. `id` is the SHA-256 of the exhibit's dossier.json, `files` are in order of group and path.

    `sources` are the volumes that the messages are of; `stamped` says that the seal will carry a timestamp, `whole`
    that the rapporti are there too. Raises ValueError for a path that comes twice or is the index's own.
    """

    id: Sha256
    genre: Genre
    holder: str
    whole: bool
    messages: int
    application: Application
    parties: Parties
    at: datetime
    stamped: bool
    files: tuple[File, ...]
    sources: tuple[Source, ...] = ()

    def __post_init__(self) -> None:
        rules.sha256(self.id)
        rules.opaque(self.holder)
        rules.moment(self.at)
        rules.at_least(0, self.messages, "exhibit: messages")
        order = list(map(_place, self.files))
        if not order or any(later <= before for before, later in pairwise(order)):
            raise ValueError("exhibit: expected files by group and path, each once")
        if wrong := [file.path for file in self.files if file.path in layout.FRAME]:
            raise ValueError(f"exhibit: {wrong[0]} cannot be listed in the index")


def ordered(files: dict[str, Sha256]) -> tuple[File, ...]:
    """These files (path to SHA-256) in the one order of the index."""
    return tuple(sorted((File(*item) for item in files.items()), key=_place))


def _place(file: File) -> tuple[str, str]:
    return file.group, file.path

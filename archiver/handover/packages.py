"""Foreign packages in a folder: which files are indexes, and where the files that they list lie."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from archiver.digest import Sha256, sha256
from archiver.errors import Malformed, Unavailable
from archiver.handover import stamps
from archiver.handover.bag import walk
from archiver.package.foreign import reader
from archiver.package.foreign.values import ForeignIndex, Listed
from archiver.verdict import Finding, finding

_INDEXES = frozenset((".xml", ".p7m", ".tsd", ".m7m"))
_HEAD = 1 << 16
_LARGEST = 512 << 20
_MAIL = frozenset(("message/rfc822", "application/email", "application/vnd.ms-outlook-eml"))
_RANK = {".tsd": 0, ".m7m": 0, ".p7m": 1, ".xml": 2}


@dataclass(frozen=True, slots=True)
class Written:
    """An index as it was delivered: its path, its octets, the signed CMS in it (empty: none), and its XML."""

    path: str
    octets: bytes = field(repr=False)
    cms: bytes = field(repr=False)
    xml: bytes = field(repr=False)


@dataclass(slots=True)
class Package:
    """One foreign package. `outer` is its index in its strongest form, `others` the same index in other files.

    `files`: by path, what the index lists of it; None for a file that it does not list.
    """

    outer: Written
    index: ForeignIndex
    others: tuple[str, ...] = ()
    files: dict[str, Listed | None] = field(default_factory=dict)
    missing: list[Listed] = field(default_factory=list)

    @property
    def id(self) -> Sha256:
        """The digest of its index as delivered."""
        return sha256(self.outer.octets)

    @property
    def mails(self) -> list[str]:
        """Those of its files that are e-mail messages."""
        return sorted(path for path, listed in self.files.items() if _is_mail(path, listed))


def packages(root: Path) -> tuple[list[Package], list[Finding]]:
    """The packages in a folder, and what is to be said of files that look like an index and are none.

    Every file belongs to one package: to that which lists it, else to the one whose index lies nearest above it.
    Raises Malformed for links, Unavailable.
    """
    there = [path for path, _ in walk(root)]
    found: list[Package] = []
    wrong: list[Finding] = []
    for written in _candidates(root, there, wrong):
        twin = next((one for one in found if one.outer.xml == written.xml), None)
        if twin is not None:
            twin.others = (*twin.others, written.path)
            continue
        try:
            found.append(Package(written, reader.read(written.xml)))
        except Malformed as error:
            wrong.append(finding("FOREIGN_UNREADABLE", written.path, reason=error))
    _assign(found, set(there))
    inner = {path for one in found for path, listed in one.files.items() if listed is not None}
    sources = {_found(one, source, set(there)) for one in found for source in one.index.sources}
    chosen = [one for one in found if one.outer.path not in inner | sources]
    _strays(chosen, there)
    # a document that mentions the standard is no index, when an index lists it as a document
    return chosen, [found for found in wrong if found.subject not in inner]


def _candidates(root: Path, there: list[str], wrong: list[Finding]) -> Iterator[Written]:
    """Files that hold an index, those with seal and stamp first."""
    named = [path for path in there if PurePosixPath(path).suffix.lower() in _INDEXES]
    for path in sorted(named, key=lambda path: (_RANK[PurePosixPath(path).suffix.lower()], path)):
        try:
            with (root / path).open("rb") as file:
                head = file.read(_HEAD)
                if reader.MARK not in head and reader.MARK not in _decoded(head, part=True):
                    continue
                octets = head + file.read(_LARGEST)
        except OSError as error:
            raise Unavailable(f"{root / path}: {error.strerror}") from error
        try:
            yield _written(path, octets)
        except Malformed as error:
            wrong.append(finding("FOREIGN_UNREADABLE", path, reason=error))


def _written(path: str, octets: bytes) -> Written:
    held = octets if octets[:1] == b"0" else _decoded(octets) or octets
    if held[:1] != b"0":
        return Written(path, octets, b"", octets)
    inside = stamps.enclosed(held)
    cms = held if inside is None else inside
    if cms[:1] != b"0":
        return Written(path, octets, b"", cms)  # a time stamp around an index that nobody signed
    return Written(path, octets, cms, stamps.content(cms))


def _decoded(octets: bytes, *, part: bool = False) -> bytes:
    """What base64, or PEM, holds; empty for all else."""
    text = re.sub(rb"-----[^-]*-----", b"", octets) if octets.startswith(b"-----") else octets
    compact = b"".join(text.split())
    if part:
        compact = compact[: len(compact) // 4 * 4]
    try:
        return base64.b64decode(compact, validate=True)
    except (ValueError, binascii.Error):
        return b""


def _assign(found: list[Package], there: set[str]) -> None:
    """To each package the files that its index lists, and those that it lists in vain."""
    for package in found:
        for listed in package.index.files:
            path = _found(package, listed, there)
            if path:
                package.files[path] = listed
            else:
                package.missing.append(listed)


def _found(package: Package, listed: Listed, there: set[str]) -> str:
    """Where a listed file lies: below the index, or below a folder above it; empty when it is nowhere."""
    stated = listed.path or listed.id
    for text in dict.fromkeys((unquote(stated), stated)):
        plain = re.sub(r"^[a-z]{3,8}:/*", "", text.replace("\\", "/"), flags=re.IGNORECASE)
        parts = [part for part in plain.split("/") if part not in ("", ".")]
        folder = PurePosixPath(package.outer.path).parent
        for base in (folder, *folder.parents):
            path = (base / "/".join(parts)).as_posix()
            if path in there:  # of what lies in the folder, and as it is named there: no `..` leads out
                return path
    return ""


def _strays(found: list[Package], there: list[str]) -> None:
    """Gives what no index lists to the package nearest above it."""
    taken = {path for one in found for path in one.files} | {one.outer.path for one in found}
    taken |= {path for one in found for path in one.others}
    for path in there:
        if path in taken or not found:
            continue
        above = [one for one in found if PurePosixPath(one.outer.path).parent in PurePosixPath(path).parents]
        near = max(above, key=lambda one: len(PurePosixPath(one.outer.path).parts), default=found[0])
        near.files[path] = None


def _is_mail(path: str, listed: Listed | None) -> bool:
    if listed is not None and listed.metadata:
        return False
    if PurePosixPath(path).suffix.lower() == ".eml":
        return True
    return listed is not None and (listed.format.lower() in _MAIL or listed.extension == "eml")

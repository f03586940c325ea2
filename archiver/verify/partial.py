"""A (partial) materialised PdA, as an exhibit holds it: the steps of a volume, over real files and over those there.

What the index lists and the exhibit does not hold is not shown; that it was meant to be shown, the exhibit's own index
says. Members of the evidence's group may be missing likewise (GROUP_PARTIAL).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from archiver.digest import Sha256, digests
from archiver.package import layout
from archiver.package.exhibit import layout as exhibit
from archiver.package.index.values import File, Index
from archiver.verdict import Finding, finding
from archiver.verify.content import Contents
from archiver.verify.evidence import Evidence, Standing
from archiver.verify.files import Files, Listed
from archiver.verify.members import hashed
from archiver.verify.rapporto import Rapporto, Volume
from archiver.verify.volume import Judgement

_SHARED = ("trust/", "discards/")


@dataclass(frozen=True, slots=True)
class Named:
    """A file under another name."""

    name: str
    size: int


class Materialised:
    """The files of one volume in an exhibit, under the names that they have in a store."""

    def __init__(self, files: Files, holder: str, volume: str, mailbox: str = "") -> None:
        self._files, self._holder = files, holder
        self._folder = exhibit.volume(volume)
        self._volume = f"{holder}/volumes/{volume}/"
        self._pdv = f"{holder}/pdv/{mailbox}/" if mailbox else ""

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return self._files.has(self.path(name))

    def get(self, name: str) -> bytes:
        """The whole file. Raises Absent."""
        return self._files.get(self.path(name))

    def open(self, name: str) -> BinaryIO:
        """The file, seekable. Raises Absent."""
        return self._files.open(self.path(name))

    def list(self, prefix: str = "") -> Iterator[Listed]:
        """All files whose names start with `prefix`, ascending."""
        found = ((self.name(item.name), item.size) for item in self._files.list(self._folder))
        yield from sorted((Named(*item) for item in found if item[0].startswith(prefix)), key=lambda item: item.name)

    def path(self, name: str) -> str:
        """Where in the exhibit the file lies that a store has at `name`."""
        if name.startswith(self._volume):
            return self._folder + name.removeprefix(self._volume)
        if self._pdv and name.startswith(self._pdv):
            return f"{self._folder}pdv/{name.removeprefix(self._pdv)}"
        return self._folder + name.removeprefix(f"{self._holder}/")

    def name(self, path: str) -> str:
        """The inverse of `path`."""
        inside = path.removeprefix(self._folder)
        if inside.startswith("pdv/"):
            return (self._pdv or f"{self._holder}/pdv/") + inside.removeprefix("pdv/")
        return (f"{self._holder}/" if inside.startswith(_SHARED) else self._volume) + inside

    def told(self, found: Finding) -> Finding:
        """The finding with its subject as the exhibit calls it."""
        subject = found.subject
        if subject.startswith(("messages/", "metadata/")):
            return replace(found, subject=self._folder + subject)
        return replace(found, subject=self.path(subject)) if subject.startswith(f"{self._holder}/") else found


@dataclass(slots=True)
class Partial(Judgement):
    """The judgement of a volume from its files in an exhibit; `proof` is since when its evidence may prove
    them, `listed` what its index names of trust material and rapporti.
    """

    proof: datetime | None = None
    listed: tuple[File, ...] = ()

    def _trust(self, index: Index) -> dict[str, bytes]:
        self.listed = (*index.trust, *index.rdvs)
        return super(Partial, self)._trust(index)

    def _rapporti(self, index: Index, volume: Volume) -> list[Rapporto]:
        """Those that are here: only a full exhibit has them, and its own index says so."""
        there = tuple(
            file for file in index.rdvs if self.files.has(layout.listed(self.holder, index.volume.mailbox, file.path))
        )
        return super(Partial, self)._rapporti(replace(index, rdvs=there), volume)

    def _carried(self, index: Index, proofs: Standing) -> Volume:
        there = tuple(
            file
            for file in index.records
            if self.files.has(layout.listed(self.holder, index.volume.mailbox, file.path))
        )
        return super(Partial, self)._carried(replace(index, records=there), proofs)

    def _agreed(self, index: Index, rapporti: list[Rapporto]) -> None:
        if len(rapporti) == len(index.rdvs):
            super(Partial, self)._agreed(index, rapporti)

    def _messages(self, index: Index, rapporti: list[Rapporto]) -> Contents:
        contents = Contents(self.trust.providers, self.trust.policy.catalogue)
        expected = {file.sha256: file.message for file in index.messages}
        stated = {digest: (item, rapporto) for rapporto in rapporti for digest, item in rapporto.items.items()}
        for digest, name in self._there("messages/", ".eml"):
            raw, path = self.files.get(name), layout.message_path(digest)
            named = digests(raw)
            self.members[path] = hashed(raw, self.algorithms, named)
            if named.sha256 != digest:
                self._say(finding("DIGEST", path, expected=digest, found=named.sha256))
            if digest not in expected:
                self._say(finding("UNLISTED", path, member=path))
            if rapporti:
                self._message(raw, path, named, stated.get(digest), contents)
                self._fact(path, expected.get(digest), stated.get(digest))
            else:
                self.done += 1
                self.progress(self.done)
                contents.judge(raw, proof=self.proof or self.at, subject=path)
        self._gone({file.path: file.sha256 for file in index.messages})
        return contents

    def _metadata(self, index: Index) -> None:
        described = {file.sha256: file for file in index.messages}
        for digest, name in self._there("metadata/", ".xml"):
            path = layout.metadata_path(digest)
            document = self.files.get(name)
            self._member(path, document)
            self._document(document, digest, described.get(digest), path, path)
        self._gone(
            {
                layout.metadata_path(file.sha256): file.message.metadata.sha256
                for file in described.values()
                if file.message
            }
        )
        for digest, _ in self._there("messages/", ".eml"):
            path = layout.metadata_path(digest)
            if not self.files.has(f"{self._folder}{path}") and digest in described:
                self._say(finding("MISSING", path))

    def _gone(self, listed: dict[str, Sha256]) -> None:
        """What was destroyed with leave, of all that the index lists."""
        for path, digest in listed.items():
            if not self.files.has(f"{self._folder}{path}") and self.discards.explains(digest, self.volume):
                self._say(finding("DISCARDED", path))

    def _evidence(self, proofs: Standing, rapporti: list[Rapporto]) -> Evidence:
        judged = proofs.over(self.members, absent=self.discards.gone(self.volume), partial=True)
        self.findings += judged.findings
        if rapporti:
            self._rapporti_covered(proofs, rapporti)
        return judged

    def _proofs(self, material: dict[str, bytes]) -> Standing:
        proofs = super(Partial, self)._proofs(material)
        self.proof = proofs.since
        return proofs

    def _unlisted(self) -> None:
        """Trust material and rapporti that the volume's index does not list; messages and metadata were looked at."""
        listed = {file.path for file in self.listed}
        for item in self.files.list():
            path = item.name.partition("/")[2]
            parsed = layout.parse(item.name)
            if parsed and parsed.kind in (layout.Kind.TRUST, layout.Kind.RDV):
                path = path if parsed.kind is layout.Kind.TRUST else f"pdv/{path.rpartition('/')[2]}"
                if path not in listed:
                    self._say(finding("UNLISTED", item.name, member=path))

    def _there(self, folder: str, suffix: str) -> Iterator[tuple[Sha256, str]]:
        """Digest and name of the files of one folder that are called as they should."""
        for listed in list(self.files.list(f"{self._folder}{folder}")):
            digest = listed.name.removeprefix(f"{self._folder}{folder}").removesuffix(suffix)
            if exhibit.parse(f"{exhibit.volume(self.volume)}{folder}{digest}{suffix}"):
                yield Sha256(digest), listed.name

"""An ASiC-E container with a volume in it: manifests, index, seal and evidence (EN 319 162-1; RFC 4998; UNI 11386).

A container may hold a part of its volume: what is shown is judged, and how much that is, is said. No more is asked of a
file than of one in a store: its digest, the index, the records.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from asn1crypto import x509

from archiver.digest import sha256
from archiver.errors import Malformed
from archiver.evidence.cms import digest, open_signed
from archiver.evidence.record.judge import examine
from archiver.evidence.record.members import Hashes
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.asice.reader import Container, open_container
from archiver.package.asice.values import Manifest
from archiver.package.index import reader as index_reader
from archiver.package.index.values import File, Index
from archiver.verdict import Finding, finding, verdict
from archiver.verify.anchors import believing, beside, package_anchors
from archiver.verify.content import Contents
from archiver.verify.evidence import Evidence, Lineage, Standing
from archiver.verify.files import Trust
from archiver.verify.report import Report

MESSAGES = "messages/"


def judge_asice(file: BinaryIO, name: str, *, trust: Trust, at: datetime) -> Report:
    """The verdict on the container in a seekable file called `name`; nothing is raised for what it holds.

    Subjects of findings are paths in the container.
    """
    try:
        container = open_container(file)
    except Malformed as error:
        return Report(verdict((finding("ASICE_UNREADABLE", name, reason=error),)))
    return _Container(container, name, trust, at).judge()


@dataclass(slots=True)
class _Container:
    """One judgement under way."""

    container: Container
    name: str
    trust: Trust
    at: datetime
    findings: list[Finding] = field(default_factory=list)
    hashes: dict[str, Hashes] = field(default_factory=dict)

    def judge(self) -> Report:
        """All steps; a file is read once, but for the small ones that later steps need."""
        # 1. the index inside the seal, read strictly (UNI 11386:2020)
        p7m, index = self._index()
        # 2. trust material, and anchors when nobody brought any
        self._trust()
        # 3. the records without their files: since when, and by which digests
        records = self._records()
        standing = Standing(tuple(records.values()))
        contents = Contents(self.trust.providers, self.trust.policy.catalogue)
        # 4. every file, byte for byte: against the index, for the manifests, and what its provider signed
        self._files(index, standing, contents)
        for manifest in self.container.manifests:
            self._manifest(manifest, records[manifest.record])
        # 5. the evidence over all files shown (RFC 4998, 4.3); readings 17: a part is proven as far as it goes
        partial = index is not None and self._is_part(index)
        evidence = standing.over(self.hashes, partial=partial)
        self.findings += evidence.findings
        # 6. the seal, as of the first time that it is proven to have been there
        signers = self._seal(p7m, index, evidence)
        return Report(
            verdict=verdict(self.findings),
            content=dict(contents.counts),
            contents=tuple(contents.findings),
            proven=evidence.proven,
            signers=signers,
            until=evidence.until,
        )

    def _index(self) -> tuple[bytes, Index | None]:
        p7m = self._read(layout.PINDEX)
        try:
            return p7m, index_reader.read(open_signed(p7m).content or b"") if p7m else None
        except Malformed as error:
            self._say(finding("INDEX_UNREADABLE", layout.PINDEX, reason=error))
            return p7m, None

    def _trust(self) -> None:
        paths = (path for path in self.container.files if path.startswith("trust/"))
        material = {path: octets for path in paths if (octets := self._read(path))}
        if not self.trust.policy.material.anchors:
            anchors, notes = package_anchors(material, strict=self.trust.strict)
            self.trust = believing(self.trust, anchors)
            self.findings += notes
        self.trust = beside(self.trust, material)

    def _records(self) -> dict[str, Lineage]:
        tokens, found = Tokens(), {}
        for manifest in self.container.manifests:
            octets = self._read(manifest.record)
            newest = examine(octets, self.trust.policy, at=self.at, subject=manifest.record, tokens=tokens)
            found[manifest.record] = Lineage(manifest.record, newest, ())
        return found

    def _files(self, index: Index | None, standing: Standing, contents: Contents) -> None:
        listed = dict(_listed(index)) if index else {}
        stated = (item.algorithm for manifest in self.container.manifests for item in manifest.references)
        algorithms = tuple(dict.fromkeys((*standing.algorithms, *stated)))
        proof = standing.since or self.at
        for path in self.container.files:
            octets = self._read(path)
            self.hashes[path] = {name: digest(name, octets) for name in algorithms}
            if index and path != layout.PINDEX:
                self._against_index(path, octets, listed)
            if path.startswith(MESSAGES):
                contents.judge(octets, proof=proof, subject=path)

    def _against_index(self, path: str, octets: bytes, listed: dict[str, str]) -> None:
        if path not in listed:
            self._say(finding("UNLISTED", self.name, member=path))
        elif (found := sha256(octets)) != listed[path]:
            self._say(finding("DIGEST", path, expected=listed[path], found=found))

    def _manifest(self, manifest: Manifest, lineage: Lineage) -> None:
        """What it lists is there, and nothing else is; its digests are those of the record's first time stamp."""
        stamps = lineage.newest.stamps
        for item in manifest.references:
            if stamps and item.algorithm != stamps[0].algorithm:
                expected, other = stamps[0].algorithm, item.algorithm
                self._say(finding("ASICE_ALGORITHM", item.path, expected=expected, found=other))
            if item.path not in self.hashes:
                self._say(finding("ASICE_MISSING", item.path))
            elif (found := self.hashes[item.path][item.algorithm]) != item.digest:
                given = {"expected": item.digest.hex(), "found": found.hex(), "algorithm": item.algorithm}
                self._say(finding("ASICE_DIGEST", item.path, **given))
        for path in self.hashes.keys() - {item.path for item in manifest.references}:
            self._say(finding("ASICE_UNCOVERED", path, manifest=manifest.record))

    def _is_part(self, index: Index) -> bool:
        """Whether something that the index lists is left out; a message is shown with its metadata."""
        messages = tuple(index.messages)
        shown, total = [file for file in messages if file.path in self.hashes], len(messages)
        for file in shown:
            if (about := layout.metadata_path(file.sha256)) not in self.hashes:
                self._say(finding("MISSING", about))
        for file in index.trust:
            if file.path not in self.hashes:
                self._say(finding("MISSING", file.path))
        if len(shown) < total:
            self._say(finding("ASICE_PART", self.name, shown=len(shown), total=total))
        return any(path not in self.hashes for path, _ in _listed(index))

    def _seal(self, p7m: bytes, index: Index | None, evidence: Evidence) -> tuple[str, ...]:
        """Who sealed; whether that is who the index says, since a valid seal may be anybody's."""
        if not p7m:
            return ()
        since = evidence.since
        seal = judge_seal(p7m, self.trust.policy, at=since or self.at, vouched=since, subject=layout.PINDEX)
        self.findings += seal.verdict.findings
        if index and index.stamped and seal.token is None:
            self._say(finding("SEAL_STRIPPED", layout.PINDEX))
        if seal.certificate is None:
            return ()
        called = _called(seal.certificate)
        codes = (
            [code.rpartition("-")[2] for signer in index.parties.signers for code in signer.agent.ids] if index else []
        )
        if index and not any(code.casefold() in called.casefold() for code in codes):
            self._say(finding("SIGNER_UNNAMED", layout.PINDEX, name=called, expected=", ".join(codes)))
        return (called,)

    def _read(self, path: str) -> bytes:
        try:
            return self.container.read(path)
        except Malformed as error:
            self._say(finding("ASICE_UNREADABLE", path, reason=error))
            return b""

    def _say(self, found: Finding) -> None:
        self.findings.append(found)


def _listed(index: Index) -> Iterator[tuple[str, str]]:
    """Every file of the index, metadata documents too: its path and its SHA-256."""
    files: tuple[File, ...] = (*index.messages, *index.rdvs, *index.records, *index.trust)
    for file in files:
        yield file.path, file.sha256
        if file.message:
            yield layout.metadata_path(file.sha256), file.message.metadata.sha256


def _called(certificate: bytes) -> str:
    return str(x509.Certificate.load(certificate).subject.human_friendly)

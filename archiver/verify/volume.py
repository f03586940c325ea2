"""A volume: every file against the index in both directions, the seal, the evidence, and each message's content.

The order of the steps is that in which one file explains the next; an auditor can follow it with the standards beside.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509

from archiver.digest import Digests, Sha256, digests, sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.record.members import Hashes
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import File, Index, Message
from archiver.package.metadata import reader as metadata_reader
from archiver.package.rdv.values import Item
from archiver.verdict import Finding, finding, verdict
from archiver.verify.anchors import believing, beside, package_anchors
from archiver.verify.content import Contents
from archiver.verify.discards import Discards, read_discards
from archiver.verify.evidence import Evidence, Standing, records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.members import USUAL, hashed
from archiver.verify.rapporto import Rapporto, Volume, read_rapporto
from archiver.verify.report import Report
from archiver.verify.segment import entries


def judge_volume(
    files: Files,
    holder: str,
    volume: str,
    *,
    trust: Trust,
    at: datetime,
    contents: bool = True,
    also: tuple[str, ...] = (),
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """The verdict on one volume as it lies in a store; `contents` False takes the content verdicts of intake.

    Nothing is raised for what the files hold. `progress` hears how many messages were judged. `also` are algorithms by
    which the report shall give the digests of all files of the group, besides those that its evidence uses.
    """
    work = Judgement(files, holder, volume, trust, at, contents, also, progress)
    return work.judge()


@dataclass(slots=True)
class Judgement:
    """One judgement under way: what was found, and the digests that the evidence must cover."""

    files: Files
    holder: str
    volume: str
    trust: Trust
    at: datetime
    recompute: bool
    also: tuple[str, ...]
    progress: Callable[[int], None]
    findings: list[Finding] = field(default_factory=list)
    members: dict[str, Hashes] = field(default_factory=dict)
    algorithms: tuple[str, ...] = USUAL
    discards: Discards = field(default_factory=Discards)
    signer: str = ""
    done: int = 0

    def judge(self) -> Report:
        """All steps."""
        name = layout.index(self.holder, self.volume)
        if not self.files.has(name):
            return Report(verdict((finding("MISSING", name),)))
        p7m = self.files.get(name)
        # 1. the index inside the seal, read strictly (UNI 11386:2020)
        index = self._index(p7m, name)
        if index is None:
            seal = judge_seal(p7m, self.trust.policy, at=self.at, subject=name)
            return Report(verdict((*self.findings, *seal.verdict.findings)))
        # 2. trust material: what is listed is there, and is what is listed
        material = self._trust(index)
        self._choose_anchors(material)
        # 3. what was destroyed with leave (AgID guidelines, 4.11)
        self.discards = read_discards(self.files, self.holder, trust=self.trust, at=self.at)
        self.findings += self.discards.findings
        # 4. the evidence, as far as it can be judged without the files: since when, and by which digests
        proofs = self._proofs(material)
        # 5. the rapporti that brought the messages (AgID guidelines, 4.7)
        rapporti = self._rapporti(index, self._carried(index, proofs))
        self._agreed(index, rapporti)
        # 6. the messages, byte for byte, and their contents
        contents = self._messages(index, rapporti)
        # 7. the metadata (AgID Allegato 5)
        self._metadata(index)
        # 8. the evidence over all of it (RFC 4998)
        self._member(name, p7m)
        evidence = self._evidence(proofs, rapporti)
        # 9. the seal (CAdES; EN 319 102-1, 5.3), as of the first time that it is proven to have been there (5.6)
        seal = judge_seal(p7m, self.trust.policy, at=evidence.since or self.at, vouched=evidence.since, subject=name)
        self.findings += seal.verdict.findings
        self._signer(index, seal.certificate, name)
        if index.stamped and seal.token is None:
            self._say(finding("SEAL_STRIPPED", name))
        # 10. nothing else in the volume's folder
        self._unlisted()
        signers = (self.signer,) if self.signer else ()
        return Report(
            verdict=verdict(self.findings),
            content=dict(contents.counts),
            contents=tuple(contents.findings),
            proven=evidence.proven,
            signers=signers,
            until=evidence.until,
            members=self.members if self.also else {},
        )

    def _index(self, p7m: bytes, name: str) -> Index | None:
        try:
            index = index_reader.read(open_signed(p7m).content or b"")
        except Malformed as error:
            self._say(finding("INDEX_UNREADABLE", name, reason=error))
            return None
        if index.volume.id != self.volume:
            self._say(finding("INDEX_ELSEWHERE", name, expected=self.volume, found=index.volume.id))
        return index

    def _trust(self, index: Index) -> dict[str, bytes]:
        """Trust files by their name in the store."""
        found = {}
        for file in index.trust:
            name = layout.trust(self.holder, file.sha256, file.extension)
            if octets := self._listed(name, file):
                found[name] = octets
        return found

    def _listed(self, name: str, file: File) -> bytes | None:
        """The bytes of a small file of the index, once its digest is right; they count for the evidence either way."""
        if not self.files.has(name):
            self._say(finding("MISSING", name))
            return None
        octets = self.files.get(name)
        self._member(name, octets)
        if sha256(octets) != file.sha256:
            self._say(finding("DIGEST", name, expected=file.sha256, found=sha256(octets)))
            return None
        return octets

    def _choose_anchors(self, material: dict[str, bytes]) -> None:
        if not self.trust.policy.material.anchors:
            anchors, notes = package_anchors(material, strict=self.trust.strict)
            self.trust = believing(self.trust, anchors)
            self.findings += notes
        self.trust = beside(self.trust, material)

    def _signer(self, index: Index, certificate: bytes | None, name: str) -> None:
        """Who sealed, by the certificate, and whether that is who the index says: a valid seal may be anybody's."""
        if certificate is None:
            return
        subject = x509.Certificate.load(certificate).subject
        called = self.signer = str(subject.human_friendly)
        codes = [code.rpartition("-")[2] for signer in index.parties.signers for code in signer.agent.ids]
        if not any(code.casefold() in called.casefold() for code in codes):
            self._say(finding("SIGNER_UNNAMED", name, name=called, expected=", ".join(codes)))

    def _rapporti(self, index: Index, volume: Volume) -> list[Rapporto]:
        found = []
        for file in index.rdvs:
            pdv = file.path.removeprefix("pdv/").removesuffix(f".{file.extension}")
            sealed = file.extension != "xml"
            name = layout.rdv(self.holder, index.volume.mailbox, pdv, sealed=sealed)
            if not self.files.has(name):
                self._say(finding("MISSING", name))
                continue
            rapporto = read_rapporto(
                self.files,
                name,
                policy=self.trust.policy,
                at=self.at,
                without=self.trust.without,
                volume=volume,
                algorithms=self.algorithms,
            )
            self.findings += rapporto.findings
            self.members[name] = rapporto.hashes
            if rapporto.sha256 != file.sha256:
                self._say(finding("DIGEST", name, expected=file.sha256, found=rapporto.sha256))
            found.append(rapporto)
        return found

    def _proofs(self, material: dict[str, bytes]) -> Standing:
        names = records(self.files, f"{self._folder}evidence/")
        if not names:
            self._say(finding("EVIDENCE_ABSENT", f"{self._folder}evidence/"))
        trust = self.trust
        proofs = standing(self.files, names, policy=trust.policy, at=self.at, without=trust.without)
        self.algorithms = tuple(dict.fromkeys((*(proofs.algorithms or USUAL), *self.also)))
        for name, octets in material.items():  # read before anybody knew by which digests
            self._member(name, octets)
        return proofs

    def _carried(self, index: Index, proofs: Standing) -> Volume:
        """What the volume does for its rapporti: it carries the evidence that they had when it was sealed."""
        names = [layout.listed(self.holder, index.volume.mailbox, file.path) for file in index.records]
        for name, file in zip(names, index.records, strict=True):
            self._listed(name, file)
        return Volume(proofs.since, frozenset(names))

    def _agreed(self, index: Index, rapporti: list[Rapporto]) -> None:
        """What the index says of its segments, and of how long they are kept, is what their rapporti said."""
        volume = index.volume
        said = [item for rapporto in rapporti if rapporto.rdv for item in rapporto.rdv.segments]
        # a segment that lost a message before its volume closed took the place of the one that came in
        replaced = {self.discards.successor(item.sha256): item for item in said}
        brought = {item.sha256: item for item in said}
        for segment in volume.segments:
            if segment.sha256 in replaced.keys() - brought.keys():
                continue
            stated = brought.get(segment.sha256)
            if stated is None:
                self._say(finding("RDV_SILENT", layout.segment(self.holder, segment.sha256)))
                continue
            found = (segment.size, segment.messages, segment.first, segment.last, volume.retention.name, volume.year)
            expected = (stated.size, stated.messages, stated.first, stated.last, stated.retention.name, stated.year)
            if found != expected or volume.retention.years < stated.retention.years:
                name = layout.index(self.holder, self.volume)
                texts = {"expected": (*expected, stated.retention.years), "found": (*found, volume.retention.years)}
                self._say(finding("INDEX_DIFFERS", name, member=segment.sha256, **texts))

    def _messages(self, index: Index, rapporti: list[Rapporto]) -> Contents:
        contents = Contents(self.trust.providers, self.trust.policy.catalogue)
        expected = {file.sha256: file.message for file in index.messages}
        stated = {digest: (item, rapporto) for rapporto in rapporti for digest, item in rapporto.items.items()}
        seen: set[Sha256] = set()
        for segment in index.volume.segments:
            current = self.discards.successor(segment.sha256)
            if current is None:
                continue
            name = layout.segment(self.holder, current)
            for path, digest, raw in entries(self.files, name, current, self._say, prefix="messages/", suffix=".eml"):
                named = digests(raw)
                self.members[path] = hashed(raw, self.algorithms, named)
                if named.sha256 != digest:
                    self._say(finding("MEMBER_DIGEST", name, member=path, found=named.sha256))
                if digest not in expected:
                    self._say(finding("UNLISTED", name, member=path))
                seen.add(digest)
                self._message(raw, path, named, stated.get(digest), contents)
                self._fact(path, expected.get(digest), stated.get(digest))
        self._absent({file.path: file.sha256 for file in index.messages if file.sha256 not in seen})
        return contents

    def _message(
        self, raw: bytes, path: str, named: Digests, stated: tuple[Item, Rapporto] | None, contents: Contents
    ) -> None:
        """What its rapporto says of a message, and what its provider signed, as of the first proof of existence."""
        self.done += 1
        self.progress(self.done)
        if stated is None:
            self._say(finding("RDV_SILENT", path))
            return
        item, rapporto = stated
        if (item.sha512, item.size) != (named.sha512, named.size):
            self._say(finding("RDV_DIFFERS", rapporto.name, member=path, expected=item.sha512, found=named.sha512))
        if self.recompute:
            proof = rapporto.proven_at or (rapporto.rdv.at if rapporto.rdv else self.at)
            contents.judge(raw, proof=proof, subject=path)
        else:
            contents.take(item.signature)

    def _fact(self, path: str, fact: Message | None, stated: tuple[Item, Rapporto] | None) -> None:
        if fact and stated and (fact.kind, fact.size) != (stated[0].kind, stated[0].size):
            expected, found = f"{stated[0].kind} {stated[0].size}", f"{fact.kind} {fact.size}"
            name = layout.index(self.holder, self.volume)
            self._say(finding("INDEX_DIFFERS", name, member=path, expected=expected, found=found))

    def _metadata(self, index: Index) -> None:
        described = {file.sha256: file for file in index.messages}
        current = self.discards.successor(index.volume.metadata.sha256)
        name = layout.metadata(self.holder, self.volume)
        seen: set[Sha256] = set()
        if current is not None:
            current = self._still(current, name)
            for path, about, document in entries(
                self.files, name, current, self._say, prefix="metadata/", suffix=".xml"
            ):
                self._member(path, document)
                seen.add(about)
                self._document(document, about, described.get(about), path, name)
        self._absent(
            {
                layout.metadata_path(file.sha256): file.message.metadata.sha256
                for file in described.values()
                if file.message and file.sha256 not in seen
            }
        )

    def _still(self, current: Sha256, name: str) -> Sha256:
        """What metadata.zip must be: the one before a discard, too, as long as that is not finished."""
        if current in self.discards.replacing and self.files.has(name):
            found = sha256(self.files.get(name))
            if found != current and found in self.discards.destroyed:
                self._say(finding("DISCARD_UNFINISHED", name))
                return found
        return current

    def _document(self, document: bytes, about: Sha256, file: File | None, path: str, name: str) -> None:
        if file is None or file.message is None:
            self._say(finding("UNLISTED", name, member=path))
            return
        if sha256(document) != file.message.metadata.sha256:
            self._say(finding("DIGEST", path, expected=file.message.metadata.sha256, found=sha256(document)))
        try:
            stated = metadata_reader.read(document).sha256
        except Malformed as error:
            self._say(finding("METADATA_UNREADABLE", path, reason=error))
            return
        if stated != about:
            self._say(finding("METADATA_ELSEWHERE", path, expected=about, found=stated))

    def _absent(self, missing: dict[str, Sha256]) -> None:
        for path, digest in missing.items():
            self._say(finding("DISCARDED" if self.discards.explains(digest, self.volume) else "MISSING", path))

    def _evidence(self, proofs: Standing, rapporti: list[Rapporto]) -> Evidence:
        judged = proofs.over(self.members, absent=self.discards.gone(self.volume))
        self.findings += judged.findings
        self._rapporti_covered(proofs, rapporti)
        return judged

    def _rapporti_covered(self, proofs: Standing, rapporti: list[Rapporto]) -> None:
        """The run that covers a volume covers its rapporti first, each by a record of its own, whoever stamped it."""
        tsas = [lineage.tsa for lineage in proofs.lineages]
        for rapporto in rapporti:
            place = layout.parse(rapporto.name)
            if place and tsas and not self._covered(place):
                first = layout.rdv_record(self.holder, place.mailbox, place.id, tsa=tsas[0], number=1)
                self._say(finding("MISSING", first))

    def _covered(self, rapporto: layout.Parsed) -> bool:
        stem = layout.rdv(self.holder, rapporto.mailbox, rapporto.id).removesuffix("xml")
        found = (layout.parse(item.name) for item in self.files.list(stem))
        return any(parsed and parsed.kind is layout.Kind.RDV_RECORD and parsed.number == 1 for parsed in found)

    def _unlisted(self) -> None:
        for listed in self.files.list(self._folder):
            if layout.parse(listed.name) is None:
                self._say(finding("UNLISTED", self._folder, member=listed.name))

    @property
    def _folder(self) -> str:
        return layout.index(self.holder, self.volume).removesuffix(layout.PINDEX)

    def _member(self, name: str, octets: bytes) -> None:
        self.members[name] = hashed(octets, self.algorithms)

    def _say(self, found: Finding) -> None:
        self.findings.append(found)

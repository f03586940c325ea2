"""One file alone: a segment, a message, or a message with the volume that should hold it."""

from datetime import datetime

from archiver.digest import Sha256, digests, sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.index import reader as index_reader
from archiver.package.index.values import File
from archiver.verdict import Finding, Verdict, finding, verdict
from archiver.verify.anchors import believing, beside, package_anchors
from archiver.verify.content import Contents
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.members import hashed
from archiver.verify.report import Report
from archiver.verify.segment import entries


def judge_segment(files: Files, name: str, *, trust: Trust, at: datetime) -> Report:
    """A segment alone: its digest is its name, its messages' digests are theirs. It proves no date."""
    findings: list[Finding] = []
    contents = Contents(trust.providers, trust.policy.catalogue)
    parsed = layout.parse(name)
    expected = parsed.id if parsed else name.rpartition("/")[2].removesuffix(".zip")
    for path, digest, raw in entries(files, name, Sha256(expected), findings.append, prefix="messages/", suffix=".eml"):
        if sha256(raw) != digest:
            findings.append(finding("MEMBER_DIGEST", name, member=path, found=sha256(raw)))
        contents.judge(raw, proof=at, subject=path)
    findings.append(finding("SEGMENT_ALONE", name))
    return Report(verdict(findings), dict(contents.counts), tuple(contents.findings))


def judge_message(raw: bytes, name: str, *, trust: Trust, at: datetime) -> Report:
    """A message alone: its content decides, since there is nothing else (its own provider's signature)."""
    contents = Contents(trust.providers, trust.policy.catalogue)
    contents.judge(raw, proof=at, subject=name)
    alone = () if "UNSIGNED" not in contents.counts else (finding("MESSAGE_UNSIGNED", name),)
    return Report(Verdict((*contents.findings, *alone)), dict(contents.counts))


def judge_member(
    raw: bytes, name: str, files: Files, holder: str, volume: str, *, trust: Trust, at: datetime
) -> Report:
    """A message with its volume: the sealed index lists it, and the evidence covers it; nothing else is looked at."""
    path = layout.index(holder, volume)
    if not files.has(path):
        return Report(verdict((finding("MISSING", path),)))
    p7m, named = files.get(path), digests(raw)
    try:
        index = index_reader.read(open_signed(p7m).content or b"")
    except Malformed as error:
        return Report(verdict((finding("INDEX_UNREADABLE", path, reason=error),)))
    findings: list[Finding] = []
    trust = _believed(files, holder, index.trust, trust, findings)
    if named.sha256 not in {file.sha256 for file in index.messages}:
        findings.append(finding("NOT_IN_INDEX", name, found=named.sha256))
    folder = path.removesuffix(layout.PINDEX) + "evidence/"
    names = records(files, folder)
    proofs = standing(files, names, policy=trust.policy, at=at, without=trust.without)
    members = {path: hashed(p7m, proofs.algorithms), name: hashed(raw, proofs.algorithms, named)}
    evidence = proofs.over(members, partial=True)
    findings += evidence.findings
    if not names:
        findings.append(finding("EVIDENCE_ABSENT", folder))
    seal = judge_seal(p7m, trust.policy, at=evidence.since or at, vouched=evidence.since, subject=path)
    findings += seal.verdict.findings
    contents = Contents(trust.providers, trust.policy.catalogue)
    contents.judge(raw, proof=evidence.since or at, subject=name)
    return Report(verdict(findings), dict(contents.counts), tuple(contents.findings), evidence.proven)


def _believed(files: Files, holder: str, listed: tuple[File, ...], trust: Trust, findings: list[Finding]) -> Trust:
    """The caller's trust, with the package's lists of revocations, and its anchors when there are no others."""
    material = {}
    for file in listed:
        name = layout.trust(holder, file.sha256, file.extension)
        octets = files.get(name) if files.has(name) else b""
        if sha256(octets) == file.sha256:
            material[name] = octets
        else:
            findings.append(
                finding("DIGEST" if octets else "MISSING", name, expected=file.sha256, found=sha256(octets))
            )
    if not trust.policy.material.anchors:
        anchors, notes = package_anchors(material, strict=trust.strict)
        trust = believing(trust, anchors)
        findings += notes
    return beside(trust, material)

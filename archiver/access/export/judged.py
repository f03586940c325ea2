"""The verdict on what an export writes, while it is written: no file is read twice.

Every file was compared with its volume's index on the way out (`archiver.access.tree`), and its digests are at hand:
so here seals and evidence are judged over these digests. What the providers signed is told as intake found it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from archiver.access.exhibit.bag import Bag
from archiver.access.exhibit.volumes import Recorded, Told
from archiver.digest import Digests
from archiver.evidence.cms import digest
from archiver.evidence.record.members import Hashes
from archiver.evidence.signature import judge_seal
from archiver.package import layout as archive
from archiver.package.exhibit import layout
from archiver.package.exhibit.layout import Kind
from archiver.pec.signature import read_outcomes, worst
from archiver.submission.rows import KeptRow
from archiver.verdict import Finding, finding, verdict
from archiver.verify import UNSIGNED, Report, Trust
from archiver.verify.evidence import Lineage, Standing

MEMBERS = frozenset((Kind.INDEX, Kind.MESSAGE, Kind.METADATA, Kind.VOLUME_TRUST, Kind.RDV))
"""What the evidence of a volume covers, besides the rapporti's own records that its index lists."""

PLAIN = (archive.MESSAGES, archive.METADATA_DOCUMENTS)
VOLUMES = f"{layout.DATA}volumes/"


def judged(
    told: Iterable[Told],
    bag: Bag,
    *,
    trust: Trust,
    at: datetime,
    rows: Iterable[KeptRow],
    damaged: Mapping[str, str],
    pending: Iterable[str],
) -> Report:
    """The report on a part: `damaged` are paths and reasons, `pending` the paths of messages that no volume has."""
    findings: list[Finding] = [finding("EXPORT_DAMAGED", path, reason=reason) for path, reason in damaged.items()]
    findings += (finding("EXPORT_PENDING", path) for path in pending)
    proven: dict[str, datetime] = {}
    ends: list[datetime] = []
    signers: dict[str, None] = {}
    folders = _folders(bag)
    for volume in told:
        standing = Standing(tuple(_lineages(volume.records)))
        members = _members(volume, folders[volume.taken.path], bag, standing.algorithms)
        evidence = standing.over(members, partial=True)
        path, since = volume.taken.path + archive.PINDEX, evidence.since
        seal = judge_seal(bag.files.get(path), trust.policy, at=since or at, vouched=since, subject=path)
        findings += (*evidence.findings, *seal.verdict.findings)
        if not volume.records:
            findings.append(finding("EVIDENCE_ABSENT", volume.taken.path))
        proven |= evidence.proven
        ends += (evidence.until,) if evidence.until else ()
        signers |= {volume.signer: None} if volume.signer else {}
    content = Counter(_content(row) for row in rows)
    return Report(verdict(findings), dict(content), (), proven, tuple(signers), min(ends, default=None))


def _lineages(records: Iterable[Recorded]) -> Iterable[Lineage]:
    newest = {record.tsa: record for record in sorted(records, key=lambda record: record.number)}
    return (Lineage(tsa, record.examined, ()) for tsa, record in newest.items())


def _folders(bag: Bag) -> Mapping[str, Mapping[str, Digests]]:
    """The files of each volume, by its folder."""
    found: dict[str, dict[str, Digests]] = defaultdict(dict)
    for path, known in bag.digests.items():
        if path.startswith(VOLUMES):
            found["/".join(path.split("/", 3)[:3]) + "/"][path] = known
    return found


def _members(volume: Told, files: Mapping[str, Digests], bag: Bag, algorithms: tuple[str, ...]) -> dict[str, Hashes]:
    listed = {volume.taken.path + file.path for file in volume.taken.index.records}
    return {
        path: _hashes(path, known, bag, algorithms)
        for path, known in files.items()
        if path in listed or _is_member(path, volume.taken.path)
    }


def _is_member(path: str, folder: str) -> bool:
    """Nearly all files are messages and their metadata: their folder says it, without a look at the whole name."""
    if path.startswith(PLAIN, len(folder)):
        return True
    parsed = layout.parse(path)
    return parsed is not None and parsed.kind in MEMBERS


def _hashes(path: str, known: Digests, bag: Bag, algorithms: tuple[str, ...]) -> Hashes:
    """Two digests are there from the writing; only after a hash-tree renewal others are asked for."""
    there = {"sha256": known.sha256, "sha512": known.sha512}
    return {
        name: bytes.fromhex(there[name]) if name in there else digest(name, bag.files.get(path)) for name in algorithms
    }


def _content(row: KeptRow) -> str:
    return str(worst(read_outcomes(row.content))) if row.content else UNSIGNED

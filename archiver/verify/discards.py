"""What was destroyed lawfully: the records in `discards/` explain absences, and nothing but absences."""

from dataclasses import dataclass, field
from datetime import datetime

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.record.members import Hashes
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.discard import reader
from archiver.package.discard.values import Discard
from archiver.verdict import Finding, Indication, Verdict, finding
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.members import hashed

SEALED = ".p7m"


@dataclass(frozen=True, slots=True)
class Discards:
    """All destructions of one holder, and what is to be said about their records."""

    records: tuple[Discard, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    def successor(self, digest: Sha256) -> Sha256 | None:
        """What stands in the place of a segment or metadata.zip today; itself if nobody touched it, None if nothing.

        A volume is called like its first segment: where it was destroyed whole, so was that.
        """
        current: Sha256 | None = digest
        replaced = {old: new for record in self.records for old, new in record.replaced.items()}
        replaced |= dict.fromkeys(self.volumes)
        while current is not None and current in replaced:
            current = replaced.pop(current)
        return current

    @property
    def volumes(self) -> tuple[Sha256, ...]:
        """The ids of the volumes that were destroyed whole."""
        return tuple(Sha256(volume) for record in self.records for volume in record.volumes)

    @property
    def destroyed(self) -> frozenset[Sha256]:
        """Every segment and metadata.zip that should no longer be there, replaced or not."""
        return frozenset(old for record in self.records for old in record.replaced) | frozenset(self.volumes)

    @property
    def replacing(self) -> frozenset[Sha256]:
        """Every segment and metadata.zip that took the place of another."""
        return frozenset(new for record in self.records for new in record.replaced.values() if new)

    def explains(self, digest: Sha256, volume: str | None) -> bool:
        """Whether a message or a metadata document of this SHA-256 was destroyed in `volume`, or (None) before any."""
        return any(digest in record.gone_sha256(volume) for record in self.records)

    def gone(self, volume: str) -> dict[str, Hashes]:
        """Digests in the first evidence's hash family (SHA-512) of all that was destroyed in `volume`."""
        gone = (digest for record in self.records for digest in record.gone_sha512(volume))
        return {digest: {"sha512": bytes.fromhex(digest)} for digest in gone}


def read_discards(files: Files, holder: str, *, trust: Trust, at: datetime) -> Discards:
    """The holder's records. One that cannot be read, or whose seal fails, explains nothing.

    One without a seal is anybody's word: enough, with a warning, for single messages; a doubt for whole volumes, or
    when the judge is `strict`.
    """
    found: list[Discard] = []
    findings: list[Finding] = []
    for listed in files.list(f"{holder}/discards/"):
        parsed = layout.parse(listed.name)
        if parsed is None or parsed.kind is not layout.Kind.DISCARD:
            continue
        octets = files.get(listed.name)
        seal = _seal(files, listed.name, octets, trust, at)
        findings += seal.findings
        if seal.indication is Indication.FAILED:
            continue
        try:
            record = reader.read(open_signed(octets).content or b"" if listed.name.endswith(SEALED) else octets)
        except Malformed as error:
            findings.append(finding("DISCARD_UNREADABLE", listed.name, reason=error))
            continue
        if (record.holder, record.id) != (holder, parsed.id):
            expected, other = f"{holder}/{parsed.id}", f"{record.holder}/{record.id}"
            findings.append(finding("DISCARD_ELSEWHERE", listed.name, expected=expected, found=other))
            continue
        if not listed.name.endswith(SEALED):
            doubtful = trust.strict or bool(record.volumes)
            findings.append(finding("DISCARD_UNSEALED_ONLY" if doubtful else "DISCARD_UNSEALED", listed.name))
        found.append(record)
    return Discards(tuple(found), tuple(findings))


def _seal(files: Files, name: str, octets: bytes, trust: Trust, at: datetime) -> Verdict:
    """The seal of a record as of the first time that its own evidence proves, and that evidence."""
    stem = name.removesuffix(SEALED).removesuffix("xml")
    proofs = standing(files, records(files, stem), policy=trust.policy, at=at, without=trust.without)
    evidence = proofs.over({name: hashed(octets, proofs.algorithms)})
    if not name.endswith(SEALED):
        return Verdict(evidence.findings)
    seal = judge_seal(octets, trust.policy, at=evidence.since or at, vouched=evidence.since, subject=name)
    return Verdict((*evidence.findings, *seal.verdict.findings))

"""What was destroyed lawfully: the records in `discards/` explain absences, and nothing but absences."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.signature import judge_seal
from archiver.package.discard import reader
from archiver.package.discard.values import Discard
from archiver.verdict import Finding, finding
from archiver.verify.files import Files, Trust

SEALED = ".p7m"


@dataclass(frozen=True, slots=True)
class Discards:
    """All destructions of one holder, and what is to be said about their records."""

    records: tuple[Discard, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    def successor(self, digest: Sha256) -> Sha256 | None:
        """What stands in the place of a segment or metadata.zip today; itself if nobody touched it, None if nothing."""
        current: Sha256 | None = digest
        replaced = {old: new for record in self.records for old, new in record.replaced.items()}
        while current is not None and current in replaced:
            current = replaced.pop(current)
        return current

    def explains(self, digest: Sha256) -> bool:
        """Whether a message or a metadata document of this SHA-256 was destroyed."""
        return any(digest in record.gone_sha256 for record in self.records)

    def volume(self, volume: str) -> bool:
        """Whether a volume was destroyed whole."""
        return any(volume in record.volumes for record in self.records)

    @property
    def gone(self) -> dict[str, bytes]:
        """Digests in the evidence's hash family (SHA-512) of all that was destroyed."""
        return {digest: bytes.fromhex(digest) for record in self.records for digest in record.gone_sha512}


def read_discards(files: Files, holder: str, *, anchors: Iterable[bytes], trust: Trust, at: datetime) -> Discards:
    """The holder's records. One that cannot be read, or whose seal fails, explains nothing."""
    records: list[Discard] = []
    findings: list[Finding] = []
    trusted = tuple(anchors)
    for listed in files.list(f"{holder}/discards/"):
        octets = files.get(listed.name)
        try:
            if listed.name.endswith(SEALED):
                judged = judge_seal(octets, anchors=trusted, crls=trust.crls, at=at, subject=listed.name).verdict
                findings += judged.findings
                if judged.indication.value == "FAILED":
                    continue
                octets = open_signed(octets).content or b""
            record = reader.read(octets)
        except Malformed as error:
            findings.append(finding("DISCARD_UNREADABLE", listed.name, reason=error))
            continue
        if record.holder != holder:
            findings.append(finding("DISCARD_ELSEWHERE", listed.name, expected=holder, found=record.holder))
            continue
        if not listed.name.endswith(SEALED):
            findings.append(finding("DISCARD_UNSEALED", listed.name))
        records.append(record)
    return Discards(tuple(records), tuple(findings))

"""A rapporto di versamento: its digest, its evidence, its place in the mailbox's chain, what it says of messages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.digest import Sha256, sha256, sha512
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.rdv import reader
from archiver.package.rdv.values import Item, Previous, Rdv
from archiver.verdict import Finding, finding
from archiver.verify.evidence import judge_records, records
from archiver.verify.files import Files, Trust


@dataclass(frozen=True, slots=True)
class Rapporto:
    """One rapporto as read; None for what cannot be. `proven_at` is the first time its evidence proves."""

    name: str
    sha256: Sha256
    sha512: bytes
    rdv: Rdv | None
    proven_at: datetime | None
    findings: tuple[Finding, ...]

    @property
    def items(self) -> dict[Sha256, Item]:
        """The accepted messages by digest."""
        return {item.sha256: item for item in self.rdv.accepted if item.sha256} if self.rdv else {}


def read_rapporto(files: Files, name: str, *, anchors: tuple[bytes, ...], trust: Trust, at: datetime) -> Rapporto:
    """The rapporto at `name`, which is there, with its own evidence records."""
    octets = files.get(name)
    named = sha512(octets)
    findings: list[Finding] = []
    rdv = None
    try:
        rdv = reader.read(open_signed(octets).content or b"" if name.endswith(".p7m") else octets)
    except Malformed as error:
        findings.append(finding("RDV_UNREADABLE", name, reason=error))
    parsed = layout.parse(name)
    if rdv and parsed and (rdv.id, rdv.holder_id, rdv.mailbox) != (parsed.id, parsed.holder, parsed.mailbox):
        findings.append(finding("RDV_ELSEWHERE", name, found=f"{rdv.holder_id}/{rdv.mailbox}/{rdv.id}"))
    judged = judge_records(
        files,
        records(files, _stem(name)),
        members={name: bytes.fromhex(named)},
        anchors=anchors,
        crls=trust.crls,
        at=at,
    )
    findings += judged.findings
    if not judged.proven and not judged.findings:
        findings.append(finding("RDV_NOT_COVERED", name))
    if name.endswith(".p7m"):
        seal = judge_seal(octets, anchors=anchors, crls=trust.crls, at=judged.since or at, subject=name)
        # its own evidence record proves its time: a stamp in the signature would prove it twice
        findings += (found for found in seal.verdict.findings if found.code != "SEAL_WITHOUT_TIMESTAMP")
    return Rapporto(name, sha256(octets), bytes.fromhex(named), rdv, judged.since, tuple(findings))


@dataclass(frozen=True, slots=True)
class Link:
    """What a mailbox's chain needs of one rapporto: a million messages' rapporti are too many for memory."""

    id: str
    name: str
    sha256: Sha256
    previous: Previous | None


def chain(links: Iterable[Link]) -> Iterator[Finding]:
    """What is wrong in a mailbox's chain: a rapporto whose predecessor is missing or another, two with the same one."""
    known = {link.id: link for link in links}
    followed: dict[str, str] = {}
    for link in known.values():
        before = link.previous
        key = before.id if before else ""
        if key in followed:
            yield finding("RDV_FORKED", link.name, found=followed[key])
        followed[key] = link.name
        if before is None:
            continue
        if before.id not in known:
            yield finding("RDV_MISSING", link.name, expected=before.id)
        elif known[before.id].sha256 != before.sha256:
            yield finding("RDV_CHAIN", link.name, expected=before.sha256, found=known[before.id].sha256)


def _stem(name: str) -> str:
    return name.removesuffix(".p7m").removesuffix("xml")

"""A rapporto di versamento: its digest, its evidence, its place in the mailbox's chain, what it says of messages."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.evidence.policy import Policy
from archiver.evidence.record.members import Hashes
from archiver.evidence.signature import judge_seal
from archiver.package import layout
from archiver.package.rdv import reader
from archiver.package.rdv.values import Item, Previous, Rdv
from archiver.verdict import Finding, Indication, Severity, Verdict, finding
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files
from archiver.verify.members import USUAL, hashed


@dataclass(frozen=True, slots=True)
class Rapporto:
    """One rapporto as read; None for what cannot be. `proven_at` is the first time its evidence proves."""

    name: str
    sha256: Sha256
    hashes: Hashes
    rdv: Rdv | None
    proven_at: datetime | None
    findings: tuple[Finding, ...]

    @property
    def items(self) -> dict[Sha256, Item]:
        """The accepted messages by digest."""
        return {item.sha256: item for item in self.rdv.accepted if item.sha256} if self.rdv else {}


@dataclass(frozen=True, slots=True)
class Volume:
    """What a volume does for its rapporti: its own evidence covers them since `since`, None while it proves nothing.

    It also covers those of their records that are `carried`, by name: they need no renewal any more.
    """

    since: datetime | None
    carried: frozenset[str]


def read_rapporto(
    files: Files,
    name: str,
    *,
    policy: Policy,
    at: datetime,
    without: Collection[str] = (),
    volume: Volume | None = None,
    elsewhere: bool = False,
    algorithms: tuple[str, ...] = USUAL,
) -> Rapporto:
    """The rapporto at `name`, which is there, with its own evidence records; its digests by `algorithms`.

    `elsewhere`: its records and its seal are judged elsewhere, with its volume.
    """
    octets = files.get(name)
    findings: list[Finding] = []
    rdv = None
    try:
        rdv = reader.read(open_signed(octets).content or b"" if name.endswith(".p7m") else octets)
    except Malformed as error:
        findings.append(finding("RDV_UNREADABLE", name, reason=error))
    parsed = layout.parse(name)
    if rdv and parsed and (rdv.id, rdv.holder_id, rdv.mailbox) != (parsed.id, parsed.holder, parsed.mailbox):
        findings.append(finding("RDV_ELSEWHERE", name, found=f"{rdv.holder_id}/{rdv.mailbox}/{rdv.id}"))
    since, said = (None, ()) if elsewhere else _evidence(files, name, octets, policy, at, without, volume)
    findings += said
    if not elsewhere and name.endswith(".p7m"):
        seal = judge_seal(octets, policy, at=since or at, vouched=since, subject=name)
        findings += _told(seal.verdict.findings, name, since or at, volume)
    return Rapporto(name, sha256(octets), hashed(octets, algorithms), rdv, since, tuple(findings))


def _told(findings: Iterable[Finding], name: str, since: datetime, volume: Volume | None) -> Iterator[Finding]:
    """What is to be said of a rapporto's own signature, which nothing rests on: that it came to be proven too late too.

    An authority that did not answer for weeks, and a certificate revoked meanwhile, must not keep a volume open for
    ever: the volume's index names the rapporto, and its seal vouches for it. Outside a volume nothing does.
    """
    for found in findings:
        if found.code == "CERTIFICATE_EXPIRED":
            yield finding("RDV_SEAL_LATE", name, since=f"{since:%Y-%m-%d}")
        elif found.code == "CERTIFICATE_REVOKED":
            told = {key: value for key, value in found.values if key in ("name", "revoked", "reason")}
            yield finding("RDV_SEAL_REVOKED" if volume else "RDV_SEAL_UNPROVEN", name, **told, since=since)
        # its own evidence record proves its time: a stamp in the signature would prove it twice
        elif found.code != "SEAL_WITHOUT_TIMESTAMP":
            yield found


def _evidence(
    files: Files,
    name: str,
    octets: bytes,
    policy: Policy,
    at: datetime,
    without: Collection[str],
    volume: Volume | None,
) -> tuple[datetime | None, tuple[Finding, ...]]:
    """Since when a rapporto is proven to exist, and what is to be said of its own records.

    Those that its volume carries are judged as of the volume's evidence; others that nobody renews any more, because
    the volume's covers the rapporto, give way to that.
    """
    names = records(files, _stem(name))
    carried = bool(volume and volume.since and names and volume.carried.issuperset(names))
    moment = volume.since if carried and volume and volume.since else at
    found = standing(files, names, policy=policy, at=moment, without=without)
    judged = found.over({name: hashed(octets, found.algorithms)})
    if volume and volume.since and not judged.proven and Verdict(judged.findings).indication is not Indication.FAILED:
        reasons = "; ".join(dict.fromkeys(item.code for item in judged.findings if item.severity is Severity.DOUBT))
        superseded = finding("RDV_RECORD_SUPERSEDED", name, reason=reasons)
        return volume.since, (superseded,) if reasons else judged.findings
    if not judged.proven and not judged.findings:
        return None, (finding("RDV_NOT_COVERED", name),)
    return judged.since, judged.findings


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

"""Reports: each is what was filed, signed and covered as far as that went, and none is missing from its chain.

A verdict is about files as they are: what a report says of damage, long repaired perhaps, does not change it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from asn1crypto import x509

from archiver.errors import Malformed
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.signature import Seal, judge_seal
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report import reader
from archiver.package.report.values import Report as Told
from archiver.package.report.values import ReportKind, identifier
from archiver.verdict import Finding, finding, verdict
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.kept import anchored
from archiver.verify.members import hashed
from archiver.verify.report import Report

SEALED = ".p7m"


@dataclass(frozen=True, slots=True)
class Filed(Report):
    """The verdict on one report, and what it says; None when it cannot be read."""

    told: Told | None = None

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        # named: a dataclass with slots is made anew, and loses what `super()` would look for
        return Report.as_json(self, lang) | {"report": shown(self.told) if self.told else None}


def judge_reports(files: Files, holder: str, *, trust: Trust, at: datetime) -> Report:
    """All reports of a holder, and the chain of each kind. Nothing is raised for what the files hold.

    Those without a signature are counted in one warning.
    """
    found: list[Finding] = []
    signers: dict[str, None] = {}
    links: dict[ReportKind, list[_Link]] = defaultdict(list)
    listed = _listed(files, holder)
    tokens, unsealed = Tokens(), 0
    for id, (name, twice, names) in listed.items():
        if not name:
            found.append(finding("MISSING", layout.report(holder, id, sealed=True)))
            continue
        if twice:
            found.append(finding("REPORT_TWICE", layout.report(holder, id), found=name))
        judged = _judge(files, name, names, trust, at, tokens)
        found += judged.verdict.findings
        signers |= dict.fromkeys(judged.signers)
        unsealed += not name.endswith(SEALED)
        if judged.told:
            links[judged.told.kind].append(_Link(id, name, judged.told.previous))
    for chained in links.values():
        found += _chain(chained, listed)
    if unsealed:
        found.append(finding("REPORTS_UNSEALED", f"{holder}/reports/", found=unsealed))
    return Report(verdict(found), signers=tuple(signers))


def judge_report(files: Files, name: str, *, trust: Trust, at: datetime) -> Filed:
    """One report, which is there, where it lies in its store; of its chain only that the one before it is there.

    Without anchors those that the holder's `trust/` has are believed, and the verdict says so.
    """
    parsed = layout.parse(name)
    if parsed is None or parsed.kind is not Kind.REPORT:
        raise ValueError(f"{name}: expected the name of a report")
    trust, notes = anchored(files, parsed.holder, trust)
    names = records(files, f"{name.removesuffix(SEALED).removesuffix('json')}")
    judged = _judge(files, name, names, trust, at, Tokens())
    more = [*judged.verdict.findings, *notes]
    if not name.endswith(SEALED):
        sealed = f"{name}{SEALED}"
        more.append(finding("REPORT_TWICE", name, found=sealed) if files.has(sealed) else _unsealed(name))
    before = judged.told.previous if judged.told else None
    if before and not any(files.has(layout.report(parsed.holder, before, sealed=sealed)) for sealed in (True, False)):
        more.append(finding("REPORT_MISSING", name, expected=before))
    return replace(judged, verdict=verdict(more))


def shown(report: Told) -> dict[str, Any]:
    """A report as it reads, for machines and for people."""
    return {
        "kind": report.kind.value,
        "holder": report.holder,
        "at": report.at.isoformat(),
        "software": report.software,
        "previous": report.previous,
        "content": report.content,
    }


@dataclass(frozen=True, slots=True)
class _Link:
    """What a chain needs of one report."""

    id: str
    name: str
    previous: str | None


def _listed(files: Files, holder: str) -> dict[str, tuple[str, bool, list[str]]]:
    """By id: the report's name (empty: there are but records), whether it is there unsigned too, and its records."""
    there: dict[str, list[str]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    for item in files.list(f"{holder}/reports/"):
        parsed = layout.parse(item.name)
        if parsed:
            (there if parsed.kind is Kind.REPORT else names)[parsed.id].append(item.name)
    return {id: (max(there[id], default=""), len(there[id]) > 1, names[id]) for id in sorted({*there, *names})}


def _judge(files: Files, name: str, names: Collection[str], trust: Trust, at: datetime, tokens: Tokens) -> Filed:
    octets = files.get(name)
    # 1. its own evidence (RFC 4998): since when it is proven to be there
    proofs = standing(files, names, policy=trust.policy, at=at, without=trust.without, tokens=tokens)
    evidence = proofs.over({name: hashed(octets, proofs.algorithms)})
    found = list(evidence.findings)
    # 2. the seal (CAdES), as of that time (EN 319 102-1, 5.6)
    seal = _seal(octets, name, trust, at, evidence.since)
    if seal:
        # its evidence record proves its time: a stamp in the signature would prove it twice
        found += (item for item in seal.verdict.findings if item.code != "SEAL_WITHOUT_TIMESTAMP")
    if not names and not (seal and seal.proven_at):
        found.append(finding("REPORT_NOT_COVERED", name))
    # 3. what it says, and that it is the one that its name says
    told = _read((seal.content or b"") if seal else octets, name, found)
    return Filed(
        verdict(found),
        proven=evidence.proven or ({name: seal.proven_at} if seal and seal.proven_at else {}),
        signers=_signer(seal),
        until=evidence.until,
        told=told,
    )


def _seal(octets: bytes, name: str, trust: Trust, at: datetime, since: datetime | None) -> Seal | None:
    if not name.endswith(SEALED):
        return None
    return judge_seal(octets, trust.policy, at=since or at, vouched=since, subject=name)


def _read(content: bytes, name: str, found: list[Finding]) -> Told | None:
    parsed = layout.parse(name)
    try:
        told = reader.read(content)
    except Malformed as error:
        found.append(finding("REPORT_UNREADABLE", name, reason=error))
        return None
    called = f"{told.holder}/{identifier(told.kind, told.at, content)}"
    if parsed is None or called != f"{parsed.holder}/{parsed.id}":
        found.append(finding("REPORT_ELSEWHERE", name, found=called))
        return None
    return told


def _signer(seal: Seal | None) -> tuple[str, ...]:
    if seal is None or seal.certificate is None:
        return ()
    return (str(x509.Certificate.load(seal.certificate).subject.human_friendly),)


def _chain(links: Iterable[_Link], there: Collection[str]) -> Iterator[Finding]:
    """What is wrong in a chain: a report whose predecessor is missing, two with the same one, two that are the first.

    One that is there and cannot be read is in its place all the same.
    """
    followed: dict[str | None, str] = {}
    for link in links:
        if link.previous in followed:
            yield finding("REPORT_FORKED", link.name, found=followed[link.previous])
        followed[link.previous] = link.name
        if link.previous is not None and link.previous not in there:
            yield finding("REPORT_MISSING", link.name, expected=link.previous)


def _unsealed(name: str) -> Finding:
    return finding("REPORTS_UNSEALED", name, found=1)

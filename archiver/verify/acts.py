"""The register: every act is what was written, none is missing from the chain, and evidence proves since when.

Each act names the one before it by SHA-512, so the evidence of one proves all behind it. Nothing here can tell that the
last acts, which no evidence covers yet, were taken away together: the catalog can, and every other store.
What persons said of certificates changes contents, never the verdict on a package.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from archiver.digest import Sha256, Sha512, sha512
from archiver.errors import Malformed
from archiver.evidence.record.tokens import Tokens
from archiver.package import act, layout
from archiver.package.act import Act, ActKind, Link
from archiver.package.layout import Kind
from archiver.verdict import Finding, finding, verdict
from archiver.verify.evidence import Evidence, records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.kept import anchored
from archiver.verify.members import hashed
from archiver.verify.report import Report


@dataclass(frozen=True, slots=True)
class Acts:
    """The certificates that a person revoked and nobody confirmed since, and what is to be said of the register.

    `count` acts could be read, of which `covered` are proven, `heads` by evidence of their own; since `proven` by the
    first evidence, and at least until `until`. `end` is the id of the one with the greatest number.
    """

    distrusted: frozenset[Sha256] = frozenset()
    findings: tuple[Finding, ...] = ()
    count: int = 0
    covered: int = 0
    heads: int = 0
    first: datetime | None = None
    last: datetime | None = None
    end: str = ""
    proven: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registered(Report):
    """The verdict on a holder's register alone."""

    holder: str = ""
    acts: Acts = field(default_factory=Acts)

    def as_json(self, lang: str = "it") -> dict[str, Any]:
        """For machines."""
        found = self.acts
        return Report.as_json(self, lang) | {
            "holder": self.holder,
            "acts": found.count,
            "covered": found.covered,
            "heads": found.heads,
            "first": found.first.isoformat() if found.first else None,
            "last": found.last.isoformat() if found.last else None,
        }


def judge_register(files: Files, holder: str, *, trust: Trust, at: datetime) -> Registered:
    """The register of one holder, and nothing else. Nothing is raised for what the files hold.

    Without anchors those that the holder's `trust/` has are believed, and the verdict says so.
    """
    trusted, notes = anchored(files, holder, trust)
    acts = read_acts(files, holder, trust=trusted, at=at)
    empty = () if acts.count or acts.findings else (finding("REGISTER_EMPTY", f"{holder}/acts/"),)
    return Registered(
        verdict((*acts.findings, *empty, *notes)),
        proven={f"{holder}/acts/": acts.proven} if acts.proven else {},
        until=acts.until,
        holder=holder,
        acts=acts,
    )


def read_acts(files: Files, holder: str, *, trust: Trust, at: datetime) -> Acts:
    """The holder's acts, the evidence of those that have some, and the chain. One that cannot be read says nothing."""
    return _Register(files, holder, trust, at).read(sorted(item.name for item in files.list(f"{holder}/acts/")))


def heed(files: Files, holder: str, *, trust: Trust, at: datetime) -> tuple[Trust, tuple[Finding, ...]]:
    """The same trust, but for what the holder's acts revoked, and what is to be said of these acts.

    For who judges less than the whole store.
    """
    acts = read_acts(files, holder, trust=trust, at=at)
    return heeding(acts, trust), acts.findings


def heeding(acts: Acts, trust: Trust) -> Trust:
    """The same trust, but for the certificates that a person revoked."""
    return replace(trust, providers=trust.providers.without(acts.distrusted)) if acts.distrusted else trust


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the chain needs of one act."""

    name: str
    number: int
    at: datetime
    sha512: Sha512
    previous: Link | None


class _Register:
    """One holder's register under examination."""

    def __init__(self, files: Files, holder: str, trust: Trust, at: datetime) -> None:
        self._files, self._holder, self._trust, self._at = files, holder, trust, at
        self._entries: dict[str, _Entry] = {}
        self._decided: list[Act] = []
        self._evidence: dict[str, Evidence] = {}
        self._since: dict[str, datetime] = {}
        self._findings: list[Finding] = []

    def read(self, names: list[str]) -> Acts:
        """Everything, in the order in which an auditor would."""
        parsed = [(name, item) for name in names if (item := layout.parse(name))]
        acts = {item.id: name for name, item in parsed if item.kind is Kind.ACT}
        heads = sorted({item.id for _, item in parsed if item.kind is Kind.ACT_RECORD})
        # 1. each act is what its name says (SHA-256)
        for act_id, name in acts.items():
            self._read(act_id, name)
        # 2. evidence of an act, and of one that is not there (RFC 4998)
        tokens = Tokens()
        for head in heads:
            if head in acts:
                self._judge(head, acts[head], tokens)
            else:
                self._findings.append(finding("MISSING", layout.act(self._holder, head)))
        # 3. whatever lies behind a proven act is proven by it, the earliest evidence first
        for head in sorted(self._evidence, key=lambda one: (self._evidence[one].since or self._at, one)):
            self._prove(head)
        # 4. the chain (SHA-512): no gap, no fork
        self._findings += self._links(acts)
        bare = len(acts) - len(self._since)
        if bare:
            self._findings.append(finding("ACT_NOT_COVERED", f"{self._holder}/acts/", found=bare))
        return self._told()

    def _read(self, act_id: str, name: str) -> None:
        octets = self._files.get(name)
        try:
            found = act.read(octets)
            if found.name != name:
                raise Malformed(f"expected {name}, found {found.name}")
        except Malformed as error:
            self._findings.append(finding("ACT_UNREADABLE", name, reason=error))
            return
        self._entries[act_id] = _Entry(name, found.number, found.at, sha512(octets), found.previous)
        if found.certificate is not None and found.at <= self._at:
            self._decided.append(found)

    def _judge(self, head: str, name: str, tokens: Tokens) -> None:
        trust, names = self._trust, records(self._files, name.removesuffix("json"))
        found = standing(self._files, names, policy=trust.policy, at=self._at, without=trust.without, tokens=tokens)
        judged = found.over({name: hashed(self._files.get(name), found.algorithms)})
        self._findings += judged.findings
        if judged.proven:
            self._evidence[head] = judged

    def _prove(self, head: str) -> None:
        """All from this act back to the first that is proven already, as far as each fits what the next one names."""
        since, current = self._evidence[head].since, self._entries.get(head)
        act_id = head
        while since and current and act_id not in self._since:
            self._since[act_id] = since
            before = current.previous
            if before is None:
                return
            act_id, current = before.id, self._entries.get(before.id)
            if current and current.sha512 != before.sha512:
                return

    def _links(self, acts: dict[str, str]) -> Iterator[Finding]:
        """One that is there and cannot be read is in its place all the same."""
        followed: dict[str, str] = {}
        for act_id, entry in sorted(self._entries.items(), key=lambda item: (item[1].number, item[0])):
            before = entry.previous.id if entry.previous else ""
            if before in followed:
                yield finding("ACT_FORKED", entry.name, found=followed[before])
            followed[before] = entry.name
            if entry.previous is None:
                continue
            if before not in acts:
                code = "ACT_MISSING" if act_id in self._since else "ACT_MISSING_UNPROVEN"
                yield finding(code, entry.name, expected=layout.act(self._holder, before))
            elif before in self._entries and self._entries[before].sha512 != entry.previous.sha512:
                expected, found = entry.previous.sha512, self._entries[before].sha512
                yield finding("ACT_ALTERED", acts[before], by=entry.name, expected=expected, found=found)

    def _told(self) -> Acts:
        times = sorted(entry.at for entry in self._entries.values())
        ends = [until for item in self._evidence.values() if (until := item.until)]
        return Acts(
            distrusted=_distrusted((item, item.id in self._since) for item in self._decided),
            findings=tuple(self._findings),
            count=len(self._entries),
            covered=len(self._since),
            heads=len(self._evidence),
            first=times[0] if times else None,
            last=times[-1] if times else None,
            end=max(((item.number, one) for one, item in self._entries.items()), default=(0, ""))[1],
            proven=min(self._since.values(), default=None),
            until=max(ends, default=None),
        )


def _distrusted(acts: Iterable[tuple[Act, bool]]) -> frozenset[Sha256]:
    """The newest act on a certificate holds; but what has evidence is not undone by what has none."""
    newest: dict[Sha256, tuple[ActKind, bool]] = {}
    for item, covered in sorted(acts, key=lambda found: (found[0].at, found[0].name)):
        digest = item.certificate
        before, proven = newest.get(digest, (None, False)) if digest else (None, False)
        if digest and (covered or not (proven and before is ActKind.TRUST_REVOKED)):
            newest[digest] = item.kind, covered
    return frozenset(digest for digest, (kind, _) in newest.items() if kind is ActKind.TRUST_REVOKED)

"""The evidence records of one thing: lineages, each from one authority's first record, of which the newest decides.

A renewal adds a record that holds all of the one before (RFC 4998, 5.2), so the newest of a lineage is judged, and the
older ones must be there and be its beginning. Two lineages are two proofs: one that falls leaves the other standing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509

from archiver.evidence.policy import Policy
from archiver.evidence.record.continued import continues
from archiver.evidence.record.judge import Examined, examine
from archiver.evidence.record.members import Hashes
from archiver.evidence.record.reader import is_xml
from archiver.evidence.record.tokens import Tokens
from archiver.evidence.timestamp import MARGIN, Token
from archiver.package import layout
from archiver.verdict import Finding, Indication, Severity, finding, verdict
from archiver.verify.files import Files

_SUFFIX = len("000001.ers")
_BROKEN = frozenset({"HASH_FAILURE", "FORMAT_FAILURE", "SIG_CRYPTO_FAILURE", "SIGNED_DATA_NOT_FOUND"})
"""What makes a record an altered object, and not one that time or its authority has taken away."""

_ALTERED = frozenset({"MISSING", "EVIDENCE_CERTIFICATE", "EVIDENCE_COPIED"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found, since when each lineage that PASSED proves its members to exist (by its newest record's name).

    `until` is how long the last of them holds without a renewal, as far as can be told today.
    """

    findings: tuple[Finding, ...] = ()
    proven: dict[str, datetime] = field(default_factory=dict)
    until: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """The first time that is proven."""
        return min(self.proven.values(), default=None)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one authority began: the newest record, examined, and what is wrong with those before it."""

    tsa: str
    newest: Examined
    findings: tuple[Finding, ...]

    def leans_on(self, tsas: Collection[str]) -> bool:
        """Whether one of these authorities began it, or (by its certificate's common name) gave one of its tokens."""
        return self.tsa in tsas or any(_called(stamp.token) in tsas for stamp in self.newest.stamps)


@dataclass(frozen=True, slots=True)
class Standing:
    """The lineages of one thing, before its files are looked at; `aside` are those that nobody may lean on."""

    lineages: tuple[Lineage, ...]
    aside: tuple[str, ...] = ()

    @property
    def algorithms(self) -> tuple[str, ...]:
        """What the files must be hashed with."""
        return tuple(dict.fromkeys(name for lineage in self.lineages for name in lineage.newest.algorithms))

    @property
    def since(self) -> datetime | None:
        """The first time that a lineage proves, if the files fit."""
        return min((found for lineage in self.lineages if (found := lineage.newest.since)), default=None)

    def over(
        self, members: Mapping[str, Hashes], *, absent: Mapping[str, Hashes] | None = None, partial: bool = False
    ) -> Evidence:
        """The records over these files; see `archiver.evidence.record.judge.Examined.covers`."""
        said = {
            lineage: (
                *lineage.findings,
                *lineage.newest.findings,
                *lineage.newest.covers(members, absent=absent, partial=partial),
            )
            for lineage in self.lineages
        }
        holds = [lineage for lineage in said if verdict(said[lineage]).indication is Indication.PASSED]
        findings = [finding("EVIDENCE_SET_ASIDE", name) for name in self.aside]
        for lineage, found in said.items():
            findings += found if lineage in holds or not holds else _fell(lineage, found)
        if self.aside and not self.lineages:
            findings.append(finding("EVIDENCE_NONE_LEFT", self.aside[0]))
        proven = {lineage.newest.subject: since for lineage in holds if (since := lineage.newest.since)}
        ends = [until for lineage in holds if (until := lineage.newest.until)]
        return Evidence(tuple(findings), proven, max(ends, default=None))


def records(files: Files, prefix: str) -> list[str]:
    """The names of the records below `prefix`."""
    found = ((listed.name, layout.parse(listed.name)) for listed in files.list(prefix))
    return [name for name, parsed in found if parsed and parsed.kind in layout.RECORDS]


def standing(
    files: Files,
    names: Collection[str],
    *,
    policy: Policy,
    at: datetime,
    without: Collection[str] = (),
    tokens: Tokens | None = None,
) -> Standing:
    """The lineages of the records at `names`; those of the authorities `without` are set aside."""
    by_tsa: dict[str, list[str]] = defaultdict(list)
    for name in names:
        parsed = layout.parse(name)
        if parsed:
            by_tsa[parsed.tsa].append(name)
    memory = tokens or Tokens()
    found = [_lineage(tsa, sorted(by_tsa[tsa]), files, policy, at, memory) for tsa in sorted(by_tsa)]
    aside = tuple(item.newest.subject for item in found if item.leans_on(without))
    return Standing(tuple(_copies([item for item in found if not item.leans_on(without)])), aside)


def _lineage(tsa: str, names: list[str], files: Files, policy: Policy, at: datetime, tokens: Tokens) -> Lineage:
    octets = [files.get(name) for name in names]
    place, newest = len(names) - 1, examine(octets[-1], policy, at=at, subject=names[-1], tokens=tokens)
    # as of a day before the last renewals: the record that was the newest then
    ahead: list[Finding] = []
    while place and newest.stamps and newest.stamps[-1].token.gen_time > at + MARGIN:
        ahead += (item for item in newest.findings if item.altered)  # a time that nobody signed is no later day
        place -= 1
        newest = examine(octets[place], policy, at=at, subject=names[place], tokens=tokens)
    found = [*_gaps(names), *ahead]
    if newest.record is None and is_xml(octets[place]):  # elsewhere another format, here no record of ours
        found.append(finding("EVIDENCE_UNREADABLE", names[place], reason="XML"))
    for name, older, newer in zip(names[1:], octets, octets[1:], strict=False):
        broken = continues(older, newer, name)
        found += (broken,) if broken else ()
    # elsewhere a doubt; but nothing is closed on a token that does not carry its authority's certificate
    bare = any(stamp.token.certificate is None for stamp in newest.stamps)
    found += (finding("EVIDENCE_CERTIFICATE", names[place]),) if bare else ()
    return Lineage(tsa, newest, tuple(found))


def _copies(found: list[Lineage]) -> Iterator[Lineage]:
    """One token is one proof, whatever folders it lies in."""
    seen: dict[bytes, str] = {}
    for lineage in found:
        first = lineage.newest.stamps[0].token.signed.signature if lineage.newest.stamps else b""
        if first and first in seen:
            copied = finding("EVIDENCE_COPIED", lineage.newest.subject, found=seen[first])
            yield Lineage(lineage.tsa, lineage.newest, (*lineage.findings, copied))
            continue
        seen[first] = lineage.newest.subject
        yield lineage


def _called(token: Token) -> str:
    if token.certificate is None:
        return ""
    common = x509.Certificate.load(token.certificate).subject.native.get("common_name")
    return common if isinstance(common, str) else ""


def _gaps(names: list[str]) -> Iterator[Finding]:
    """Numbers from 1, none missing."""
    for place, name in enumerate(names, 1):
        before = f"{name[:-_SUFFIX]}{place:06}.ers"
        if before not in names:
            yield finding("MISSING", before)


def _fell(lineage: Lineage, found: tuple[Finding, ...]) -> Iterator[Finding]:
    """What is said of a lineage when another one holds: that it fell, and why; what is altered stays an error."""
    for item in found:
        if item.severity is Severity.ERROR and (item.code in _ALTERED or item.sub_indication in _BROKEN):
            yield item
    grave = [item for item in found if item.severity in (Severity.ERROR, Severity.DOUBT)]
    italian, english = ("; ".join(dict.fromkeys(item.text(lang) for item in grave)) for lang in ("it", "en"))
    yield finding("EVIDENCE_FELL", lineage.newest.subject, tsa=lineage.tsa, reason=f"{italian} / {english}")

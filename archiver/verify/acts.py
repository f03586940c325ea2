"""What persons said of certificates: the acts in `acts/` cast doubt on what was signed with one that they revoked.

They change contents, never the verdict on a package; but an act that was altered, or taken away from its evidence, is
an error of the store.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package import act, layout
from archiver.package.act import Act, ActKind
from archiver.package.layout import Kind
from archiver.verdict import Finding, finding
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.members import hashed


@dataclass(frozen=True, slots=True)
class Acts:
    """The certificates that a person revoked and nobody confirmed since, and what is to be said of the acts."""

    distrusted: frozenset[Sha256] = frozenset()
    findings: tuple[Finding, ...] = ()


def read_acts(files: Files, holder: str, *, trust: Trust, at: datetime) -> Acts:
    """The holder's acts up to `at`, each with its own evidence. One that cannot be read says nothing."""
    names = [item.name for item in files.list(f"{holder}/acts/")]
    found: list[tuple[Act, bool]] = []
    findings = list(_without_act(names))
    for name in names:
        parsed = layout.parse(name)
        if parsed is None or parsed.kind is not Kind.ACT:
            continue
        octets = files.get(name)
        covered, said = _evidence(files, name, octets, trust, at)
        findings += said
        try:
            read = act.read(octets)
            if read.name != name:
                raise Malformed(f"expected {name}, found {read.name}")
        except Malformed as error:
            findings.append(finding("ACT_UNREADABLE", name, reason=error))
            continue
        if read.at <= at:
            found.append((read, covered))
    return Acts(_distrusted(found), tuple(findings))


def heed(files: Files, holder: str, *, trust: Trust, at: datetime) -> tuple[Trust, tuple[Finding, ...]]:
    """The same trust, but for what the holder's acts revoked, and what is to be said of these acts.

    For who judges less than the whole store.
    """
    acts = read_acts(files, holder, trust=trust, at=at)
    return heeding(acts, trust), acts.findings


def heeding(acts: Acts, trust: Trust) -> Trust:
    """The same trust, but for the certificates that a person revoked."""
    return replace(trust, providers=trust.providers.without(acts.distrusted)) if acts.distrusted else trust


def _distrusted(acts: list[tuple[Act, bool]]) -> frozenset[Sha256]:
    """The newest act on a certificate holds; but what has evidence is not undone by what has none."""
    newest: dict[Sha256, tuple[ActKind, bool]] = {}
    for item, covered in sorted(acts, key=lambda found: (found[0].at, found[0].name)):
        before, proven = newest.get(item.certificate, (None, False))
        if covered or not (proven and before is ActKind.TRUST_REVOKED):
            newest[item.certificate] = item.kind, covered
    return frozenset(digest for digest, (kind, _) in newest.items() if kind is ActKind.TRUST_REVOKED)


def _evidence(files: Files, name: str, octets: bytes, trust: Trust, at: datetime) -> tuple[bool, tuple[Finding, ...]]:
    """Whether evidence proves the act, and what is to be said of it."""
    names = records(files, name.removesuffix("json"))
    if not names:
        return False, (finding("ACT_NOT_COVERED", name),)
    found = standing(files, names, policy=trust.policy, at=at, without=trust.without)
    judged = found.over({name: hashed(octets, found.algorithms)})
    return bool(judged.proven), judged.findings


def _without_act(names: list[str]) -> Iterator[Finding]:
    """Evidence of an act that is not there: who takes one away must take its records too, and keep nobody's copy."""
    there = set(names)
    missing = set()
    for name in names:
        parsed = layout.parse(name)
        if parsed and parsed.kind is Kind.ACT_RECORD:
            missing.add(layout.act(parsed.holder, parsed.id))
    return (finding("MISSING", name) for name in sorted(missing - there))

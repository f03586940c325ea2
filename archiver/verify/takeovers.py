"""What was taken over from other conservatori: every ZIP is what its name says, and evidence proves since when.

What the foreign index, its seal and its time stamps are worth was said, and registered, when they were taken over.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import partial

from archiver.digest import Sha256
from archiver.evidence.cms import digest_of
from archiver.evidence.policy import Policy
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.verdict import Finding, finding
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files

PIECE = 1 << 20


def judge_takeovers(
    files: Files, holder: str, policy: Policy, at: datetime, *, without: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What is to be said of all of a holder's takeovers. Nothing is raised for what the files hold.

    One without a record is a warning: it may be a day old. A record without its ZIP is an error.
    """
    found = [parsed for item in files.list(f"{holder}/takeovers/") if (parsed := layout.parse(item.name))]
    there = {_name(parsed) for parsed in found if parsed.kind is Kind.TAKEOVER}
    lost = {_name(parsed) for parsed in found if parsed.kind is Kind.TAKEOVER_RECORD} - there
    findings = [finding("MISSING", name) for name in sorted(lost)]
    for name in sorted(there):
        findings += _one(files, name, policy, at, without)
    return tuple(findings)


def _one(files: Files, name: str, policy: Policy, at: datetime, without: Collection[str]) -> Iterator[Finding]:
    parsed = layout.parse(name)
    found = _digests(files, name, ["sha256"])["sha256"].hex()
    if parsed and found != parsed.id:
        yield finding("DIGEST", name, expected=parsed.id, found=found)
    names = records(files, name.removesuffix("zip"))
    if not names:
        yield finding("TAKEOVER_NOT_COVERED", name)
        return
    proofs = standing(files, names, policy=policy, at=at, without=without)
    yield from proofs.over({name: _digests(files, name, proofs.algorithms)}).findings


def _digests(files: Files, name: str, algorithms: Iterable[str]) -> dict[str, bytes]:
    """Of a package that may be of any size."""
    with files.open(name) as file:
        return digest_of(algorithms, iter(partial(file.read, PIECE), b""))


def _name(parsed: layout.Parsed) -> str:
    return layout.takeover(parsed.holder, Sha256(parsed.package), Sha256(parsed.id))

"""Trust batches: what was collected beside the volumes is all there, is what its list says, and is covered.

One batch is one data object group (RFC 4998, 4.3): its manifest, and every object that this lists.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.policy import Policy
from archiver.evidence.record.members import Hashes
from archiver.package import layout
from archiver.package.batch import Entry, read
from archiver.verdict import Finding, finding
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files
from archiver.verify.members import hashed


def judge_batches(
    files: Files, holder: str, policy: Policy, at: datetime, *, without: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What is to be said of all trust batches of a holder. Nothing is raised for what the files hold.

    A batch without a record is a warning: it may be a day old. A record without its manifest is an error.
    """
    found = [parsed for item in files.list(f"{holder}/trust/batches/") if (parsed := layout.parse(item.name))]
    there = {Sha256(parsed.id) for parsed in found if parsed.kind is layout.Kind.BATCH}
    orphans = {parsed.id for parsed in found if parsed.kind is layout.Kind.BATCH_RECORD} - there
    findings = [finding("MISSING", layout.batch(holder, Sha256(id))) for id in sorted(orphans)]
    for id in sorted(there):
        findings += _batch(files, holder, id, policy, at, without)
    return tuple(findings)


def _batch(
    files: Files, holder: str, id: Sha256, policy: Policy, at: datetime, without: Collection[str]
) -> Iterator[Finding]:
    name = layout.batch(holder, id)
    octets = files.get(name)
    if sha256(octets) != id:
        yield finding("DIGEST", name, expected=id, found=sha256(octets))
    try:
        entries = read(octets)
    except Malformed as error:
        yield finding("BATCH_UNREADABLE", name, reason=error)
        return
    names = records(files, f"{name.removesuffix('txt')}")
    proofs = standing(files, names, policy=policy, at=at, without=without)
    members, missing = _members(files, holder, entries, proofs.algorithms)
    yield from missing
    members[name] = hashed(octets, proofs.algorithms)
    if not names:
        yield finding("BATCH_NOT_COVERED", name)
        return
    # what is missing is said already: its digest in the record has no member
    yield from proofs.over(members, partial=bool(missing)).findings


def _members(
    files: Files, holder: str, entries: tuple[Entry, ...], algorithms: tuple[str, ...]
) -> tuple[dict[str, Hashes], list[Finding]]:
    """The objects of a batch, hashed as its records want them, and what is wrong with them."""
    members: dict[str, Hashes] = {}
    wrong: list[Finding] = []
    for digest, extension in entries:
        name = layout.trust(holder, digest, extension)
        if not files.has(name):
            wrong.append(finding("MISSING", name))
            continue
        octets = files.get(name)
        if sha256(octets) != digest:
            wrong.append(finding("DIGEST", name, expected=digest, found=sha256(octets)))
        members[name] = hashed(octets, algorithms)
    return members, wrong

"""Whatever but a volume has evidence records of its own: a rapporto, a trust batch, an act, a report, a discard."""

from collections.abc import Iterator
from datetime import datetime

from archiver.digest import Sha256, sha256
from archiver.errors import Malformed
from archiver.evidence.record.members import Hashes
from archiver.package import batch, layout
from archiver.verdict import Finding, finding
from archiver.verify.evidence import records, standing
from archiver.verify.files import Files, Trust
from archiver.verify.members import hashed

_SUFFIX = len(".000001.ers")


def judge_group(
    files: Files, record: str, *, trust: Trust, at: datetime, also: tuple[str, ...] = ()
) -> tuple[tuple[Finding, ...], dict[str, Hashes]]:
    """What is to be said of the files that the evidence record called `record` is about, and of all their records.

    Also the files' digests, by the algorithms of the records and by `also`. Nothing is raised for what the files hold.
    """
    parsed = layout.parse(record)
    if parsed is None or parsed.kind is layout.Kind.VOLUME_RECORD:
        raise ValueError(f"{record}: expected a record of a rapporto, a batch, an act, a report or a discard")
    stem = record[:-_SUFFIX].removesuffix(f".{parsed.tsa}")
    found: list[Finding] = []
    proofs = standing(files, records(files, f"{stem}."), policy=trust.policy, at=at, without=trust.without)
    algorithms = tuple(dict.fromkeys((*proofs.algorithms, *also)))
    members: dict[str, Hashes] = {}
    for name, digest in _names(files, stem, parsed, found):
        if not files.has(name):
            found.append(finding("MISSING", name))
            continue
        octets = files.get(name)
        if digest and sha256(octets) != digest:
            found.append(finding("DIGEST", name, expected=digest, found=sha256(octets)))
        members[name] = hashed(octets, algorithms)
    return (*found, *proofs.over(members).findings), members


def _names(files: Files, stem: str, parsed: layout.Parsed, found: list[Finding]) -> Iterator[tuple[str, Sha256 | None]]:
    """The files of the group, with the digests that they must have, where something says so."""
    match parsed.kind:
        case layout.Kind.ACT_RECORD:
            yield f"{stem}.json", None
        case layout.Kind.BATCH_RECORD:
            manifest = f"{stem}.txt"
            yield manifest, Sha256(parsed.id)
            try:
                entries = batch.read(files.get(manifest)) if files.has(manifest) else ()
            except Malformed as error:
                found.append(finding("BATCH_UNREADABLE", manifest, reason=error))
                return
            yield from ((layout.trust(parsed.holder, digest, end), digest) for digest, end in entries)
        case layout.Kind.TAKEOVER_RECORD:
            yield f"{stem}.zip", Sha256(parsed.id)
        case layout.Kind.REPORT_RECORD:
            sealed = f"{stem}.json.p7m"
            yield (sealed if files.has(sealed) else f"{stem}.json"), None
        case _:
            sealed = f"{stem}.xml.p7m"
            yield (sealed if files.has(sealed) else f"{stem}.xml"), None

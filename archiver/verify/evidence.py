"""The evidence records of one thing, as format 1 keeps them: numbered from 1 for each authority, none missing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archiver.evidence.record import reader
from archiver.package import layout
from archiver.verdict import Finding, finding
from archiver.verify.files import Files

_SUFFIX = len("000001.ers")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found, and since when each record that PASSED proves its members to exist, by its name."""

    findings: tuple[Finding, ...] = ()
    proven: dict[str, datetime] = field(default_factory=dict)

    @property
    def since(self) -> datetime | None:
        """The first time that is proven."""
        return min(self.proven.values(), default=None)


def records(files: Files, prefix: str) -> list[str]:
    """The names of the records below `prefix`."""
    found = ((listed.name, layout.parse(listed.name)) for listed in files.list(prefix))
    return [name for name, parsed in found if parsed and parsed.kind in layout.RECORDS]


def judge_records(
    files: Files,
    names: Collection[str],
    *,
    members: Mapping[str, bytes],
    absent: Mapping[str, bytes] | None = None,
    partial: bool = False,
    anchors: Iterable[bytes],
    crls: Iterable[bytes],
    at: datetime,
) -> Evidence:
    """Judges every record at `names` over the same members (name -> SHA-512); see `archiver.evidence.record.reader`."""
    findings = list(_gaps(names))
    proven = {}
    trusted, revoked = tuple(anchors), tuple(crls)
    for name in names:
        judged = reader.judge(
            files.get(name),
            members=members,
            absent=absent,
            partial=partial,
            anchors=trusted,
            crls=revoked,
            at=at,
            subject=name,
        )
        findings += judged.verdict.findings
        if judged.token and judged.token.certificate is None:
            # elsewhere a doubt; but nothing is closed on a token that does not carry its authority's certificate
            findings.append(finding("EVIDENCE_CERTIFICATE", name))
        if judged.proven_at:
            proven[name] = judged.proven_at
    return Evidence(tuple(findings), proven)


def _gaps(names: Collection[str]) -> Iterator[Finding]:
    for name in names:
        parsed = layout.parse(name)
        if parsed and parsed.number > 1:
            before = f"{name[:-_SUFFIX]}{parsed.number - 1:06}.ers"
            if before not in names:
                yield finding("MISSING", before)

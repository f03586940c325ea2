"""Reports as leaves of the night's evidence: those of sweeps, the certificates of purges."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import partial

from archiver.digest import sha256
from archiver.errors import Absent, Unavailable
from archiver.evidence.signature import Seal, judge_seal
from archiver.package import layout
from archiver.seal.evidence import FIRST, Groups, Leaf, hashes
from archiver.seal.values import Failure, Report, Sealing
from archiver.submission.reports import Filed, unproven
from archiver.submission.subjects import REPORT

COMPANY = timedelta(days=30)
"""How long a report whose signature is stamped waits for company: a sweep a night would be a token a night more."""


def report_leaves(holder: str, proven: Collection[str], groups: Groups, work: Sealing, said: Report) -> Iterator[Leaf]:
    """A leaf for each of the holder's reports that is not `proven` yet, by id.

    An altered one is a failure, and gets none: once it is repaired, evidence over it would be evidence against it.
    """
    for report in unproven(work.store, holder, proven=proven.__contains__):
        try:
            octets = work.store.get(report.name)
        except (Absent, Unavailable) as error:
            said.failures.append(Failure(report.name, str(error)))
            continue
        seal = judge_seal(octets, work.policy, at=work.clock(), subject=report.name) if report.sealed else None
        if failure := _altered(report, octets, seal):
            said.failures.append(failure)
            continue
        waits = seal is not None and seal.proven_at is not None and work.clock() - seal.proven_at < COMPANY
        record = partial(_record, report)
        group = [hashes(octets, groups.algorithms)]
        yield groups.add(REPORT, report.id, report.name, record, group, urgent=not waits)


def _altered(report: Filed, octets: bytes, seal: Seal | None) -> Failure | None:
    said = seal.verdict.findings if seal else ()
    if seal and any(item.altered for item in said):
        return Failure(report.name, verdict=seal.verdict)
    found = sha256((seal.content or b"") if seal else octets)[:32]
    if not report.id.endswith(found):
        return Failure(report.name, f"expected a report whose SHA-256 begins {report.id[-32:]}, found {found}")
    return None


def _record(report: Filed, tsa: str) -> str:
    return layout.report_record(report.holder, report.id, tsa=tsa, number=FIRST)

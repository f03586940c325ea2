"""Everything that one record covers, read and judged: what a new tree is made of, and a sweep on the way."""

from archiver.errors import Absent, Malformed
from archiver.evidence.record.members import Hashes
from archiver.package import layout
from archiver.renew.grow import Growing
from archiver.submission.rows import EvidenceRow
from archiver.verdict import Indication, verdict
from archiver.verify import judge_group, judge_volume


def read(row: EvidenceRow, algorithm: str, growing: Growing) -> list[Hashes] | None:
    """The digests of each member, by the algorithms of its evidence and by `algorithm`.

    None, and a failure, unless the judge passes all of it: what is altered must not be made young again.
    """
    work, found = growing.work, layout.parse(row.name)
    if found is None:
        growing.spoilt(row, f"{row.name}: nome sconosciuto (unknown name)")
        return None
    try:
        if found.kind is layout.Kind.VOLUME_RECORD:
            volume = work.catalog.volume(row.subject_id)
            growing.report.bytes += volume.size if volume else 0
            report = judge_volume(
                work.store,
                found.holder,
                found.id,
                trust=work.trust,
                at=growing.now,
                contents=False,
                also=(algorithm,),
            )
            said, members = report.verdict, report.members
        else:
            findings, members = judge_group(work.store, row.name, trust=work.trust, at=growing.now, also=(algorithm,))
            said = verdict(findings)
    except (Absent, Malformed) as error:
        growing.spoilt(row, str(error))
        return None
    if said.indication is not Indication.PASSED:
        growing.failed(row, said.findings)
        return None
    return list(members.values())

"""The judge: files, trust and time in, a verdict out. No network, no database; nothing shared with the builders.

Reading order for an auditor: volume, rapporto, segment, content, discards; below them `archiver.evidence` and the
readers of `archiver.package`.
"""

from archiver.verify.acts import heed, judge_register
from archiver.verify.asice import judge_asice
from archiver.verify.files import Files, Trust
from archiver.verify.group import judge_group
from archiver.verify.kept import informed
from archiver.verify.report import UNSIGNED, Report, together
from archiver.verify.reports import Filed, judge_report
from archiver.verify.single import judge_member, judge_message, judge_segment
from archiver.verify.store import judge_store
from archiver.verify.volume import judge_volume

__all__ = [
    "UNSIGNED",
    "Filed",
    "Files",
    "Report",
    "Trust",
    "heed",
    "informed",
    "judge_asice",
    "judge_group",
    "judge_member",
    "judge_message",
    "judge_register",
    "judge_report",
    "judge_segment",
    "judge_store",
    "judge_volume",
    "together",
]

"""Rebuild: every row of the catalog is made again from the store alone (house 3, decision 1; readings 36).

What is missing, altered or unreadable never stops it: all else is restored, what other objects prove too, and the loss
is reported. It may be cut anywhere and run again: what is noted stays, and it goes on behind it.
"""

from archiver.package import layout
from archiver.package.layout import Kind
from archiver.rebuild.holder import Holder
from archiver.rebuild.listing import listed
from archiver.rebuild.segments import Reader
from archiver.rebuild.values import Ask, Catalog, Mapped, Read, Rebuilding, Report
from archiver.verdict import Finding, finding

__all__ = ["Ask", "Catalog", "Mapped", "Read", "Reader", "Rebuilding", "Report", "rebuild"]


def rebuild(work: Rebuilding) -> Report:
    """Makes every row that the store tells of, and notes it in the catalog, which is empty or a cut rebuild's.

    Raises Unavailable when store or catalog do not answer, Conflict when the catalog holds what is not of this store.
    """
    report = Report()
    for listing in listed(work.store.list("")):
        Holder(work, report, listing).restore()
    report.lost = list(dict.fromkeys(report.lost))
    if any(map(_told, report.lost)):
        report.notes.append(finding("REBUILD_AGAIN", "catalog"))
    return report


def _told(lost: Finding) -> bool:
    """Whether rows were made without this object, from what others say: none of them is ever read again."""
    parsed = layout.parse(lost.subject.partition(" ")[0])
    return parsed is not None and parsed.kind in (Kind.SEGMENT, Kind.RDV, Kind.INDEX)

"""The register, from every store that answers: a replica that lags must not bring back what was revoked.

A register may have very many acts, so few are held at a time: of those that decided nothing only their links stay.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import islice

from archiver.errors import Absent, ConfigError, Malformed, Unavailable
from archiver.package import layout
from archiver.package.act import Act, Link, build
from archiver.ports import ObjectStore
from archiver.rebuild.values import Rebuilding, Report
from archiver.submission.acts import Noted, noted, read_acts, told
from archiver.verdict import finding

PORTION = 50
"""Acts that are noted together; each may have a megabyte."""


def restored(work: Rebuilding, holder: str, report: Report) -> list[Act]:
    """Notes the holder's acts from any store; each proves itself by its name. Gives back those on certificates.

    One that is not there and that another follows is lost, and noted as far as that one tells of it. Raises Unavailable
    for the store that is read.
    """
    known: set[str] = set()
    wrong: dict[str, str] = {}
    named: dict[str, _Before] = {}
    decided: list[Act] = []
    found = _everywhere(work, holder, report, known, wrong)
    while portion := list(islice(found, PORTION)):
        work.catalog.note_acts([noted(item, build(item)) for item in portion])
        for item in portion:
            if item.previous:
                named.setdefault(item.previous.id, _Before(item.previous, item.name))
        decided += [item for item in portion if item.certificate is not None]
        report.acts += len(portion)
    report.lost += [finding("REBUILD_UNREADABLE", name, reason=reason) for name, reason in wrong.items()]
    work.catalog.note_acts(list(_lost(holder, named, known, wrong.keys(), report)))
    return decided


@dataclass(frozen=True, slots=True)
class _Before:
    """What an act says of the one before it."""

    link: Link
    by: str


def _everywhere(work: Rebuilding, holder: str, report: Report, known: set[str], wrong: dict[str, str]) -> Iterator[Act]:
    """Each act once, from the first store that has it whole; `known` are their ids so far.

    `wrong`: those of the first that cannot be read, by name, with the reason.
    """
    for item in read_acts(work.store, [holder]):
        if isinstance(item, Malformed):
            name, _, reason = str(item).partition(": ")
            wrong[name] = reason
        else:
            known.add(item.id)
            yield item
    for id, store in work.others.items():
        try:
            for item in _more(store, holder, known):
                report.notes.append(finding("REBUILD_ELSEWHERE", item.name, store=id))
                yield item
        except (Absent, Unavailable, ConfigError) as error:
            report.notes.append(finding("REBUILD_SILENT", f"store {id}", reason=error))


def _more(store: ObjectStore, holder: str, known: set[str]) -> Iterator[Act]:
    """What no store before this one has; only that is read."""
    for item in read_acts(store, [holder], but=known):
        if not isinstance(item, Malformed):
            known.add(item.id)
            yield item


def _lost(
    holder: str, named: Mapping[str, _Before], known: Set[str], unreadable: Set[str], report: Report
) -> Iterator[Noted]:
    for act_id, before in named.items():
        if act_id not in known:
            if (name := layout.act(holder, act_id)) not in unreadable:
                report.lost.append(finding("REBUILD_MISSING", name, by=before.by))
            yield told(holder, before.link)

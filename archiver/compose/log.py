"""The register, asked for: which acts there are, whether it is whole, and a copy of it."""

from dataclasses import replace
from pathlib import Path

from archiver.access.registered import Exported, Filters, Page, export, find
from archiver.access.registered.export import vacant
from archiver.compose.archive import Archive
from archiver.compose.register import register
from archiver.errors import ArchiverError
from archiver.package.act import MOST, ActKind
from archiver.submission.acts import caught_up
from archiver.verdict import finding, verdict
from archiver.verify import Trust, judge_register
from archiver.verify.acts import Registered


def log_show(archive: Archive, filters: Filters, *, limit: int, after: str | None) -> Page:
    """One page of the registers of all holders, the newest acts first. Raises as `find`."""
    _catch_up(archive)
    return find(archive.catalog, archive.store, list(archive.config.holders), filters, limit=limit, after=after)


def log_verify(archive: Archive) -> list[Registered]:
    """The judge's word on the register of each holder, from the store alone; and what only the catalog knows."""
    trust = Trust(archive.providers, archive.policy)
    found = [
        judge_register(archive.store, holder, trust=trust, at=archive.clock()) for holder in archive.config.holders
    ]
    return [_beside_catalog(archive, item) for item in found]


def log_export(archive: Archive, out: Path, *, reason: str, lang: str) -> Exported:
    """A copy of all registers in a new folder; that it was made is an act in each of them, and in the copy."""
    vacant(out)  # before it is said that there is a copy
    holders = sorted(archive.config.holders)
    register(archive, holders=holders, kind=ActKind.EXPORT, what={"register": True}, reason=reason, clock=archive.clock)
    return export(archive.store, holders, out, anchors=archive.tsa_anchors, lang=lang)


def _catch_up(archive: Archive) -> None:
    for holder in archive.config.holders:
        caught_up(archive.store, archive.catalog, holder, at=archive.clock())


def _beside_catalog(archive: Archive, item: Registered) -> Registered:
    """What was taken away from the end of a register, with its evidence, leaves no trace in the store: the catalog
    knows every act and every record.
    """
    try:
        known = [row.name for row in archive.catalog.acts_between(item.holder, 0, MOST)]
        known += archive.catalog.act_records(item.holder)
    except ArchiverError:
        return item  # the verdict rests on the store; without a catalog there is less to compare
    there = {one.name for one in archive.store.list(f"{item.holder}/acts/")}
    said = [one for one in item.verdict.findings if one.code != "REGISTER_EMPTY"]
    told = {one.subject for one in said if one.code == "MISSING"}
    missing = [finding("MISSING", name) for name in known if name not in there and name not in told]
    return replace(item, verdict=verdict([*said, *missing])) if missing else item

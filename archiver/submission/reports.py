"""Reports in the store: which was the last, what the newest says, which have no evidence yet."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from archiver.errors import Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.layout import Kind
from archiver.package.report import reader
from archiver.package.report.values import Report, ReportKind, identifier, told
from archiver.ports import ObjectStore


class Filed(NamedTuple):
    """A report in the store: whose it is, its id (see `layout.report`), whether it is signed."""

    holder: str
    id: str
    sealed: bool

    @property
    def name(self) -> str:
        """Where it lies."""
        return layout.report(self.holder, self.id, sealed=self.sealed)

    @property
    def at(self) -> datetime:
        """When it was filed, by its name."""
        return told(self.id)[1]


def filed(store: ObjectStore, holder: str) -> list[Filed]:
    """The holder's reports, the oldest first; of one that lies there both with and without its seal, the sealed."""
    found: dict[str, Filed] = {}
    for item in store.list(f"{holder}/reports/"):
        parsed = layout.parse(item.name)
        if parsed and parsed.kind is Kind.REPORT and _is_one(parsed.id):
            found[parsed.id] = Filed(holder, parsed.id, parsed.extension != "json")  # `.json` comes before `.json.p7m`
    return sorted(found.values(), key=lambda one: one.id)


def last(store: ObjectStore, holder: str, kind: ReportKind) -> str | None:
    """The id of the holder's last report of this kind, whatever is in it."""
    return max((one.id for one in filed(store, holder) if told(one.id)[0] is kind), default=None)


def newest(store: ObjectStore, holder: str, kind: ReportKind) -> Report | None:
    """The holder's newest report of this kind that can be read; the judge says which cannot."""
    return next(backwards(store, holder, kind), None)


def backwards(store: ObjectStore, holder: str, kind: ReportKind) -> Iterator[Report]:
    """The holder's reports of this kind that can be read, the newest first."""
    for one in reversed(filed(store, holder)):
        if told(one.id)[0] is not kind:
            continue
        octets = store.get(one.name)
        try:
            octets = open_signed(octets).content or b"" if one.sealed else octets
            report = reader.read(octets)
        except Malformed:
            continue
        if report.holder == holder and identifier(report.kind, report.at, octets) == one.id:
            yield report


def unproven(store: ObjectStore, holder: str, *, proven: Callable[[str], bool]) -> list[Filed]:
    """The holder's reports that are not `proven` (by id), the oldest first: a run of `seal` covers each."""
    return [one for one in filed(store, holder) if not proven(one.id)]


def _is_one(report_id: str) -> bool:
    """Whether a name that is shaped like a report's says a time and a kind that there are."""
    try:
        told(report_id)
    except ValueError:
        return False
    return True

"""Discards as people see them: found by their acts and their lists, shown, and how far each has come."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.compose.archive import Archive
from archiver.compose.decided import decided
from archiver.compose.register import register
from archiver.compose.roles import Right
from archiver.digest import sha256
from archiver.discard import messages_in, volumes_in
from archiver.errors import Absent, ConfigError, Malformed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.act import DISCARDS, ActKind
from archiver.package.report import reader as report_reader
from archiver.submission.rows import MessageRow
from archiver.submission.steps import Steps, steps
from archiver.verdict import Finding

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Discard:
    """One discard as people see it: how far it is, its list, and the name of its record once there is one."""

    steps: Steps
    told: Mapping[str, Any]
    list_name: str
    record: str = ""
    warnings: tuple[Finding, ...] = ()

    @property
    def totals(self) -> Mapping[str, int]:
        """Counts of the list."""
        totals: Mapping[str, int] = self.told["totals"]
        return totals

    def as_json(self) -> dict[str, Any]:
        """For machines: digests and counts, no subject and no address."""
        return {
            **self.steps.as_json(),
            "list_name": self.list_name,
            "record": self.record,
            "totals": dict(self.totals),
            "volumes": self.told["volumes"],
            "messages": self.told["messages"],
        }


def discard_list(archive: Archive) -> list[Discard]:
    """Every discard, the oldest first."""
    return [seen(archive, one) for one in steps(decided(archive, DISCARDS)).values()]


def discard_show(archive: Archive, name: str) -> Discard:
    """One discard, named by its id or the beginning of it."""
    return found(archive, name)


def discard_subjects(
    archive: Archive, known: Discard, *, after: str = "", limit: int = 50, reason: str = "", clock: Clock
) -> list[MessageRow]:
    """The messages of a list, a page of them, as the catalog knows them: who looks is in the register before.

    For the approver's eyes: nothing of it is stored. Raises as `register`.
    """
    archive.permit(Right.READ)
    whole = [one for one in volumes_in(known.told) if archive.catalog.volume(one)]
    rows = archive.catalog.messages_in(whole, after=(after, "~"), limit=limit) if whole else []
    single = [digest for digest, _ in messages_in(known.told) if digest > after]
    rows += [row for row, _ in archive.catalog.placed(known.steps.holder, single)]
    page = sorted(rows, key=lambda row: (row.sha256, row.mailbox))[:limit]
    if page:
        what = {"discard": known.steps.id, "messages": sorted({row.sha256 for row in page})}
        register(archive, holders=[known.steps.holder], kind=ActKind.SHOW, what=what, reason=reason, clock=clock)
    return page


def discard_certificate(archive: Archive, name: str) -> bytes:
    """The sealed record of a destruction, as it lies in the store. Raises Absent while there is none."""
    known = found(archive, name)
    if not known.record:
        raise Absent(
            f"{known.steps.id}: {known.steps.state.value}: il verbale c'è dopo `discard execute` (no record yet)"
        )
    return archive.store.get(known.record)


def found(archive: Archive, name: str) -> Discard:
    """The discard called so, by its acts. Raises Absent, ConfigError."""
    acts = decided(archive, DISCARDS)
    known = [one for one in steps(acts).values() if one.id == name] or [
        one for one in steps(acts).values() if one.id.startswith(name) or one.id.rpartition("-")[2].startswith(name)
    ]
    if not known:
        raise Absent(f"{name}: nessuno scarto si chiama così: `archiver discard show` li elenca (no such discard)")
    if len(known) > 1:
        raise ConfigError(f"{name}: più scarti: {', '.join(one.id for one in known)} (several match)")
    return seen(archive, known[0])


def seen(archive: Archive, known: Steps) -> Discard:
    """With its list, which must be the one that was proposed. Raises Malformed, Absent."""
    names = [layout.report(known.holder, known.list_id, sealed=sealed) for sealed in (True, False)]
    name = next((one for one in names if archive.store.has(one)), names[0])
    octets = unsigned(archive, name)
    if sha256(octets) != known.list_sha256:
        raise Malformed(
            f"{name}: expected SHA-256 {known.list_sha256}, found {sha256(octets)}: archiver sweep --repair"
        )
    filed = report_reader.read(octets)
    record = layout.discard(known.holder, known.id, sealed=True)
    return Discard(known, filed.content, name, record if archive.store.has(record) else "")


def unsigned(archive: Archive, name: str) -> bytes:
    octets = archive.store.get(name)
    return open_signed(octets).content or b"" if name.endswith("p7m") else octets


def entries(told: Mapping[str, Any]) -> tuple[str, ...]:
    """What can be chosen of a list: its volumes, or its messages."""
    return volumes_in(told) or tuple(digest for digest, _ in messages_in(told))

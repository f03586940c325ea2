"""`archiver evidence --format asice`: dossiers as ASiC-E containers, one for each volume that holds their messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.access.exhibit.write import selection
from archiver.access.export.container import contain
from archiver.access.show import Shown
from archiver.access.show import show as show_dossier
from archiver.compose.archive import Archive
from archiver.compose.exhibit import written
from archiver.compose.looking import glimpsed, telling
from archiver.compose.register import check_reason, register
from archiver.compose.roles import Right
from archiver.errors import ConfigError, Conflict
from archiver.package.asice.values import EXTENSION
from archiver.verdict import Indication
from archiver.verify import Report, judge_asice, together

ENDINGS = (EXTENSION, ".sce")


@dataclass(frozen=True, slots=True)
class Contained:
    """The containers that were made; `pending` messages are of no volume yet, and in none of them."""

    paths: tuple[Path, ...]
    messages: int
    octets: int
    pending: int
    report: Report
    restricted: int = 0

    @property
    def indication(self) -> Indication:
        """That of the containers, left open by what is in none."""
        passed = self.report.indication is Indication.PASSED
        return Indication.INDETERMINATE if passed and self.pending else self.report.indication

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": str(self.paths[0]),
            "paths": list(map(str, self.paths)),
            "messages": self.messages,
            "bytes": self.octets,
            "indication": self.indication.value,
            "pending": self.pending,
            "restricted": self.restricted,
        }


def evidence_asice(
    archive: Archive,
    names: Sequence[str],
    output: Path,
    *,
    full: bool,
    reason: str,
    mailbox: str | None,
    clock: Callable[[], datetime],
) -> Contained:
    """Containers of these dossiers' messages: at `output`, or `<stem>-1.asice`, `<stem>-2.asice` for several volumes.

    Raises ConfigError for dossiers of several holders, and when no message is in a volume yet; Conflict when something
    is there; Absent and Malformed for what is not as the archive promises.
    """
    archive.permit(Right.READ, mailbox)
    check_reason(archive, reason)
    if output.suffix.lower() not in ENDINGS or not output.parent.is_dir():
        raise ConfigError(f"-o {output}: expected the name of a new {EXTENSION}, such as fascicolo{EXTENSION}")
    shown = _shown(archive, names, mailbox, reason)
    proofs = tuple({proof.message.sha256: proof for item in shown for proof in item.proofs}.values())
    chosen = selection(proofs)
    what = {"messages": sorted(proof.message.sha256 for proof in proofs), "form": "asice", "full": full}
    register(archive, holders=[chosen.holder], kind="evidence", what=what, reason=reason, clock=clock)
    if not chosen.volumes:
        raise ConfigError(
            "nessuno di questi messaggi è in un volume chiuso: prima `archiver seal --now` (no volume holds them yet)"
        )
    paths = _paths(output, sorted(chosen.volumes))
    reports = []
    for volume, path in paths.items():
        with written(path) as file:
            contain(archive.store, chosen.holder, volume, file, rows=chosen.volumes[volume], full=full)
        with path.open("rb") as file:
            reports.append(judge_asice(file, path.name, trust=archive.trust, at=clock()))
    return Contained(
        paths=tuple(paths.values()),
        messages=len(proofs) - len(chosen.pending),
        octets=sum(path.stat().st_size for path in paths.values()),
        pending=len(chosen.pending),
        report=together(reports),
        restricted=sum(item.restricted for item in shown),
    )


def _shown(archive: Archive, names: Sequence[str], mailbox: str | None, reason: str) -> tuple[Shown, ...]:
    within = archive.mailbox(mailbox).id if mailbox else None
    called = {item.id: item.name for item in archive.config.mailboxes}
    with telling(archive, reason=reason):
        shown = tuple(
            show_dossier(archive.visible, archive.store, name, mailboxes=called, mailbox=within, behind=archive.own)
            for name in names
        )
    holders = sorted({proof.message.holder for item in shown for proof in item.proofs})
    if len(holders) != 1:
        glimpsed(archive, (proof.message for item in shown for proof in item.proofs), reason=reason)
        raise ConfigError(f"these dossiers are of several holders ({', '.join(holders)}): make containers of each")
    return shown


def _paths(output: Path, volumes: Sequence[str]) -> dict[str, Path]:
    """A path for each volume. Raises Conflict."""
    several = len(volumes) > 1
    found = {
        volume: output.with_name(f"{output.stem}-{number}{output.suffix}") if several else output
        for number, volume in enumerate(volumes, 1)
    }
    there = [str(path) for path in found.values() if path.exists() or path.is_symlink()]
    if there:
        raise Conflict(f"{', '.join(there)}: is there already, and is not written over: choose another name with -o")
    return found

"""`archiver evidence --for pct|ptt`: the flat folder that a court's filing system accepts, beside the full exhibit."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from archiver.access.exhibit.courts import Court, courts
from archiver.access.exhibit.deposit import REPORT, Plan, plan
from archiver.access.exhibit.rapporto import rapporto
from archiver.adapters.stores.disk import errors, sync_folder
from archiver.digest import digests_of, sha256
from archiver.errors import ConfigError, Conflict, Malformed
from archiver.verdict import Finding

Seal = Callable[[bytes], bytes]

_PIECE = 1 << 20
_FIRST_GUESS = 600_000
_MARGIN = 100_000
"""Bytes that a report may grow by between two printings, and by its seal (62,000)."""


@dataclass(frozen=True, slots=True)
class Deposited:
    """The folder and what is in it; `findings` say what was split, left out, or may be refused."""

    path: Path
    plan: Plan

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said about it."""
        return self.plan.findings

    @property
    def left(self) -> int:
        """Messages that the court's system cannot take."""
        return sum(found.code == "DEPOSIT_TOO_LARGE" for found in self.findings)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "path": str(self.path),
            "court": self.plan.court.id,
            "sends": self.plan.sends,
            "files": [item.as_json() for item in self.plan.filed],
            "left": self.left,
        }


def court_of(name: str) -> Court:
    """The filing system called `name`. Raises ConfigError."""
    try:
        return courts()[name]
    except KeyError:
        raise ConfigError(f"--for {name}: expected one of {', '.join(courts())}") from None


def places(output: Path) -> tuple[Path, Path]:
    """The folder of the deposit and the full exhibit beside it, by `-o`. Raises Conflict for a folder that is there."""
    folder = output.with_suffix("") if output.suffix.lower() == ".zip" else output
    if folder.exists() or folder.is_symlink():
        raise Conflict(f"{folder}: is there already, and is not written over: choose another name with -o")
    return folder, folder.with_name(f"{folder.name}.zip")


def deposit(folder: Path, exhibit: Path, told: Mapping[str, Any], court: Court, *, seal: Seal) -> Deposited:
    """Writes the deposit of a full exhibit (a ZIP that is there, of which `told` tells) to `folder`, which is not.

    `seal` signs rapporto.pdf, or leaves it as it is. The messages are those of the exhibit, octet for octet. Raises
    Malformed when they are not, or the report is too large; Conflict when the folder came to be there; Unavailable.
    """
    planned, report = _fitted(told, court, exhibit)
    with errors(folder), _written(folder) as aside, ZipFile(exhibit) as whole:
        for send in range(1, planned.sends + 1):
            (aside / planned.folder(send)).mkdir(exist_ok=True)
        _put(aside / planned.folder(1) / REPORT, seal(report))
        for item in planned.filed:
            octets = whole.read(f"{exhibit.stem}/{item.path}")
            if sha256(octets) != item.sha256:
                raise Malformed(f"{exhibit}: {item.path}: expected sha256:{item.sha256}, found {sha256(octets)}")
            _put(aside / planned.folder(item.send) / item.name, octets)
        for send in range(1, planned.sends + 1):
            sync_folder(aside / planned.folder(send))
    return Deposited(folder, planned)


def _fitted(told: Mapping[str, Any], court: Court, exhibit: Path) -> tuple[Plan, bytes]:
    """The plan with the report that tells of it: how large that is decides what else fits into the first send."""
    with exhibit.open("rb") as file:
        found = digests_of(iter(lambda: file.read(_PIECE), b""))
    kept = _FIRST_GUESS
    while True:
        planned = plan(told, court, report=kept)
        about = planned.told(name=exhibit.name, size=found.size, sha256=found.sha256)
        report = rapporto({**told, "deposit": about}, embed=False)
        if len(report) + _MARGIN <= kept:
            return planned, report
        kept = len(report) + 2 * _MARGIN


def _put(path: Path, octets: bytes) -> None:
    with path.open("xb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _written(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` that takes its name when all went well; else nothing is left of it."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        aside.chmod(0o755)
        yield aside
        if folder.exists():
            raise Conflict(f"{folder}: came to be there in the meantime, and is not written over")
        aside.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)

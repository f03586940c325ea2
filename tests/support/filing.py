"""Reports filed in an archive on disk, as sweeps and purges do, and how they read."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver import compose
from archiver.compose.reporting import Filed, filed
from archiver.evidence.cms import open_signed
from archiver.package import layout
from archiver.package.report import reader
from archiver.package.report.values import Report
from support.small import EVENING, HOLDER, Files


def opened(folder: Path, at: datetime = EVENING) -> compose.Archive:
    """The archive in a folder, as another process opens it."""
    return compose.open_archive(folder / "archiver.toml", environ={}, clock=lambda: at)


def file(
    folder: Path, kind: str = "sweep", content: Mapping[str, Any] | None = None, *, at: datetime = EVENING
) -> Filed:
    """One report more."""
    return filed(opened(folder, at), kind=kind, holder=HOLDER, content=content or {"objects": 1}, clock=lambda: at)


def codes(done: Filed) -> list[str]:
    """What was said of its seal."""
    return [item.code for item in done.warnings]


def unsigned(octets: bytes, name: str) -> bytes:
    """What a report's file holds."""
    return (open_signed(octets).content or b"") if name.endswith(".p7m") else octets


def told(files: Files, name: str) -> Report:
    """What a report says."""
    return reader.read(unsigned(files[name], name))


def id_of(name: str) -> str:
    """The id in a report's name."""
    parsed = layout.parse(name)
    assert parsed is not None
    return parsed.id

"""An exhibit on disk, in its ZIP or unpacked: recognised, and given to the judge."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from archiver.adapters.stores.unpacked import Unpacked
from archiver.adapters.stores.zipped import Zipped, names
from archiver.errors import ConfigError, Malformed
from archiver.package.exhibit import layout
from archiver.verdict import finding, verdict
from archiver.verify import Files, Report, Trust
from archiver.verify.exhibit import judge_exhibit

_SIGNS = (layout.BAG, layout.DOSSIER, layout.SEALED, layout.INDEX)
"""Each of these alone tells an exhibit: who takes one away must not have it judged as something else."""

_SEGMENT = re.compile(r"[0-9a-f]{64}\.zip")


def is_exhibit(path: Path) -> bool:
    """Whether a folder, or a ZIP at its root or below one folder, is called as an exhibit is inside.

    A ZIP that cannot be read is taken for one too: its judge says so.
    """
    if path.is_dir():
        return any((path / sign).is_file() for sign in _SIGNS)
    if path.suffix.lower() != ".zip":
        return False
    inside = names(path)
    if inside is None:  # not whole: only a segment is called so, and its own judge says what is left of it
        return _SEGMENT.fullmatch(path.name) is None
    return any(name == sign or name.partition("/")[2] == sign for name in inside for sign in _SIGNS)


def judge(
    path: Path,
    *,
    trust: Trust,
    without: frozenset[str],
    at: datetime,
    progress: Callable[[int, int | None], None],
) -> Report:
    """The verdict on the exhibit at `path`. Raises ConfigError for an authority `without` that has no record in it."""
    if path.is_dir():
        folder = Unpacked(path)
        return judge_exhibit(
            folder,
            trust=_without(trust, without, folder),
            at=at,
            more=tuple(folder.findings),
            progress=lambda done: progress(done, None),
        )
    with path.open("rb") as file:
        try:
            files = Zipped(file)
        except Malformed as error:
            return Report(verdict((finding("EXHIBIT_ZIP_UNREADABLE", path.name, reason=error),)))
        return judge_exhibit(
            files,
            trust=_without(trust, without, files),
            at=at,
            more=tuple(files.findings),
            progress=lambda done: progress(done, None),
        )


def _without(trust: Trust, without: frozenset[str], files: Files) -> Trust:
    if not without:
        return trust
    known = {parsed.tsa for item in files.list(layout.DATA) if (parsed := layout.parse(item.name)) and parsed.tsa}
    if unknown := sorted(without - known):
        there = ", ".join(sorted(known)) or "none"
        raise ConfigError(f"--without-tsa {', '.join(unknown)}: no evidence of that authority; those here: {there}")
    return replace(trust, without=trust.without | without)

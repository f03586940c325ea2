"""An auditor's export on disk: recognised, each file against the list beside it, and each part given to its judge."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from archiver.access.export.documents import LIST_JSON, SUMS
from archiver.compose.unpacked import judge as judge_unpacked
from archiver.handover.bag import digest_file
from archiver.verdict import Finding, finding, verdict
from archiver.verify import Report, Trust, judge_asice, together

_CONTAINER = ".asice"


def is_export(path: Path) -> bool:
    """Whether a folder is what `archiver export` writes."""
    return path.is_dir() and (path / SUMS).is_file() and (path / LIST_JSON).is_file()


def judge(
    path: Path,
    *,
    trust: Trust,
    without: frozenset[str],
    at: datetime,
    progress: Callable[[int, int | None], None],
) -> Report:
    """The verdict on all of its parts, and on the list of what was asked for: it names the parts, and nobody signed it.

    Raises ConfigError for an authority `without` that has no record in a part.
    """
    try:
        parts = [path / str(one["name"]) for one in json.loads((path / LIST_JSON).read_bytes())["parts"]]
        wrong = list(_unlike(path))
    except (ValueError, KeyError, TypeError) as error:
        return Report(verdict([finding("HANDED_UNREADABLE", path.name, reason=error)]))
    wrong += [
        finding("HANDED_MISSING", part.name, by=LIST_JSON)
        for part in parts
        if part.resolve().parent != path.resolve() or not part.exists()
    ]
    if not parts:  # nothing that is wrong, and nothing that anybody vouches for
        wrong.append(finding("STORE_EMPTY", path.name))
    if wrong:
        return Report(verdict(wrong))
    return together(
        [
            _container(part, trust, at)
            if part.suffix == _CONTAINER
            else judge_unpacked(part, trust=trust, without=without, at=at, progress=progress)
            for part in parts
        ]
    )


def _container(part: Path, trust: Trust, at: datetime) -> Report:
    with part.open("rb") as file:
        return judge_asice(file, part.name, trust=trust, at=at)


def _unlike(path: Path) -> Iterator[Finding]:
    """Files that are not as SHA256SUMS has them. Raises ValueError for a line that is none of `sha256sum`."""
    for line in (path / SUMS).read_text(encoding="utf-8").splitlines():
        expected, name = line.split("  ", 1)
        file = path / name
        if not file.resolve().is_relative_to(path.resolve()) or not file.is_file():
            yield finding("HANDED_MISSING", name, by=SUMS)
        elif (found := digest_file(file)[0]) != expected:
            yield finding("HANDED_DIGEST", name, expected=expected, found=found)

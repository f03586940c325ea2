"""Mail of one's own, for the benchmarks that are asked for it: a folder of .eml, a Maildir."""

import shutil
from collections.abc import Sequence
from pathlib import Path


def messages(folder: Path) -> list[Path]:
    """The files of its messages, in the order of their names. Raises RuntimeError when there are none."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and _is_mail(path))
    if not found:
        raise RuntimeError(f"{folder}: there is no message in it (*.eml, or a Maildir)")
    return found


def dealt(folder: Path, into: Sequence[Path]) -> int:
    """Copies of its messages, one after the other, to each of these folders, which are made; how many there are."""
    for each in into:
        each.mkdir(parents=True)
    found = messages(folder)
    for number, path in enumerate(found):
        shutil.copy(path, into[number % len(into)] / f"{number:08}.eml")
    return len(found)


def _is_mail(path: Path) -> bool:
    return path.suffix == ".eml" or path.parent.name in ("cur", "new")

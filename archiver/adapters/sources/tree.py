"""A folder and what is below it: which files stand for messages of which mail folder, always in the same order."""

import os
from collections.abc import Iterator
from pathlib import Path

from archiver.adapters.sources.files import Place, shown, unreadable, vanished
from archiver.adapters.utf7 import decoded
from archiver.ports import Unfetched

MAILDIR = ("new", "cur")  # in this order: a mail program at work moves messages from the first to the second
INBOX = "INBOX"
LEFT_OUT = frozenset({"drafts", "bozze", "junk", "spam", "posta indesiderata"})
"""Folders of a mailbox that are not taken in: what was never sent, and junk. Trash is: receipts end there."""

_OUTSIDE = (
    "collegamento che porta fuori dalla cartella: copiarne il contenuto (a link out of the folder: copy its target)"
)
_BROKEN = "collegamento a un file che non c'è (a link to a file that is not there)"


def places(root: Path) -> Iterator[Place | Unfetched]:
    """Every file under `root` but hidden ones, by the bytes of the paths; in a Maildir, its messages first.

    A Maildir has `cur` and `new`; its sub-folders are `.Name` (Maildir++, but those called as in LEFT_OUT) or
    Maildirs in it. Links to folders are not followed, links to files only within `root`. Raises Unavailable when `root`
    is not there.
    """
    if not root.is_dir():
        raise vanished(root)
    yield from _below(root, root, "")


def _below(root: Path, folder: Path, name: str) -> Iterator[Place | Unfetched]:
    try:
        entries = _entries(folder)
        maildir = all((folder / part).is_dir() for part in MAILDIR)
    except FileNotFoundError as error:
        raise vanished(folder) from error
    except OSError as error:
        yield Unfetched(_origin(root, folder), unreadable(error), name)
        return
    if maildir:
        yield from _maildir(root, folder, entries, decoded(name))
    for entry in entries:
        if not entry.startswith(".") and not (maildir and entry in (*MAILDIR, "tmp")):
            yield from _entry(root, folder / entry, name)


def _entry(root: Path, path: Path, name: str, *, message: bool = False) -> Iterator[Place | Unfetched]:
    origin = _origin(root, path)
    try:
        refused, folder, link = _refused(root, path), path.is_dir(), path.is_symlink()
    except OSError as error:
        refused, folder, link = unreadable(error), False, False
    if refused:
        yield Unfetched(origin, refused, name)
    elif not folder:
        yield Place(path, origin, name, message=message)
    elif not link and not message:
        yield from _below(root, path, f"{name}/{shown(path.name)}" if name else shown(path.name))


def _refused(root: Path, path: Path) -> str:
    """Why a link is not followed, or nothing."""
    if not path.is_symlink():
        return ""
    if not path.exists():
        return _BROKEN
    return "" if path.resolve().is_relative_to(root.resolve()) else _OUTSIDE


def _maildir(root: Path, folder: Path, entries: list[str], name: str) -> Iterator[Place | Unfetched]:
    yield from _delivered(root, folder, name or INBOX)
    for entry in entries:
        if entry.startswith(".") and any((folder / entry / part).is_dir() for part in MAILDIR):
            levels = "/".join(decoded(shown(part)) for part in entry[1:].split("."))
            if levels.rpartition("/")[2].casefold() in LEFT_OUT:
                continue
            yield from _delivered(root, folder / entry, f"{name}/{levels}" if name else levels)


def _delivered(root: Path, folder: Path, name: str) -> Iterator[Place | Unfetched]:
    for part in MAILDIR:
        try:
            entries = _entries(folder / part) if (folder / part).is_dir() else []
        except OSError as error:
            yield Unfetched(_origin(root, folder / part), unreadable(error), name)
            continue
        for entry in entries:
            if not entry.startswith("."):
                yield from _entry(root, folder / part / entry, name, message=True)


def _entries(folder: Path) -> list[str]:
    """The names in `folder`, in the order of their bytes."""
    return [os.fsdecode(name) for name in sorted(os.listdir(os.fsencode(folder)))]


def _origin(root: Path, path: Path) -> str:
    return shown(path.relative_to(root)) if path != root else shown(root.name)

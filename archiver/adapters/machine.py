"""What the machine is asked about itself: room on its disks, permissions of its files, its users, its libraries."""

import os
import platform
import pwd
import sqlite3
import ssl
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Room:
    """Of a file system: octets free for whoever asks and octets in all, and files that may still be made.

    `files` is None where the file system does not count them. `device` tells it from others.
    """

    free: int
    total: int
    files: int | None
    device: int


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may do what with a file: its permissions, and whether whoever asks owns it."""

    mode: int
    mine: bool

    @property
    def shown(self) -> str:
        """As `chmod` writes it."""
        return f"{self.mode:04o}"

    @property
    def exposed(self) -> bool:
        """Whether somebody else may read or change it. A group that another owner chose is taken for meant."""
        return bool(self.mode & (0o066 if self.mine else 0o006))

    @property
    def others_write(self) -> bool:
        """Whether somebody besides its owner may change it."""
        return bool(self.mode & 0o022)


def room(path: Path) -> Room:
    """Of the file system on which `path` lies, or will lie. Raises OSError."""
    there = next(one for one in (path, *path.parents) if one.exists())
    found = os.statvfs(there)
    files = found.f_favail if found.f_files else None
    return Room(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize, files, there.stat().st_dev)


def guard(path: Path) -> Guard:
    """Of the file at `path`, behind links. Raises OSError."""
    found = path.stat()
    return Guard(stat.S_IMODE(found.st_mode), found.st_uid == os.geteuid())


def close_to_others(path: Path) -> None:
    """Only its owner reads and writes it from now on (0600). Raises OSError."""
    path.chmod(0o600)


def is_user(login: str) -> bool:
    """Whether the machine has a user of that name."""
    try:
        pwd.getpwnam(login)
    except KeyError:
        return False
    return True


def python() -> tuple[int, int, str]:
    """The interpreter's version: major, minor, and whole."""
    major, minor, _ = platform.python_version_tuple()
    return int(major), int(minor), platform.python_version()


def libraries() -> dict[str, str]:
    """The versions of what the machine brings, by name."""
    return {"OpenSSL": ssl.OPENSSL_VERSION.removeprefix("OpenSSL "), "SQLite": sqlite3.sqlite_version}

"""Processes with a part of a core each, as a smaller machine would give them: the kernel's CPU controller (cgroups).

Where workers shall be counted and not the cores of this machine, the servers keep what the workers leave free.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PERIOD = 100_000
"""Microseconds after which a group's quota begins anew."""


@contextmanager
def groups(number: int, percent: int) -> Iterator[list[list[str]]]:
    """So many groups with that part of a core each; what a command of each begins with.

    Raises RuntimeError where none can be made.
    """
    made: list[Path] = []
    try:
        try:
            for each in range(number):
                made.append(_made(f"bench-{os.getpid()}-{each}", percent * PERIOD // 100))
        except OSError as error:
            raise RuntimeError(f"no group of processes with a quota can be made (root, cgroups): {error}") from error
        yield [["sh", "-c", 'echo $$ > "$0"; exec "$@"', f"{folder}/cgroup.procs"] for folder in made]
    finally:
        for folder in made:
            folder.rmdir()


def _made(name: str, quota: int) -> Path:
    """Of version 1 or 2, whichever has the controller."""
    first = ROOT / "cpu"
    folder = (first if (first / "cpu.cfs_quota_us").exists() else ROOT) / name
    folder.mkdir()
    try:
        if folder.parent == first:
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD))
            (folder / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}")
    except OSError:
        folder.rmdir()
        raise
    return folder

"""Small disks that a test may fill, let grow, and make read-only; they need root, and a kernel that mounts."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which

_FILLER = ".filler"


@dataclass(frozen=True)
class Disk:
    """A file system in memory, at `path`."""

    path: Path

    def fill(self, *, spare: int = 0) -> None:
        """Leaves no room at all, or `spare` octets."""
        with (self.path / _FILLER).open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        size = (self.path / _FILLER).stat().st_size
        os.truncate(self.path / _FILLER, max(0, size - spare))

    def empty(self) -> None:
        """There is room again."""
        (self.path / _FILLER).unlink(missing_ok=True)

    def freeze(self) -> None:
        """Nothing can be written; as a disk becomes that has errors."""
        self._again("ro")

    def thaw(self) -> None:
        """It can be written again."""
        self._again("rw")

    def _again(self, option: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{option}", str(self.path)], check=True, capture_output=True)


@contextmanager
def mounted(path: Path, megabytes: int) -> Iterator[Disk | None]:
    """A disk at `path`, made if it is not there; None where nothing can be mounted."""
    path.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)]
    if os.geteuid() != 0 or not which("mount") or subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True, capture_output=True)

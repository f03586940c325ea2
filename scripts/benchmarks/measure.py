"""Runs a command, and measures it: wall time, CPU time, and the largest memory that any of its processes had."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARCHIVER = (sys.executable, "-m", "archiver")
PAUSE = 0.05
"""Seconds between two looks at the processes: a peak is the kernel's own (VmHWM), so none is missed while one lives."""


@dataclass(frozen=True, slots=True)
class Measured:
    """`seconds` of wall time, `cpu` seconds of all processes, `memory` in bytes of the largest one, and its output.

    `together` is the most bytes that all processes had at one time, each shared page counted once (0: not asked for).
    """

    seconds: float
    cpu: float
    memory: int
    processes: int
    output: str
    together: int = 0


def measured(
    command: Sequence[str], *, environ: Mapping[str, str] | None = None, accepted: int = 0, together: bool = False
) -> Measured:
    """Runs `command` to its end. Raises RuntimeError with its last words when its exit code is not `accepted`, and
    when there is no such program.
    """
    before, start = os.times(), time.monotonic()
    peaks: dict[int, int] = {}
    most = 0
    with tempfile.TemporaryFile("w+") as said:  # a pipe that nobody empties would stop whoever says much
        try:
            process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environ)
        except FileNotFoundError as error:
            raise RuntimeError(f"{command[0]} is not installed") from error
        while process.poll() is None:
            family = _family(process.pid)
            most = max(most, sum(map(_proportional, family))) if together else 0
            for child in family:
                peaks[child] = max(peaks.get(child, 0), _peak(child))
            time.sleep(PAUSE)
        seconds, after = time.monotonic() - start, os.times()
        said.seek(0)
        output = said.read()
    if process.returncode != accepted:
        raise RuntimeError(f"{command[0]}: exit {process.returncode}: {output[-1000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(seconds, cpu, max(peaks.values(), default=0), len(peaks), output, most)


def answered(folder: Path, *command: object) -> tuple[Measured, dict[str, Any]]:
    """Runs a command of ours on the archive in `folder`, and reads the JSON that it answers with."""
    environ = os.environ | {"ARCHIVER_CONFIG": str(folder / "archiver.toml")}
    found = measured([*ARCHIVER, *map(str, command), "--json"], environ=environ)
    return found, json.loads(found.output[found.output.index("{") :])


def median(runs: Sequence[Measured]) -> Measured:
    """The run of the median time, with the largest memory of all runs."""
    middle = sorted(runs, key=lambda run: run.seconds)[(len(runs) - 1) // 2]
    seconds = statistics.median(run.seconds for run in runs)
    largest, together = max(run.memory for run in runs), max(run.together for run in runs)
    return Measured(seconds, middle.cpu, largest, middle.processes, middle.output, together)


def _family(root: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, rest = [], [root]
    while rest:
        found.append(rest.pop())
        rest += children.get(found[-1], [])
    return found


def _proportional(process: int) -> int:
    """A process's pages, those shared with others divided by how many share them (PSS)."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("Pss:")), "Pss: 0 kB")
    return int(line.split()[1]) * 1024


def _peak(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in text.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(line.split()[1]) * 1024

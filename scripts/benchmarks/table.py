"""What a benchmark found, as a table for people and as JSON, with the machine and the commit it was measured on."""

import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Measured


@dataclass(frozen=True, slots=True)
class Line:
    """One contender: its name, the median of its runs, and each run's seconds."""

    name: str
    median: Measured
    seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One benchmark over `messages` of `size` bytes in all; `peer` is None when it is not installed."""

    benchmark: str
    messages: int
    size: int
    peer: Line | None
    ours: tuple[Line, ...]
    note: str = ""

    def as_json(self) -> str:
        """One object."""
        lines = ([self.peer] if self.peer else []) + list(self.ours)
        return json.dumps(
            {
                "benchmark": self.benchmark,
                "messages": self.messages,
                "bytes": self.size,
                "machine": machine(),
                "commit": commit(),
                "note": self.note,
                "results": [self._told(line) for line in lines],
            },
            indent=1,
        )

    def _told(self, line: Line) -> dict[str, object]:
        return {
            "name": line.name,
            "seconds": round(line.median.seconds, 3),
            "runs": [round(run, 3) for run in line.seconds],
            "messages_per_second": round(self.messages / line.median.seconds),
            "bytes_per_second": round(self.size / line.median.seconds),
            "cpu_seconds": round(line.median.cpu, 2),
            "peak_bytes_of_a_process": line.median.memory,
            "processes": line.median.processes,
            "ratio_to_peer": round(self.peer.median.seconds / line.median.seconds, 2) if self.peer else None,
        }

    def as_table(self) -> str:
        """A Markdown table."""
        lines = ([self.peer] if self.peer else []) + list(self.ours)
        rows = [
            f"{self.benchmark}: {self.messages:,} messages, {self.size / 1e6:,.0f} MB. {machine()}. Commit {commit()}.",
            "",
            "| | messages/s | MB/s | seconds (runs) | CPU s | largest process | ratio |",
            "|---|---|---|---|---|---|---|",
            *(self._row(line) for line in lines),
        ]
        return "\n".join([*rows, *(("", self.note) if self.note else ())])

    def _row(self, line: Line) -> str:
        runs = " ".join(f"{run:.1f}" for run in line.seconds)
        found = line.median
        cells = (
            line.name,
            f"{self.messages / found.seconds:,.0f}",
            f"{self.size / found.seconds / 1e6:.1f}",
            f"{found.seconds:.1f} ({runs})",
            f"{found.cpu:.1f}",
            f"{found.memory / 1e6:.0f} MB",
            f"{self.peer.median.seconds / found.seconds:.2f}" if self.peer else "-",
        )
        return f"| {' | '.join(cells)} |"


def machine() -> str:
    """Processor, cores, system and Python."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Linux, Python {platform.python_version()}"


def commit() -> str:
    """The commit, with a plus when the tree differs from it."""
    here = Path(__file__).parent
    asked = ["git", "-C", str(here)]
    name = subprocess.run([*asked, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*asked, "status", "--porcelain"], capture_output=True, text=True, check=False)
    return (name.stdout.strip() or "unknown") + ("+" if changed.stdout.strip() else "")

"""Runs targets one after the other, each in a process of its own, and prints a table of what came of it."""

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path

from fuzzing.seeds import seeds
from fuzzing.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/fuzz"
STATISTICS = {"number_of_executed_units": "runs", "peak_rss_mb": "MB", "slowest_unit_time_sec": "slowest s"}


def main() -> int:
    """0 when every reader kept its promise, 1 when one did not, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)} (all)")
    parser.add_argument("--minutes", type=float, default=10, help="in all, shared equally (10)")
    parser.add_argument("--list", action="store_true", help="names the targets and ends")
    asked = parser.parse_args()
    unknown = [name for name in asked.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    names = asked.targets or list(TARGETS)
    if asked.list:
        print("\n".join(names))
        return 0
    seconds = max(1, int(asked.minutes * 60 / len(names)))
    print(f"{'target':12} {'seeds':>6} {'runs':>9} {'MB':>5} {'slowest s':>9}  outcome")
    bad = [name for name in names if not _run(name, seconds)]
    if bad:
        print(f"what broke {', '.join(bad)} lies in {BUILD / 'found'}, with the log of each beside it", file=sys.stderr)
    return 1 if bad else 0


def _run(name: str, seconds: int) -> bool:
    corpus, found = BUILD / "corpus" / name, BUILD / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    good = seeds(name)
    for octets in good:
        (corpus / hashlib.sha256(octets).hexdigest()[:24]).write_bytes(octets)
    command = [sys.executable, "-m", "fuzzing.one", name, str(corpus), str(found), str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stdout + done.stderr
    (found / f"{name}.log").write_text(said)
    figures = {row: _figure(statistic, said) for statistic, row in STATISTICS.items()}
    outcome = "kept its promises" if done.returncode == 0 else f"BROKEN ({done.returncode}): {_why(said)}"
    print(
        f"{name:12} {len(good):>6} {figures['runs']:>9} {figures['MB']:>5} {figures['slowest s']:>9}  {outcome}",
        flush=True,
    )
    return done.returncode == 0


def _figure(statistic: str, said: str) -> str:
    found = re.findall(rf"stat::{statistic}:\s+(\d+)", said)
    return found[-1] if found else "-"


def _why(said: str) -> str:
    """The first line that names an error."""
    lines = [line.strip() for line in said.splitlines()]
    marks = re.compile(r"^([\w.]*(Error|Exception|Malformed)\b.*|.*ERROR: libFuzzer.*|.*out-of-memory.*)$")
    return next((line for line in lines if marks.match(line)), lines[-1] if lines else "no output")[:160]


if __name__ == "__main__":
    sys.exit(main())

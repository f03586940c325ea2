"""The command line of the soak."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from soaking.cycle import Soak
from soaking.tally import Tally
from soaking.world import FOLDER, PRIMARY, world


def main(argv: Sequence[str] | None = None) -> int:
    """Soaks for the time asked for, and prints what it found; 0 when nothing was lost, kept twice or left damaged."""
    parser = argparse.ArgumentParser(prog="soak", description="Hours of faults on real servers.")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--hours", type=float, default=0.0)
    length.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--verbose", action="store_true", help="says on stderr what happens")
    asked = parser.parse_args(argv)
    seconds = (asked.hours * 60 + asked.minutes or 20) * 60
    tally = soak(asked.seed, seconds, verbose=asked.verbose)
    print(json.dumps(tally.as_json()) if asked.json else tally.as_text())
    return 0 if tally.passed else 1


def soak(seed: int, seconds: float, *, verbose: bool) -> Tally:
    """One soak; what failed is left where it is, and said."""
    dice, tally, began = Random(seed), Tally(seed), time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    folder.chmod(0o755)

    def tell(text: str) -> None:
        if verbose:
            print(f"{time.monotonic() - began:7.1f} {tally.cycles:4} {text}", file=sys.stderr, flush=True)

    with world(folder, dice) as made:
        soaking = Soak(made, dice, tally, tell)
        soaking.prepare()
        while time.monotonic() - began < seconds and len(tally.complaints) < 20:
            soaking.cycle()
            tell(f"{tally.faults.total()} faults, {len(tally.complaints)} complaints")
        soaking.end()
        tally.seconds = time.monotonic() - began
        if not tally.passed:
            left = Path(tempfile.mkdtemp(prefix="soak-failed-"))
            for name in ("archive", PRIMARY, FOLDER):
                shutil.copytree(folder / name, left / name)
            tally.complain(f"left for whoever looks: {left}")
    shutil.rmtree(folder, ignore_errors=True)
    return tally

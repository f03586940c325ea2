"""The command line of the drill."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from archiver import compose
from archiver.cli.door import now
from archiver.errors import ArchiverError
from exiting.drill import Drill, drill


def main() -> int:
    """0: nothing differs; 1: something does, or is damaged; 2: it could not be done."""
    parser = argparse.ArgumentParser(prog="scripts/exit-drill", description="Hand over, take over, compare.")
    parser.add_argument("--config", default=os.environ.get("ARCHIVER_CONFIG") or "archiver.toml")
    parser.add_argument("--sample", type=int, help="so many volumes; without it everything")
    parser.add_argument("--seed", type=int, default=1, help="which volumes: the same seed draws the same")
    parser.add_argument("--folder", help="where to work (the archive twice over); else the system's temporary folder")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        archive = compose.open_archive(Path(asked.config), environ=os.environ, clock=now)
        with tempfile.TemporaryDirectory(prefix="exit-drill-", dir=asked.folder) as folder:
            done = drill(archive, Path(folder), sample=asked.sample, seed=asked.seed, clock=now)
    except (ArchiverError, OSError) as error:
        print(f"exit-drill: {error}", file=sys.stderr)
        return 2
    print(json.dumps(done.as_json()) if asked.json else told(done))
    return 0 if done.same else 1


def told(done: Drill) -> str:
    """For people."""
    lines = [
        f"consegnati / handed over: {done.volumes} volumi, {done.messages} messaggi, {done.files} file,"
        f" {done.bytes} byte",
        f"confrontati / compared:   {done.objects} oggetti byte per byte, {done.rows} righe del catalogo",
        f"verdetto / verdict:       {done.before} prima, {done.after} dopo",
        *(f"! {line}" for line in done.differences),
        "NESSUNA DIFFERENZA / NO DIFFERENCE" if done.same else "DIFFERENZE / DIFFERENCES",
    ]
    return "\n".join(lines)

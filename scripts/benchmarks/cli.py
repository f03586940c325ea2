"""The command line of the benchmarks."""

import argparse
import os
import sys
from collections.abc import Sequence

from benchmarks import access, export, growth, ingest, rebuild, renew, requests, scale, seal, sweep

BENCHMARKS = {
    "access": access, "export": export, "growth": growth, "ingest": ingest, "rebuild": rebuild, "renew": renew,
    "requests": requests, "scale": scale, "seal": seal, "sweep": sweep,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one benchmark and prints what it found; 0 done, 1 when a contender failed."""
    parser = argparse.ArgumentParser(prog="bench", description="Measures the archive against named tools.")
    commands = parser.add_subparsers(dest="benchmark", required=True)
    for name, module in BENCHMARKS.items():
        command = commands.add_parser(name, description=module.__doc__, help=module.__doc__)
        command.add_argument("--rounds", type=int, default=3, help="measured runs of each contender (3)")
        command.add_argument("--json", action="store_true", help="one JSON object on stdout")
        module.arguments(command)
    asked = parser.parse_args(argv)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else each start of ours would be measured with its compilation
    try:
        result = BENCHMARKS[asked.benchmark].run(asked, lambda text: print(text, file=sys.stderr, flush=True))
    except RuntimeError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(result.as_json() if asked.json else result.as_table())
    return 0

"""The command line of the bill."""

import argparse
import sys
from pathlib import Path

from materials.bill import bill, refused

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """0: written; 1: written, and a licence is not allowed; 2: it could not be made."""
    parser = argparse.ArgumentParser(prog="scripts/sbom", description="The bill of materials (CycloneDX).")
    parser.add_argument("-o", "--output", type=Path, help="a file; else stdout")
    asked = parser.parse_args()
    try:
        text = bill(ROOT)
    except (OSError, ValueError) as error:
        print(f"sbom: {error}", file=sys.stderr)
        return 2
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    wrong = refused(text)
    for line in wrong:
        print(f"sbom: licence not allowed: {line}", file=sys.stderr)
    return 1 if wrong else 0

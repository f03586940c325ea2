"""The command line of the conformance table."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from conformances.artefact import Artefact, Judge
from conformances.artefacts import artefacts
from conformances.hanko import PyHanko
from conformances.history import World
from conformances.java import BouncyCastle, Dss, Missing, build
from conformances.judging import Line, Standing, table
from conformances.openssl import OpenSSL
from conformances.ours import Ours
from conformances.page import markdown
from conformances.theirs import bouncy_records

JUDGES: tuple[Judge, ...] = (Ours(), OpenSSL(), PyHanko(), BouncyCastle(), Dss())
PAGE = Path(__file__).resolve().parents[2] / "ops" / "conformance.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the table; 0 when every line may stand, 1 when one is not what it should be and no reason is known.

    3 when a judge is not here.
    """
    parser = argparse.ArgumentParser(
        prog="conformance", description="Puts seals, tokens and evidence records before judges that are not ours."
    )
    parser.add_argument(
        "--write", action="store_true", help=f"also write {PAGE.parent.name}/{PAGE.name}, if no line is wrong"
    )
    asked = parser.parse_args(argv)
    try:
        build()
    except Missing as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 3
    lines = table(everything(), JUDGES, lambda text: print(text, file=sys.stderr, flush=True))
    print(text(lines))
    wrong = [line for line in lines if line.standing in (Standing.WRONG, Standing.STALE)]
    for line in wrong:
        print(f"{line.artefact.name}, {line.judge}: {line.standing.value}: {line.answer.words}", file=sys.stderr)
    if wrong:
        return 1
    if asked.write:
        versions = [judge.version() for judge in JUDGES]
        PAGE.write_text(markdown(lines, versions, datetime.now(UTC).date()), encoding="utf-8")
    return 0


def everything() -> list[Artefact]:
    """Ours and theirs, made anew. Needs Java and Maven."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        return [*artefacts(World.made(Path(folder))), *bouncy_records()]


def text(lines: Sequence[Line]) -> str:
    """One line each: artefact, judge, expected, given, and the judge's own words or the reason."""
    rows = [
        (line.artefact.name, line.judge, line.expected, line.given, line.reason or line.answer.words) for line in lines
    ]
    wide = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, wide, strict=False)), row[4][:200])) for row in rows
    )

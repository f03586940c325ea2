"""The auditor's export against `cp -r`: out of the archive in parts, and as files that lie there already.

The same objects are what `--format bag` writes: messages, their metadata, indexes, evidence, two
manifests, the page. `cp -r` copies that tree, and is the one that the ratios in the table are of; the messages alone as
files, and the store's own objects (segments), are copied for comparison. All read from memory. Where everything lies
is TMPDIR's choice: a disk in use by others says little about either.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.measure import Measured, measured, median
from benchmarks.sweep import ARCHIVER, House, _fill, _rounds
from benchmarks.table import Line, Result

TREE = "cp -r of the exported tree"
MESSAGES, OBJECTS = "cp -r of the messages as files", "cp -r of the store's objects"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=17_500, help="octets of the attachments of a message (17500)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--from", dest="folder", type=Path, help="these messages (a folder of .eml, a Maildir)")
    parser.add_argument("--jobs", type=int, help="processes of the export (as many as there are cores)")


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender once unmeasured, so that all read from memory, then in turn."""
    home = Path(tempfile.mkdtemp(prefix="bench-export-"))
    try:
        house = House(home)
        messages = _fill(house, asked, say)
        size = sum(path.stat().st_size for path in house.messages.rglob("*.eml"))
        export = partial(_export, house, messages, asked.jobs)
        export("bag")
        tree = (home / "exported").rename(home / "tree")
        contenders = {
            "archiver export --format zip": partial(export, "zip"),
            "archiver export --format bag": partial(export, "bag"),
            "archiver export --format asice": partial(export, "asice"),
            TREE: partial(_copy, house, tree),
            MESSAGES: partial(_copy, house, house.messages),
            OBJECTS: partial(_copy, house, house.store),
        }
        runs = _rounds(contenders, asked.rounds, say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lines = {name: Line(name, median(found), tuple(run.seconds for run in found)) for name, found in runs.items()}
    peer = lines.pop(TREE)
    note = " ".join(_compared(line, peer, lines) for name, line in lines.items() if name not in (MESSAGES, OBJECTS))
    return Result("auditor's export of a folder", messages, size, peer, tuple(lines.values()), note)


def _compared(line: Line, peer: Line, lines: dict[str, Line]) -> str:
    """In words: the rate against each copy, by the clock and by CPU time, and the memory of all processes together."""
    took = line.median
    against = ", ".join(
        f"{other.median.seconds / took.seconds:.0%} by the clock and {other.median.cpu / took.cpu:.0%} by CPU time"
        f" of `{other.name}`"
        for other in (peer, lines[MESSAGES], lines[OBJECTS])
    )
    return f"{line.name}: {against}; {took.processes} processes, at most {took.together / 1e6:.0f} MB together."


def _export(house: House, messages: int, jobs: int | None, form: str) -> Measured:
    target = house.home / "exported"
    shutil.rmtree(target, ignore_errors=True)
    hands = ("--jobs", jobs) if jobs else ()
    command = (*ARCHIVER, "export", "-o", target, "--format", form, "--json", *hands)
    found = measured([str(word) for word in command], environ=house.environ, together=True)
    told = json.loads(found.output[found.output.index("{") :])
    if (told["messages"], told["indication"]) != (messages, "PASSED"):
        raise RuntimeError(f"the export is not whole: {found.output[:500]}")
    return found


def _copy(house: House, what: Path) -> Measured:
    target = house.home / "copied"
    shutil.rmtree(target, ignore_errors=True)
    return house.run("cp", "-r", what, target)

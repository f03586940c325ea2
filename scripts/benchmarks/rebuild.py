"""The catalog dropped and made again from the store alone; the peer is `cp -r` of the store, which reads as much."""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from simulator.cli import Plan, simulate

from benchmarks.measure import ARCHIVER, Measured, answered, measured, median
from benchmarks.table import Line, Result

ADDRESS = "studio@pec.esempio-legale.it"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=2_000, help="bytes of each message's text (2000)")
    parser.add_argument("--from", dest="given", type=Path, help="these messages (a folder of .eml, a Maildir)")


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender in turn, on the same store."""
    home = Path(tempfile.mkdtemp(prefix="bench-rebuild-"))
    try:
        say(f"making an archive of {asked.messages} messages ...")
        folder, messages = _archive(home, asked.messages, asked.size, asked.given)
        store = folder / "store"
        size = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
        copies, rebuilds = [], []
        for number in range(1, asked.rounds + 1):
            copies.append(measured(["cp", "-r", str(store), str(home / f"copy-{number}")]))
            shutil.rmtree(home / f"copy-{number}")
            rebuilds.append(_rebuild(folder, messages))
            say(f"round {number}: cp {copies[-1].seconds:.1f} s, rebuild {rebuilds[-1].seconds:.1f} s")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    peer = Line("cp -r of the store", median(copies), tuple(run.seconds for run in copies))
    ours = Line("archiver catalog rebuild", median(rebuilds), tuple(run.seconds for run in rebuilds))
    return Result("rebuild of the catalog", messages, size, peer, (ours,))


def _archive(home: Path, messages: int, size: int, given: Path | None) -> tuple[Path, int]:
    """A sealed archive, and how many messages are in it."""
    folder = home / "archive"
    if given is None:
        simulate(Plan(messages, 1, size, 3, ADDRESS, datetime(2024, 3, 1, tzinfo=UTC)), home / "mail", "eml")
    measured([*ARCHIVER, "init", "--demo", str(folder)])
    for path in (home / "mail" / "providers").glob("*.pem"):
        shutil.copy(path, folder / "providers")
    brought = answered(folder, "ingest", "--from", str(given or home / "mail" / "mailbox"))
    answered(folder, "seal", "--now")
    return folder, brought[1]["new"]


def _rebuild(folder: Path, messages: int) -> Measured:
    for path in folder.glob("catalog.db*"):
        path.unlink()
    found, told = answered(folder, "catalog", "rebuild")
    if (told["messages"], told["lost"]) != (messages, []):
        raise RuntimeError(f"rebuild did not make every row: {found.output[:500]}")
    return found

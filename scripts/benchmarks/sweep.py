"""A content sweep against `openssl dgst`, borg, restic and bagit, which read everything again too: the same messages.

The store of an archive of simulated PEC, sealed, lies in a folder: the sweep compares it with the digests it knows, and
`openssl dgst -sha256` (two processes) reads the same objects; borg, restic and bagit check their own copies of the
messages, one file each, as `unzip` gives them. openssl is the one that the ratios are of. Starting the program, listing
and the signed report are the same whatever the size, so the reading is measured alone as well.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from simulator.cli import main as pecsim

from benchmarks.measure import ARCHIVER, Measured, measured, median
from benchmarks.table import Line, Result

OPENSSL = "openssl dgst -sha256 (2 processes)"
SWEEP, READING = "archiver sweep --all", "its reading alone"
BAGIT = Path(__file__).resolve().parents[2] / "build/bagit/bin/bagit.py"
INSTALL = {
    "borg": "apt-get install borgbackup",
    "restic": "apt-get install restic",
    "bagit.py": "python3 -m venv build/bagit && build/bagit/bin/pip install bagit",
}
_READ = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from archiver.adapters.stores.filesystem import FilesystemStore
from archiver.sweep.content import digested
store = FilesystemStore(Path(sys.argv[1]))
names = [found.name for found in store.list()]
begun = time.perf_counter()
with ThreadPoolExecutor(2) as pool:
    for found in pool.map(lambda name: digested(store, name), names):
        assert found.digest
print(time.perf_counter() - begun)
"""
_DIGESTS = 'find "$0" -type f -print0 | sort -z | xargs -0 -P2 -n4 openssl dgst -sha256'


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=17_500, help="octets of the attachments of a message (17500)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--from", dest="folder", type=Path, help="these messages (a folder of .eml, a Maildir)")


@dataclass(frozen=True)
class House:
    """An archive, and the copies that the peers made of its store; all below `home`."""

    home: Path

    @property
    def store(self) -> Path:
        """What the sweep and openssl read."""
        return self.home / "archive/store"

    @property
    def messages(self) -> Path:
        """What the others take in."""
        return self.home / "messages"

    @property
    def environ(self) -> Mapping[str, str]:
        """Where everybody finds his own."""
        return os.environ | {
            "ARCHIVER_CONFIG": str(self.home / "archive/archiver.toml"),
            "BORG_BASE_DIR": str(self.home / "borg-home"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "RESTIC_PASSWORD": "bench",
        }

    def run(self, *command: object) -> Measured:
        """Runs and measures."""
        return measured([str(word) for word in command], environ=self.environ)


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender once unmeasured, so that all read from memory, then in turn."""
    home = Path(tempfile.mkdtemp(prefix="bench-sweep-"))
    try:
        house = House(home)
        messages = _fill(house, asked, say)
        size = _size(house.store)
        runs = _rounds(_contenders(house, say), asked.rounds, say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lines = {name: Line(name, median(found), tuple(run.seconds for run in found)) for name, found in runs.items()}
    note = _note(lines)
    peer = lines.pop(OPENSSL, None)
    return Result("content sweep of a folder", messages, size, peer, tuple(lines.values()), note)


def _fill(house: House, asked: argparse.Namespace, say: Callable[[str], None]) -> int:
    """An archive with the messages, sealed; how many they are."""
    folder = asked.folder
    if folder is None:
        folder = house.home / "mail"
        say(f"making {asked.messages} messages ...")
        options = {"messages": asked.messages, "size": asked.size, "seed": asked.seed, "format": "eml", "out": folder}
        with open(os.devnull, "w") as nothing:
            said, sys.stdout = sys.stdout, nothing
            try:
                pecsim([word for name, value in options.items() for word in (f"--{name}", str(value))])
            finally:
                sys.stdout = said
    say("ingest and seal ...")
    house.run(*ARCHIVER, "init", "--demo", house.home / "archive")
    told = json.loads(house.run(*ARCHIVER, "ingest", "--from", folder, "--json").output)
    house.run(*ARCHIVER, "seal", "--now", "--json")
    house.run(*ARCHIVER, "replicate", "--json")
    house.messages.mkdir()
    for segment in house.store.glob("*/segments/*/*.zip"):
        with zipfile.ZipFile(segment) as file:
            file.extractall(house.messages)
    return int(told["new"])


def _contenders(house: House, say: Callable[[str], None]) -> dict[str, Callable[[], Measured]]:
    """Those that are installed, each with its copy made."""
    found: dict[str, Callable[[], Measured]] = {
        SWEEP: partial(_sweep, house),
        READING: partial(_read, house),
    }
    if shutil.which("openssl"):
        found[OPENSSL] = partial(house.run, "sh", "-c", _DIGESTS, house.store)
    for name, (prepared, check) in _peers(house).items():
        say(f"a copy for {name.split()[0]} ...")
        for command in prepared:
            house.run(*command)
        found[name] = partial(house.run, *check)
    return found


def _peers(house: House) -> dict[str, tuple[tuple[tuple[object, ...], ...], tuple[object, ...]]]:
    """By name: how its copy is made, and how that is checked."""
    peers: dict[str, tuple[tuple[tuple[object, ...], ...], tuple[object, ...]]] = {}
    if shutil.which("borg"):
        copy = house.home / "borg"
        made = (("borg", "init", "-e", "none", copy), ("borg", "create", f"{copy}::one", house.messages))
        peers["borg check --verify-data"] = made, ("borg", "check", "--verify-data", copy)
    if shutil.which("restic"):
        restic = ("restic", "-r", house.home / "restic")
        peers["restic check --read-data"] = (
            ((*restic, "init"), (*restic, "backup", house.messages)),
            (*restic, "check", "--read-data"),
        )
    if bagit := shutil.which("bagit.py") or (str(BAGIT) if BAGIT.exists() else None):
        bag = house.home / "bag"
        made = (("cp", "-r", house.messages, bag), (bagit, "--sha256", "--processes", 2, bag))
        peers["bagit.py --validate --processes 2"] = made, (bagit, "--validate", "--processes", 2, bag)
    return peers


def _sweep(house: House) -> Measured:
    found = house.run(*ARCHIVER, "sweep", "--all", "--json")
    told = json.loads(found.output[found.output.index("{") :])
    if any(told[name] for name in ("missing", "corrupt", "unexpected")):
        raise RuntimeError(f"the sweep found something: {found.output[:500]}")
    if told["bytes"] < _size(house.store, "*/segments/**/*"):
        raise RuntimeError(f"the sweep did not read everything: {found.output[:500]}")
    return replace(found, output=json.dumps(told))


def _read(house: House) -> Measured:
    found = house.run(sys.executable, "-c", _READ, house.store)
    return replace(found, seconds=float(found.output))


def _rounds(
    contenders: Mapping[str, Callable[[], Measured]], rounds: int, say: Callable[[str], None]
) -> dict[str, list[Measured]]:
    runs: dict[str, list[Measured]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contender in contenders.items():
            found = contender()
            if number:
                runs[name].append(found)
            say(f"{'round ' + str(number) if number else 'warming up'}: {name}: {found.seconds:.2f} s")
    return runs


def _note(lines: Mapping[str, Line]) -> str:
    """How many times as fast as each; the rate of reading against openssl's; and who is not there."""
    others = [name for name in lines if name not in (SWEEP, READING, OPENSSL)]
    words = [f"{ours} is {_against(lines, ours, others)}." for ours in (SWEEP, READING) if others]
    if OPENSSL in lines:
        share = lines[OPENSSL].median.seconds / lines[READING].median.seconds
        words.append(f"Reading goes at {share:.0%} of the rate of openssl.")
    words += [f"{name} is not installed ({how})." for name, how in INSTALL.items() if not _is_there(name)]
    return " ".join(words)


def _against(lines: Mapping[str, Line], ours: str, others: Iterable[str]) -> str:
    took = lines[ours].median
    ratios = ((name, lines[name].median.seconds / took.seconds) for name in others)
    return ", ".join(f"{ratio:.1f} times as fast as `{name}`" for name, ratio in ratios)


def _size(folder: Path, pattern: str = "**/*") -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern) if path.is_file())


def _is_there(name: str) -> bool:
    return shutil.which(name) is not None or (name == "bagit.py" and BAGIT.exists())

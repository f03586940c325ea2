"""Renewal of the evidence of many volumes: one token for all, no file of the archive read; and a tree of a million.

The volumes are evidence only (records over random digests, two for each message and a few more), in a folder, and their
rows in a catalog: a timestamp renewal looks at nothing else. Their authority gives way to another one. The peer of the
renewal is `cp -r` of the same records; the peer of the tree is `openssl dgst -sha512` over as many digests.

A timestamp renewal never looks at the mail, so with mail of one's own (--from) its archive is sealed and renewed under
another digest, which reads everything; the peer is then `openssl dgst` of that digest over the same files.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from support.quick_tsa import QuickTSA

from archiver.adapters.catalog import Catalog
from archiver.digest import Sha256, sha256
from archiver.evidence.hashtree import Tree, group_hash
from archiver.evidence.record import builder
from archiver.package import layout
from archiver.submission.rows import EvidenceRow, TokenRow, VolumeRow
from benchmarks.measure import ARCHIVER, Measured, answered, measured, median
from benchmarks.table import Line, Result

OLD = "prima"
OPENSSL = "openssl dgst -sha3-512"
_DIGESTS = f'find "$0" -type f -print0 | xargs -0 {OPENSSL} > /dev/null'
TREE = """
import sys, time, os
from archiver.evidence.hashtree import Tree
leaves = [os.urandom(64) for _ in range(int(sys.argv[1]))]
start = time.perf_counter()
Tree.build(leaves)
print(time.perf_counter() - start)
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--volumes", type=int, default=1_000)
    parser.add_argument("--messages", type=int, default=1_000, help="messages of each volume (1000)")
    parser.add_argument(
        "--from", dest="folder", type=Path,
        help="hash-tree renewal of these messages (a folder of .eml, a Maildir): every file read again",
    )  # fmt: skip
    parser.add_argument("--leaves", type=int, default=1_000_000, help="digests under the tree (1000000)")


@dataclass(frozen=True)
class House:
    """An archive whose evidence is due: its folder, and a copy of store and catalog as they were before a run."""

    folder: Path
    pristine: Path

    def restore(self) -> None:
        """As before the run."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.pristine, self.folder)


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender in turn, on the same bytes; the tree's figures stand in the note."""
    home = Path(tempfile.mkdtemp(prefix="bench-renew-"))
    try:
        if asked.folder:
            return _anew(home, asked, say)
        say(f"making the evidence of {asked.volumes} volumes of {asked.messages} messages ...")
        house = _house(home, asked.volumes, asked.messages)
        size = sum(path.stat().st_size for path in (house.folder / "store").rglob("*.ers"))
        copies, renewals = [], []
        for number in range(1, asked.rounds + 1):
            house.restore()
            copy = measured(["cp", "-r", str(house.folder / "store"), str(home / f"copy-{number}")])
            copies.append(copy)
            renewals.append(_renew(house, asked.volumes))
            say(f"round {number}: cp {copy.seconds:.1f} s, renew {renewals[-1].seconds:.1f} s")
        note = _tree(asked.leaves, asked.rounds)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    name = f"timestamp renewal of {asked.volumes:,} volumes of {asked.messages:,} messages"
    peer = Line("cp -r of the records", median(copies), tuple(run.seconds for run in copies))
    ours = Line("archiver renew", median(renewals), tuple(run.seconds for run in renewals))
    return Result(name, asked.volumes * asked.messages, size, peer, (ours,), note)


def _anew(home: Path, asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """A hash-tree renewal of mail of one's own."""
    folder = home / "archive"
    measured([*ARCHIVER, "init", "--demo", str(folder)])
    messages = int(answered(folder, "ingest", "--from", asked.folder)[1]["new"])
    volumes = int(answered(folder, "seal", "--now")[1]["volumes"])
    pristine = home / "pristine"
    shutil.copytree(folder, pristine)
    house = House(folder, pristine)
    files = sorted(path for path in (folder / "store").rglob("*") if path.is_file())
    runs: dict[str, list[Measured]] = {}
    for number in range(asked.rounds + 1):
        house.restore()
        found = {}
        if shutil.which("openssl"):
            found[OPENSSL] = measured(["sh", "-c", _DIGESTS, str(folder / "store")])
        found["archiver renew --hash sha3-512"], told = answered(folder, "renew", "--hash", "sha3-512")
        if (told["failed"], told["tokens"]) != (0, 1) or told["renewed"] < volumes:
            raise RuntimeError(f"renew did not renew everything under one token: {told}")
        say(f"round {number}: " + ", ".join(f"{name} {run.seconds:.2f} s" for name, run in found.items()))
        for name, run in found.items():
            runs.setdefault(name, []).extend([run] if number else [])
    lines = {name: Line(name, median(each), tuple(run.seconds for run in each)) for name, each in runs.items()}
    peer = lines.pop(OPENSSL, None)
    note = f"{volumes} volumes under one token." + ("" if peer else " openssl is not installed: no ratio.")
    size = sum(path.stat().st_size for path in files)
    return Result("hash-tree renewal", messages, size, peer, tuple(lines.values()), note)


def _house(home: Path, volumes: int, messages: int) -> House:
    now = datetime.now(UTC)
    folder = home / "archive"
    measured([*ARCHIVER, "init", "--demo", str(folder)])
    old = QuickTSA("prima", now - timedelta(days=3610), now + timedelta(days=40))
    (folder / "prima.pem").write_bytes(old.ca.certificate.public_bytes(Encoding.PEM))
    configuration = folder / "archiver.toml"
    text = configuration.read_text()
    head, mark, rest = text.partition('[[tsa]]\nid = "local"')
    succeeds = f'[[tsa]]\nid = "{OLD}"\nkind = "http"\nurl = "http://localhost:1/"\nanchors = ["prima.pem"]\n'
    succeeds += f'retired = true\n\n[[tsa]]\nid = "local"\nsucceeds = ["{OLD}"]'
    configuration.write_text(head + succeeds + rest)
    assert mark
    _evidence(folder, old, now - timedelta(days=1), volumes, messages)
    pristine = home / "pristine"
    shutil.copytree(folder, pristine)
    return House(folder, pristine)


def _evidence(folder: Path, old: QuickTSA, at: datetime, volumes: int, messages: int) -> None:
    """Records and rows, as a seal of the day before would have left them."""
    seeds = [os.urandom(32) for _ in range(volumes)]
    groups = [_group(seed, 2 * messages + 5) for seed in seeds]
    tree = Tree.build([group_hash(group) for group in groups])
    token = old.stamp("sha512", tree.root, at)
    row = TokenRow(sha256(token), token, at)
    catalog = Catalog.open(f"sqlite:///{folder}/catalog.db")
    rows = []
    for place, (seed, group) in enumerate(zip(seeds, groups, strict=True)):
        volume = Sha256(hashlib.sha256(seed).hexdigest())
        name = layout.volume_record("h-bench", volume, tsa=OLD, number=1)
        path = folder / "store" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(builder.initial(group, tree.path(place), token))
        rows.append(EvidenceRow("volume", volume, OLD, 1, name, at, "sha512", row.sha256))
        catalog.record_volume(
            VolumeRow(volume, volume, "h-bench", "m-bench", "corrispondenza", at.year, messages, 1, at), [], []
        )
    catalog.record_evidence(rows, [row])
    catalog.close()


def _group(seed: bytes, members: int) -> list[bytes]:
    return [hashlib.sha512(seed + number.to_bytes(4)).digest() for number in range(members)]


def _renew(house: House, volumes: int) -> Measured:
    found, told = answered(house.folder, "renew")
    if (told["renewed"], told["failed"], told["tokens"]) != (volumes, 0, 1):
        raise RuntimeError(f"renew did not renew everything under one token: {found.output[:500]}")
    return found


def _tree(leaves: int, rounds: int) -> str:
    """What a tree takes, beside `openssl dgst -sha512` over the same number of digests."""
    ours, theirs = [], []
    with tempfile.NamedTemporaryFile() as file:
        file.write(os.urandom(64 * leaves))
        file.flush()
        for _ in range(rounds):
            output = subprocess.run([sys.executable, "-c", TREE, str(leaves)], capture_output=True, check=True)
            ours.append(float(output.stdout))
            if shutil.which("openssl"):
                theirs.append(measured(["openssl", "dgst", "-sha512", file.name]).seconds)
    ours.sort()
    theirs.sort()
    told = f"A tree over {leaves:,} SHA-512 digests: {ours[len(ours) // 2]:.2f} s; "
    if not theirs:
        return told + "openssl is not installed (Debian: apt-get install openssl): nothing to compare it with."
    return told + (
        f"`openssl dgst -sha512` over the same {64 * leaves / 1e6:.0f} MB: {theirs[len(theirs) // 2]:.2f} s."
    )

"""Seal of full volumes: described, indexed, signed, stamped, covered, read back and judged.

Each of 20 mailboxes of one holder has 1,000 messages, which become one volume. The peers do parts of it over the same
segments: `openssl dgst` takes both digests of them (two processes), `cp -r` copies the store.
"""

import argparse
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from simulator.cli import simulate
from simulator.plan import Plan

from benchmarks import given
from benchmarks.measure import ARCHIVER, Measured, measured, median
from benchmarks.table import Line, Result

ADDRESS = "studio@pec.esempio-legale.it"
OPENSSL = "openssl dgst, both digests (2 processes)"
_DIGESTS = (
    'find "$0" -name "*.zip" -print0 > "$0/../names"; for one in sha256 sha512; do'
    ' xargs -0 -P2 -n4 openssl dgst -$one < "$0/../names"; done'
)
YEAR = 2024

TARGET = 10.0
"""Seconds for 20,000 messages in 20 volumes."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--volumes", type=int, default=20)
    parser.add_argument("--size", type=int, default=17_500, help="octets of the attachments of a message (17500)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--from", dest="folder", type=Path, help="these messages (a folder of .eml, a Maildir)")


@dataclass(frozen=True)
class House:
    """An archive with everything pending, and a copy of it as it was before a run; both below `home`."""

    home: Path

    @property
    def archive(self) -> Path:
        """Where the seal is made."""
        return self.home / "archive"

    @property
    def environ(self) -> Mapping[str, str]:
        """What every command needs to find it."""
        return os.environ | {"ARCHIVER_CONFIG": str(self.archive / "archiver.toml")}

    def run(self, *command: object) -> Measured:
        """Runs and measures."""
        return measured([str(word) for word in command], environ=self.environ)

    def restore(self) -> None:
        """As before the first run."""
        shutil.rmtree(self.archive, ignore_errors=True)
        shutil.copytree(self.home / "pristine", self.archive)


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender in turn, after one round that is not counted."""
    home = Path(tempfile.mkdtemp(prefix="bench-seal-"))
    try:
        house = House(home)
        messages = _fill(house, asked, say)
        size = sum(path.stat().st_size for path in (house.archive / "store").rglob("*.zip"))
        contenders: dict[str, Callable[[], Measured]] = {}
        if shutil.which("openssl"):
            contenders[OPENSSL] = partial(house.run, "sh", "-c", _DIGESTS, house.home / "pristine")
        contenders["cp -r of the store"] = partial(_copy, house)
        contenders["archiver seal --now"] = partial(_seal, house, messages, asked.volumes)
        runs: dict[str, list[Measured]] = {name: [] for name in contenders}
        for number in range(asked.rounds + 1):
            for name, contender in contenders.items():
                house.restore()
                found = contender()
                if number:
                    runs[name].append(found)
                say(f"{'round ' + str(number) if number else 'warming up'}: {name}: {found.seconds:.2f} s")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lines = {name: Line(name, median(found), tuple(run.seconds for run in found)) for name, found in runs.items()}
    peer = lines.pop(OPENSSL, None)
    note = f"{asked.volumes} volumes, {asked.volumes} signature timestamps and one archive token a run."
    note += f" Target for 20,000 messages in 20 volumes: under {TARGET:.0f} s."
    note += "" if peer else " openssl is not installed (Debian: apt-get install openssl): no ratio."
    return Result("seal", messages, size, peer, tuple(lines.values()), note)


def _fill(house: House, asked: argparse.Namespace, say: Callable[[str], None]) -> int:
    """An archive of as many mailboxes as volumes, with the messages in them; how many there are."""
    mail, per = house.home / "mail", asked.messages // asked.volumes
    mail.mkdir()
    house.run(*ARCHIVER, "init", "--demo", house.archive)
    names = [f"casella-{number:02}" for number in range(asked.volumes)]
    _add_mailboxes(house.archive / "archiver.toml", names)
    share = f"a share of {asked.folder}" if asked.folder else f"{per} messages"
    say(f"{asked.volumes} mailboxes of {share} ...")
    if asked.folder:
        given.dealt(asked.folder, [mail / name for name in names])
    messages = 0
    for number, name in enumerate(names):
        folder = mail / name
        if not asked.folder:
            _simulated(folder, per, asked.seed + 100 * number, asked.size)
            for path in folder.rglob("providers/*.pem"):
                shutil.copy(path, house.archive / "providers")
        found = house.run(*ARCHIVER, "ingest", "--from", folder, "--mailbox", name, "--json")
        messages += int(json.loads(found.output[found.output.index("{") :])["new"])
        shutil.rmtree(folder)
    house.archive.rename(house.home / "pristine")
    house.restore()
    return messages


def _simulated(folder: Path, messages: int, seed: int, size: int) -> None:
    """So many messages of one year, for another year is another volume: the simulator's span two and a half."""
    made = folder / "made"
    start = datetime(YEAR, 1, 2, tzinfo=UTC)
    simulate(Plan(3 * messages + 50, seed, size, 1, ADDRESS, start, variants=("invio", "busta")), made, "eml")
    dated = re.compile(rb"^Date: .* %d \d\d:" % YEAR, re.MULTILINE)
    left = messages
    for path in sorted((made / "mailbox").rglob("*.eml")):
        head = path.read_bytes()[:20_000].partition(b"\r\n\r\n")[0]
        turn = re.search(rb"^Date: .*\b(31 Dec|01 Jan|1 Jan)\b", head, re.MULTILINE)
        if left and dated.search(head) and not turn:
            left -= 1
        else:
            path.unlink()
    if left:
        raise RuntimeError(f"the simulator made {left} messages too few that are dated {YEAR}")


def _add_mailboxes(configuration: Path, names: list[str]) -> None:
    text = configuration.read_text()
    holder = next(line for line in text.splitlines() if line.startswith("id = "))
    more = "".join(
        f'\n[[mailbox]]\nname = "{name}"\nid = "m-{name}"\nholder = {holder.split()[2]}\naddress = "{ADDRESS}"\n'
        for name in names
    )
    configuration.write_text(text + more)


def _seal(house: House, messages: int, volumes: int) -> Measured:
    found = house.run(*ARCHIVER, "seal", "--now", "--json")
    told = json.loads(found.output[found.output.index("{") :])
    if (told["messages"], told["volumes"], told["tokens"]) != (messages, volumes, volumes + 1):
        raise RuntimeError(f"not {volumes} volumes under {volumes + 1} tokens: {found.output[:500]}")
    return found


def _copy(house: House) -> Measured:
    target = house.home / "copied"
    shutil.rmtree(target, ignore_errors=True)
    return house.run("cp", "-r", house.archive / "store", target)

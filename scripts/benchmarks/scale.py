"""One night by 1, 2 and 4 workers over PostgreSQL and an S3 gateway, against `archiver nightly` with one process.

Every night finds the same mail (simulated PEC in files, several mailboxes of several holders), an empty bucket and an
empty catalog, and does all of its steps. Database and gateway run on the same cores: with --share each worker gets
that part of a core and no more, as a machine of its own would give it, and the rest is free for them.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli import Plan, simulate

from benchmarks import given
from benchmarks.measure import ARCHIVER, Measured, measured, median
from benchmarks.quota import groups
from benchmarks.table import Line, Result

if TYPE_CHECKING:
    from servers.ceph import Ceph
    from servers.postgres import Postgres

ALONE = "archiver nightly, 1 process"
ADDRESS = "studio@pec.esempio-legale.it"
_TOGETHER = """
import json, subprocess, sys
work = [sys.executable, "-m", "archiver", "worker", "--now", "--once", "--json"]
started = [subprocess.Popen([*begin, *work]) for begin in json.loads(sys.argv[1])]
sys.exit(max(one.wait() for one in started))
"""
_STORE = """\
kind = "s3"
endpoint = "{url}"
bucket = "{bucket}"
checksums = "compat"
access_key = "env:BENCH_ACCESS"
secret_key = "env:BENCH_SECRET"
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--messages", type=int, default=20_000, help="in all (20000)")
    parser.add_argument("--size", type=int, default=2_000, help="octets of the attachments of a message (2000)")
    parser.add_argument("--mailboxes", type=int, default=8)
    parser.add_argument("--holders", type=int, default=4)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="how many at once (1 2 4)")
    parser.add_argument("--from", dest="folder", type=Path, help="these messages (a folder of .eml, a Maildir)")
    parser.add_argument("--share", type=int, metavar="PERCENT", help="of a core, for each worker (none: all there is)")


@dataclass(frozen=True)
class Ground:
    """The servers, the mail of each mailbox, and where archives are made."""

    home: Path
    postgres: "Postgres"
    gateway: "Ceph"
    mail: tuple[Path, ...]
    holders: int

    def archive(self) -> Path:
        """A new archive that nobody has worked on; its folder."""
        folder = Path(tempfile.mkdtemp(prefix="archive-", dir=self.home)) / "archive"
        self.run(folder, "init", "--demo", folder)
        shutil.rmtree(folder / "store")
        (folder / "catalog.db").unlink()
        config = folder / "archiver.toml"
        config.write_text(self._configured(config.read_text(encoding="utf-8")), encoding="utf-8")
        self.run(folder, "init", folder)
        self.run(folder, "catalog", "upgrade")
        return folder

    def run(self, folder: Path, *command: object) -> Measured:
        """A command on one archive."""
        return self.measured(folder, [*ARCHIVER, *map(str, command)])

    def measured(self, folder: Path, command: list[str]) -> Measured:
        """Runs and measures."""
        known = {"BENCH_ACCESS": self.gateway.owner.access, "BENCH_SECRET": self.gateway.owner.secret}
        return measured(command, environ=os.environ | known | {"ARCHIVER_CONFIG": str(folder / "archiver.toml")})

    def _configured(self, text: str) -> str:
        store = _STORE.format(url=self.gateway.url, bucket=self.gateway.bucket())
        text = text.replace('kind = "filesystem"\npath = "store"\n', store)
        text = re.sub(r'^(# )?catalog = ".*$', "", text, flags=re.MULTILINE)
        address = self.postgres.url(self.postgres.fresh())
        text = text.replace("[archive]\n", f'[archive]\ncatalog = "{address}"\n', 1)
        holder = re.search(r"^\[\[holder\]\]\n(?:(?!\[).*\n)*", text, re.MULTILINE)
        if holder is None:
            raise RuntimeError("the demonstration has no holder")
        own = re.search(r'^id = "(.*)"', holder[0], re.MULTILINE)
        known = own[1] if own else ""
        others = [f"{known}-{number}" for number in range(1, self.holders)]
        text += "".join("\n" + holder[0].replace(f'"{known}"', f'"{other}"') for other in others)
        for number, path in enumerate(self.mail):
            whose = [known, *others][number % self.holders]
            text += (
                f'\n[[mailbox]]\nname = "box{number}"\nid = "box{number}"\nholder = "{whose}"\n'
                f'address = "{ADDRESS}"\npath = "{path}"\n'
            )
        return text + "\n[night]\njobs = 1\n"


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Each contender once unmeasured, then in turn."""
    from servers.ceph import Ceph, missing
    from servers.postgres import installed, running

    if name := missing():
        raise RuntimeError(f"{name} is not installed (Debian: radosgw ceph-mon ceph-osd ceph-common)")
    if not installed():
        raise RuntimeError("PostgreSQL's server is not installed (Debian: postgresql)")
    home = Path(tempfile.mkdtemp(prefix="bench-scale-"))
    before = os.getloadavg()[0]
    try:
        mail = _mail(home, asked, say)
        size = sum(path.stat().st_size for place in mail for path in place.rglob("*") if path.is_file())
        with ExitStack() as stack:
            postgres = stack.enter_context(running(Path(stack.enter_context(_folder("bench-postgres-")))))
            gateway = stack.enter_context(Ceph(home / "ceph"))
            ground = Ground(home, postgres, gateway, mail, asked.holders)
            runs = _rounds(ground, asked, say)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    lines = {name: Line(name, median(found), tuple(one.seconds for one in found)) for name, found in runs.items()}
    messages = int(json.loads(next(iter(runs.values()))[0].output)["new"])
    note = _note(lines, runs, asked, before)
    return Result("a night by many", messages, size, lines.pop(ALONE, None), tuple(lines.values()), note)


def _folder(prefix: str) -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix=prefix)


def _mail(home: Path, asked: argparse.Namespace, say: Callable[[str], None]) -> tuple[Path, ...]:
    """The folder of each mailbox: simulated mail, or what was given, dealt out to all."""
    folders = tuple(home / f"mail{number}/mailbox" for number in range(asked.mailboxes))
    if asked.folder:
        asked.messages = given.dealt(asked.folder, folders)
        return folders
    say(f"making {asked.messages} messages in {asked.mailboxes} mailboxes ...")
    for number, folder in enumerate(folders):
        start = datetime(2024, 3, 1, tzinfo=UTC)
        plan = Plan(asked.messages // asked.mailboxes, 7 + number, asked.size, 1, ADDRESS, start)
        simulate(plan, folder.parent, "eml")
    return folders


def _rounds(ground: Ground, asked: argparse.Namespace, say: Callable[[str], None]) -> dict[str, list[Measured]]:
    contenders: dict[str, Callable[[Path], Measured]] = {}
    if not asked.share:
        contenders[ALONE] = lambda folder: ground.run(folder, "nightly", "--json")
    for workers in asked.workers:
        contenders[_called(workers)] = partial(_shared, ground, workers, asked.share)
    runs: dict[str, list[Measured]] = {name: [] for name in contenders}
    for number in range(asked.rounds + 1):
        for name, contender in contenders.items():
            folder = ground.archive()
            found = contender(folder)
            found = replace(found, output=json.dumps(_night(ground, folder, asked.messages)))
            if number:
                runs[name].append(found)
            say(f"{'round ' + str(number) if number else 'warming up'}: {name}: {found.seconds:.1f} s")
            shutil.rmtree(folder.parent, ignore_errors=True)
    return runs


def _shared(ground: Ground, workers: int, share: int | None, folder: Path) -> Measured:
    with groups(workers, share) if share else nullcontext([[]] * workers) as begins:
        return ground.measured(folder, [sys.executable, "-c", _TOGETHER, json.dumps(begins)])


def _night(ground: Ground, folder: Path, messages: int) -> dict[str, Any]:
    """What the night came to: its messages, and the seconds of its steps. Raises RuntimeError when it is not whole."""
    config = (folder / "archiver.toml").read_text(encoding="utf-8")
    found = re.search(r'^catalog = "postgresql://[^/]*/(\w+)\?', config, re.MULTILINE)
    [(code, told)] = ground.postgres.sql("SELECT code, told FROM night", found[1] if found else "")
    steps = json.loads(told)["steps"]
    if code or steps["ingest"]["new"] < messages // 2:
        raise RuntimeError(f"the night was not whole: {told[:1000]}")
    return {"new": steps["ingest"]["new"], "seconds": {name: step["seconds"] for name, step in steps.items()}}


def _called(workers: int) -> str:
    return f"{workers} worker" + "s" * (workers > 1)


def _note(
    lines: Mapping[str, Line], runs: Mapping[str, list[Measured]], asked: argparse.Namespace, before: float
) -> str:
    """How many times the work of one; each step's; and whether processors were free for it."""
    cores, words, workers = len(os.sched_getaffinity(0)), [], asked.workers
    one = lines.get(_called(1))
    for number in workers:
        if one and number > 1:
            words.append(f"{number} workers do {one.median.seconds / lines[_called(number)].median.seconds:.2f} times")
    if words:
        words = [", ".join(words) + " the work of one."]
    for name, found in runs.items():
        steps = [json.loads(each.output)["seconds"] for each in found]
        said = (f"{step} {statistics.median(each[step] for each in steps):.1f}" for step in steps[0])
        words.append(f"{name}: {', '.join(said)} s.")
    used = lines[_called(max(workers))].median
    words.append(
        f"{cores} cores carried the workers, PostgreSQL and the S3 gateway; the load was {before:.1f} before, and"
        f" {max(workers)} workers alone took {used.cpu / used.seconds:.1f} cores."
    )
    if asked.share:
        words.append(f"Each worker had {asked.share} % of a core.")
    if max(workers) * (asked.share or 100) / 100 + 1 > cores or before > 0.5:
        words.append("CPU WAS NOT FREE: this says what the machine gives, not how workers scale.")
    return " ".join(words)

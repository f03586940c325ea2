"""What a message costs as the archive grows: ingest, seal, sweep and renewal, in CPU time of ours and of the database.

The archive grows by equal batches. Each batch is measured as it is taken in and sealed; at each step the whole store is
swept, and the evidence of what came since the last step is renewed under another digest, which reads its files.
"""

import argparse
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from servers.postgres import Postgres, installed, running
from simulator.cli import simulate
from simulator.plan import Plan

from benchmarks.measure import ARCHIVER, measured
from benchmarks.plot import curves
from benchmarks.table import commit, machine

ADDRESS = "studio@pec.esempio-legale.it"
WORK = ("ingest", "seal", "sweep", "renew")
FLAT = 0.2
"""The target: the largest cost is so much above the cost at the first step."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one kind of work cost a message, in microseconds, with so many archived before: clock, our CPU, theirs."""

    work: str
    archived: int
    messages: int
    wall: float
    ours: float
    server: float

    @property
    def cpu(self) -> float:
        """Ours and the database's."""
        return self.ours + self.server


@dataclass(frozen=True, slots=True)
class Result:
    """All costs, in the order in which they were measured."""

    database: str
    size: int
    costs: tuple[Cost, ...]

    def as_json(self) -> str:
        """One object."""
        costs = [
            {"work": one.work, "archived": one.archived, "messages": one.messages, "wall_us": round(one.wall, 1),
             "cpu_us": round(one.ours, 1), "server_cpu_us": round(one.server, 1)}
            for one in self.costs
        ]  # fmt: skip
        values = {"benchmark": "growth", "database": self.database, "size": self.size}
        told = {name: round(rise, 3) for name, rise in self._rises()}
        return json.dumps(values | {"machine": machine(), "commit": commit(), "rise": told, "costs": costs}, indent=1)

    def as_table(self) -> str:
        """A Markdown table: CPU microseconds a message."""
        steps = sorted({one.archived for one in self.costs if one.work == "sweep"})
        head = f"growth: {self.database}, {self.size} octets of attachments. {machine()}. Commit {commit()}."
        lines = [head, "", f"| archived | {' | '.join(WORK)} |", "|---|" + "---|" * len(WORK)]
        for step in steps:
            lines.append(f"| {step:,} | {' | '.join(self._cell(work, step) for work in WORK)} |")
        told = ", ".join(f"{name} {rise:+.0%}" for name, rise in self._rises())
        note = "CPU microseconds a message, ours + the database's; ingest and seal of the batch that reaches the size."
        return "\n".join([*lines, "", note, f"Highest against the first step: {told}. Target: +{FLAT:.0%} at most."])

    def plot(self) -> str:
        """An SVG: cost against size, one line for each kind of work."""
        lines = {
            work: [(one.archived, one.cpu) for one in self.costs if one.work == work and one.archived] for work in WORK
        }
        return curves(lines, across="archived messages", up="CPU microseconds a message")

    def _cell(self, work: str, step: int) -> str:
        found = [one for one in self.costs if one.work == work and one.archived == step]
        return f"{found[0].ours:.0f} + {found[0].server:.0f}" if found else "-"

    def _rises(self) -> Iterator[tuple[str, float]]:
        steps = {one.archived for one in self.costs if one.work == "sweep"}
        for work in WORK:
            found = [one.cpu for one in self.costs if one.work == work and one.archived in steps]
            if found and found[0]:
                yield work, max(found) / found[0] - 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this benchmark."""
    parser.add_argument("--steps", type=int, nargs="+", default=[10_000, 30_000, 100_000, 300_000, 1_000_000])
    parser.add_argument("--batch", type=int, default=10_000, help="messages that come at a time (10000)")
    parser.add_argument("--size", type=int, default=400, help="octets of attachments: messages of some 14 kB (400)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="an SVG of the costs")
    parser.add_argument("--home", type=Path, help="where the archive lies (TMPDIR)")


@dataclass
class House:
    """An archive, the server of its catalog if it has one, and what was measured."""

    home: Path
    server: Postgres | None
    costs: list[Cost] = field(default_factory=list)
    archived: int = 0

    @property
    def environ(self) -> Mapping[str, str]:
        """What every command needs to find it."""
        return os.environ | {"ARCHIVER_CONFIG": str(self.home / "archive/archiver.toml")}

    def run(self, *command: object) -> dict[str, Any]:
        """Runs without measuring; what it answered, if anything."""
        output = measured([str(word) for word in (*ARCHIVER, *command)], environ=self.environ).output
        return dict(json.loads(output[output.index("{") :])) if "{" in output and "--json" in command else {}

    def measure(self, work: str, messages: Callable[[dict[str, Any]], int], *command: object) -> dict[str, Any]:
        """Runs and measures; `messages` says from the answer over how many its cost is spread."""
        before = _worked(self.server)
        found = measured([str(word) for word in (*ARCHIVER, work, *command, "--json")], environ=self.environ)
        server = _worked(self.server) - before
        told: dict[str, Any] = json.loads(found.output[found.output.index("{") :])
        each = 1e6 / max(1, messages(told))
        self.costs.append(
            Cost(work, self.archived, messages(told), found.seconds * each, found.cpu * each, server * each)
        )
        return told


def run(asked: argparse.Namespace, say: Callable[[str], None]) -> Result:
    """Grows the archive from step to step. Raises RuntimeError when a command did not do what it is measured for."""
    if asked.database == "postgresql" and not installed():
        raise RuntimeError("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-growth-", dir=asked.home))
        server = None
        if asked.database == "postgresql":
            where = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-growth-pg-", dir=asked.home))
            server = stack.enter_context(running(Path(where)))
        house = House(Path(folder), server)
        _found(house)
        pool = stack.enter_context(ProcessPoolExecutor(1))
        mail = _mail(pool, house.home, asked)
        for number, step in enumerate(sorted(asked.steps)):
            while house.archived < step:
                _batch(house, *next(mail))
            _step(house, step if not number else step - sorted(asked.steps)[number - 1])
            last = {one.work: one for one in house.costs}
            say(f"{step:,}: " + ", ".join(f"{work} {last[work].cpu:.0f} us" for work in WORK))
    result = Result(asked.database, asked.size, tuple(house.costs))
    if asked.plot:
        asked.plot.write_text(result.plot(), encoding="utf-8")
    return result


def _found(house: House) -> None:
    """An empty archive."""
    archive = house.home / "archive"
    house.run("init", "--demo", archive)
    if house.server is not None:
        configuration = archive / "archiver.toml"
        url = house.server.url(house.server.fresh())
        configuration.write_text(configuration.read_text().replace("sqlite:///catalog.db", url))
        house.run("init", archive)


def _mail(pool: Executor, home: Path, asked: argparse.Namespace) -> Iterator[tuple[Path, int]]:
    """Folders of simulated mail, each days after the one before, and how many are in them.

    The next one is made while one is taken in: beside every measurement the same work goes on.
    """
    plans, made = [], 0
    for step in sorted(asked.steps):
        while made < step:
            messages = min(asked.batch, step - made)
            start = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(minutes=made // 100)
            plans.append(Plan(messages, asked.seed + made, asked.size, 1, ADDRESS, start, reuse=10))
            made += messages
    ahead: Future[object] | None = None
    for number, plan in enumerate(plans):
        current = ahead or pool.submit(simulate, plan, home / f"mail-{number}", "eml")
        current.result()
        later = number + 1
        ahead = pool.submit(simulate, plans[later], home / f"mail-{later}", "eml") if later < len(plans) else None
        yield home / f"mail-{number}", plan.messages


def _batch(house: House, mail: Path, messages: int) -> None:
    """So many messages taken in, and sealed."""
    for path in (mail / "providers").glob("*.pem"):
        shutil.copy(path, house.home / "archive/providers")
    here = house.archived
    house.archived += messages
    told = house.measure("ingest", lambda told: int(told["new"]), "--from", mail / "mailbox")
    if told["new"] < messages * 0.9:
        raise RuntimeError(f"of {messages} messages at {here:,} only {told['new']} were new")
    house.measure("seal", lambda told: int(told["messages"]), "--now")
    shutil.rmtree(mail)


def _step(house: House, messages: int) -> None:
    """The whole store read; the evidence of what came since the last step made anew."""
    house.measure("sweep", lambda told: house.archived, "--all")
    house.measure("renew", lambda told: messages, "--hash", "sha3-512")


def _worked(server: Postgres | None) -> float:
    """Seconds on a processor of the database's processes, those that have ended included; 0 without a server."""
    if server is None or server._child is None:
        return 0.0
    root, total = server._child.process.pid, 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(entry.name) == root:
                total += sum(int(value) for value in fields[11:15])
            elif int(fields[1]) == root:
                total += sum(int(value) for value in fields[11:13])
    return total / os.sysconf("SC_CLK_TCK")

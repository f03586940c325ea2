"""The archive of a soak and everything around it: servers that are installed, disks, wires, mail, and commands."""

import faulthandler
import gc
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from click.testing import CliRunner
from servers.ceph import Ceph, missing
from servers.certomancer import Certomancer
from servers.postgres import Postgres, installed, running
from simulator.dovecot import Dovecot
from simulator.dovecot import installed as has_dovecot
from support import clocks
from support.beset import Beset, letters
from support.damage import Damage, Raw, Rot
from support.disks import Disk, mounted

from archiver.cli import main

PRIMARY, BUCKET, FOLDER = "primary", "bucket", "folder"
ROOT = Path(__file__).resolve().parents[2]
DISK = 300
"""Megabytes of each disk."""
BOUND = 300.0
"""Seconds within which every command must have ended."""
LARGE = 200_000
"""Octets of what is attached to a large message."""


@dataclass(frozen=True)
class Said:
    """What a command answered, and how long it took; `killed` before it could."""

    command: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float
    killed: bool = False

    @property
    def json(self) -> dict[str, Any]:
        """Its answer, if it gave one."""
        try:
            found = json.loads(self.out)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def __str__(self) -> str:
        return f"{' '.join(self.command)}: exit {self.code}: {(self.err or self.out)[-1500:].strip()}"


@dataclass
class World:
    """Everything of one soak."""

    archive: Beset
    disks: dict[str, Disk]
    damage: dict[str, Damage]
    postgres: Postgres | None
    together: bool
    """Whether the bucket is written together with the primary."""
    times: dict[str, float] = field(default_factory=dict)
    """How long each errand takes in peace."""
    batches: int = 0
    worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    """Servers end with the thread that started them: this one stays."""

    def send(self, dice: Random) -> int:
        """New mail; how much."""
        self.batches += 1
        size = LARGE if dice.random() < 0.1 else 400
        return self.archive.post.send(letters(dice.randrange(1, 7), self.batches, size=size))

    def crashing(self, postgres: Postgres, after: float) -> tuple[Callable[[], None], Callable[[], None]]:
        """What lets the database crash so many seconds later, and what waits until it is back."""
        under_way: list[Future[None]] = []

        def crash() -> None:
            time.sleep(after)
            postgres.restart()

        return lambda: under_way.append(self.worker.submit(crash)), lambda: under_way[-1].result()

    def run(self, *command: str, clock: str = "", kill: float | None = None, own: bool = False) -> Said:
        """One command, by a clock that may be wrong; in a process of its `own`, or killed there after some seconds."""
        words = ["--config", str(self.archive.config), *command, "--json"]
        if kill is None and not own:
            return _within(command, words, clock)
        module = ["support.clocks", clock] if clock else ["archiver"]
        began, killed = time.monotonic(), False
        with subprocess.Popen(
            [sys.executable, "-m", *module, *words],
            cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as running_:  # fmt: skip
            try:
                out, err = running_.communicate(timeout=BOUND if kill is None else kill)
            except subprocess.TimeoutExpired:
                killed = kill is not None
                running_.send_signal(signal.SIGKILL)
                out, err = running_.communicate()
        return Said(command, running_.returncode, out, err, time.monotonic() - began, killed)


def _within(command: tuple[str, ...], words: list[str], clock: str) -> Said:
    """In this process, which ends with a trace of where it hangs when that takes too long."""
    began = time.monotonic()
    faulthandler.dump_traceback_later(BOUND, exit=True)
    try:
        with clocks.told(clock) if clock else nullcontext():
            found = CliRunner().invoke(main, words)
    finally:
        faulthandler.cancel_dump_traceback_later()
        gc.collect()  # lets go of connections and files
    err = found.stderr
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        err += "".join(traceback.format_exception(found.exception))
    return Said(command, found.exit_code, found.stdout, err, time.monotonic() - began)


@contextmanager
def world(folder: Path, dice: Random) -> Iterator[World]:
    """An archive in `folder` on whatever this machine has."""
    with ExitStack() as stack:
        # mail comes in by a wire that fails: nobody waits long here
        archive = Beset(stack, folder / "archive", patience=3)
        disks = {}
        for name in (PRIMARY, FOLDER):
            disk = stack.enter_context(mounted(folder / name, DISK))
            if disk:
                disks[name] = disk
        archive.on_disk(folder / PRIMARY)
        damage: dict[str, Damage] = {PRIMARY: Rot(folder / PRIMARY / "store")}
        if has_dovecot():
            archive.imap(stack.enter_context(Dovecot(_made(folder / "dovecot"))))
        postgres = stack.enter_context(running(_made(folder / "postgres"))) if installed() else None
        if postgres:
            archive.catalog(postgres)
        if find_spec("certomancer") and find_spec("werkzeug"):
            archive.tsa(stack.enter_context(Certomancer(folder / "tsa")))
        together = dice.random() < 0.5
        gateway = stack.enter_context(Ceph(folder / "ceph")) if not missing() else None
        if gateway:
            archive.replica(BUCKET, gateway, sync=together)
        archive.folder_replica(FOLDER, folder / FOLDER / "store")
        damage[FOLDER] = Rot(folder / FOLDER / "store")
        archive.make()
        if gateway:
            stores = archive.opened.config.stores
            (bucket,) = (one.s3 for one in stores if one.s3)
            damage[BUCKET] = Raw(gateway.client(), bucket.bucket, bucket.prefix)
        yield World(archive, disks, damage, postgres, together)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return folder


def _environment() -> dict[str, str]:
    """This tree's own modules, and nobody's keys and proxies."""
    paths = os.pathsep.join(str(ROOT / name) for name in ("", "tests", "scripts"))
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"PYTHONPATH": paths, "LC_ALL": "C.UTF-8"}

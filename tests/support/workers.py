"""Workers as processes, and what the engine's tables say of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from servers.postgres import Postgres

PATIENCE = 90.0


@dataclass
class Worker:
    """One `archiver worker`: its log is a file, which is read while it works."""

    config: Path
    log: Path
    arguments: Sequence[str] = ("--once",)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    before: Sequence[str] = ()
    """A program that runs it, and its arguments."""
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Worker":
        """Starts it, again if it has ended."""
        command = [*self.before, sys.executable, "-m", "archiver", "--config", str(self.config), "worker"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *self.arguments], stdout=subprocess.DEVNULL, stderr=log, env=self.environ
            )
        return self

    @property
    def started(self) -> bool:
        """Whether it ever was."""
        return self._process is not None

    @property
    def code(self) -> int | None:
        """What it ended with; None while it works."""
        assert self._process is not None
        return self._process.poll()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def send(self, number: int) -> None:
        """A signal."""
        if self.code is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Until it ends."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def end(self) -> None:
        """Whatever it does."""
        self.send(signal.SIGKILL)
        self.wait()

    def events(self) -> list[dict[str, Any]]:
        """What it has logged; a line that is being written is not there yet."""
        lines = self.log.read_text(encoding="utf-8").splitlines(keepends=True) if self.log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}\n")]

    def at(self) -> tuple[str, str] | None:
        """Step and key of the unit that it is at."""
        mine = [one for one in self.events() if one["event"].startswith("unit.")]
        return (mine[-1]["step"], mine[-1]["key"]) if mine and mine[-1]["event"] == "unit.begin" else None

    def said(self) -> str:
        """All of its log."""
        return self.log.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Tables:
    """The engine's tables in one database."""

    server: Postgres
    database: str

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """What the superuser is answered."""
        where = {"host": str(self.server.folder), "port": self.server.port, "user": "test", "dbname": self.database}
        with psycopg.connect(
            **where, options="-c search_path=archiver_engine -c datestyle=ISO", autocommit=True
        ) as connection:
            cursor = connection.execute(query)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def nights(self) -> list[tuple[Any, ...]]:
        """Each night's id, and whether it has ended."""
        return self.ask("SELECT id, ended IS NOT NULL FROM night ORDER BY at")

    def due(self) -> set[tuple[str, str]]:
        """Step and key of what has not ended."""
        return {(step, key) for step, key in self.ask("SELECT step, key FROM unit WHERE ended IS NULL")}

    def queued(self) -> int:
        """Jobs of units that wait or are being done."""
        return int(self.ask("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'archiver.unit'")[0][0])


def until(what: Callable[[], Any], said: str, *, patience: float = PATIENCE) -> Any:
    """What `what` answers, as soon as that is true."""
    deadline = time.monotonic() + patience
    while not (found := what()):
        assert time.monotonic() < deadline, f"it never came to this: {said}"
        time.sleep(0.02)
    return found

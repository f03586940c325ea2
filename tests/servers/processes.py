"""Servers as children: tied to whoever starts them, heard when they die, ended by their own id."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which

ADDRESS = "127.0.0.1"
PATIENCE = 60.0
"""Seconds to wait for a server to answer, on a machine that others use too."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running program; what it says goes to `log`."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @classmethod
    def start(cls, name: str, command: Sequence[str], log: Path, *, environment: dict[str, str]) -> "Child":
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [*_tied(), *command], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=environment
            )
        return cls(name, process, log)

    def end(self, number: int = signal.SIGTERM) -> None:
        """Sends the signal and waits; who has not gone after ten seconds is killed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def run(command: Sequence[str], *, environment: dict[str, str]) -> str:
    """What the program prints. Raises RuntimeError with its complaint when it fails, or takes too long."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{' '.join(command)}: no end after {PATIENCE:.0f} s") from error
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def wait(ready: Callable[[], bool], children: Sequence[Child], *, logs: Path) -> None:
    """Until it is ready. RuntimeError with the last lines of every log in `logs` when a child dies, or too late."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        dead = [child for child in children if child.process.poll() is not None]
        if dead or time.monotonic() > deadline:
            who = ", ".join(f"{child.name} ended with {child.process.poll()}" for child in dead) or "no answer"
            raise RuntimeError(f"{who}\n{last_lines(logs)}")
        time.sleep(0.02)


def last_lines(logs: Path, count: int = 12) -> str:
    """The end of every log in the folder."""
    ends = {path.name: path.read_text(errors="replace").splitlines()[-count:] for path in sorted(logs.glob("*.log"))}
    return "\n".join(f"{name}: {line}" for name, lines in ends.items() for line in lines)


def free_ports(count: int) -> list[int]:
    """So many ports that nobody listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in sockets:
            listener.bind((ADDRESS, 0))
        return [int(listener.getsockname()[1]) for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()


def _tied() -> list[str]:
    """What makes a server end when whoever started it is killed."""
    return ["setpriv", "--pdeathsig", "KILL"] if which("setpriv") else []

"""Processes killed at random moments, over and over: the archive on disk is whole once a run is left in peace."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from support.archives import demo, named, segments, simulated, trust
from support.commands import done

from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.package.segment import reader

MESSAGES = 400
ROUNDS = 6


def test_runs_killed_at_random_moments_lose_nothing_and_keep_nothing_twice(tmp_path: Path) -> None:
    mail, mailbox, dice = simulated(tmp_path / "mail", MESSAGES), tmp_path / "mailbox", random.Random(20261121)
    config = demo(tmp_path / "archive")
    trust(config, (tmp_path / "mail/providers").glob("*.pem"))
    mailbox.mkdir()
    arrivals = portions(sorted(mail.iterdir()), ROUNDS)
    commands = ("ingest", "--from", str(mailbox)), ("seal", "--now")
    times = idle(config), [timed(config, command, arrivals[0], mailbox) for command in commands]
    killed, haste = 0, 1.0
    for portion in arrivals[1:]:
        deliver(portion, mailbox)
        for command, whole in zip(commands, times[1], strict=True):
            struck = kill(config, command, haste * dice.uniform(times[0], whole))
            haste = 1.0 if struck else 0.7 * haste  # what was timed on a busy machine may be too long on an idle one
            killed += struck
    assert killed > ROUNDS // 2

    finished = done("ingest", "--from", mailbox, config=config)
    assert finished["new"] + finished["known"] == MESSAGES
    done("seal", "--now", config=config)
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"
    expected = json.loads((tmp_path / "mail/expected.json").read_text(encoding="utf-8"))["messages"]
    kept, left = members(config)
    assert sorted(kept) == sorted(message["sha256"] for message in expected)
    assert set(left) <= set(kept)  # a segment that no rapporto names is no part of the archive, and holds nothing else
    status = done("status", config=config)
    assert (status["messages"], status["pending"]) == (MESSAGES, 0)
    again = done("ingest", "--from", mailbox, config=config)
    assert (again["new"], again["known"]) == (0, MESSAGES)


def portions(files: list[Path], number: int) -> list[list[Path]]:
    """The files dealt into so many portions, as mail comes night after night."""
    size = -(-len(files) // number)
    return [files[start : start + size] for start in range(0, len(files), size)]


def deliver(portion: list[Path], mailbox: Path) -> None:
    for path in portion:
        shutil.copy(path, mailbox)


def idle(config: Path) -> float:
    """How long a command takes that does nothing, in seconds."""
    began = time.monotonic()
    subprocess.run(argv(config, ("status",)), check=True, capture_output=True)
    return time.monotonic() - began


def timed(config: Path, command: tuple[str, ...], portion: list[Path], mailbox: Path) -> float:
    """How long `command` takes in peace over the first portion."""
    deliver(portion, mailbox)
    began = time.monotonic()
    subprocess.run(argv(config, command), check=True, capture_output=True)
    return time.monotonic() - began


def kill(config: Path, command: tuple[str, ...], after: float) -> bool:
    """Starts `command` and kills it some seconds later; whether it was still at work."""
    with subprocess.Popen(argv(config, command), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        try:
            _, said = running.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            running.kill()
            _, said = running.communicate()
    assert running.returncode in (0, -signal.SIGKILL), said.decode()
    return running.returncode != 0


def argv(config: Path, command: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "archiver", "--config", str(config), *command]


def members(config: Path) -> tuple[list[str], list[str]]:
    """The digest of every message in the segments that a rapporto names, as often as it is there; and in others."""
    store = config.parent / "store"
    rapporti = [rdv_reader.read((store / name).read_bytes()) for name in named(config, Kind.RDV)]
    naming = {segment.sha256 for rapporto in rapporti for segment in rapporto.segments}
    kept: list[str] = []
    left: list[str] = []
    for name in segments(config):
        with (store / name).open("rb") as file:
            found = [member.sha256 for member in reader.members(file, prefix="messages/", suffix=".eml")]
        (kept if Path(name).stem in naming else left).extend(found)
    return kept, left

"""Processes killed at random moments, over and over: the archive on disk is whole once a run is left in peace."""

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.archives import demo, named, objects, objects_in, segments, simulated, trust
from support.beset import Beset, letters
from support.commands import done
from support.damage import Rot

from archiver.package.layout import Kind
from archiver.package.rdv import reader as rdv_reader
from archiver.package.segment import reader

MESSAGES = 400
ROUNDS = 6
LATER_ROUNDS = 4
LATER = {
    "renew": ("renew", "--hash", "sha3-512"),
    "replicate": ("replicate",),
    "sweep": ("sweep", "--all", "--deep", "--repair"),
}


def test_runs_killed_at_random_moments_lose_nothing_and_keep_nothing_twice(tmp_path: Path) -> None:
    mail, mailbox, dice = simulated(tmp_path / "mail", MESSAGES), tmp_path / "mailbox", random.Random(20261121)
    config = demo(tmp_path / "archive")
    trust(config, (tmp_path / "mail/providers").glob("*.pem"))
    mailbox.mkdir()
    arrivals = portions(sorted(mail.iterdir()), ROUNDS)
    commands = ("ingest", "--from", str(mailbox)), ("seal", "--now")
    deliver(arrivals[0], mailbox)
    times = idle(config), [timed(config, command) for command in commands]
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


@pytest.mark.parametrize("errand", LATER)
def test_what_comes_after_the_sealing_is_killed_at_random_moments_and_nothing_is_damaged(
    tmp_path: Path, errand: str
) -> None:
    command, dice, killed = LATER[errand], random.Random(f"{errand} 20261122"), 0
    with ExitStack() as stack:
        archive = Beset(stack, tmp_path / "archive")
        archive.folder_replica("copia", tmp_path / "copia")
        archive.make()
        due(archive, errand, 0, dice)
        times = idle(archive.config), timed(archive.config, command)
        for seed in range(1, LATER_ROUNDS):
            due(archive, errand, seed, dice)
            killed += kill(archive.config, command, dice.uniform(times[0] / 2, times[1]))
    assert killed > 0

    done(*command, config=archive.config)
    done("seal", "--now", config=archive.config)
    done("replicate", config=archive.config)
    swept = done("sweep", "--all", "--deep", "--repair", config=archive.config)
    assert [found for found in swept["findings"] if found["severity"] in ("error", "doubt")] == []
    assert (swept["safe"], swept["unsafe"]) == (len(archive.post.sent), 0)
    done("replicate", config=archive.config)  # the sweep's own report
    assert objects_in(tmp_path / "copia") == objects(archive.config)
    assert archive.complaints() == []


def due(archive: Beset, errand: str, seed: int, dice: random.Random) -> None:
    """There is something to do: new volumes, and for a sweep objects that rotted in the replica."""
    archive.post.send(letters(6, seed))
    done("ingest", config=archive.config)
    done("seal", "--now", config=archive.config)
    if errand == "sweep":
        done("replicate", config=archive.config)
        rot = Rot(archive.folder.parent / "copia")
        names = dice.sample(sorted(objects_in(rot.root)), 6)
        for name in names[:4]:
            rot.flip(name)
        for name in names[4:]:
            rot.destroy(name)


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


def timed(config: Path, command: tuple[str, ...]) -> float:
    """How long `command` takes in peace."""
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

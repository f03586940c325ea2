"""A full disk: said in a clear word, nothing lost, and once there is room the next run finishes."""

import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from support.archives import demo, folder_of, kept, letter, objects, sealed
from support.commands import archiver, done
from support.tools import absent, tool

LETTERS = [letter(text) for text in ("uno", "due", "tre")]
LARGE = [letter(f"grande {number}") + random.Random(number).randbytes(150_000) for number in range(40)]


@dataclass(frozen=True)
class Small:
    """An archive on a disk of three mebibytes."""

    config: Path
    disk: Path

    def fill(self) -> None:
        """Leaves no room at all."""
        with (self.disk / ".filler").open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def empty(self) -> None:
        (self.disk / ".filler").unlink()

    def grow(self) -> None:
        subprocess.run([tool("mount"), "-o", "remount,size=40m", str(self.disk)], check=True, capture_output=True)


@pytest.fixture(params=["store", "."], ids=["the-store", "the-whole-archive"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Small]:
    """An archive of which this part lies on the small disk."""
    made, archive = demo(tmp_path / "made"), tmp_path / "archive"
    disk = archive / request.param
    disk.mkdir(parents=True)
    mount = [tool("mount"), "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        absent("a small file system can only be mounted by root")
    shutil.copytree(made.parent, archive, dirs_exist_ok=True)
    yield Small(archive / made.name, disk)
    subprocess.run([tool("umount"), "-l", str(disk)], check=True, capture_output=True)


def test_mail_that_finds_no_room_is_said_and_comes_in_once_there_is_some(small: Small, tmp_path: Path) -> None:
    done("ingest", "--from", folder_of(tmp_path / "first", *LETTERS), config=small.config)
    sealed(small.config)
    before, mailbox = objects(small.config), folder_of(tmp_path / "large", *LARGE)
    for _ in range(2):
        refused("ingest", "--from", mailbox, config=small.config)
        assert objects(small.config) == before
    small.grow()
    assert done("ingest", "--from", mailbox, config=small.config)["new"] == len(LARGE)
    assert sealed(small.config)["messages"] == len(LARGE)
    assert kept(small.config) == {sha256(raw).hexdigest(): raw for raw in (*LETTERS, *LARGE)}


@pytest.mark.parametrize("room", [0, 2, 6])
def test_a_sealing_that_runs_out_of_room_is_finished_once_there_is_some(
    small: Small, tmp_path: Path, room: int
) -> None:
    done("ingest", "--from", folder_of(tmp_path / "first", *LETTERS), config=small.config)
    small.fill()
    os.truncate(small.disk / ".filler", (small.disk / ".filler").stat().st_size - room * 4096)
    refused("seal", "--now", config=small.config)
    small.empty()
    assert sealed(small.config)["messages"] == len(LETTERS)
    assert done("status", config=small.config)["pending"] == 0


def refused(*command: object, config: Path) -> None:
    """`command` ends with the exit code of a service that is unavailable, and says that the disk is full."""
    found = archiver(*command, config=config)
    assert found.code == 3, found
    assert re.search("disk full|disk is full|No space left", found.err), found.err

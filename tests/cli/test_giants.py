"""A message of 100 MB costs time, never memory: each errand is measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.archives import demo, letter
from support.commands import process

SIZE = 100_000_000
LIMIT = 300_000  # kB, as the kernel counts
LAUNCHER = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
"""  # a small process in between: a child begins with the peak of whoever forked it


@pytest.fixture(scope="module")
def giant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One message of 100 MB in base64 lines, beside an ordinary one."""
    folder = tmp_path_factory.mktemp("giant")
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"
    head = (
        b"From: a@posta.example\r\nTo: studio@pec.esempio-legale.it\r\nDate: Mon, 02 Mar 2026 10:00:00 +0100\r\n"
        b'Subject: gigante\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    (folder / "giant.eml").write_bytes(head + line * (SIZE // len(line)) + b"--b--\r\n")
    (folder / "small.eml").write_bytes(letter("piccola"))
    return folder


def test_a_message_of_100_mb_stays_under_300_mb_of_memory_in_every_errand(giant: Path, tmp_path: Path) -> None:
    config = demo(tmp_path / "archive")
    peaks = {}
    for command in (("ingest", "--from", giant), ("seal", "--now"), ("verify", "store")):
        peaks[command[0]] = peak(config.parent, *command)
    assert max(peaks.values()) < LIMIT, peaks
    found = process("search", "gigante", "--json", folder=config.parent)
    assert json.loads(found.out)["results"][0]["subject"] == "gigante"


def peak(folder: Path, *command: object) -> int:
    """The peak of a command's resident memory in kB; the command must succeed."""
    found = subprocess.run(
        [sys.executable, "-c", LAUNCHER, sys.executable, "-m", "archiver", *map(str, command)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return int(found.stderr.splitlines()[-1])

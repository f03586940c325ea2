"""What an ingest from a server costs, measured as the benchmark measures it."""

import base64
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.measure import measured
from support.archives import kept
from support.connected import connected
from support.imap import Server
from support.tools import ROOT, tool

from archiver.digest import sha256

GIANT = 100_000_000


def test_a_message_of_100_mb_stays_below_300_mb_of_memory(server: Server, tmp_path: Path) -> None:
    body = base64.encodebytes(random.Random(1).randbytes(GIANT * 3 // 4)).replace(b"\n", b"\r\n")
    mail = server.put([b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body, b"Subject: b\r\n\r\n"])
    config = connected(tmp_path / "a", server.dovecot, server.user)
    command = [sys.executable, "-m", "archiver", "--config", str(config), "ingest", "--jobs", "1", "--json"]
    found = measured(command, environ=dict(os.environ))
    assert json.loads(found.output)["new"] == 2
    assert found.memory < 300_000_000
    assert set(kept(config)) == {sha256(raw) for raw in mail}


@pytest.mark.usefixtures("dovecot")  # a machine without one skips this too
def test_the_benchmark_tells_its_figures_with_the_peer_the_machine_and_the_commit() -> None:
    tool("mbsync")
    command = [sys.executable, str(ROOT / "scripts/bench"), "ingest", "--messages", "40", "--size", "500"]
    command += ["--rounds", "1", "--jobs", "1", "--json"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    told = json.loads(found.stdout)
    assert (told["messages"], told["machine"] != "", told["commit"] != "") == (40, True, True)
    assert [line["name"] for line in told["results"]] == ["mbsync", "archiver ingest --jobs 1"]
    for line in told["results"]:
        assert line["messages_per_second"] > 0
        assert line["peak_bytes_of_a_process"] > 1_000_000


@pytest.mark.parametrize(
    ("benchmark", "options", "line"),
    [
        ("access", ["--database", "sqlite", "--questions", "2"], "a Message-ID"),
        ("renew", [], "archiver renew --hash sha3-512"),
    ],
)
def test_benchmarks_take_mail_of_ones_own(benchmark: str, options: list[str], line: str, tmp_path: Path) -> None:
    for number in range(3):
        letter = f"From: a@b.example\r\nMessage-ID: <{number}@b.example>\r\nSubject: contratto\r\n\r\n{number}\r\n"
        (tmp_path / f"{number}.eml").write_text(letter, newline="")
    command = [sys.executable, str(ROOT / "scripts/bench"), benchmark, "--from", str(tmp_path), *options]
    found = subprocess.run([*command, "--rounds", "1", "--json"], capture_output=True, text=True, check=True)
    told = json.loads(found.stdout)
    assert told["messages"] == 3
    assert line in {one.get("question") or one.get("name") for one in told["results"]}

"""Several processes read and judge the volumes of one seal: each volume for itself, whatever becomes of another."""

import os
import signal
from pathlib import Path

import pytest
from support.archives import add_mailbox, demo, folder_of, letter, segments, volumes
from support.commands import archiver, done

from archiver import seal
from archiver.seal import apart
from archiver.seal.draft import Draft, draft
from archiver.seal.plan import Cut
from archiver.seal.values import Sealing

BOXES = ("prima", "seconda", "terza", "quarta")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four mailboxes with three messages each, none of them sealed."""
    monkeypatch.setattr(apart, "WORTH", 1)
    monkeypatch.setattr("threading.active_count", lambda: 1)  # whatever threads other tests have left
    config = demo(tmp_path / "archive")
    for name in BOXES:
        add_mailbox(config, name)
        mail = folder_of(tmp_path / name, *(letter(f"{name} {number}") for number in range(3)))
        done("ingest", "--from", mail, "--mailbox", name, config=config)
    return config


def test_two_seal_what_one_would(config: Path) -> None:
    answer = done("seal", "--now", "--jobs", 2, config=config)
    assert (answer["volumes"], answer["messages"], answer["tokens"], answer["failures"]) == (4, 12, 5, [])
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"
    assert done("seal", "--now", "--jobs", 2, config=config)["volumes"] == 0


def test_a_volume_that_cannot_be_read_keeps_no_other_back(config: Path) -> None:
    rotten = config.parent / "store" / segments(config)[1]
    octets = rotten.read_bytes()
    rotten.chmod(0o600)
    rotten.write_bytes(octets.replace(b"posta.example", b"posta.exampla", 1))
    found = archiver("seal", "--now", "--jobs", 3, "--json", config=config)
    assert (found.code, found.json["volumes"]) == (1, 3)
    (failure,) = found.json["failures"]
    assert rotten.stem in failure
    rotten.write_bytes(octets)
    assert done("seal", "--now", "--jobs", 3, config=config)["volumes"] == 1


def test_a_process_that_is_killed_is_said_and_the_next_run_seals_the_rest(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fatal(cut: Cut, work: Sealing) -> Draft:
        if cut[0].mailbox == f"m-{BOXES[3]}":
            os.kill(os.getpid(), signal.SIGKILL)
        return draft(cut, work)

    with monkeypatch.context() as patched:
        patched.setattr(seal, "draft", fatal)
        found = archiver("seal", "--now", "--jobs", 2, config=config)
    assert found.code == 3
    assert "codice -9" in found.err
    before = len(volumes(config))
    assert done("seal", "--now", "--jobs", 2, config=config)["volumes"] >= 1
    assert before <= len(volumes(config)) == 4
    assert done("verify", config.parent / "store", config=config)["indication"] == "PASSED"

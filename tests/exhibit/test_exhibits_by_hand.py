"""LEGGIMI.txt is taken at its word: every command in it is given, literally, in the extracted folder."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.exhibits import Shelf, exhibited, unzipped
from support.small import Files
from support.tools import tool

TOOLS = ("openssl", "sha256sum", "sha512sum", "awk", "sh")


def commands(files: Files) -> list[str]:
    lines = files["LEGGIMI.txt"].decode().splitlines()
    return [line.removeprefix("    $ ") for line in lines if line.startswith("    $ ")]


def given(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """As a person would type it; python3 is this interpreter, whose libraries it needs."""
    command = command.replace("python3", sys.executable)
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("unsigned", [False, True])
def test_every_command_of_the_text_succeeds_and_writes_nothing_into_the_folder(
    shelf: Shelf, tmp_path: Path, unsigned: bool
) -> None:
    for name in TOOLS:
        tool(name)
    files = unzipped(exhibited(shelf, tmp_path / "x.zip", shelf.received, unsigned=True)) if unsigned else None
    files = files or unzipped(exhibited(shelf, tmp_path / "y.zip", shelf.received))
    folder = files.write(tmp_path / "fascicolo")
    said = commands(files)
    assert len(said) >= 9
    for command in said:
        answer = given(folder, command)
        # nobody vouches for what is not sealed: the verifier leaves it open
        expected = int(unsigned and "verify.py" in command)
        assert answer.returncode == expected, (command, answer.stdout[-500:], answer.stderr[-500:])
        for wrong in ("FAILED", "failure", "NON VALID"):
            assert wrong not in answer.stdout + answer.stderr, (command, answer)
    after = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name for name in after if "__pycache__" not in name} == set(files)


def test_a_flipped_message_fails_the_commands_that_look_at_it(files: Files, tmp_path: Path) -> None:
    for name in TOOLS:
        tool(name)
    message = next(name for name in files if name.endswith(".eml"))
    octets = files[message]
    folder = files.but({message: octets[:-3] + b"!" + octets[-2:]}).write(tmp_path / "fascicolo")
    failing = [command for command in commands(files) if given(folder, command).returncode]
    assert len(failing) >= 4, failing
    assert {command.split()[0] for command in failing} >= {"sha256sum", "sha512sum", "awk", "for"}


def test_the_text_says_the_fingerprints_of_the_anchors_and_what_has_no_legal_value(files: Files) -> None:
    text = files["LEGGIMI.txt"].decode()
    anchors = {name: octets for name, octets in files.items() if name.startswith("data/anchors/")}
    assert anchors
    assert all(hashlib.sha256(octets).hexdigest() in text for octets in anchors.values())
    for words in ("SENZA VALORE LEGALE", "WITHOUT LEGAL VALUE", "ESTRARRE", "duplicati informatici", "EXTRACT"):
        assert words in text
    told = json.loads(files["data/dossier.json"])
    assert all(item["it"] in text and item["en"] in text for item in told["not_proven"])

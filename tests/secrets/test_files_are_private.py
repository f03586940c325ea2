"""A whole life of an archive, as a user of a careless machine (umask 022): whatever is made is his alone."""

import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from support.archives import ADDRESS, folder_of, letter
from support.commands import archiver

MEANT = {
    "store": "objects are read-only for everybody (0444), in folders that only their owner enters",
    "deposito": "the folder for a court's filing system (0755), made to be handed over",
}
"""What others may have bits on, by the first part of its path, and why."""

LIFE = (
    ("init", "--demo", "{}"),
    ("--config", "{}/archiver.toml", "ingest", "--from", "{}-mail"),
    ("--config", "{}/archiver.toml", "seal", "--now"),
    ("--config", "{}/archiver.toml", "catalog", "index"),
    ("--config", "{}/archiver.toml", "sweep", "--all"),
    ("--config", "{}/archiver.toml", "evidence", "prima@posta.example", "--for", "pct", "-o", "{}/deposito"),
    ("--config", "{}/archiver.toml", "export", "--since", "2020-01-01", "-o", "{}/controllo"),
    ("--config", "{}/archiver.toml", "export", "--everything", "-o", "{}/consegna"),
    ("--config", "{}/archiver.toml", "log", "export", "-o", "{}/registro.zip"),
    ("--config", "{}/archiver.toml", "doctor", "--fix"),
)


def command(*words: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "archiver", *words]
    return subprocess.run(run, capture_output=True, text=True, check=False, umask=0o022, timeout=120)


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive at the end of it."""
    folder = tmp_path_factory.mktemp("life") / "archivio"
    folder_of(folder.with_name("archivio-mail"), letter("prima", to=ADDRESS), letter("seconda"))
    for words in LIFE:
        done = command(*(word.format(folder) for word in words))
        assert done.returncode == 0, done
    return folder


def others(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode) & 0o077


def test_every_file_and_folder_is_its_owners_alone_but_for_those_that_are_meant(life: Path) -> None:
    open_ones = {path for path in (life, *life.rglob("*")) if others(path)}
    parts = {path.relative_to(life).parts[0] for path in open_ones if path != life}
    assert parts == set(MEANT), sorted(map(str, open_ones))
    assert others(life) == 0
    assert not [path for path in open_ones if path.is_dir() and path.relative_to(life).parts[0] != "deposito"]
    for path in open_ones:
        mode = stat.S_IMODE(path.stat().st_mode)
        match path.relative_to(life).parts[0]:
            case "store":
                assert mode == 0o444, path
            case _:
                assert path == life / "deposito", path
    assert not [path for path in life.rglob("*.key") if others(path)]


PROBE = """
import sys
from archiver.cli import main
try:
    main()
except SystemExit:
    pass
import ctypes, os, resource
mask = os.umask(0)
print(oct(mask), resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), file=sys.stderr)
"""


def _with_cores() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (min(1 << 20, most) if most != resource.RLIM_INFINITY else 1 << 20, most))


def test_the_program_leaves_no_core_and_lets_nobody_look_into_it() -> None:
    run = [sys.executable, "-c", PROBE, "status"]
    found = subprocess.run(run, capture_output=True, text=True, check=False, umask=0o022, preexec_fn=_with_cores)
    assert found.stderr.splitlines()[-1] == "0o77 (0, 0) 0"


def test_who_uses_it_as_a_library_keeps_his_own_ways(life: Path) -> None:

    before = os.umask(0o022)
    try:
        assert archiver("status", config=life / "archiver.toml").code == 0
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)

"""Units, containers and their commands: what they name exists, and what they run can be said to this program."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from support.tools import ROOT, lucky

from archiver.cli import main
from archiver.cli.stopping import GRACE

SYSTEMD, COMPOSE = ROOT / "ops/systemd", ROOT / "ops/compose/compose.yaml"
SERVICES = sorted(SYSTEMD.glob("*.service"))
UNITS = sorted(SYSTEMD.iterdir())
EXPOSED = 2.0
"""systemd's own measure of how much a unit may do: 0 nothing, 10 anything."""
HARDENED = (
    "NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "UMask=0077",
    "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes", "LimitCORE=0", "MemoryMax=", "ReadWritePaths=",
    "RestrictAddressFamilies=", "SystemCallFilter=", "LoadCredential=",
)  # fmt: skip


def parsed(arguments: list[str]) -> click.Command:
    """The command that these arguments ask for; fails when they cannot be said to it."""
    context = main.make_context("archiver", [*arguments], resilient_parsing=False)
    name, command, rest = main.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest, parent=context)
    return command


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_what_a_unit_runs_can_be_said_to_the_program(path: Path) -> None:
    [line] = re.findall(r"^ExecStart=(.*)$", path.read_text(), re.MULTILINE)
    program, *arguments = shlex.split(line)
    assert program.endswith("/archiver")
    assert parsed(arguments).name in ("nightly", "notify", "worker")


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_unit_may_do_only_what_it_must(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [wanted for wanted in HARDENED if not any(line.startswith(wanted) for line in lines)] == []


def test_the_units_name_one_another() -> None:
    names = {path.name for path in UNITS}
    nightly = {"archiver-nightly.service", "archiver-nightly.timer", "archiver-failed.service"}
    assert names == nightly | {"archiver-worker@.service"}
    assert "OnFailure=archiver-failed.service" in (SYSTEMD / "archiver-nightly.service").read_text()
    timer = (SYSTEMD / "archiver-nightly.timer").read_text()
    assert "Persistent=true" in timer
    assert "RandomizedDelaySec=" in timer


def test_a_worker_comes_back_when_its_database_does_and_is_told_to_stop_before_it_is_killed() -> None:
    lines = (SYSTEMD / "archiver-worker@.service").read_text().splitlines()
    assert {"Restart=always", "StartLimitIntervalSec=0", "KillMode=mixed"} <= set(lines)
    [patience] = [int(line.removeprefix("TimeoutStopSec=")) for line in lines if line.startswith("TimeoutStopSec=")]
    assert patience > GRACE


def test_the_night_is_done_by_one_or_shared_by_many_never_both(services: dict[str, Any]) -> None:
    profiles = {name: service.get("profiles") for name, service in services["services"].items()}
    assert profiles["nightly"] == ["one"]
    assert profiles["worker"] == profiles["scheduler"] == ["many"]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units as on a machine that has the program."""
    for path in UNITS:
        text = re.sub(r"^(ExecStart=)\S+", rf"\g<1>{sys.executable}", path.read_text(), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(text)
    return tmp_path


def test_systemd_has_nothing_to_say_of_them(installed: Path) -> None:
    analyze = lucky("systemd-analyze")
    found = subprocess.run(
        [analyze, "verify", "--man=no", *(str(installed / path.name) for path in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in found.stderr.splitlines() if "archiver-" in line] == []


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_systemd_finds_them_little_exposed(path: Path) -> None:
    analyze = lucky("systemd-analyze")
    found = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={EXPOSED * 10:.0f}", "--no-pager", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-400:] + found.stderr


def test_the_timer_says_a_time_that_there_is() -> None:
    [calendar] = re.findall(r"^OnCalendar=(.*)$", (SYSTEMD / "archiver-nightly.timer").read_text(), re.MULTILINE)
    subprocess.run([lucky("systemd-analyze"), "calendar", calendar], check=True, capture_output=True)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    assert set(found["services"]) == {"postgres", "archiver", "nightly", "scheduler", "worker", "metrics"}
    return found


def test_what_the_containers_run_can_be_said_to_the_program(services: dict[str, Any]) -> None:
    for name, verb in (("metrics", "metrics"), ("worker", "worker"), ("scheduler", "worker")):
        assert parsed(services["services"][name]["command"]).name == verb
    assert parsed(services["services"]["nightly"]["healthcheck"]["test"][2:]).name == "status"
    for line in COMPOSE.read_text().splitlines():
        if by_hand := re.search(r"run --rm archiver (.*?)(  +.*)?$", line):
            parsed(shlex.split(by_hand[1]))


def test_the_containers_may_do_only_what_they_must(services: dict[str, Any]) -> None:
    for name in ("archiver", "nightly", "scheduler", "worker", "metrics"):
        service = services["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["user"] == "10001:10001"
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert [port for service in services["services"].values() for port in service.get("ports", ())] == [
        "127.0.0.1:9464:9464"
    ]
    for name in ("postgres", "nightly", "scheduler", "worker", "metrics"):
        assert "healthcheck" in services["services"][name]


def test_every_secret_that_a_service_has_is_declared(services: dict[str, Any]) -> None:
    used = {secret for service in services["services"].values() for secret in service.get("secrets", ())}
    assert used == set(services["secrets"])


def test_what_the_image_copies_is_there_and_what_it_installs_is_pinned() -> None:
    text = (ROOT / "ops/Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        *sources, _ = line.split()
        assert [source for source in sources if not (ROOT / source).exists()] == []
    assert "--require-hashes" in text
    assert re.search(r"^USER 10001", text, re.MULTILINE)
    assert not re.search(r"\b(curl|wget|apt-get|npm)\b", text)
    assert "ops/compose/nightly.sh /usr/local/bin/nightly.sh" in text


def test_hadolint_has_nothing_to_say() -> None:
    subprocess.run([lucky("hadolint"), str(ROOT / "ops/Containerfile")], check=True)


def test_the_loop_waits_for_the_hour_runs_the_night_and_ends_it_when_it_is_told_to(tmp_path: Path) -> None:
    """With programs of the same names in its way, that write down what they are asked."""
    log = tmp_path / "log"
    (tmp_path / "sleep").write_text(f'#!/bin/sh\necho sleep "$1" >> {log}\n')
    (tmp_path / "python").symlink_to(sys.executable)
    sleep = shutil.which("sleep")
    (tmp_path / "archiver").write_text(
        f"#!/bin/sh\necho archiver \"$@\" >> {log}\ntrap 'echo ended >> {log}; exit 3' TERM\n{sleep} 20 &\nwait $!\n"
    )
    for name in ("sleep", "archiver"):
        (tmp_path / name).chmod(0o755)
    environ = os.environ | {"PATH": f"{tmp_path}:/usr/bin:/bin", "NIGHT_AT": "03:30"}
    loop = subprocess.Popen(["/bin/sh", str(ROOT / "ops/compose/nightly.sh")], env=environ)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (log.exists() and "archiver" in log.read_text()):
        time.sleep(0.05)
    loop.send_signal(signal.SIGTERM)
    assert loop.wait(20) == 0
    waited, ran, ended = log.read_text().splitlines()
    assert 0 < int(waited.removeprefix("sleep ")) <= 25 * 3600
    assert (ran, ended) == ("archiver nightly", "ended")

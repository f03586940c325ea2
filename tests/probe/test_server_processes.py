"""The servers of the tests: one that does not start says why, and nothing is left running."""

import socket
import time
from pathlib import Path

import pytest
from servers import ceph as module
from servers.ceph import Ceph, missing
from servers.processes import ADDRESS, Child, free_ports, wait
from support.tools import absent


def test_a_server_that_dies_at_start_is_noticed_at_once_with_its_last_words(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no space left; exit 3"]
    child = Child.start("store", command, tmp_path / "store.log", environment={"PATH": "/usr/bin:/bin"})
    began = time.monotonic()
    with pytest.raises(RuntimeError, match=r"store ended with 3\nstore.log: no space left"):
        wait(lambda: False, [child], logs=tmp_path)
    assert time.monotonic() - began < 10


def test_who_does_not_go_when_asked_is_ended(tmp_path: Path) -> None:
    command = ["sh", "-c", "exec sleep 600"]
    child = Child.start("store", command, tmp_path / "store.log", environment={"PATH": "/usr/bin:/bin"})
    child.end()
    assert child.process.poll() is not None


def test_free_ports_are_free_and_different() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        with socket.socket() as listener:
            listener.bind((ADDRESS, port))


def test_a_gateway_takes_other_ports_when_one_has_been_taken_meanwhile(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name := missing():
        absent(f"the program {name} is not installed (Debian: radosgw ceph-mon ceph-osd ceph-common)")
    with socket.socket() as taken:
        taken.bind((ADDRESS, 0))
        taken.listen()
        given: list[list[int]] = []

        def ports(count: int) -> list[int]:
            given.append([*free_ports(count - 1), int(taken.getsockname()[1])] if not given else free_ports(count))
            return given[-1]

        monkeypatch.setattr(module, "free_ports", ports)
        with Ceph(tmp_path_factory.mktemp("ceph") / "home") as server:
            assert len(given) >= 2
            assert server.client().list_buckets()["Owner"]["ID"] == "archive"
            with pytest.raises(RuntimeError, match="on_disk"):
                _again(server)


def _again(server: Ceph) -> None:
    server.kill()
    server.start()

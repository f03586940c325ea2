"""Several processes make an export: what comes of it is the same, and only the first one seals."""

import os
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import pytest
from support.exporting import House

from archiver.errors import ArchiverError, Malformed, Unavailable
from archiver.hands import Hands, Seal

Work = Callable[[int], tuple[int, bytes]]


@pytest.fixture(autouse=True)
def single(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that is the command's own, whatever threads other tests have left."""
    monkeypatch.setattr("threading.active_count", lambda: 1)


def work(seal: Seal) -> Work:
    return lambda number: (os.getpid(), seal(bytes((number,))))


def sealed(octets: bytes) -> bytes:
    return octets + str(os.getpid()).encode()


def test_every_task_is_done_once_by_others_and_sealed_here() -> None:
    found = list(Hands(work, 2, seal=sealed).work(range(7)))
    assert sorted(number for number, _ in found) == list(range(7))
    assert os.getpid() not in {pid for _, (pid, _) in found}
    assert {octets for _, (_, octets) in found} == {sealed(bytes((number,))) for number in range(7)}


def test_a_task_that_fails_ends_the_work_with_its_reason() -> None:
    def failing(_: Seal) -> Callable[[int], int]:
        def do(number: int) -> int:
            if number == 3:
                raise Malformed("the third")
            return number

        return do

    with pytest.raises(Malformed, match="the third"):
        list(Hands(failing, 2, seal=None).work(range(9)))


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (OSError(ENOSPC, "No space left on device", "/srv/pec"), "/srv/pec: No space left on device"),
        (KeyError("rossi@pec.example"), r"errore imprevisto del programma \(KeyError, "),
    ],
)
def test_what_nobody_foresaw_is_said_without_its_traceback(
    raised: Exception, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def failing(_: Seal) -> Callable[[int], int]:
        def do(number: int) -> int:
            raise raised

        return do

    with pytest.raises(ArchiverError, match=said) as found:
        list(Hands(failing, 2, seal=None).work(range(3)))
    assert "rossi" not in str(found.value) + capfd.readouterr().err


def test_a_process_that_cannot_begin_its_work_says_its_fault_and_no_more(capfd: pytest.CaptureFixture[str]) -> None:
    def broken(_: Seal) -> Callable[[int], int]:
        raise KeyError("rossi@pec.example")

    with pytest.raises(Unavailable, match=r"codice 1"):
        list(Hands(broken, 2, seal=None).work(range(3)))
    told = capfd.readouterr().err
    assert "errore imprevisto del programma (KeyError" in told
    assert "rossi" not in told
    assert "Traceback" not in told


def test_a_seal_that_fails_ends_the_work_with_its_reason() -> None:
    def refused(_: bytes) -> bytes:
        raise Unavailable("no key")

    with pytest.raises(Unavailable, match="no key"):
        list(Hands(work, 2, seal=refused).work(range(3)))


def test_beside_a_thread_all_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 2)
    found = list(Hands(work, 2, seal=sealed).work(range(3)))
    assert found == [(number, (os.getpid(), sealed(bytes((number,))))) for number in range(3)]


def test_a_process_that_ends_is_noticed() -> None:
    with pytest.raises(Unavailable, match=r"codice 9"):
        list(Hands(lambda _: lambda _: os._exit(9), 2, seal=None).work(range(3)))


@pytest.mark.parametrize("form", ["zip", "asice"])
def test_the_same_is_exported_by_any_number_of_processes(house: House, tmp_path: Path, form: str) -> None:
    told = [house.export(tmp_path / jobs, "--format", form, "--jobs", jobs) for jobs in ("1", "2")]
    assert told[0] | {"path": ""} == told[1] | {"path": ""}
    assert told[0]["indication"] == "PASSED"
    lists = [(tmp_path / jobs / "consistenza.csv").read_bytes() for jobs in ("1", "2")]
    assert lists[0] == lists[1]
    figures = [(tmp_path / jobs / "statistiche.json").read_bytes() for jobs in ("1", "2")]
    assert figures[0] == figures[1]


def test_an_export_is_for_its_owner_alone(house: House, tmp_path: Path) -> None:
    house.export(tmp_path / "zip")
    house.export(tmp_path / "bag", "--format", "bag")
    for folder in ("zip", "bag"):
        assert (tmp_path / folder).stat().st_mode & 0o077 == 0
    part = [tmp_path / "zip/parte-0001.zip", tmp_path / "bag/parte-0001", *(tmp_path / "bag/parte-0001").rglob("*")]
    assert not {str(path) for path in part if path.stat().st_mode & 0o077}

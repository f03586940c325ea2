"""A killed export, run again, goes on: what is whole is not made again, what is not is made anew."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.exporting import House

from archiver.compose import export_files


class Cut(Exception):
    """The power went away."""


def parts(target: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in target.glob("*.asice")}


@pytest.mark.parametrize("survivors", [0, 1])
def test_a_cut_at_any_part_is_healed_by_the_next_run(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survivors: int
) -> None:
    target, real, made = tmp_path / "out", export_files.contain, []

    def cut(*given: Any, **options: Any) -> Any:
        if len(made) == survivors:
            raise Cut
        made.append(given)
        return real(*given, **options)

    monkeypatch.setattr(export_files, "contain", cut)
    with pytest.raises(Cut):
        house.export(target, "--format", "asice")
    assert not list(target.glob("SHA256SUMS"))
    before = parts(target)
    assert len(before) == survivors
    monkeypatch.undo()
    done = house.export(target, "--format", "asice")
    assert (done["indication"], done["made"]) == ("PASSED", 2 - survivors)
    assert {name: parts(target)[name] for name in before} == before


def test_a_finished_export_makes_nothing_again_and_a_spoiled_part_is_made_again(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    assert house.export(target, "--format", "asice")["made"] == 2
    before = parts(target)
    assert house.export(target, "--format", "asice")["made"] == 0
    assert parts(target) == before
    spoiled = next(target.glob("*.asice"))
    spoiled.chmod(0o600)
    spoiled.write_bytes(b"x" + spoiled.read_bytes()[1:])
    done = house.export(target, "--format", "asice")
    assert (done["made"], done["indication"]) == (1, "PASSED")
    assert parts(target)[spoiled.name][1] == before[spoiled.name][1]


def test_a_folder_with_one_byte_changed_is_made_again(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target, "--format", "bag")
    message = next((target / "parte-0001").rglob("*.eml"))
    octets = message.read_bytes()
    message.write_bytes(octets + b" ")
    assert house.export(target, "--format", "bag")["made"] == 1
    assert message.read_bytes() == octets


def test_another_question_or_foreign_files_are_never_mixed_with_an_export(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target)
    before = sorted(path.name for path in target.iterdir())
    assert "another question" in house.export(target, "--since", "2026-01-01", code=4)["said"]
    assert sorted(path.name for path in target.iterdir()) == before
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "tesi.txt").write_text("mio", encoding="utf-8")
    assert "is there already" in house.export(foreign, code=4)["said"]
    assert [path.name for path in foreign.iterdir()] == ["tesi.txt"]


def test_a_state_that_cannot_be_read_is_said(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    for octets in (b"{", b"[]", json.dumps({"format": 2, "parts": []}).encode()):
        (target / "esportazione.json").write_bytes(octets)
        assert "esportazione.json" in house.export(target, code=1)["said"]

"""`archiver export`: everything that was asked for is there or named, and each part proves itself."""

import csv
import hashlib
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from support.commands import done
from support.exporting import House
from support.small import HOLDER, MAILBOX
from support.tools import tool

from archiver.cli import main
from archiver.package import layout
from archiver.package.layout import Kind

SMALL = ("--part-size", "1MB")


def listed(target: Path) -> list[dict[str, str]]:
    with (target / "consistenza.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verified(path: Path, house: House) -> dict[str, object]:
    done = CliRunner().invoke(
        main, ["verify", str(path), "--trust", str(house.small.ca.parent), "--json"], catch_exceptions=False
    )
    return dict(json.loads(done.output.splitlines()[-1]))


def messages(house: House) -> dict[str, bytes]:
    """The archive's messages by digest."""
    found = {}
    for name in house.small.files.kind(Kind.SEGMENT):
        with zipfile.ZipFile(house.small.store / name) as archive:
            found |= {entry[9:-4]: archive.read(entry) for entry in archive.namelist()}
    return found


def test_all_messages_leave_byte_for_byte_and_the_part_proves_itself(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    done = house.export(target)
    kept = messages(house)
    assert (done["messages"], done["missing"], done["indication"]) == (len(kept), 0, "PASSED")
    assert done["bytes"] == sum(map(len, kept.values()))
    with zipfile.ZipFile(target / "parte-0001.zip") as part:
        left = {Path(name).stem: part.read(name) for name in part.namelist() if name.endswith(".eml")}
    assert left == kept
    assert verified(target / "parte-0001.zip", house)["indication"] == "PASSED"


def test_the_list_names_every_message_with_the_place_where_it_is(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target)
    kept = messages(house)
    rows = listed(target)
    assert {row["sha256"] for row in rows} == set(kept)
    for row in rows:
        with zipfile.ZipFile(target / row["parte"]) as part:
            octets = part.read(f"{Path(row['parte']).stem}/{row['percorso']}")
        assert (hashlib.sha256(octets).hexdigest(), len(octets)) == (row["sha256"], int(row["byte"]))
        assert row["stato"] == "incluso"
    told = json.loads((target / "consistenza.json").read_bytes())
    assert told["list_sha256"] == hashlib.sha256((target / "consistenza.csv").read_bytes()).hexdigest()


def codes(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["code"], item["subject"]) for item in found["findings"] if item["severity"] == "error"]


@pytest.mark.parametrize("form", ["zip", "bag", "asice"])
def test_the_folder_is_judged_with_all_of_its_parts(house: House, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"
    house.export(target, "--format", form, *(SMALL if form == "zip" else ()))
    assert verified(target, house)["indication"] == "PASSED"
    first = target / json.loads((target / "consistenza.json").read_bytes())["parts"][0]["name"]
    kept = shutil.move(first, tmp_path / "kept")
    gone = verified(target, house)
    assert (gone["indication"], codes(gone)[0][0]) == ("FAILED", "HANDED_MISSING")
    shutil.move(kept, first)
    (target / "statistiche.json").write_bytes(b"{}")
    assert codes(verified(target, house)) == [("HANDED_DIGEST", "statistiche.json")]


def test_a_message_altered_in_a_part_is_found_also_where_the_sums_were_made_again(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target, "--format", "bag")
    (message, *_) = target.glob("parte-*/**/*.eml")
    message.write_bytes(message.read_bytes() + b"x")
    found = verified(target, house)
    assert found["indication"] == "FAILED"
    assert any(message.name in subject for _, subject in codes(found))


def test_a_folder_that_names_no_part_is_not_passed(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target)
    (target / "parte-0001.zip").unlink()
    (target / "consistenza.json").write_text('{"parts": []}', encoding="utf-8")
    (target / "SHA256SUMS").write_text("", encoding="utf-8")
    found = verified(target, house)
    assert found["indication"] == "INDETERMINATE"
    assert [item["code"] for item in found["findings"]] == ["STORE_EMPTY"]


def test_a_list_that_names_what_lies_elsewhere_is_refused(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target)
    (part,) = target.glob("parte-*.zip")
    shutil.move(part, tmp_path / part.name)
    for name in ("consistenza.json", "SHA256SUMS"):
        text = (target / name).read_text(encoding="utf-8")
        (target / name).write_text(text.replace(part.name, f"../{part.name}"), encoding="utf-8")
    assert ("HANDED_MISSING", f"../{part.name}") in codes(verified(target, house))


def test_sha256sum_agrees_with_every_file_at_the_top(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target, "--format", "bag")
    done = subprocess.run(
        [tool("sha256sum"), "--strict", "-c", "SHA256SUMS"], cwd=target, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (target / "SHA256SUMS").read_text(encoding="utf-8")
    assert {"riepilogo.html", "consistenza.csv", "parte-0001/tagmanifest-sha256.txt"} <= set(lines.split())


def test_no_address_and_no_subject_stands_beside_the_messages(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target)
    for path in target.iterdir():
        if path.suffix in (".csv", ".json", ".html", ".txt"):
            assert "@" not in path.read_text(encoding="utf-8").replace("@page", ""), path.name


@pytest.mark.parametrize("form", ["zip", "bag", "asice"])
def test_each_form_passes_and_holds_the_same(house: House, tmp_path: Path, form: str) -> None:
    target = tmp_path / form
    done = house.export(target, "--format", form)
    assert (done["indication"], done["messages"]) == ("PASSED", len(messages(house)))
    parts = [path for path in target.iterdir() if path.name.startswith("parte") or path.suffix == ".asice"]
    assert len(parts) == done["parts"] == (2 if form == "asice" else 1)
    assert {verified(part, house)["indication"] for part in parts} == {"PASSED"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--since", "2026-01-01"), {2026}),
        (("--until", "2025-12-31"), {2025}),
        (("--since", "2025-01-01", "--until", "2026-12-31"), {2025, 2026}),
    ],
)
def test_a_period_counts_by_days_of_rome(
    house: House, tmp_path: Path, options: tuple[str, ...], expected: set[int]
) -> None:
    house.export(tmp_path / "out", *options)
    assert {int(row["data"][:4]) for row in listed(tmp_path / "out")} == expected


def test_a_kind_and_a_dossier_are_conditions_that_both_hold(house: House, tmp_path: Path) -> None:
    house.export(tmp_path / "all")
    accepted = [row for row in listed(tmp_path / "all") if row["tipo"] == "accettazione"]
    house.export(tmp_path / "kind", "--kind", "accettazione")
    assert [row["sha256"] for row in listed(tmp_path / "kind")] == [row["sha256"] for row in accepted]
    one = accepted[0]["sha256"]
    house.export(tmp_path / "dossier", "--dossier", one)
    rows = listed(tmp_path / "dossier")
    assert {row["tipo"] for row in rows} >= {"accettazione", "inviato"}
    assert len(rows) < len(listed(tmp_path / "all"))
    house.export(tmp_path / "both", "--dossier", one, "--kind", "accettazione")
    assert [row["sha256"] for row in listed(tmp_path / "both")] == [one]


def test_export_and_search_mean_the_same_messages_by_the_same_conditions(house: House, tmp_path: Path) -> None:
    config = house.small.folder / "archiver.toml"
    found: dict[str, list[str]] = {}
    for row in done("search", config=config)["results"]:
        found.setdefault(row["state"], []).append(row["dossier"])
    assert len(found) > 1
    for state, wanted in found.items():
        house.export(tmp_path / state, "--state", state)
        assert sorted(row["sha256"] for row in listed(tmp_path / state)) == sorted(wanted)
    (both, *_) = found
    assert "was found" in house.export(tmp_path / "none", "--state", both, "--tax-code", "00000000000", code=2)["said"]
    search, export = (main.get_command(click.Context(main), name) for name in ("search", "export"))
    assert search
    assert export
    of_pages = {"--limit", "--after", "--csv"}
    assert {one.opts[0] for one in search.params} - {one.opts[0] for one in export.params} == of_pages


def test_what_fits_no_message_is_said_and_leaves_nothing(house: House, tmp_path: Path) -> None:
    said = house.export(tmp_path / "out", "--since", "2040-01-01", code=2)
    assert "nothing was found" in said["said"]
    assert not (tmp_path / "out").exists()


def test_a_message_without_a_volume_is_there_and_leaves_the_verdict_open(
    another: Callable[..., House], tmp_path: Path
) -> None:
    house = another(pending=True)
    done = house.export(tmp_path / "out", code=1)
    assert done["indication"] == "INDETERMINATE"
    assert done["counts"]["incluso-in-attesa"] == 2
    rows = [row for row in listed(tmp_path / "out") if not row["volume"]]
    assert all(row["percorso"].startswith("data/pending/messages/") for row in rows)
    done = house.export(tmp_path / "asice", "--format", "asice", code=1)
    assert (done["missing"], done["counts"]["non-ancora-sigillato"]) == (2, 2)


def test_damaged_messages_are_named_and_the_rest_leaves(another: Callable[..., House], tmp_path: Path) -> None:
    house = another()
    segment = next(house.small.store / name for name in house.small.files.kind(Kind.SEGMENT))
    with zipfile.ZipFile(segment) as archive:
        victim = next(info for info in archive.infolist() if info.file_size > 100)
        place = victim.header_offset + 30 + len(victim.filename) + 50
    spoiled = bytearray(segment.read_bytes())
    spoiled[place] ^= 1
    segment.chmod(0o644)
    segment.write_bytes(spoiled)
    done = house.export(tmp_path / "out", code=1)
    assert (done["indication"], done["missing"]) == ("FAILED", 1)
    missing = [row for row in listed(tmp_path / "out") if row["stato"] == "danneggiato"]
    assert [row["sha256"] for row in missing] == [victim.filename[9:-4]]
    assert missing[0]["motivo"]
    assert done["messages"] == sum(row["stato"] == "incluso" for row in listed(tmp_path / "out")) == 11


def test_an_unreadable_index_takes_only_its_own_volume(another: Callable[..., House], tmp_path: Path) -> None:
    house = another()
    name = layout.index(HOLDER, house.small.volumes[0])
    path = house.small.store / name
    path.chmod(0o644)
    path.write_bytes(b"spoiled")
    done = house.export(tmp_path / "out", code=1)
    rows = listed(tmp_path / "out")
    assert {row["stato"] for row in rows if row["volume"] == house.small.volumes[0]} == {"danneggiato"}
    assert {row["stato"] for row in rows if row["volume"] == house.small.volumes[1]} == {"incluso"}
    assert done["indication"] == "FAILED"


def test_the_register_knows_of_the_export_before_it_is_there(house: House, tmp_path: Path) -> None:
    house.export(tmp_path / "out", "--reason", "verifica ispettiva")
    told = json.loads((tmp_path / "out" / "consistenza.json").read_bytes())
    act = json.loads((house.small.store / layout.act(HOLDER, told["acts"][HOLDER])).read_bytes())
    assert act["reason"] == "verifica ispettiva"
    assert act["what"]["question"] == told["question_sha256"]
    assert "@" not in json.dumps(act["what"])
    assert MAILBOX not in json.dumps(act["what"].get("filters", []))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sample", "3"), "go together"),
        (("--part-size", "many"), "a size such as"),
        (("--since", "yesterday"), "a day such as"),
        (("--mailbox", "nobody"), "no mailbox is called"),
        (("--everything", "--mailbox", "x"), "no other condition"),
    ],
)
def test_a_question_that_is_none_says_the_way_out(
    house: House, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    assert words in house.export(tmp_path / "out", *options, code=2)["said"]


def test_evidence_as_asice_holds_one_dossier_and_is_not_written_over(house: House, tmp_path: Path) -> None:
    house.export(tmp_path / "all")
    accepted = next(row["sha256"] for row in listed(tmp_path / "all") if row["tipo"] == "accettazione")
    path = tmp_path / "fascicolo.asice"
    config = ["--config", str(house.small.folder / "archiver.toml")]
    command = [*config, "evidence", accepted, "--format", "asice", "-o", str(path), "--json"]
    done = CliRunner().invoke(main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output.splitlines()[-1])
    with zipfile.ZipFile(path) as container:
        there = {Path(name).stem for name in container.namelist() if name.endswith(".eml")}
    assert accepted in there
    assert len(there) == told["messages"] < len(messages(house))
    assert (told["indication"], verified(path, house)["indication"]) == ("PASSED", "PASSED")
    assert CliRunner().invoke(main, command, catch_exceptions=False).exit_code == 4

"""What an export tells is counted from all that was asked about, by whoever may see it, and can be done again."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.alike import alike
from support.archives import add_mailbox, folder_of
from support.commands import archiver, done
from support.exporting import House
from support.small import EVENING, HOUR, few, ingest
from support.users import give_role

from archiver import compose
from archiver.package import act


def figures(target: Path) -> dict[str, Any]:
    return dict(json.loads((target / "statistiche.json").read_bytes()))


def acts(house: House) -> list[act.Act]:
    """The register of all holders, by number."""
    files = house.small.store.glob("*/acts/*.json")
    return sorted((act.read(path.read_bytes()) for path in files), key=lambda one: one.number)


def config_of(house: House) -> Path:
    return house.small.folder / "archiver.toml"


def into(house: House, mailbox: str, mail: list[bytes]) -> None:
    """Messages into a mailbox of this name, which is made."""
    add_mailbox(config_of(house), mailbox, f"{mailbox}@pec.esempio-legale.it")
    source = folder_of(house.small.folder / f"mail-{mailbox}", *mail)
    at = EVENING + 2 * HOUR
    archive = compose.open_archive(config_of(house), environ={}, clock=lambda: at)
    assert compose.ingest(archive, (), source=source, target=mailbox, clock=lambda: at).new == len(mail)


# --- figures


def test_the_figures_count_the_first_and_the_last_sending_of_a_period(house: House, tmp_path: Path) -> None:
    house.export(tmp_path / "out")
    kinds = {row["kind"]: row["dossier"] for row in done("search", config=config_of(house))["results"]}
    shown = done("show", kinds["accettazione"], config=config_of(house))["messages"]
    begun = next(one for one in shown if one["kind"] == "accettazione")
    day = begun["date"][:10]
    house.export(tmp_path / "one", "--since", day, "--until", day, "--kind", "accettazione")
    counted = figures(tmp_path / "one")
    assert (counted["kinds"]["accettazione"][0], counted["sendings"]) == (1, 1)
    everything = figures(tmp_path / "out")
    assert everything["sendings"] == everything["kinds"]["accettazione"][0]


def test_a_sending_in_two_mailboxes_counts_for_each(another: Callable[..., House], tmp_path: Path) -> None:
    house, mail = another(), few("2026-02-10", seed=5)
    ingest(house.small.folder, mail, at=EVENING + HOUR)
    into(house, "abc", mail)
    found = {}
    for name in ("import", "abc"):
        house.export(tmp_path / name, "--mailbox", name, "--since", "2026-02-01", code=1)
        found[name] = figures(tmp_path / name)
    assert found["import"]["sendings"] == found["abc"]["sendings"] > 0
    assert found["import"]["outcomes"] == found["abc"]["outcomes"] != {}


def test_a_user_leaves_with_messages_and_figures_of_own_mailboxes_alone(
    another: Callable[..., House], tmp_path: Path
) -> None:
    house, mail = another(), few("2026-02-10", seed=5)
    receipts = [raw for raw in mail if b"avvenuta-consegna" in raw or b"errore-consegna" in raw]
    begun = [raw for raw in mail if raw not in receipts]
    assert receipts
    assert begun
    ingest(house.small.folder, receipts, at=EVENING + HOUR)
    into(house, "mia", begun)
    house.export(tmp_path / "all", "--mailbox", "mia", code=1)
    assert set(figures(tmp_path / "all")["outcomes"]) & {"delivered", "failed"}
    give_role(config_of(house), "utente", mailboxes=("mia",))
    assert house.export(tmp_path / "mine", code=1)["messages"] == len(begun)
    assert set(figures(tmp_path / "mine")["outcomes"]) <= {"pending", "late", "refused", "expired"}
    assert house.export(tmp_path / "others", "--mailbox", "import", code=2)["said"]


# --- what is asked


def test_the_whole_archive_is_asked_for_alone_and_every_condition_is_named(house: House, tmp_path: Path) -> None:
    conditions = {
        "--since": "2026-01-01",
        "--until": "2026-12-31",
        "--kind": "accettazione",
        "--format": "zip",
        "--part-size": "2GB",
        "--full": None,
        "--unsigned": None,
        "--jobs": "1",
        "--from": "x",
        "--dossier": "0000",
        "--mailbox": "import",
    }
    typed = [word for pair in conditions.items() for word in pair if word]
    said = house.export(tmp_path / "out", "--everything", *typed, "fattura", code=2)["said"]
    assert [name for name in (*conditions, "TEXT") if f"{name}" not in said.split("with it: ")[1]] == []
    assert not (tmp_path / "out").exists()
    for name, value in conditions.items():
        house.export(tmp_path / "out", "--everything", name, *([value] if value else []), code=2)


@pytest.mark.parametrize("verb", ["search", "export"])
def test_a_day_begins_and_ends_in_rome(another: Callable[..., House], tmp_path: Path, verb: str) -> None:
    house = another()
    moments = ["10 Feb 2026 22:59:59", "10 Feb 2026 23:00:00", "11 Feb 2026 22:59:59", "11 Feb 2026 23:00:00"]
    moments += ["28 Mar 2026 22:59:59", "28 Mar 2026 23:00:00", "29 Mar 2026 21:59:59", "29 Mar 2026 22:00:00"]
    mail = [f"From: a@x.example\r\nSubject: orlo {n}\r\nDate: {at} +0000\r\n\r\nx\r\n" for n, at in enumerate(moments)]
    into(house, "orli", [raw.encode() for raw in mail])
    for day, expected in (("2026-02-11", {1, 2}), ("2026-03-29", {5, 6})):
        options = ("--mailbox", "orli", "--since", day, "--until", day)
        if verb == "search":
            found = done("search", *options, config=config_of(house))["results"]
            assert {int(one["subject"][-1]) for one in found} == expected
        else:
            house.export(tmp_path / day, *options, "--format", "bag", code=1)
            left = {path.read_bytes().decode() for path in (tmp_path / day).rglob("*.eml")}
            assert left == {mail[number] for number in expected}


# --- a sample that anybody draws again


def test_whoever_has_the_population_draws_the_same_sample_by_hand(house: House, tmp_path: Path) -> None:
    seed = "estratto: il 22/11, è così"
    house.export(tmp_path / "all")
    house.export(tmp_path / "out", "--sample", "3", "--seed", seed)
    lines = (tmp_path / "all" / "consistenza.csv").read_text(encoding="utf-8").splitlines()[1:]
    population = sorted({line.split(",")[0].split(";")[0] for line in lines})
    assert (tmp_path / "out" / "popolazione.txt").read_text() == "".join(f"{one}\n" for one in population)
    wanted = sorted(population, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())[:3]
    left = (tmp_path / "out" / "consistenza.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert {line.split(",")[0].split(";")[0] for line in left} == set(wanted)


# --- accesses


def test_a_look_that_ends_in_an_error_is_in_the_register_too(another: Callable[..., House], tmp_path: Path) -> None:
    house = another()
    twins, name = alike()
    ingest(house.small.folder, twins, at=datetime(2026, 2, 21, tzinfo=UTC))
    config = config_of(house)
    sent = next(one for one in done("search", config=config)["results"] if one["kind"] == "accettazione")["dossier"]
    for command in (
        ("evidence", name, "--format", "asice", "-o", tmp_path / "a.asice"),
        ("evidence", name, "-o", tmp_path / "a.zip"),
        ("evidence", sent, "--recipient", "nessuno@pec.example", "-o", tmp_path / "b.zip"),
        ("evidence", hashlib.sha256(twins[0]).hexdigest(), "--format", "asice", "-o", tmp_path / "c.asice"),
        ("export", "--dossier", name, "-o", tmp_path / "d"),
        ("export", "nessunodiquesti", "-o", tmp_path / "e"),
    ):
        before = len(acts(house))
        outcome = archiver(*command, "--reason", "prova", config=config)
        assert outcome.code == 2, (command, outcome)
        assert [one.reason for one in acts(house)[before:]] == ["prova"], command


# --- cut and taken up again


def test_a_finished_export_leaves_nothing_of_its_making_and_goes_on_all_the_same(house: House, tmp_path: Path) -> None:
    target = tmp_path / "out"
    house.export(target, "--format", "asice")
    assert [path.name for path in target.iterdir() if path.name.startswith(".")] == []
    listed = (target / "consistenza.csv").read_bytes()
    assert house.export(target, "--format", "asice")["made"] == 0
    next(target.glob("*.asice")).unlink()
    assert house.export(target, "--format", "asice")["made"] == 1
    assert (target / "consistenza.csv").read_bytes() == listed
    (target / "consistenza.csv").write_bytes(listed.replace(b"incluso", b"perduto"))
    assert house.export(target, "--format", "asice")["made"] == 2
    assert (target / "consistenza.csv").read_bytes() == listed


def test_an_export_that_was_killed_goes_on_and_leaves_nothing_half_made(house: House, tmp_path: Path) -> None:
    whole, target = tmp_path / "whole", tmp_path / "out"
    house.export(whole, "--format", "asice")
    command = [sys.executable, "-m", "archiver", "--config", config_of(house), "export", "--format", "asice", "-o"]
    running = subprocess.Popen([*command, target], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None and not list(target.glob(".*.asice.*")):  # in the middle of the first part
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    (target / f".{next(whole.glob('*.asice')).name}.abcdefgh.part").write_bytes(b"half")
    assert not (target / "SHA256SUMS").exists()
    assert house.export(target, "--format", "asice")["indication"] == "PASSED"
    assert [path.name for path in target.iterdir() if path.name.startswith(".")] == []
    assert (target / "consistenza.csv").read_bytes() == (whole / "consistenza.csv").read_bytes()

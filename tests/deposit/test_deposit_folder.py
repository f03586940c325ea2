"""`archiver evidence --for`: a flat folder of genuine .eml and one PDF, the full exhibit beside it, named by digest."""

import hashlib
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from support import printed
from support.commands import archiver
from support.small import ORDINARY, few, make

from archiver.access.exhibit.courts import courts
from archiver.compose.deposit import deposit
from archiver.errors import Malformed

LARGE = ORDINARY + b"una riga di testo, e poi un'altra\r\n" * 300_000


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deposit") / "archive"
    mail = few("2026-02-01", seed=4, wanted={"inviato": 1, "accettazione": 1, "avvenuta-consegna": 2})
    make(folder, [*mail, LARGE])
    return folder


@pytest.fixture(scope="module")
def filing(archive: Path) -> str:
    """The digest of the message of a dossier with all its receipts."""
    for found in archiver("search", "--kind", "inviato", "--json", config=archive / "archiver.toml").json["results"]:
        return str(found["dossier"])
    raise AssertionError("the simulator wrote no message")


def made(archive: Path, *arguments: object) -> dict:
    found = archiver("evidence", *arguments, "--json", config=archive / "archiver.toml")
    assert found.code == 0, found.err
    return found.json


@pytest.mark.parametrize("court", ["pct", "ptt"])
def test_the_folder_is_flat_and_holds_the_genuine_messages_and_one_pdf(archive, filing, court, tmp_path):
    answer = made(archive, filing, "--for", court, "-o", tmp_path / "deposito")
    names = sorted(os.listdir(tmp_path / "deposito"))
    assert [name.split("_")[1] for name in names[:-1]] == ["inviato", "accettazione", "consegna"]
    assert names[-1] == "rapporto.pdf"
    for item in answer["deposit"]["files"]:
        octets = (tmp_path / "deposito" / item["name"]).read_bytes()
        assert hashlib.sha256(octets).hexdigest() == item["sha256"]
    with zipfile.ZipFile(tmp_path / "deposito.zip") as whole:
        dossier = json.loads(whole.read("deposito/data/dossier.json"))
    exhibited = {item["sha256"] for item in dossier["dossiers"][0]["messages"]}
    assert exhibited == {item["sha256"] for item in answer["deposit"]["files"]}


def test_the_pdf_announces_the_full_exhibit_by_its_digest_and_lists_the_files(archive, filing, tmp_path):
    answer = made(archive, filing, "--for", "pct", "-o", tmp_path / "deposito.zip")
    assert answer["path"] == str(tmp_path / "deposito.zip")
    shown = printed.text((tmp_path / "deposito" / "rapporto.pdf").read_bytes())
    assert hashlib.sha256((tmp_path / "deposito.zip").read_bytes()).hexdigest() in shown
    assert [
        item for item in answer["deposit"]["files"] if item["name"] not in shown or item["sha256"] not in shown
    ] == []
    assert "processo civile telematico" in shown


def test_the_pdf_for_a_court_is_sealed_and_holds_no_file(archive, filing, tmp_path):
    made(archive, filing, "--for", "pct", "-o", tmp_path / "deposito")
    pdf = (tmp_path / "deposito" / "rapporto.pdf").read_bytes()
    assert b"/ETSI.CAdES.detached" in pdf
    assert printed.attached(pdf) == {}


def test_unsigned_the_pdf_carries_no_seal(archive, filing, tmp_path):
    made(archive, filing, "--for", "pct", "-o", tmp_path / "deposito", "--unsigned")
    assert b"/ETSI.CAdES.detached" not in (tmp_path / "deposito" / "rapporto.pdf").read_bytes()


def test_a_folder_that_is_there_is_a_conflict_and_nothing_is_written(archive, filing, tmp_path):
    (tmp_path / "deposito").mkdir()
    found = archiver("evidence", filing, "--for", "pct", "-o", tmp_path / "deposito", config=archive / "archiver.toml")
    assert found.code == 4
    assert "is there already" in found.err
    assert sorted(os.listdir(tmp_path)) == ["deposito"]


def test_an_unknown_court_is_refused_with_those_that_are_known(archive, filing, tmp_path):
    found = archiver("evidence", filing, "--for", "pat", "-o", tmp_path / "x", config=archive / "archiver.toml")
    assert found.code == 2
    assert "pct, ptt" in found.err
    assert os.listdir(tmp_path) == []


def test_a_message_that_the_system_cannot_take_is_left_out_said_and_ends_with_1(archive, tmp_path):
    name = hashlib.sha256(LARGE).hexdigest()[:16]
    config = archive / "archiver.toml"
    found = archiver("evidence", name, "--for", "ptt", "-o", tmp_path / "deposito", "--json", config=config)
    assert found.code == 1
    assert found.json["deposit"]["left"] == 1
    assert os.listdir(tmp_path / "deposito") == ["rapporto.pdf"]
    assert "10000000" in found.err
    assert "10000000" in printed.text((tmp_path / "deposito" / "rapporto.pdf").read_bytes())


def test_a_deposit_that_does_not_fit_into_one_send_has_a_flat_folder_for_each(archive, filing, tmp_path):
    made(archive, filing, "-o", tmp_path / "fascicolo.zip")
    exhibit = tmp_path / "fascicolo.zip"
    with zipfile.ZipFile(exhibit) as whole:
        dossier = json.loads(whole.read("fascicolo/data/dossier.json"))
    tight = replace(courts()["pct"], files=2)
    filed = deposit(tmp_path / "deposito", exhibit, dossier, tight, seal=bytes)
    assert {name: len(os.listdir(tmp_path / "deposito" / name)) for name in os.listdir(tmp_path / "deposito")} == {
        "busta-1": 2,
        "busta-2": 2,
    }
    assert (filed.as_json()["sends"], filed.left) == (2, 0)


def test_an_exhibit_that_is_not_what_it_tells_is_refused_and_leaves_nothing(archive, filing, tmp_path):
    made(archive, filing, "-o", tmp_path / "fascicolo.zip")
    with zipfile.ZipFile(tmp_path / "fascicolo.zip") as whole:
        dossier = json.loads(whole.read("fascicolo/data/dossier.json"))
    dossier["dossiers"][0]["messages"][0]["sha256"] = "0" * 64
    with pytest.raises(Malformed, match="expected sha256:000"):
        deposit(tmp_path / "deposito", tmp_path / "fascicolo.zip", dossier, courts()["pct"], seal=bytes)
    assert os.listdir(tmp_path) == ["fascicolo.zip"]

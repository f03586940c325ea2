"""A person's data (GDPR 15): all their messages, on which basis and until when, and who looked at them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from support import printed
from support.commands import archiver, done
from support.users import give_role

from archiver import compose
from archiver.access.privacy import person
from archiver.access.privacy.person import concerned
from archiver.cli.door import now

VERDI = "mario.verdi@posta-ordinaria.example"


def access(config: Path, out: Path, *persons: str, reason: str = "istanza") -> dict[str, Any]:
    return done("privacy", "access", *persons, "-o", out, "--reason", reason, config=config)


def table(path: Path) -> list[dict[str, str]]:
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def digest(config: Path, subject: str) -> str:
    return str(next(hit for hit in done("search", config=config)["results"] if subject in hit["subject"])["dossier"])


FOUND = {
    "by address": ((VERDI,), {"=cmd": "mittente"}),
    "by name": (("Mario Verdi",), {"=cmd": "nome", "altro": "citato"}),
    "by codice fiscale": (("VRDMRA80A01H501Q",), {"=cmd": "codice"}),
    "by all of them": ((VERDI, "Mario Verdi", "VRDMRA80A01H501Q"), {"=cmd": "mittente", "altro": "citato"}),
}


@pytest.mark.parametrize("case", FOUND)
def test_every_message_of_a_person_is_found_with_the_part_that_it_has(config: Path, tmp_path: Path, case: str) -> None:
    persons, expected = FOUND[case]
    answer = access(config, tmp_path / "p", *persons)
    told = json.loads((tmp_path / "p" / "dati.json").read_bytes())
    rows = table(tmp_path / "p" / "messaggi.csv")
    assert answer["messages"] == len(rows) == len(told["messages"]) == len(expected)
    for start, role in expected.items():
        (row,) = [row for row in rows if row["subject"].lstrip("'").startswith(start)]
        assert role in row["roles"]


@pytest.mark.parametrize("page", [1, 2])
def test_a_person_of_many_messages_is_found_page_by_page(
    config: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    archive = compose.open_archive(config, environ={}, clock=now)
    everything = {item.row.sha256 for item in concerned(archive.catalog, ["studio@pec.esempio-legale.it"])}
    assert len(everything) > 4
    monkeypatch.setattr(person, "PAGE", page)
    assert {item.row.sha256 for item in concerned(archive.catalog, ["studio@pec.esempio-legale.it"])} == everything


def test_each_row_says_on_which_basis_and_until_when_it_is_kept(config: Path, tmp_path: Path) -> None:
    access(config, tmp_path / "p", VERDI)
    (row,) = table(tmp_path / "p" / "messaggi.csv")
    assert (row["class"], row["basis"], row["until"], row["restricted"]) == (
        "corrispondenza", "c.c. 2220; DPR 600/1973 art. 22", "2036-12-31", "0",
    )  # fmt: skip
    assert row["subject"].startswith("'="), "a formula is disarmed"


def test_whoever_looked_is_told_from_the_register(config: Path, tmp_path: Path) -> None:
    mine, other = digest(config, "=cmd"), digest(config, "altro")
    done("show", mine, "--reason", "controllo", config=config)
    done("show", other, "--reason", "estraneo", config=config)
    done("evidence", mine, "-o", tmp_path / "x.zip", "--reason", "causa 12", config=config)
    answer = access(config, tmp_path / "p", VERDI)
    rows = table(tmp_path / "p" / "accessi.csv")
    assert [(row["kind"], row["reason"], row["sha256"]) for row in rows] == [
        ("show", "controllo", mine),
        ("evidence", "causa 12", mine),
        ("person", "istanza", mine),
    ]
    assert answer["accesses"] == 3


def test_the_document_says_it_all_to_a_person(config: Path, tmp_path: Path) -> None:
    done("show", digest(config, "=cmd"), "--reason", "controllo", config=config)
    access(config, tmp_path / "p", VERDI)
    pdf = (tmp_path / "p" / "rapporto.pdf").read_bytes()
    text = printed.text(pdf)
    for said in (
        "Dati conservati di una persona", VERDI, "Studio Dimostrativo", "c.c. 2220", "31/12/2036",
        "questa macchina (IT)", "=cmd|' /C calc'!A0", "controllo", "art. 15", "Garante", "SENZA VALORE LEGALE",
    ):  # fmt: skip
        assert said in text, said
    assert printed.overflowing(pdf) == []


def test_the_folder_is_for_whoever_made_it_alone(config: Path, tmp_path: Path) -> None:
    access(config, tmp_path / "p", VERDI)
    assert (tmp_path / "p").stat().st_mode & 0o077 == 0
    files = sorted(path.name for path in (tmp_path / "p").iterdir())
    assert files == ["accessi.csv", "dati.json", "messaggi.csv", "rapporto.pdf"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "p").iterdir())


def test_the_act_has_the_digest_of_the_question_and_no_address(config: Path, tmp_path: Path) -> None:
    answer = access(config, tmp_path / "p", VERDI.upper(), reason="istanza n. 4")
    (act,) = done("log", "show", "--kind", "person", config=config)["acts"]
    assert act["id"] == answer["acts"][0]
    assert act["what"]["messages"] == [digest(config, "=cmd")]
    assert act["reason"] == "istanza n. 4"
    path = config.parent / "store" / act["name"]
    assert "verdi" not in path.read_text(encoding="utf-8").lower()
    again = access(config, tmp_path / "q", VERDI)
    (newest, _) = done("log", "show", "--kind", "person", config=config)["acts"]
    assert (newest["id"], newest["what"]["question"]) == (again["acts"][0], act["what"]["question"])


def test_what_is_restricted_is_in_it_and_marked(config: Path, tmp_path: Path) -> None:
    done("privacy", "restrict", digest(config, "=cmd"), "--reason", "opposizione", config=config)
    found = archiver("privacy", "access", VERDI, "-o", tmp_path / "p", "--json", config=config)
    assert (found.json["messages"], found.json["restricted"]) == (1, 1)
    assert "trattamento limitato" in found.err
    (row,) = table(tmp_path / "p" / "messaggi.csv")
    assert row["restricted"] == "1"


def test_nothing_found_is_said_registered_and_leaves_no_folder(config: Path, tmp_path: Path) -> None:
    found = archiver("privacy", "access", "nessuno@altrove.example", "-o", tmp_path / "p", config=config)
    assert (found.code, found.out) == (1, "")
    assert "nessun messaggio" in found.err
    assert not (tmp_path / "p").exists()
    (act,) = done("log", "show", "--kind", "person", config=config)["acts"]
    assert act["what"]["results"] == 0


def test_messages_whose_text_nobody_has_read_are_counted(config: Path, tmp_path: Path) -> None:
    archive = config.parent
    for path in archive.glob("catalog.db*"):
        path.unlink()
    done("catalog", "rebuild", "--jobs", "1", config=config)
    found = archiver("privacy", "access", "Mario Verdi", "-o", tmp_path / "p", "--json", config=config)
    assert (found.json["messages"], found.json["unread"]) == (1, 7)
    assert "catalog index" in found.err


@pytest.mark.parametrize("role", ["auditor", "utente", "operatore"])
def test_only_the_responsabile_may_ask(config: Path, tmp_path: Path, role: str) -> None:
    give_role(config, role, mailboxes=("import",) if role == "utente" else ())
    found = archiver("privacy", "access", VERDI, "-o", tmp_path / "p", config=config)
    assert (found.code, (tmp_path / "p").exists()) == (2, False)


def test_a_folder_that_is_there_is_left_alone(config: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    assert archiver("privacy", "access", VERDI, "-o", tmp_path / "p", config=config).code == 4
    assert archiver("privacy", "access", "...", "-o", tmp_path / "q", config=config).code == 2
    assert done("log", "show", "--kind", "person", config=config)["acts"] == []

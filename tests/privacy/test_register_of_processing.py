"""The register of processing (GDPR 30): an entry a mailbox, from the configuration, as a table or to be edited."""

import csv
import io
from pathlib import Path

import pytest
from docx import Document
from support.commands import archiver, done

MORE = """
[[tsa]]
id = "seconda"
kind = "http"
url = "https://tsa.example.it/tsa"
anchors = ["ca/ca.pem"]
user = "SEGRETO"
password = "env:SEGRETO"

[[store]]
id = "lontano"
kind = "s3"
endpoint = "https://s3.example.us"
region = "us"
bucket = "pec"
access_key = "env:SEGRETO"
secret_key = "env:SEGRETO"
lock = "governance"
country = "US"
operator = "Nuvola Inc."

[[mailbox]]
name = "ufficio"
id = "m-ufficio"
address = "ufficio@pec.esempio-legale.it"
class = "storico"
riservato = true
[mailbox.imap]
host = "imaps.pec.example.it"
password = "env:SEGRETO"

[retention.storico]
years = 9999
event = "nessuno"
basis = "archivio storico"
"""


@pytest.fixture
def rich(config: Path) -> Path:
    config.write_text(config.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    return config


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";"))


def test_each_mailbox_has_an_entry_with_what_article_30_asks(rich: Path, tmp_path: Path) -> None:
    answer = done("privacy", "register", "-o", tmp_path / "r.csv", config=rich)
    first, second = rows(tmp_path / "r.csv")
    assert answer["entries"] == 2
    assert all(value for row in (first, second) for value in row.values())
    assert "import" in first["trattamento"]
    assert "Studio Dimostrativo (senza valore legale) (01234567890)" in first["titolare"]
    assert "c.c. 2220" in first["base giuridica"]
    assert first["termine di cancellazione"].startswith("10 anni da: 31 dicembre")
    assert "permanente" in second["termine di cancellazione"]
    assert "Nuvola Inc. (US)" in second["destinatari"]
    assert "tsa.example.it" in second["destinatari"]
    assert "imaps.pec.example.it" in second["destinatari"]
    assert "imaps.pec.example.it" not in first["destinatari"]
    assert "casella riservata" in second["categorie di dati"]
    assert second["trasferimenti fuori UE"].startswith("lontano (US): [DA COMPLETARE")
    assert "object lock: lontano" in second["misure di sicurezza (art. 32)"]
    assert b"SEGRETO" not in (tmp_path / "r.csv").read_bytes()


def test_without_a_store_abroad_nothing_is_transferred(config: Path, tmp_path: Path) -> None:
    done("privacy", "register", "-o", tmp_path / "r.csv", config=config)
    assert rows(tmp_path / "r.csv")[0]["trasferimenti fuori UE"] == "nessuno"


def test_as_a_document_it_has_the_same_entries_and_its_places_are_counted(rich: Path, tmp_path: Path) -> None:
    answer = done("privacy", "register", "-o", tmp_path / "r.docx", config=rich)
    done("privacy", "register", "-o", tmp_path / "r.csv", config=rich)
    found = Document(str(tmp_path / "r.docx"))
    tables = [{row.cells[0].text: row.cells[1].text for row in table.rows} for table in found.tables]
    expected = [
        {name: value for name, value in row.items() if name != "trattamento"} for row in rows(tmp_path / "r.csv")
    ]
    assert tables == expected
    assert [item.text for item in found.paragraphs if item.style.name == "Heading 1"] == [
        row["trattamento"] for row in rows(tmp_path / "r.csv")
    ]
    assert len(answer["places"]) == sum(value.count("[DA COMPLETARE: ") for row in tables for value in row.values()) > 4
    assert "SENZA VALORE LEGALE" in found.sections[0].header.paragraphs[0].text


REFUSED = {"there.csv": (4, "is there already"), "r.pdf": (2, ".csv or .docx"), "none/r.csv": (2, "no folder")}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_is_refused(config: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "there.csv").write_bytes(b"mine")
    code, said = REFUSED[name]
    found = archiver("privacy", "register", "-o", tmp_path / name, config=config)
    assert (found.code, found.out) == (code, "")
    assert said in found.err

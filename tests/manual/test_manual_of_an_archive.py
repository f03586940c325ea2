"""The manual: twelve points, all that the archive knows, no secret, and every place that is left to a person."""

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from support.commands import archiver
from support.scarti import CARLA, Scarti
from support.scarti import past as past_estate
from support.small import ADDRESS

from archiver import compose
from archiver.access.manual import manual
from archiver.access.printing import MARK, canonical
from archiver.compose.manual_made import manual_told
from archiver.digest import sha256
from archiver.pec.readable.formats import TABLE
from archiver.verdict.arrived import PEC

AT = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
LETTERS = "abcdefghijkl"


def opened(config: Path) -> "compose.Archive":
    return compose.open_archive(config, environ={}, clock=lambda: AT, login="SEGRETO-LOGIN")


def made(config: Path, *, at: datetime = AT) -> Any:
    return manual(manual_told(opened(config), at))


def document(octets: bytes) -> Any:
    return Document(io.BytesIO(octets))


def runs(found: Any) -> list[Any]:
    cells = (cell for table in found.tables for row in table.rows for cell in row.cells)
    paragraphs = [*found.paragraphs, *(paragraph for cell in cells for paragraph in cell.paragraphs)]
    return [run for paragraph in paragraphs for run in paragraph.runs]


def text(found: Any) -> str:
    return " ".join(run.text for run in runs(found))


@pytest.fixture(scope="module")
def whole(rich: Path) -> Any:
    return document(made(rich).octets)


@pytest.fixture
def past(tmp_path: Path) -> Scarti:
    return past_estate(tmp_path / "a")


def test_it_has_the_twelve_points_in_order_each_with_its_reference(whole: Any) -> None:
    headings = [item.text for item in whole.paragraphs if item.style.name == "Heading 1"]
    points = [heading for heading in headings if re.match(r"[a-l]\) ", heading)]
    assert [heading[0] for heading in points] == list(LETTERS)
    notes = text(whole)
    assert [letter for letter in LETTERS if f"4.6, lettera {letter})" not in notes] == []
    assert headings[0] == "Che cosa è, e che cosa non è, questo sistema"
    assert headings[-1] == "Parti da completare"


def test_everything_that_is_configured_is_named(whole: Any) -> None:
    said = text(whole)
    for known in (
        "Studio Dimostrativo (senza valore legale)", "Carla Seconda", "SCNCRL80A41H501X", "visura seconda",
        "Maria Dimostrativa", "in carica", "Ugo Precedente", "31/12/2025", "Servizi S.p.A.", "contratto di servizio",
        "corrispondenza", "fiscale", "15 anni", "DPR 633/1972", "storico", "senza termine",
        "tsa-vecchia", "ritirata", "tsa-seconda.example.it", "ridondante", "sha3_512",
        "copia-nuvola", "Nuvola GmbH", "S3, s3.example.eu", "object lock, compliance, 60 giorni", "DE",
        "ufficio@pec.esempio-legale.it", "imaps.pec.example.it", "dopo 7 giorni", "dopo 1 mese", ADDRESS,
        "entro 77 giorni", "Manuale dimostrativo v. 1.0", "CAdES B-T", "5.000 messaggi", "1 GiB", "16 MiB",
        "Depositi fuori dall'Italia", "nulla vi si distrugge prima del termine", "sha512",
    ):  # fmt: skip
        assert known in said, known


def test_what_the_code_knows_is_taken_from_the_code(whole: Any) -> None:
    said = text(whole)
    assert [code for code in PEC if code not in said] == []
    assert [name for name in TABLE.rows if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said)] == []
    assert f"{TABLE.issued:%d/%m/%Y}" in said


def test_it_says_what_this_is_not(whole: Any) -> None:
    said = text(whole)
    for known in ("Non è un servizio fiduciario", "Non è un archivio elettronico qualificato", "fatture elettroniche"):
        assert known in said


def test_no_secret_and_no_correspondent_is_in_it(rich: Path, bare: Path) -> None:
    octets = made(rich).octets
    with zipfile.ZipFile(io.BytesIO(octets)) as file:
        everything = "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())
    assert "SEGRETO" not in everything
    assert b"SEGRETO" not in canonical(manual_told(opened(rich), AT)), "nor in what the reports attach"
    assert "/run/" not in everything
    assert "seal.key" not in everything
    addresses = set(re.findall(r"[\w.+-]+@[\w.-]+\.\w+", everything))
    assert addresses == {ADDRESS, "ufficio@pec.esempio-legale.it"}
    senders = {row.sender for row in opened(bare).catalog.find((), limit=50)}
    assert len(senders) > 2, "there were others to be named"


def test_marked_places_are_highlighted_counted_and_listed_at_the_end(rich: Path) -> None:
    done = made(rich)
    found = document(done.octets)
    marked = [run.text for run in runs(found) if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]
    assert len(marked) == len(done.places) > 15
    assert all(item.startswith("[DA COMPLETARE: ") for item in marked)
    assert text(found).count("[DA COMPLETARE: ") == len(marked), "none is left unmarked"
    listed = [[cell.text for cell in row.cells] for row in found.tables[-1].rows][1:]
    assert [row[2] for row in listed] == [place.wanted for place in done.places]
    assert {row[1][0] for row in listed if ")" in row[1][:2]} == set(LETTERS) - {"e"}


def test_what_the_archive_cannot_see_becomes_a_marked_place(bare: Path, tmp_path: Path) -> None:
    config = bare.parent / "hand.toml"
    text_ = bare.read_text(encoding="utf-8").replace("demo = true", "demo = false")
    config.write_text(text_.replace('kind = "local"', 'kind = "hand"\nanchors = ["ca/ca.pem"]', 1), encoding="utf-8")
    wanted = {place.wanted for place in made(config).places}
    assert {"soggetto del certificato di firma", "scadenza del certificato"} <= wanted


def test_a_demonstration_is_marked_in_the_header_of_every_page_and_another_is_not(bare: Path) -> None:
    found = document(made(bare).octets)
    assert [section.header.paragraphs[0].text for section in found.sections] == [MARK]
    told = {**manual_told(opened(bare), AT), "legal_value": True}
    other = document(manual(told).octets)
    assert [section.header.paragraphs[0].text for section in other.sections] == [""]
    assert MARK not in text(other)


def test_properties_contents_and_page_numbers_are_there(whole: Any, rich: Path) -> None:
    core = whole.core_properties
    assert (core.title, core.subject) == (
        "Manuale di conservazione della posta elettronica certificata",
        "Manuale dimostrativo v. 1.0",
    )
    assert (core.created, core.language) == (datetime(2026, 11, 22, tzinfo=UTC), "it-IT")
    body = whole.element.xml
    assert 'TOC \\o "1-2"' in body
    assert body.count('w:fldCharType="begin"') == body.count('w:fldCharType="end"') == 1
    footer = whole.sections[0].footer._element.xml
    assert " PAGE " in footer
    assert " NUMPAGES " in footer
    assert sha256(rich.read_bytes()) in text(whole)
    assert "22/11/2026" in text(whole)
    contents = [item.text for item in whole.paragraphs if item.style.name == "Normal"]
    assert "l) Normativa in vigore nei luoghi di conservazione" in contents


def test_the_same_archive_gives_the_same_bytes_on_one_day_and_others_on_the_next(rich: Path) -> None:
    first = made(rich).octets
    assert made(rich, at=AT + timedelta(hours=5)).octets == first
    assert made(rich, at=AT + timedelta(days=1)).octets != first
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        assert {item.date_time for item in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_hostile_names_are_text(bare: Path) -> None:
    told = manual_told(opened(bare), AT)
    hostile = "<w:br/> & \x00\x1f [DA COMPLETARE: x] \ud800"
    told["holders"] = [{**told["holders"][0], "name": hostile}]
    assert "<w:br/> & " in text(document(manual(told).octets))


def test_the_command_writes_a_new_file_and_tells_what_is_left(bare: Path, tmp_path: Path) -> None:
    found = archiver("manual", "-o", tmp_path / "m.docx", "--json", config=bare)
    assert found.code == 0
    assert len(found.json["places"]) == len(made(bare).places)
    assert (tmp_path / "m.docx").stat().st_mode & 0o077 == 0
    told = archiver("--lang", "en", "manual", "-o", tmp_path / "n.docx", config=bare)
    assert "it comes in Italian" in told.err
    assert "places to fill in" in told.out


REFUSED = {
    "something is there": ("there.docx", 4, "is there already"),
    "another ending": ("m.pdf", 2, "name of a new .docx"),
    "no folder": ("none/m.docx", 2, "no folder"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_written_is_refused(bare: Path, tmp_path: Path, case: str) -> None:
    name, code, said = REFUSED[case]
    (tmp_path / "there.docx").write_bytes(b"mine")
    found = archiver("manual", "-o", tmp_path / name, config=bare)
    assert (found.code, found.out) == (code, "")
    assert said in found.err
    assert (tmp_path / "there.docx").read_bytes() == b"mine"


def test_what_is_kept_longer_than_its_rule_and_what_is_held_stand_under_point_j(past: Scarti) -> None:
    old, _ = past.volumes
    archive = past.by(CARLA)
    assert "Termini allungati e blocchi" not in text(document(manual(manual_told(archive, past.at)).octets))
    compose.retention_extend(archive, until=date(2049, 5, 31), reason="accertamento", volume=old, clock=past.clock)
    past.hold(mailbox="import")
    told = manual_told(archive, past.at)
    assert [(row["ends"], row["volumes"], row["held"]) for row in told["lengthened"]] == [
        ("2027-12-31", 1, 1),
        ("2049-05-31", 1, 1),
    ]
    shown = text(document(manual(told).octets))
    assert "Termini allungati e blocchi" in shown
    assert "31/05/2049" in shown
    assert "accertamento" not in shown


def test_columns_are_as_wide_for_libreoffice_as_for_word(whole: Any) -> None:
    for table in whole.tables:
        assert [column.width for column in table.columns] == [cell.width for cell in table.rows[-1].cells]
    assert len({column.width for column in whole.tables[0].columns}) > 1

"""The yearly integrity report: eleven chapters, what it plainly is not, what happened within the year and no other."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from support import printed
from support.commands import archiver
from support.estates import DAY, HOUR, Estate

from archiver import compose
from archiver.access.printing import MARK, canonical
from archiver.access.reports import integrity
from archiver.compose.verifica_made import _new_year
from archiver.errors import ConfigError

CHAPTERS = {
    "it": (
        "1. Natura del rapporto",
        "2. Che cosa è conservato",
        "3. Politica di conservazione",
        "4. Algoritmi e loro scadenze",
        "5. Rinnovi dell'evidenza",
        "6. Integrità: che cosa è stato riletto",
        "7. Eventi dell'anno",
        "8. Disponibilità",
        "9. Incidenti",
        "10. Cambiamenti di prestatori, certificati, programma",
        "11. Rilievi e proposte",
    ),
    "en": ("1. What this report is", "5. Renewals of the evidence", "11. Findings and proposals"),
}
NOT = (
    "Conservazione in proprio da parte del titolare",
    "Non un archivio elettronico qualificato (eIDAS, art. 45 decies)",
    "Non la conservazione fiscale delle fatture elettroniche",
)


def made(estate: Estate, out: Path, **options: Any) -> "compose.Reported":
    archive = estate.open()
    return compose.report_integrity(archive, out, **{"year": 2026, "lang": "it", **options}, clock=archive.clock)


def test_it_has_its_chapters_in_order_and_says_what_it_is_not(estate: Estate, tmp_path: Path) -> None:
    done = made(estate, tmp_path / "i.pdf")
    pdf = (tmp_path / "i.pdf").read_bytes()
    for lang, titles in CHAPTERS.items():
        text = printed.text(integrity({**done.told, "lang": lang}))
        places = [text.find(title) for title in titles]
        assert -1 not in places
        assert places == sorted(places)
    text = printed.text(pdf)
    assert [said for said in NOT if said not in text] == []
    assert all(MARK in page for page in printed.pages(pdf))
    assert printed.overflowing(pdf) == []
    assert len(PdfFileReader(io.BytesIO(pdf)).embedded_signatures) == 1
    assert printed.attached(pdf) == {"integrity.json": canonical(done.told)}


def test_what_the_archive_knows_stands_in_it(estate: Estate, tmp_path: Path) -> None:
    text = printed.text(pdf(made(estate, tmp_path / "i.pdf")))
    for said in (
        "Rapporto di integrità 2026",
        "dal 01/01/2026",
        "corrispondenza",
        "ETSI TS 119 312",
        "rsassa_pkcs1v15 1900 bit 31/12/2028",
        "Nell'anno sono stati chiusi 1 volumi (PdA) con 6 messaggi.",
        "primary (primario)",
        "un altro",
        "Posta Certificata SIMULATORE",
        "Nessuno di cui il sistema sappia.",
    ):
        assert said in text, said


def test_what_happened_is_counted_in_its_year_alone(estate: Estate, tmp_path: Path) -> None:
    first = made(estate, tmp_path / "0.pdf")
    assert first.told["acts"] == {}, "the act of this report is written after it was told"
    estate.at += HOUR
    assert made(estate, tmp_path / "1.pdf").told["acts"] == {"integrity": 1}
    estate.at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert made(estate, tmp_path / "2.pdf").told["acts"] == {"integrity": 2}
    estate.at += HOUR
    following = made(estate, tmp_path / "3.pdf", year=2027)
    assert (following.told["sweeps"], following.told["closed"]) == ([], {"volumes": 0, "messages": 0})
    assert following.told["acts"] == {"integrity": 1}, "that of the report on 2026, made on 1 January 2027"
    assert following.told["totals"]["messages"] == 6, "what is held stays held"


def test_the_year_begins_in_rome() -> None:
    assert _new_year(2026) == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_incidents_are_told_and_a_store_that_is_down_does_not_answer(
    estate: Estate, tmp_path: Path, rotten: Any
) -> None:
    rotten()
    estate.sweep(everything=True)
    estate.at += HOUR
    estate.root("due").rename(estate.folder / "gone")
    estate.sweep()
    estate.at += HOUR
    done = made(estate, tmp_path / "i.pdf")
    text = printed.text(pdf(done))
    assert "danni aperti alla fine del controllo" in text
    assert done.told["answering"] == ["primary"]
    assert "due NO 1" in text


def test_renewals_ahead_are_forecast_for_a_year(estate: Estate, tmp_path: Path) -> None:
    assert made(estate, tmp_path / "0.pdf").told["steps"] == []
    due = datetime.fromisoformat(made(estate, tmp_path / "1.pdf").told["due"][0]["until"])
    estate.at = due - 200 * DAY
    done = made(estate, tmp_path / "2.pdf", year=estate.at.year, unsigned=True)
    assert [step["reason"] for step in done.told["steps"]] == ["certificate"]
    assert "certificato" in printed.text(pdf(done))


def test_a_year_that_has_not_begun_is_refused(estate: Estate, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"2031.*non è ancora cominciato"):
        made(estate, tmp_path / "i.pdf", year=2031)


def test_the_command_makes_it(estate: Estate, tmp_path: Path) -> None:
    found = archiver(
        "--lang", "en", "report", "integrity", "--year", "2026", "-o", tmp_path / "i.pdf", config=estate.config
    )
    assert found.code in (0, 1)
    assert "Integrity report 2026" in printed.text((tmp_path / "i.pdf").read_bytes())
    assert archiver("log", "show", "--kind", "integrity", "--json", config=estate.config).json["acts"] != []


def pdf(done: "compose.Reported") -> bytes:
    return done.path.read_bytes()

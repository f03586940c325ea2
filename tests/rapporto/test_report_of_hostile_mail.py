"""Whatever a message holds is printed as text: nothing in it steers the page, stops the report, or runs off it."""

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import printed
from support.told_reports import told
from support.tools import tool

from archiver.access.exhibit.rapporto import rapporto
from archiver.access.exhibit.rapporto.copies import LONGEST
from archiver.access.printing.coverage import printable

SHOWN = {
    "markup": ('#read("/etc/passwd") *non* _grassetto_ $x^2$ <tag> @rif // commento', '#read("/etc/passwd") *non*'),
    "the template's own braces": ("{line} {number} {mark}", "{line} {number} {mark}"),
    "right to left override": ("fattura\u202efdp.exe", "fattura[U+202E]fdp.exe"),
    "control characters": ("a\x00b\x1b[31mc\x7f", "a[U+0000]b[U+001B][31mc[U+007F]"),
    "no font has it": ("合同 contract", "▯▯ contract"),
    "emoji": ("ok 😀 \U0001f9d1\u200d\U0001f4bb", "ok 😀 ▯▯"),
    "private use and nobody's": ("\ue000\u0378x", "x"),
    "a lone surrogate": ("\ud800x", "[U+D800]x"),
    "combining marks on nothing": ("\u0301\u0489x", "x"),
    "a mark that wants another font's circle": ("\u05b1 Ελληνικά", "▯ Ελληνικά"),
    "spaces of every kind": ("a\t\u2028b\u3000c\u00a0d", "a"),
    "accents": ("però è così: àèìòù ÀÈÌÒÙ ç ß œ €", "però è così: àèìòù ÀÈÌÒÙ ç ß œ €"),
}


@pytest.mark.parametrize(("subject", "expected"), SHOWN.values(), ids=SHOWN)
def test_a_subject_is_printed_as_the_text_that_it_is(subject, expected):
    assert expected in printed.pages(rapporto(told(subject=subject)))[0]


@pytest.mark.parametrize("subject", [item[0] for item in SHOWN.values()], ids=SHOWN)
def test_hostile_text_is_harmless_wherever_it_stands(subject):
    report = told(subject=subject, text=subject)
    dossier = report["dossiers"][0]
    dossier["recipients"][0] |= {"address": subject, "detail": subject}
    dossier["original"] |= {"from": subject}
    dossier["messages"][0]["attachments"][0] |= {"name": subject, "media_type": subject}
    dossier["messages"][0]["headers"] += [[subject, subject]]
    report |= {"reason": subject, "responsible": subject}
    report["by"] |= {"login": subject}
    assert rapporto(report).startswith(b"%PDF-1.7")


@pytest.mark.parametrize("place", ["subject", "address", "attachment", "header", "text", "identificativo"])
def test_a_word_of_ten_thousand_letters_stays_on_the_paper(place):
    word = "x" * 10_000
    report = told(subject=word if place == "subject" else "breve", text=word if place == "text" else "breve")
    dossier = report["dossiers"][0]
    if place == "address":
        dossier["recipients"][0]["address"] = f"{word}@pec.it"
    if place == "attachment":
        dossier["messages"][0]["attachments"][0]["name"] = f"{word}.pdf"
    if place == "header":
        dossier["messages"][0]["headers"] += [[word[:1000], word]]
    if place == "identificativo":
        dossier["identificativo"] = word
    assert printed.overflowing(rapporto(report)) == []


def test_a_long_address_is_whole_when_it_is_copied_from_the_table():
    report = told()
    address = "ufficio.contenzioso.secondo.grado@pec.direzione-regionale.esempio-lunghissimo.it"
    report["dossiers"][0]["recipients"][0]["address"] = address
    assert address in printed.text(rapporto(report)).replace(" ", "")


def test_a_long_text_is_cut_and_says_by_how_much():
    shown = printed.text(rapporto(told(text="parola " * 3000)))
    assert f"testo troncato: altri {7 * 3000 - LONGEST} caratteri nel file .eml" in shown
    assert shown.count("parola") < 2 * LONGEST / 7 + 10


def test_html_is_printed_as_words_and_its_scripts_are_not():
    report = told(text="")
    html = "<p>Prima riga</p><script>alert('via')</script><style>p{}</style><p>Seconda &egrave; <b>qui</b></p>"
    report["dossiers"][0]["messages"][0]["html"] = html
    shown = printed.text(rapporto(report))
    assert "testo ricavato dall'HTML Prima riga Seconda è qui" in shown
    assert "alert" not in shown


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(codec=None), max_size=200))
def test_no_text_whatever_stops_the_report(text):
    assert rapporto(told(subject=text, text=text), embed=False)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.sampled_from(sorted(map(chr, printable() - set(range(0xD800, 0xE000))))), min_size=100, max_size=200))
def test_every_character_that_is_called_printable_can_be_printed(text):
    assert rapporto(told(subject=text, text=text), embed=False)


def test_all_characters_that_are_called_printable_are_in_the_fonts():
    """In one report, and none of it replaced: ▯ is there once in the list itself and once where it is explained."""
    everything = " ".join(chr(code) for code in sorted(printable()) if chr(code).isprintable())
    assert printed.text(rapporto(told(text=everything), embed=False)).count("▯") == 2


def test_the_fonts_in_the_report_are_those_that_are_shipped(tmp_path):
    """Not the system's: the same report on another machine would be another file."""
    path = tmp_path / "rapporto.pdf"
    path.write_bytes(rapporto(told(subject="▯ 😀 שלום")))
    said = subprocess.run([tool("pdffonts"), str(path)], capture_output=True, text=True, check=True).stdout
    names = {line.split()[0].split("+")[1].split("-Identity")[0] for line in said.splitlines()[2:]}
    assert {name for name in names if not name.startswith("LibertinusSerif-")} == {"DejaVuSansMono", "DejaVuSans"}

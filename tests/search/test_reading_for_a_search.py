"""What a search reads in a message: texts of every kind, in one another, numbers; and what it refuses."""

import base64
import io
import os
import signal
import time
import zipfile
from pathlib import Path

import pytest
import typst

from archiver.access.spreadsheet import cell, spreadsheet
from archiver.access.text import read_text
from archiver.access.text.markup import html_text, xml_text
from archiver.adapters.extract import PdfProcess
from archiver.pec import tax_code
from archiver.ports import Lack, PdfText
from archiver.submission.searched import INVOICE, PROTOCOL, TAX, TEXT, code, words

INVOICE_XML = """<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="FPA12" xmlns:p="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2">
<FatturaElettronicaHeader><DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>00743110157</IdCodice>
</IdTrasmittente><ProgressivoInvio>00a1Z</ProgressivoInvio></DatiTrasmissione><CedentePrestatore><DatiAnagrafici>
<IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>12345678903</IdCodice></IdFiscaleIVA><Anagrafica>
<Denominazione>Alfa Srl</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore></FatturaElettronicaHeader>
<FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento>
<Data>2026-03-02</Data><Numero>12/A</Numero></DatiGeneraliDocumento></DatiGenerali>
<Allegati><Attachment>%s</Attachment></Allegati></FatturaElettronicaBody></p:FatturaElettronica>
""" % ("QUJD" * 200)
SEGNATURE = {
    "2001": "<Segnatura><Intestazione><Identificatore><CodiceAmministrazione>c</CodiceAmministrazione><CodiceAOO>a"
            "</CodiceAOO><NumeroRegistrazione>0001234</NumeroRegistrazione><DataRegistrazione>2026-03-02"
            "</DataRegistrazione></Identificatore></Intestazione></Segnatura>",
    "2021": '<n:Segnatura xmlns:n="http://www.agid.gov.it/protocollo/"><n:Intestazione><n:Identificatore>'
            "<n:CodiceRegistro>r</n:CodiceRegistro><n:NumeroRegistrazione>1234</n:NumeroRegistrazione>"
            "<n:DataRegistrazione>2026-03-02</n:DataRegistrazione></n:Identificatore></n:Intestazione></n:Segnatura>",
}  # fmt: skip


class NoPdf:
    """Nobody opens PDFs here."""

    def read(self, octets: bytes, *, most: int) -> PdfText:
        return PdfText(lack=Lack.BROKEN)


def mail(*attached: tuple[str, bytes], body: str = "corpo") -> bytes:
    """A message with these attachments."""
    parts = [f"--M\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()]
    for name, octets in attached:
        head = (
            f'--M\r\nContent-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        )
        parts.append(head.encode() + base64.encodebytes(octets).replace(b"\n", b"\r\n"))
    return b"Content-Type: multipart/mixed; boundary=M\r\n\r\n" + b"".join(parts) + b"--M--\r\n"


def zipped(*members: tuple[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in members:
            archive.writestr(name, octets)
    return sink.getvalue()


READINGS: list[tuple[str, bytes, str]] = [
    ("a.txt", "perché sì".encode(), "perche si"),
    ("a.csv", b"uno;due", "uno due"),
    ("a.html", b"<p>uno</p><p>d<b>ue</b></p><script>no()</script><!-- no -->", "uno due"),
    ("a.eml", b"Subject: oggetto\r\n\r\ncorpo interno", "oggetto corpo interno"),
    ("a.zip", zipped(("b.txt", b"dentro"), ("c.exe", b"no")), "dentro"),
    ("a.docx", zipped(("word/document.xml", b"<w:t>testo</w:t><w:t>vero</w:t>"), ("no.txt", b"no")), "testo vero"),
    ("a.zip", zipped(("b.zip", zipped(("c.eml", mail(("d.txt", b"profondo"))),)),), "corpo profondo"),
    ("a.bin", b"\x7fELF no text", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "octets", "expected"), READINGS, ids=[f"{n}-{r[0]}" for n, r in enumerate(READINGS)])
def test_the_text_of_an_attachment_is_read_by_what_it_is(name: str, octets: bytes, expected: str) -> None:
    found = read_text(mail((name, octets), body="prima"), NoPdf())
    assert words(found.told.body) == f"prima {expected}".strip()
    assert found.told.files[0] == name
    assert not found.lacking


def test_an_invoice_is_found_by_its_numbers_its_parties_and_their_names() -> None:
    found = read_text(mail(("IT00743110157_00a1Z.xml", INVOICE_XML.encode())), NoPdf()).told
    expected = {code(INVOICE, "00a1Z"), code(INVOICE, "12/A"), code(INVOICE, "12/A") + "x2026"}
    assert set(found.codes) == expected | {code(TAX, "00743110157"), code(TAX, "12345678903")}
    assert "alfa srl" in words(found.body)
    assert "qujd" not in words(found.body)


@pytest.mark.parametrize("generation", SEGNATURE)
def test_a_protocol_number_is_found_in_every_generation_of_the_segnatura(generation: str) -> None:
    found = read_text(mail(("Segnatura.xml", SEGNATURE[generation].encode())), NoPdf()).told
    assert set(found.codes) == {PROTOCOL + "1234", PROTOCOL + "1234x2026"}


BOMBS = {
    "a zip of zeros": ("a.zip", zipped(("a.txt", b"0" * (60 << 20)))),
    "a zip of many": ("a.zip", zipped(*((f"{n}.txt", b"x") for n in range(3000)))),
    "tags without end": ("a.html", b"<div" * 500_000),
    "tags in tags": ("a.html", b"<div>" * 500_000),
    "comments without end": ("a.html", b"<!--" * 500_000),
    "scripts without end": ("a.html", b"<script" * 300_000),
    "entities": ("a.xml", b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'),
    "elements in elements": ("a.xml", b"<a>" * 300_000),
    "a broken zip": ("a.zip", b"PK\3\4" + b"\0" * 200),
    "a long word": ("a.txt", b"x" * 3_000_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_does_nothing(bomb: str) -> None:
    start = time.process_time()
    found = read_text(mail(BOMBS[bomb]), NoPdf())
    words(found.told.body)
    assert time.process_time() - start < 8
    assert len(found.told.body) <= TEXT


@pytest.mark.parametrize("letter", ["a", "à", "\u4e00", "\ud55c", "\ufdfa"], ids=ascii)
def test_text_is_cut_by_the_octets_of_what_is_searched(letter: str) -> None:
    found = read_text(mail(("a.txt", (f"{letter * 10} " * 40_000).encode())), NoPdf())
    assert found.lacking[Lack.BOUND] == 1
    assert TEXT - 100 < len(words(found.told.body).encode()) <= TEXT


def test_messages_in_messages_end_somewhere() -> None:
    whole = mail(("x.txt", b"fondo"))
    for _ in range(12):
        whole = mail(("a.eml", whole))
    found = read_text(whole, NoPdf())
    assert found.lacking[Lack.BOUND] == 1
    assert "fondo" not in found.told.body


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a<br>b", "a b"), ("<b>c</b>iao", "ciao"), ("caff&egrave; &amp; t&#232;", "caffè & tè"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ('<a title="x > y">z</a>', 'y">z'), ("<style>p{}</style>q", "q"), ("<head><title>t</title></head>q", "q"),
    ],
)  # fmt: skip
def test_a_page_is_read_as_it_is_seen(source: str, expected: str) -> None:
    assert html_text(source).split() == expected.split()


def test_xml_is_read_between_its_tags() -> None:
    assert xml_text(f"<a b='no'><c>uno</c><d><![CDATA[due]]></d>{'A' * 300}</a>").split() == ["uno", "due"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C.F. RSSMRA80A01H501U", ["RSSMRA80A01H501U"]), ("rssmra80a01h501u,", ["RSSMRA80A01H501U"]),
        ("RSSMRA80A01H501X", []),  ("P.IVA IT00743110157", ["00743110157"]), ("00743110157", ["00743110157"]),
        ("VAT: 00743110157 (Alfa)", ["00743110157"]),
        ("00743110158", []), ("tel 12345678901", []), ("00000000000", []), ("x00743110157", []),
        ("007431101570", []), ("IT00743110157_00001.xml", ["00743110157"]), ("RSSMRA80A01H50MT", []),
        ("RSSMRA80A01H5L1Z", []),
    ],
)  # fmt: skip
def test_a_tax_code_is_believed_by_its_check_character(text: str, expected: list[str]) -> None:
    assert list(tax_code.among([words(text)])) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("=1+1", "'=1+1"), (" @x", "' @x"), ("-1", "'-1"), ("＝x", "'＝x"), ("\tx", "'\tx"), ("a=1", "a=1"), ("", "")],
)
def test_no_cell_is_a_formula(text: str, expected: str) -> None:
    assert cell(text) == expected


def test_a_table_without_results_has_its_head_for_excel() -> None:
    assert spreadsheet([]).startswith(b"\xef\xbb\xbfdata;stato;")
    assert spreadsheet([], head=False) == b""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    source = tmp_path_factory.mktemp("pdf") / "a.typ"
    source.write_text("= Relazione\nIl perito Àlfa conclude.\n#pagebreak()\nSeconda pagina.", encoding="utf-8")
    return bytes(typst.compile(str(source)))


def test_a_pdf_is_read_in_another_process_which_lives_on(pdf: bytes) -> None:
    with PdfProcess() as process:
        found = read_text(mail(("a.pdf", pdf), ("b.pdf", pdf[:300]), ("c.pdf", pdf)), process)
        first = process.pid
        assert process.read(pdf, most=9) == PdfText("Relazione", Lack.BOUND)
        assert process.pid == first
    said = words(found.told.body)
    assert said.count("perito alfa conclude") == said.count("seconda pagina") == 2
    assert found.lacking == {Lack.BROKEN: 1}
    assert first is not None
    assert not Path(f"/proc/{first}").exists()


def test_a_process_that_dies_or_hangs_is_counted_and_replaced(pdf: bytes) -> None:
    with PdfProcess(patience=20) as process:
        process.read(pdf, most=100)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        assert process.read(pdf, most=100).lack is Lack.BROKEN
        assert "perito" in process.read(pdf, most=100).text
    with PdfProcess(patience=1) as process:
        process.read(b"%PDF-", most=1)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
        assert process.read(pdf, most=100).lack is Lack.LATE

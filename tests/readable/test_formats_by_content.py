"""Attachments are what their octets say; the table of formats has all that is recognised, and nothing else."""

import base64
import subprocess
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from support.file_shapes import (
    ODF,
    ODF_LOCKED,
    SEVEN_FILES,
    SEVEN_HEADER,
    SEVEN_PLAIN,
    SIGNED_PDF,
    START,
    TOKEN,
    TSA,
    UTF16,
    compound,
    enveloped,
    excel,
    invoice,
    locked,
    office,
    opendocument,
    pdf,
    pem,
    pfx,
    rar4,
    rar5,
    request,
    word,
    zipped,
)
from support.quick_tsa import DAY, integer, oid, tlv
from support.signed_files import split
from support.tools import ROOT, tool

from archiver.evidence.record import builder
from archiver.pec.readable.formats import SIGNED, TABLE, UNKNOWN
from archiver.pec.readable.identity import identify

ROOM = 1 << 20
MIME = b"Received: from x\r\nFrom: a@b\r\nSubject: x\r\n\r\nciao\r\n"
SAMPLES: tuple[tuple[str, str, bytes], ...] = (
    # documents
    ("PDF 1.4", "pdf-1.4", pdf("1.4")),
    ("PDF 2.0, stream of references", "pdf-2.0", pdf("2.0", stream=True)),
    ("PDF of a version that there is not", "pdf", pdf("9.9")),
    ("PDF after octets of something else", "pdf-1.7", b"\r\n\r\n" + pdf()),
    ("PDF/A", "pdfa", pdf(more=b"<pdfaid:part>2</pdfaid:part>\n")),
    ("a mention of encryption in a page", "pdf-1.7", pdf(more=b"(the key /Encrypt 1 0 R is not here)\n")),
    ("ODT", "odt", opendocument(ODF + "text")),
    ("template of an ODT", "odt", opendocument(ODF + "text-template")),
    ("ODS", "ods", opendocument(ODF + "spreadsheet")),
    ("ODP", "odp", opendocument(ODF + "presentation")),
    ("ODG", "odg", opendocument(ODF + "graphics")),
    ("ODF formula", "odf", opendocument(ODF + "formula")),
    ("DOCX", "docx", office("word")),
    ("XLSX", "xlsx", office("xl")),
    ("PPTX", "pptx", office("ppt")),
    ("VSDX", "vsdx", office("visio")),
    ("DOCX with macros", "docm", office("word", "word/vbaProject.bin")),
    ("XLSX with macros", "xlsm", office("xl", "xl/vbaProject.bin")),
    ("PPTX with macros", "pptm", office("ppt", "ppt/vbaProject.bin")),
    ("binary workbook", "xlsb", office("xl", "xl/workbook.bin")),
    ("DOC", "doc", word(encrypted=False)),
    ("DOC whose directory is elsewhere", "doc", compound([("a", b""), ("b", b""), ("c", b""), ("WordDocument", b"")])),
    ("XLS", "xls", excel(0x42)),
    ("XLS 95", "xls", excel(0x42, stream="Book")),
    ("PPT", "ppt", compound([("PowerPoint Document", b"")])),
    ("VSD", "vsd", compound([("VisioDocument", b"")])),
    ("PUB", "publisher", compound([("Quill", b"")])),
    ("MSG", "msg", compound([("__properties_version1.0", b"")])),
    ("some other compound file", "compound", compound([("Data", b"")])),
    ("RTF", "rtf", b"{\\rtf1\\ansi ciao}"),
    ("PostScript", "postscript", b"%!PS-Adobe-3.0\n"),
    ("EPS with a preview", "postscript", b"\xc5\xd0\xd3\xc6" + bytes(26)),
    ("WordPerfect", "wordperfect", b"\xffWPC\x10\0\0\0"),
    ("XPS", "xps", zipped({"[Content_Types].xml": b"", "FixedDocSeq.fdseq": b""})),
    ("EPUB", "epub", zipped({"mimetype": b"application/epub+zip"})),
    ("text", "text", b"perch\xc3\xa9\r\n\tno\r\n"),
    ("text in Windows-1252", "text", b"perch\xe9 \x80 100\r\n"),
    ("text in UTF-16", "text", UTF16),
    ("HTML", "html", b"\r\n<!DOCTYPE html>\n<p>"),
    ("a piece of HTML", "html", b"<!-- x -->\n<DIV>ciao</DIV>"),
    ("XHTML", "html", b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"></html>'),
    ("XML", "xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'),
    ("XML without a declaration", "xml", b"<a><b/></a>"),
    ("nothing", "empty", b""),
    # documents that a law describes
    ("FatturaPA", "fatturapa", invoice()),
    ("FatturaPA without a prefix", "fatturapa", b"\xef\xbb\xbf" + invoice("")),
    (
        "notice of the SdI",
        "sdi",
        b'<?xml version="1.0"?>\n<ns:RicevutaConsegna xmlns:ns="http://www.fatturapa.gov.it/sdi/messaggi/v1.0"/>',
    ),
    (
        "notice of the SdI since 2017",
        "sdi",
        b'<n:FileMetadati xmlns:n="http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fattura/messaggi/v1.0"/>',
    ),
    ("a receipt of somebody else", "xml", b'<?xml version="1.0"?><RicevutaConsegna xmlns="urn:x"/>'),
    (
        "segnatura",
        "segnatura",
        b'<?xml version="1.0"?><SegnaturaInformatica xmlns="http://www.agid.gov.it/protocollo/"/>',
    ),
    (
        "segnatura of 2001",
        "segnatura",
        b'<?xml version="1.0"?><!DOCTYPE Segnatura SYSTEM "s.dtd"><Segnatura></Segnatura>',
    ),
    ("daticert", "daticert", b'<?xml version="1.0"?>\n<postacert tipo="accettazione"></postacert>'),
    ("REM evidence", "rem-evidence", b'<?xml version="1.0"?><e:REMEvidence xmlns:e="x"/>'),
    # mail and calendars
    ("mail", "eml", MIME),
    ("mbox", "mbox", b"From a@b Mon Jan  1 00:00:00 2024\n" + MIME),
    ("lines with colons", "text", b"Spett.le: x\r\nOggetto: y\r\nNota: z\r\n"),
    ("PST", "pst", b"!BDN" + bytes(20)),
    ("winmail.dat", "tnef", b"\x78\x9f\x3e\x22\1\0"),
    ("calendar", "ical", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"),
    ("visiting card", "vcard", b"BEGIN:VCARD\r\nVERSION:3.0\r\n"),
    # signatures and timestamps
    ("a signed PDF", "pdf-1.7.p7m", SIGNED_PDF),
    ("a signed PDF in base64", "pdf-1.7.p7m", base64.encodebytes(SIGNED_PDF)),
    ("a signed PDF in PEM", "pdf-1.7.p7m", pem("PKCS7", SIGNED_PDF)),
    ("a signed FatturaPA", "fatturapa.p7m", split(invoice(), 100)),
    ("a signature around a signature: one level is opened", "p7m.p7m", split(SIGNED_PDF, 1000)),
    ("a signature around nothing known", "unknown.p7m", split(b"\1\2\3\4", 100)),
    ("a signature around nothing", "empty.p7m", split(b"", 100)),
    ("a signature cut short", "p7m", SIGNED_PDF[: len(SIGNED_PDF) // 2]),
    ("ASiC-E", "asice", zipped({"mimetype": b"application/vnd.etsi.asic-e+zip"})),
    ("ASiC-E without a mimetype", "asice", zipped({"META-INF/ASiCManifest.xml": b""})),
    ("ASiC-S", "asics", zipped({"mimetype": b"application/vnd.etsi.asic-s+zip"})),
    ("token", "tst", TOKEN),
    ("answer of a TSA", "tsr", tlv(0x30, tlv(0x30, integer(0)), TOKEN)),
    ("TimeStampedData", "tsd", tlv(0x30, oid("1.2.840.113549.1.9.16.1.31"), tlv(0xA0, tlv(0x30, integer(1))))),
    ("evidence record", "ers", builder.initial([b"x" * 64], (), TOKEN)),
    ("certificate", "certificate", TSA.der),
    ("certificate in PEM", "certificate", pem("CERTIFICATE", TSA.der)),
    ("CRL", "crl", TSA.ca.crl({77: (START, None)}, START + DAY)),
    ("request", "certificate-request", request()),
    (
        "signature beside a file",
        "p7s",
        tlv(
            0x30,
            oid("1.2.840.113549.1.7.2"),
            tlv(0xA0, tlv(0x30, integer(1), tlv(0x31), tlv(0x30, oid("1.2.840.113549.1.7.1")), tlv(0x31))),
        ),
    ),
    ("signature of PGP", "pgp-signature", b"-----BEGIN PGP SIGNATURE-----\n"),
    ("key of PGP", "pgp-key", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
    # images and drawings
    ("JPEG", "jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
    ("JPEG 2000", "jpeg2000", b"\0\0\0\x0cjP  \r\n\x87\n"),
    ("PNG", "png", b"\x89PNG\r\n\x1a\n"),
    ("GIF", "gif", b"GIF89a"),
    ("TIFF", "tiff", b"II*\0\x08\0\0\0"),
    ("BMP", "bmp", b"BM\x1a\0\0\0" + bytes(20)),
    ("WebP", "webp", b"RIFF\0\0\0\0WEBP"),
    ("SVG", "svg", b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'),
    ("HEIC", "heif", b"\0\0\0\x18ftypheic"),
    ("AVIF", "avif", b"\0\0\0\x18ftypavif"),
    ("icon", "ico", b"\0\0\1\0\1\0\x10\x10"),
    ("Photoshop", "psd", b"8BPS\0\1"),
    ("GIMP", "xcf", b"gimp xcf v011"),
    ("OpenEXR", "openexr", b"v/1\1\2\0\0\0"),
    ("PGM", "netpbm", b"P5\n# x\n16 16\n255\n\0"),
    ("DjVu", "djvu", b"AT&TFORM\0\0\0\0DJVU"),
    ("WMF", "wmf", b"\xd7\xcd\xc6\x9a\0\0"),
    ("EMF", "emf", b"\1\0\0\0" + bytes(36) + b" EMF"),
    ("DWG", "dwg", b"AC1032\0\0"),
    ("DICOM", "dicom", bytes(128) + b"DICM"),
    ("font", "font", b"OTTO\0\x0b"),
    # sound and moving pictures
    ("WAVE", "wav", b"RIFF\0\0\0\0WAVEfmt "),
    ("MP3 with a tag", "mp3", b"ID3\3\0"),
    ("MP3 without", "mp3", b"\xff\xfb\x90\x64" + bytes(100)),
    ("FLAC", "flac", b"fLaC\0\0\0\x22"),
    ("Ogg, Opus", "ogg", b"OggS\0\2"),
    ("AIFF", "aiff", b"FORM\0\0\0\0AIFF"),
    ("Sun audio", "au", b".snd\0\0\0\x18"),
    ("AMR", "amr", b"#!AMR\n"),
    ("MP4", "mp4", b"\0\0\0\x18ftypisom"),
    ("QuickTime", "quicktime", b"\0\0\0\x14ftypqt  "),
    ("Matroska", "matroska", b"\x1a\x45\xdf\xa3\1"),
    ("AVI", "avi", b"RIFF\0\0\0\0AVI LIST"),
    ("MPEG", "mpeg", b"\0\0\1\xba\x44"),
    ("WMV", "asf", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("Flash video", "flv", b"FLV\1\5"),
    # archives
    ("ZIP", "zip", zipped({"a.txt": b"a"})),
    ("ZIP without entries", "zip", zipped({})),
    ("ZIP cut short", "zip", zipped({"word/a": b"a" * 99})[:60]),
    ("JAR", "jar", zipped({"META-INF/MANIFEST.MF": b""})),
    ("tar", "tar", b"a.txt".ljust(257, b"\0") + b"ustar\x0000"),
    ("gzip", "gzip", b"\x1f\x8b\x08\0"),
    ("bzip2", "bzip2", b"BZh91AY&SY"),
    ("xz", "xz", b"\xfd7zXZ\0\0\4"),
    ("zstd", "zstd", b"\x28\xb5\x2f\xfd\4"),
    ("7z", "7z", SEVEN_PLAIN),
    ("RAR 4", "rar", rar4()),
    ("RAR 5", "rar", rar5()),
    ("cab", "cab", b"MSCF\0\0\0\0"),
    ("image of a disc", "iso", bytes(32769) + b"CD001"),
    # programs and databases
    ("Windows program", "program", b"MZ\x90\0"),
    ("Linux program", "program", b"\x7fELF\2"),
    ("shortcut", "lnk", b"L\0\0\0\1\x14\2\0"),
    ("SQLite", "sqlite", b"SQLite format 3\0"),
    ("Access", "access", b"\0\1\0\0Standard ACE DB\0"),
    ("CHM", "chm", b"ITSF\3\0\0\0"),
    # none of them
    ("random octets", "unknown", bytes(range(128, 256)) + bytes(range(32))),
    ("a single zero", "unknown", b"\0"),
    ("text with a zero in it", "unknown", b"ciao\0ciao"),
    ("begins like DER", "unknown", b"0\x82\xff\xff\0"),
    ("base64 of nothing that is known", "text", base64.encodebytes(b"0\x82\1\0" + bytes(256))),
)
LOCKED: tuple[tuple[str, str, bytes], ...] = (
    ("PDF", "pdf-1.7", pdf(encrypted=True)),
    ("PDF, stream of references", "pdf-1.7", pdf(encrypted=True, stream=True)),
    ("PDF with a revision", "pdf-1.7", pdf() + pdf(encrypted=True, stream=True, before=pdf())),
    ("PDF whose end points nowhere", "pdf-1.7", pdf(encrypted=True).replace(b"startxref", b"startxxxx")),
    ("ZIP", "zip", locked(zipped({"a.txt": b"a"}))),
    ("ODT", "odt", ODF_LOCKED),
    (
        "ODT as LibreOffice 24 writes it",
        "odt",
        zipped({"mimetype": (ODF + "text").encode(), "encrypted-package": b"x"}),
    ),
    ("DOCX, XLSX or PPTX", "ooxml", compound([("EncryptionInfo", b""), ("EncryptedPackage", b"")])),
    ("DOC", "doc", word(encrypted=True)),
    ("XLS", "xls", excel(0x86, 0x2F)),
    ("PPT", "ppt", compound([("PowerPoint Document", b""), ("EncryptedSummary", b"")])),
    ("7z, its files", "7z", SEVEN_FILES),
    ("7z, its header too", "7z", SEVEN_HEADER),
    ("RAR 4, headers", "rar", rar4(headers=True)),
    ("RAR 4, a file", "rar", rar4(file=True)),
    ("RAR 5, headers", "rar", rar5(headers=True)),
    ("RAR 5, a file", "rar", rar5(file=True)),
    ("S/MIME", "cms-enveloped", enveloped()),
    ("PGP", "pgp", b"-----BEGIN PGP MESSAGE-----\n"),
    ("keys", "pkcs12", pfx()),
    ("a signature around an encrypted PDF", "pdf-1.7.p7m", split(pdf(encrypted=True), 1000)),
)


@pytest.mark.parametrize(("octets", "name"), [pytest.param(row[2], row[1], id=row[0]) for row in SAMPLES])
def test_an_attachment_is_what_its_octets_say(octets: bytes, name: str):
    found = identify(octets, room=ROOM)
    assert (found.format, found.encrypted) == (name, False)


@pytest.mark.parametrize(("octets", "name"), [pytest.param(row[2], row[1], id=row[0]) for row in LOCKED])
def test_what_only_a_secret_opens_is_encrypted(octets: bytes, name: str):
    found = identify(octets, room=ROOM)
    assert (found.format, found.encrypted) == (name, True)


def test_every_row_of_the_table_is_a_format_that_is_recognised_and_the_other_way_round():
    met = {name.removesuffix(SIGNED).partition("-1.")[0].removesuffix("-2.0") for _, name, _ in (*SAMPLES, *LOCKED)}
    assert met - {UNKNOWN} == set(TABLE.rows)


def test_the_table_in_schemas_is_the_one_that_is_used():
    used = files("archiver.pec.readable").joinpath("formats.toml").read_bytes()
    assert (ROOT / "schemas" / "formats.toml").read_bytes() == used
    assert TABLE.issued == tomllib.loads(used.decode())["issued"]
    assert "Allegato 2" in TABLE.source


@pytest.mark.parametrize("name", ["pdf", "pdf-1.4", "pdf-1.7.p7m", "docx.p7m"])
def test_versions_and_signatures_leave_the_class_as_it_is(name: str):
    assert TABLE.readability(name) == "readable"


@pytest.mark.parametrize("octets", [pytest.param(row[2], id=row[0]) for row in (*SAMPLES, *LOCKED)])
def test_files_cut_anywhere_are_identified_without_an_error(octets: bytes):
    for size in range(0, len(octets), max(1, len(octets) // 60)):
        assert identify(octets[:size], room=0).format


def test_what_openssl_signs_and_encrypts_is_recognised(tmp_path: Path):
    openssl = tool("openssl")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "a.pdf").write_bytes(pdf())
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "k.pem", "-out", "c.pem")
    signing = ("cms", "-sign", "-binary", "-in", "a.pdf", "-signer", "c.pem", "-inkey", "k.pem", "-out")
    run(*signing, "a.p7m", "-nodetach", "-outform", "DER")
    run(*signing, "b.p7m", "-nodetach", "-outform", "PEM")
    run(*signing, "c.p7m", "-nodetach", "-outform", "DER", "-stream")
    run(*signing, "a.p7s", "-outform", "DER")
    run("cms", "-encrypt", "-binary", "-in", "a.pdf", "-aes256", "-outform", "DER", "-out", "e.p7m", "c.pem")
    found = {path.name: identify(path.read_bytes(), room=ROOM) for path in tmp_path.glob("*.p7?")}
    assert {name: item.format for name, item in found.items()} == {
        "a.p7m": "pdf-1.7.p7m",
        "b.p7m": "pdf-1.7.p7m",
        "c.p7m": "pdf-1.7.p7m",
        "a.p7s": "p7s",
        "e.p7m": "cms-enveloped",
    }
    assert found["e.p7m"].encrypted

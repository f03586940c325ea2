"""Links: what ties a message to others without making it a part of them."""

from pathlib import Path

import pytest
from support.pec_provider import NOW, Provider

from archiver.pec import message
from archiver.pec.message import Message
from archiver.pec.providers import Providers

DEPOSIT = "opec21010.20261103101500.00001.1.1.1@pec.esempio.it"


def read(raw: bytes, providers: Providers | None = None) -> Message:
    return message.read(raw, own=frozenset(), providers=providers or Providers(), proof=NOW)


def mail(*attachments: tuple[str, bytes]) -> bytes:
    parts = [
        b'--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="'
        + name.encode()
        + b'"\r\n\r\n'
        + content
        + b"\r\n"
        for name, content in attachments
    ]
    return b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"".join(parts) + b"--b--\r\n"


def answer(identifier: str) -> bytes:
    return (
        "<!DOCTYPE EsitoAtto SYSTEM 'http://schemi.invalid/EsitoAtto.dtd'><EsitoAtto>"
        f"<IdMsgPdA><Anno/><IdMsg>{identifier}</IdMsg></IdMsgPdA></EsitoAtto>"
    ).encode()


def notice(number: str, name: str, prefix: str = "ns3:") -> bytes:
    space = 'xmlns:ns3="http://ivaservizi.example/v1.0"'
    return (
        f"<{prefix}RicevutaConsegna {space}><IdentificativoSdI> {number}\n</IdentificativoSdI>"
        f"<NomeFile>{name}</NomeFile></{prefix}RicevutaConsegna>"
    ).encode()


INVOICE = "invoice:IT01234567890_00001"
CASES = [
    ("a court's answer", ("EsitoAtto.xml", answer(DEPOSIT)), (f"filing:{DEPOSIT}",)),
    ("escaped brackets", ("esitoatto.XML", answer(f"&lt;{DEPOSIT}&gt;")), (f"filing:{DEPOSIT}",)),
    ("brackets in CDATA", ("EsitoAtto.xml", answer(f"<![CDATA[ <{DEPOSIT}> ]]>")), (f"filing:{DEPOSIT}",)),
    ("a namespace", ("EsitoAtto.xml", b'<e:E xmlns:e="u"><e:IdMsg>a@b</e:IdMsg></e:E>'), ("filing:a@b",)),
    ("an exception", ("Eccezione.xml", b"<eccezione><IdMsgSMTP>a@b</IdMsgSMTP></eccezione>"), ("filing:a@b",)),
    ("no identifier", ("EsitoAtto.xml", answer("")), ()),
    ("an identifier that is none", ("EsitoAtto.xml", answer("DEPOSITO di a@b")), ()),
    ("a broken answer", ("EsitoAtto.xml", answer(DEPOSIT)[:-5]), ()),
    ("another name", ("Esito.xml", answer(DEPOSIT)), ()),
    ("an invoice", ("IT01234567890_00001.xml", b"<x/>"), (INVOICE,)),
    ("a signed invoice", ("IT01234567890_00001.XML.p7m", b"0\x80"), (INVOICE,)),
    ("a lot of invoices", ("IT01234567890_00001.zip", b"PK"), (INVOICE,)),
    ("a person's invoice", ("ITRSSMRA80A01H501U_aB3x9.xml", b""), ("invoice:ITRSSMRA80A01H501U_aB3x9",)),
    ("no invoice: no digits", ("REPORT_1.xml", b""), ()),
    ("no invoice: a PDF", ("IT01234567890_00001.pdf", b""), ()),
    ("no invoice: too long", ("IT01234567890_000001.xml", b""), ()),
    ("a notice", ("IT01234567890_00001_RC_001.xml", notice("71", "IT01234567890_00001.xml")), (INVOICE, "sdi:71")),
    ("a notice whose content names the file otherwise", ("IT01234567890_00001_MC_1.xml", notice("7", "IT01_2.zip")),
     (INVOICE, "sdi:7", "invoice:IT01_2")),
    ("a notice that cannot be read", ("IT01234567890_00001_NS_001.xml", b"<a"), (INVOICE,)),
    ("a notice with a number that is none", ("IT01234567890_00001_MT_001.xml", notice("x7", "y")), (INVOICE,)),
    ("an archive of the SdI", ("IT01234567890_00001_AT_001.zip", b"PK"), (INVOICE,)),
    ("a notice of no known kind", ("IT01234567890_00001_XX_001.xml", notice("71", "IT01_2.xml")), ()),
]  # fmt: skip


@pytest.mark.parametrize(("attachment", "links"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_an_attachment_says_what_a_message_is_related_to(attachment: tuple[str, bytes], links: tuple[str, ...]) -> None:
    assert read(mail(("altro.pdf", b"%PDF"), attachment)).links == links


def test_links_come_once_each_and_so_many_at_most() -> None:
    twice = mail(("IT01_1.xml", b""), ("IT01_1.xml.p7m", b""), ("IT01_2.xml", b""))
    assert read(twice).links == ("invoice:IT01_1", "invoice:IT01_2")
    assert len(read(mail(*((f"IT01_{number}.xml", b"") for number in range(300)))).links) == 100


def test_links_of_a_pec_are_read_in_its_original_and_not_beside_it(provider: Provider) -> None:
    original = b'Content-Type: message/rfc822; name="postacert.eml"\r\n\r\n' + mail(("EsitoAtto.xml", answer("a@b")))
    beside = b'Content-Type: application/xml; name="EsitoAtto.xml"\r\n\r\n' + answer("c@d")
    content = (
        b'Content-Type: multipart/mixed; boundary="in"\r\n\r\n--in\r\n' + original + b"\r\n--in\r\n" + beside
        + b"\r\n--in--\r\n"
    )  # fmt: skip
    raw = provider.sign(content, b"X-Trasporto: posta-certificata\r\n")
    assert read(raw, provider.trust).links == ("filing:a@b",)


def test_entities_are_not_expanded_and_what_is_too_long_is_not_read() -> None:
    bomb = b'<!DOCTYPE E [<!ENTITY a "x@y">]><E><IdMsg>&a;</IdMsg></E>'
    assert read(mail(("EsitoAtto.xml", bomb))).links == ()
    long = b"<E><IdMsg>a@b</IdMsg>" + b" " * (1 << 20) + b"</E>"
    assert read(mail(("EsitoAtto.xml", long))).links == ()


def test_genuine_notices_of_the_sdi_are_linked(corpus: Path) -> None:
    expected = {
        "52f670d4": (),
        "6c919939": ("invoice:IT03339130126_00009",),
        "b7ff4b0d": ("invoice:IT02652600210_00007", "sdi:7339338"),
        "25881e3f": ("invoice:IT14627831002_02621", "sdi:141107829"),
    }
    for name, links in expected.items():
        path = next((corpus / "pec/oca").glob(f"*{name}*"))
        assert read(path.read_bytes()).links == links

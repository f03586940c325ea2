"""The sender's protocol, in each form that is in use."""

import pytest

from archiver.pec import segnatura
from archiver.pec.segnatura import Segnatura

AGID = b"""<?xml version="1.0"?><p:SegnaturaInformatica xmlns:p="http://www.agid.gov.it/protocollo/"><p:Intestazione>
<p:Identificatore><p:CodiceAmministrazione>c_a944</p:CodiceAmministrazione><p:CodiceAOO>AOO1</p:CodiceAOO>
<p:CodiceRegistro>PG</p:CodiceRegistro><p:NumeroRegistrazione>0000123</p:NumeroRegistrazione>
<p:DataRegistrazione>2026-03-02</p:DataRegistrazione></p:Identificatore></p:Intestazione></p:SegnaturaInformatica>"""
AIPA = b"""<?xml version="1.0"?><!DOCTYPE Segnatura SYSTEM "Segnatura.dtd"><Segnatura><Intestazione><Identificatore>
<CodiceAmministrazione>m_pi</CodiceAmministrazione><CodiceAOO>X</CodiceAOO>
<NumeroRegistrazione>42</NumeroRegistrazione><DataRegistrazione>2003-05-06</DataRegistrazione></Identificatore>
</Intestazione></Segnatura>"""


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (AGID, Segnatura("c_a944", "AOO1", "PG", "0000123", "2026-03-02")),
        (AIPA, Segnatura("m_pi", "X", "", "42", "2003-05-06")),
        (b"<Segnatura/>", None),
        (b"<Identificatore><NumeroRegistrazione/></Identificatore>", None),
        (b"not xml", None),
        (b"", None),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><Identificatore>&x;</Identificatore></a>', None),
    ],
)
def test_a_segnatura_is_read_in_every_form_and_nothing_else_is(xml: bytes, expected: Segnatura | None) -> None:
    assert segnatura.read(xml) == expected


def test_the_segnatura_is_found_among_the_attachments() -> None:
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nciao\r\n--b\r\n'
        b'Content-Type: application/xml; name="Segnatura.xml"\r\nContent-Disposition: attachment\r\n\r\n'
        + AGID.replace(b"\n", b"\r\n")
        + b"\r\n--b--\r\n"
    )
    found = segnatura.find(raw)
    assert found is not None
    assert str(found) == "amministrazione c_a944, AOO AOO1, registro PG, numero 0000123, data 2026-03-02"

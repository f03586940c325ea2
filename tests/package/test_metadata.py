from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from package_samples import AT, GOLDEN, digests, sha

from archiver.digest import Sha256
from archiver.errors import Malformed
from archiver.package.metadata import builder, reader
from archiver.package.metadata.values import (
    DOCUMENT_TYPES,
    PAI,
    PF,
    PG,
    Aggregazione,
    Document,
    ModalitaDiFormazione,
    Registration,
    TipoAggregazione,
    TipologiaDiFlusso,
    Verifica,
)

Validate = Callable[[str, bytes], None]
FASCICOLO = Aggregazione(TipoAggregazione.FASCICOLO, "2026/12")
COMUNE = PAI("Comune di Esempio", "c_x000", "Protocollo generale", "A1B2C3", ("protocollo@pec.example.it",))
DOCUMENT = Document(
    sha256=sha("message"),
    identifier=f"urn:pec-archiver:message:{sha('message')}",
    formation=ModalitaDiFormazione.ACQUISIZIONE,
    document_type=DOCUMENT_TYPES["posta-certificata"],
    flow=TipologiaDiFlusso.ENTRATA,
    date=datetime(2026, 11, 3, 10, 15, tzinfo=timezone(timedelta(hours=1))),
    number="opec21010.20261103101500.00001.1.1.1@pec.example.it",
    subject="POSTA CERTIFICATA: Ordine <42> & \x00 altro \ud800",
    sender=PG("Fornitore S.p.A.", addresses=("fornitore@pec.example.com",), deduced=True),
    recipients=(PF("Rossi", "Mario", "RSSMRA80A01H501U", ("mario@pec.example.it",)), PG("Studio", "01234567890")),
    software="pec-archiver 0.1.0",
    check=Verifica(sealed=True),
    years=10,
    keywords=("PEC", "ordine"),
    attachments=2,
    aggregations=(Aggregazione(TipoAggregazione.SERIE_DOCUMENTALE, "info:2026"),),
)
PROTOCOL = Registration("0000123", AT, "AOO_1", "I.2.3", "Affari generali", FASCICOLO, COMUNE)
CASES = {
    "received": DOCUMENT,
    "bare": replace(DOCUMENT, sender=None, recipients=(), keywords=(), aggregations=(), subject="", number=""),
    "sent": replace(DOCUMENT, formation=ModalitaDiFormazione.CREAZIONE, flow=TipologiaDiFlusso.USCITA, sender=COMUNE),
    "for ever": replace(DOCUMENT, years=9999),
    "very long": replace(DOCUMENT, years=5000, attachments=100_000),
    "odd offset": replace(DOCUMENT, date=DOCUMENT.date.astimezone(timezone(timedelta(hours=-5, seconds=7)))),
    "far offset": replace(DOCUMENT, date=DOCUMENT.date.astimezone(timezone(timedelta(hours=20)))),
    "codes of another shape": replace(
        DOCUMENT, sender=PF("Rossi", "Mario", "rssmra"), recipients=(PG("X", "RSSMRA80A01H501U"),)
    ),
    "protocol": replace(DOCUMENT, registration=PROTOCOL),
    "protocol without registrar": replace(DOCUMENT, registration=replace(PROTOCOL, registrar=None), years=9999),
}


@pytest.mark.parametrize("document", CASES.values(), ids=CASES.keys())
def test_every_document_is_valid_against_agids_schema_and_ours(
    document: Document, published: Validate, own: Validate
) -> None:
    xml = builder.build(document)
    administrative = document.registration is not None
    own(f"documento-{'amministrativo-' if administrative else ''}informatico.xsd", xml)
    published(f"agid-metadati/Documento{'Amministrativo' if administrative else ''}Informatico.xsd", xml)
    assert reader.read(xml) == reader.About(document.sha256, document.identifier, administrative)


@given(digests, st.text(), st.text(), st.datetimes(datetime(2, 1, 1), timezones=st.timezones()), st.integers(1, 9999))
def test_no_text_from_outside_can_break_the_document(
    own: Validate, digest: Sha256, text: str, name: str, date: datetime, years: int
) -> None:
    sender = PG(name, name, name, (name,), deduced=True)
    document = replace(
        DOCUMENT, sha256=digest, subject=text, number=text, sender=sender, date=date, years=years, note=text
    )
    xml = builder.build(document)
    own("documento-informatico.xsd", xml)
    assert reader.read(xml).sha256 == digest
    assert builder.build(document) == xml


def test_the_document_is_written_and_read_as_it_ever_was() -> None:
    golden = (GOLDEN / "documento-informatico.xml").read_bytes()
    assert builder.build(DOCUMENT) == golden
    assert reader.read(golden).sha256 == DOCUMENT.sha256


def value(document: Document, path: str) -> str | None:
    return etree.fromstring(builder.build(document)).findtext(path)


def test_the_time_keeps_the_offset_that_was_stated() -> None:
    assert value(DOCUMENT, ".//DataDocumento") == "2026-11-03"
    assert value(DOCUMENT, ".//OraDocumento") == "10:15:00+01:00"
    assert value(CASES["far offset"], ".//OraDocumento") == "09:15:00+00:00"


def test_for_ever_is_said_in_the_note_and_not_in_a_number_that_some_schemas_refuse() -> None:
    assert value(CASES["for ever"], "TempoDiConservazione") is None
    assert "permanente" in str(value(CASES["for ever"], "Note"))
    assert "5000 anni" in str(value(CASES["very long"], "Note"))
    assert value(replace(DOCUMENT, years=4999), "TempoDiConservazione") == "4999"


def test_attachments_beyond_the_schema_are_capped_and_counted_in_the_note() -> None:
    assert value(CASES["very long"], ".//NumeroAllegati") == "4999"
    assert "; Allegati: 100000" in str(value(CASES["very long"], "Note"))


def test_a_code_of_the_wrong_shape_is_left_out() -> None:
    assert value(CASES["codes of another shape"], ".//CodiceFiscale") is None
    assert value(CASES["codes of another shape"], ".//CodiceFiscale_PartitaIva") is None
    assert value(DOCUMENT, ".//CodiceFiscale") == "RSSMRA80A01H501U"
    assert value(DOCUMENT, ".//CodiceFiscale_PartitaIva") == "01234567890"


def test_a_deduced_name_is_confessed_in_the_note() -> None:
    assert value(DOCUMENT, "Note") == "Denominazione dedotta dall'indirizzo: Fornitore S.p.A."


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert value(DOCUMENT, ".//Oggetto") == "POSTA CERTIFICATA: Ordine <42> & \ufffd altro \ufffd"


@pytest.mark.parametrize(
    "change",
    [
        {"keywords": ("a", "b", "c", "d", "e", "f")},
        {"document_type": "Messaggio"},
        {"years": 0},
        {"attachments": -1},
        {"date": datetime(2026, 1, 1)},
        {"sha256": "A" * 64},
    ],
    ids=str,
)
def test_a_document_that_no_schema_takes_is_not_built(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(DOCUMENT, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"number": "12"}, {"register": "a b"}, {"index": ""}], ids=str)
def test_a_registration_out_of_shape_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        replace(PROTOCOL, **change)  # type: ignore[arg-type]


GOOD = builder.build(DOCUMENT)
IMPRINT = b64encode(bytes.fromhex(DOCUMENT.sha256))


@pytest.mark.parametrize(
    "xml",
    [
        GOOD.replace(IMPRINT, DOCUMENT.sha256.encode()),
        GOOD.replace(IMPRINT, b"?"),
        GOOD.replace(b">SHA-256<", b">SHA-512<"),
        GOOD.replace(b"DocumentoInformatico>", b"Documento>"),
        GOOD.replace(b"?>", b"?><!DOCTYPE DocumentoInformatico [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", 1),
        GOOD[:-10],
        b"",
    ],
    ids=["hexadecimal", "not base64", "other algorithm", "other root", "doctype", "cut", "empty"],
)
def test_a_document_about_nothing_is_refused(xml: bytes) -> None:
    with pytest.raises(Malformed):
        reader.read(xml)

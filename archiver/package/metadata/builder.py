"""Writes the metadata document of one message (Allegato 5), valid against every copy of the schema.

Two limits differ between the copies in use. A retention beyond 4999 years (9999 is for ever) is left out of
TempoDiConservazione and said in Note; more than 4999 attachments are written as 4999, and Note says how many.
"""

import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta

from archiver.package.agents import PERMANENT
from archiver.package.markup import Markup, boolean
from archiver.package.metadata.values import (
    LONGEST_YEARS,
    MOST_ATTACHMENTS,
    PAI,
    PF,
    PG,
    Aggregazione,
    Document,
    Party,
    Registration,
)

_CF = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")
_CF_PIVA = re.compile(r"[0-9]{11}")
_WIDEST_OFFSET = timedelta(hours=14)


def build(document: Document) -> bytes:
    """A DocumentoAmministrativoInformatico when there is an own registration, else a DocumentoInformatico; UTF-8."""
    xml = Markup()
    registration = document.registration
    administrative = "Amministrativo" if registration else ""
    with xml.element(f"Documento{administrative}Informatico"):
        _identity(xml, document)
        _registration(xml, document)
        _parties(xml, document)
        _description(xml, document)
        if registration:
            with xml.element("Classificazione"):
                xml.leaf("IndiceDiClassificazione", registration.index)
                xml.leaf("Descrizione", registration.description)
        _state(xml, document)
        _end(xml, document)
    return xml.bytes()


def _identity(xml: Markup, document: Document) -> None:
    with xml.element("IdDoc"):
        with xml.element("ImprontaCrittograficaDelDocumento"):
            xml.leaf("Impronta", b64encode(bytes.fromhex(document.sha256)).decode())
            xml.leaf("Algoritmo", "SHA-256")
        xml.leaf("Identificativo", document.identifier)
    xml.leaf("ModalitaDiFormazione", document.formation)
    xml.leaf("TipologiaDocumentale", document.document_type)


def _registration(xml: Markup, document: Document) -> None:
    with xml.element("DatiDiRegistrazione"):
        xml.leaf("TipologiaDiFlusso", document.flow)
        with xml.element("TipoRegistro"):
            if document.registration:
                _protocol(xml, document.registration)
            else:
                _no_register(xml, document)


def _protocol(xml: Markup, registration: Registration) -> None:
    day, time = _day_and_time(registration.date)
    with xml.element("ProtocolloOrdinario_ProtocolloEmergenza"):
        xml.leaf("TipoRegistro", r"ProtocolloOrdinario\ProtocolloEmergenza")
        xml.leaf("DataProtocollazioneDocumento", day)
        xml.leaf("OraProtocollazioneDocumento", time)
        xml.leaf("NumeroProtocolloDocumento", registration.number)
        xml.leaf("CodiceRegistro", registration.register)


def _no_register(xml: Markup, document: Document) -> None:
    day, time = _day_and_time(document.date)
    with xml.element("Nessuno"):
        xml.leaf("TipoRegistro", "Nessuno")
        xml.leaf("DataDocumento", day)
        xml.leaf("OraDocumento", time)
        xml.leaf("NumeroDocumento", document.number)


def _day_and_time(at: datetime) -> tuple[str, str]:
    """xs:date and xs:time with the offset that was stated; an offset that xs:time cannot hold becomes UTC."""
    offset = at.utcoffset() or timedelta()
    if abs(offset) > _WIDEST_OFFSET or offset % timedelta(minutes=1):
        at = at.astimezone(UTC)
    return at.date().isoformat(), at.timetz().isoformat("seconds")


def _parties(xml: Markup, document: Document) -> None:
    registrar = document.registration.registrar if document.registration else None
    with xml.element("Soggetti"):
        if registrar:
            role = "Amministrazione Che Effettua La Registrazione"
            _role(xml, "AmministrazioneCheEffettuaLaRegistrazione", role, registrar)
        if document.sender:
            _role(xml, "Mittente", "Mittente", document.sender)
        for party in document.recipients:
            _role(xml, "Destinatario", "Destinatario", party)
        with xml.element("Ruolo"), xml.element("Produttore"):
            xml.leaf("TipoRuolo", "Produttore")
            with xml.element("SW"):
                xml.leaf("DenominazioneSistema", document.software)


def _role(xml: Markup, element: str, role: str, party: Party) -> None:
    with xml.element("Ruolo"), xml.element(element):
        xml.leaf("TipoRuolo", role)
        with xml.element(type(party).__name__):
            _names(xml, party)
            for address in party.addresses:
                xml.leaf("IndirizziDigitaliDiRiferimento", address)


def _names(xml: Markup, party: Party) -> None:
    match party:
        case PF():
            xml.leaf("Cognome", party.last_name)
            xml.leaf("Nome", party.first_name)
            _code(xml, "CodiceFiscale", party.code, _CF)
        case PG():
            xml.leaf("DenominazioneOrganizzazione", party.name)
            _code(xml, "CodiceFiscale_PartitaIva", party.code, _CF_PIVA)
            if party.office:
                xml.leaf("DenominazioneUfficio", party.office)
        case PAI():
            _ipa(xml, "IPAAmm", party.name, party.code)
            _ipa(xml, "IPAAOO", party.aoo_name, party.aoo_code)


def _code(xml: Markup, tag: str, code: str, pattern: re.Pattern[str]) -> None:
    if pattern.fullmatch(code):
        xml.leaf(tag, code)


def _ipa(xml: Markup, tag: str, name: str, code: str) -> None:
    with xml.element(tag):
        xml.leaf("Denominazione", name)
        xml.leaf("CodiceIPA", code)


def _description(xml: Markup, document: Document) -> None:
    with xml.element("ChiaveDescrittiva"):
        xml.leaf("Oggetto", document.subject)
        for keyword in document.keywords:
            xml.leaf("ParoleChiave", keyword)
    with xml.element("Allegati"):
        xml.leaf("NumeroAllegati", str(min(document.attachments, MOST_ATTACHMENTS)))


def _state(xml: Markup, document: Document) -> None:
    check = document.check
    xml.leaf("Riservato", boolean(document.reserved))
    with xml.element("IdentificativoDelFormato"):
        xml.leaf("Formato", "message/rfc822")
    with xml.element("Verifica"):
        xml.leaf("FirmatoDigitalmente", boolean(check.signed))
        xml.leaf("SigillatoElettronicamente", boolean(check.sealed))
        xml.leaf("MarcaturaTemporale", boolean(check.stamped))
        xml.leaf("ConformitaCopieImmagineSuSupportoInformatico", boolean(check.certified_copy))
    with xml.element("Agg"):
        for aggregation in _aggregations(document):
            with xml.element("TipoAgg"):
                xml.leaf("TipoAggregazione", aggregation.kind)
                xml.leaf("IdAggregazione", aggregation.id)


def _aggregations(document: Document) -> tuple[Aggregazione, ...]:
    own = (document.registration.aggregation,) if document.registration else ()
    return tuple(dict.fromkeys(own + document.aggregations))


def _end(xml: Markup, document: Document) -> None:
    xml.leaf("NomeDelDocumento", f"{document.sha256}.eml")
    xml.leaf("VersioneDelDocumento", "1")
    if document.years <= LONGEST_YEARS:
        xml.leaf("TempoDiConservazione", str(document.years))
    if note := _note(document):
        xml.leaf("Note", note)


def _note(document: Document) -> str:
    parts = [document.note] if document.note else []
    parties = (document.sender, *document.recipients)
    if deduced := dict.fromkeys(party.name for party in parties if isinstance(party, PG) and party.deduced):
        parts.append(f"Denominazione dedotta dall'indirizzo: {', '.join(deduced)}")
    if document.years > LONGEST_YEARS:
        term = "permanente" if document.years == PERMANENT else f"{document.years} anni"
        parts.append(f"Tempo di conservazione: {term}")
    if document.attachments > MOST_ATTACHMENTS:
        parts.append(f"Allegati: {document.attachments}")
    return "; ".join(parts)

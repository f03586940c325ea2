"""Writes a rapporto di versamento (AgID guidelines 4.7 d): `schemas/rdv-1.xsd`."""

import hashlib
from collections.abc import Iterable

from archiver.package.agents import Agent, AgentType
from archiver.package.markup import Markup, instant
from archiver.package.rdv.values import FORMAT, NAMESPACE, Item, Rdv, Segment


def build(rdv: Rdv) -> bytes:
    """The rapporto as UTF-8 XML, the same bytes for the same values; its time is in UTC, its digests cover the PdV.

    ImprontaPdV is the digest of the list that `sha256sum` (or `sha512sum`) prints for the accepted messages in their
    order: `<digest>  messages/<sha256>.eml` and a line feed each.
    """
    xml = Markup()
    with xml.element("RapportoDiVersamento", {"xmlns": NAMESPACE, "formato": FORMAT}):
        _head(xml, rdv)
        _source(xml, rdv)
        xml.leaf("ImprontaPdV", "", _imprint(rdv.accepted))
        for segment in rdv.segments:
            xml.leaf("Segmento", "", _segment(segment))
        for volume in rdv.volumes:
            xml.leaf("VolumeChiuso", "", {"id": volume.id, "sha256": volume.sha256})
        for item in rdv.items:
            _item(xml, item)
    return xml.bytes()


def _head(xml: Markup, rdv: Rdv) -> None:
    xml.leaf("Identificativo", rdv.id)
    if rdv.previous:
        xml.leaf("Precedente", rdv.previous.id, {"sha256": rdv.previous.sha256})
    xml.leaf("Istante", instant(rdv.at))
    with xml.element("Sistema"):
        xml.leaf("Nome", rdv.system.name)
        xml.leaf("Versione", rdv.system.version)
        xml.leaf("Manuale", rdv.system.manual)
    _agent(xml, "Titolare", rdv.holder, {"id": rdv.holder_id})
    _agent(xml, "Produttore", rdv.producer, {})


def _agent(xml: Markup, tag: str, agent: Agent, attributes: dict[str, str]) -> None:
    with xml.element(tag, {**attributes, "tipo": agent.kind}):
        if agent.kind is AgentType.NATURAL_PERSON:
            xml.leaf("Nome", agent.first_name)
            xml.leaf("Cognome", agent.last_name)
        else:
            xml.leaf("Denominazione", agent.formal_name)
        for code in agent.ids:
            xml.leaf("Codice", code)
        for document in agent.relevant_documents:
            xml.leaf("DocumentoRilevante", document)


def _source(xml: Markup, rdv: Rdv) -> None:
    xml.leaf("Casella", rdv.address, {"id": rdv.mailbox})
    xml.leaf("Provenienza", "", {"tipo": rdv.provenance})
    for folder in rdv.folders:
        xml.leaf("Cartella", folder)
    with xml.element("Cursore"):
        xml.leaf("Prima", rdv.before)
        xml.leaf("Dopo", rdv.after)


def _imprint(accepted: Iterable[Item]) -> dict[str, str]:
    first, second = hashlib.sha256(), hashlib.sha512()
    for item in accepted:
        first.update(f"{item.sha256}  messages/{item.sha256}.eml\n".encode())
        second.update(f"{item.sha512}  messages/{item.sha256}.eml\n".encode())
    return {"sha256": first.hexdigest(), "sha512": second.hexdigest()}


def _segment(segment: Segment) -> dict[str, str]:
    return {
        "sha256": segment.sha256,
        "dimensione": str(segment.size),
        "messaggi": str(segment.messages),
        "primo": segment.first,
        "ultimo": segment.last,
        "classe": segment.retention.name,
        "anno": str(segment.year),
        "anni": str(segment.retention.years),
        "evento": segment.retention.event,
        "base": segment.retention.basis,
    }


def _item(xml: Markup, item: Item) -> None:
    with xml.element("Oggetto", _facts(item)):
        xml.leaf("Origine", item.origin)
        if item.folder:
            xml.leaf("Cartella", item.folder)
        if item.received:
            xml.leaf("Ricevuto", instant(item.received))
        xml.leaf("Formato", item.format)
        xml.leaf("Virus", "", {"esito": item.virus})
        if item.signature:
            xml.leaf("Firma", "", _signature(item))
        for remark in item.remarks:
            with xml.element("Rilievo", {"codice": remark.code}):
                for name, value in remark.values:
                    xml.leaf("Valore", value, {"nome": name})


def _facts(item: Item) -> dict[str, str]:
    facts = {
        "esito": item.outcome,
        "sha256": item.sha256,
        "sha512": item.sha512,
        "dimensione": str(item.size),
        "tipo": item.kind,
        "data": instant(item.date) if item.date else None,
        "segmento": item.segment,
    }
    return {name: value for name, value in facts.items() if value}


def _signature(item: Item) -> dict[str, str]:
    signature = item.signature
    assert signature is not None
    return {
        "integrita": signature.integrity,
        "origine": signature.origin,
        "tempo": signature.time,
        "algoritmo": signature.algorithm,
    }

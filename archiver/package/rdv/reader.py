"""Reads a rapporto di versamento strictly: what `schemas/rdv-1.xsd` says, and what no schema can say."""

import hashlib
from datetime import datetime

from archiver.digest import Sha256, Sha512
from archiver.errors import Malformed
from archiver.package import document, rules
from archiver.package.agents import Agent, AgentType, Retention
from archiver.package.document import Node
from archiver.package.rdv.values import (
    FORMAT,
    NAMESPACE,
    ClosedVolume,
    Esito,
    Item,
    Previous,
    Provenienza,
    Rdv,
    Remark,
    Segment,
    Signature,
    System,
)


def read(xml: bytes) -> Rdv:
    """The rapporto that these bytes say. Raises Malformed, naming what.

    Beyond the schema: ImprontaPdV is computed again from the accepted objects, and every segment must hold exactly
    those that name it.
    """
    try:
        return _read(document.root(xml, "RapportoDiVersamento", namespace=NAMESPACE))
    except ValueError as error:
        raise Malformed(f"rapporto di versamento: {error}") from error


def _read(root: Node) -> Rdv:
    root.fixed("formato", FORMAT)
    id_, previous = root.take("Identificativo").text(), _previous(root)
    at = rules.instant(root.take("Istante").text())
    system = _system(root.take("Sistema"))
    titolare = root.take("Titolare")
    holder_id, holder = titolare.attribute("id"), _agent(titolare)
    producer = _agent(root.take("Produttore"))
    casella = root.take("Casella")
    mailbox, address = casella.attribute("id"), casella.text()
    provenance = Provenienza(_only(root.take("Provenienza"), "tipo"))
    folders = tuple(folder.text() for folder in root.each("Cartella"))
    before, after = _cursor(root.take("Cursore"))
    imprint = _imprint(root.take("ImprontaPdV"))
    segments = tuple(_segment(node) for node in root.each("Segmento"))
    volumes = tuple(_closed(node) for node in root.each("VolumeChiuso"))
    items = tuple(_item(node) for node in root.each("Oggetto"))
    root.end()
    rdv = Rdv(
        id=id_,
        previous=previous,
        at=at,
        system=system,
        holder_id=holder_id,
        holder=holder,
        producer=producer,
        mailbox=mailbox,
        address=address,
        provenance=provenance,
        folders=folders,
        before=before,
        after=after,
        segments=segments,
        items=items,
        volumes=volumes,
    )
    _check_imprint(imprint, rdv.accepted)
    return rdv


def _previous(root: Node) -> Previous | None:
    node = root.maybe("Precedente")
    if node is None:
        return None
    digest = rules.sha256(node.attribute("sha256"))
    return Previous(node.text(), digest)


def _system(node: Node) -> System:
    system = System(node.take("Nome").text(), node.take("Versione").text(), node.take("Manuale").text())
    node.end()
    return system


def _agent(node: Node) -> Agent:
    kind = AgentType(node.attribute("tipo"))
    natural = kind is AgentType.NATURAL_PERSON
    first, last = (node.take("Nome").text(), node.take("Cognome").text()) if natural else ("", "")
    formal = "" if natural else node.take("Denominazione").text()
    ids = tuple(code.text() for code in node.each("Codice"))
    documents = tuple(item.text() for item in node.each("DocumentoRilevante"))
    node.end()
    return Agent(kind, documents, ids, formal, first, last)


def _cursor(node: Node) -> tuple[str, str]:
    cursors = node.take("Prima").text(), node.take("Dopo").text()
    node.end()
    return cursors


def _only(node: Node, attribute: str) -> str:
    """The one attribute of an element that has nothing else."""
    value = node.attribute(attribute)
    node.end()
    return value


def _imprint(node: Node) -> tuple[Sha256, Sha512]:
    imprint = rules.sha256(node.attribute("sha256")), rules.sha512(node.attribute("sha512"))
    node.end()
    return imprint


def _segment(node: Node) -> Segment:
    years = rules.number(node.attribute("anni"))
    retention = Retention(node.attribute("classe"), years, node.attribute("evento"), node.attribute("base"))
    segment = Segment(
        rules.sha256(node.attribute("sha256")),
        rules.number(node.attribute("dimensione")),
        rules.number(node.attribute("messaggi")),
        rules.sha256(node.attribute("primo")),
        rules.sha256(node.attribute("ultimo")),
        retention,
        rules.number(node.attribute("anno")),
    )
    node.end()
    return segment


def _closed(node: Node) -> ClosedVolume:
    closed = ClosedVolume(node.attribute("id"), rules.sha256(node.attribute("sha256")))
    node.end()
    return closed


def _item(node: Node) -> Item:
    facts = {name: node.optional(name) for name in ("sha256", "sha512", "tipo", "data", "segmento")}
    sha256, sha512, segment = facts["sha256"], facts["sha512"], facts["segmento"]
    outcome, size = Esito(node.attribute("esito")), rules.number(node.attribute("dimensione"))
    origin, folder, received = node.take("Origine").text(), node.maybe("Cartella"), node.maybe("Ricevuto")
    item = Item(
        outcome,
        None if sha256 is None else rules.sha256(sha256),
        None if sha512 is None else rules.sha512(sha512),
        size,
        facts["tipo"] or "",
        None if facts["data"] is None else rules.instant(facts["data"]),
        None if segment is None else rules.sha256(segment),
        origin,
        "" if folder is None else folder.text(),
        _received(received),
        node.take("Formato").text(),
        _only(node.take("Virus"), "esito"),
        _signature(node),
        tuple(_remark(remark) for remark in node.each("Rilievo")),
    )
    node.end()
    return item


def _received(node: Node | None) -> datetime | None:
    return None if node is None else rules.instant(node.text())


def _signature(item: Node) -> Signature | None:
    node = item.maybe("Firma")
    if node is None:
        return None
    answers = [node.attribute(name) for name in ("integrita", "origine", "tempo", "algoritmo")]
    node.end()
    return Signature(*answers)


def _remark(node: Node) -> Remark:
    code = node.attribute("codice")
    values = tuple((value.attribute("nome"), value.text()) for value in node.each("Valore"))
    node.end()
    return Remark(code, values)


def _check_imprint(stated: tuple[Sha256, Sha512], accepted: tuple[Item, ...]) -> None:
    first = "".join(f"{item.sha256}  messages/{item.sha256}.eml\n" for item in accepted)
    second = "".join(f"{item.sha512}  messages/{item.sha256}.eml\n" for item in accepted)
    found = hashlib.sha256(first.encode()).hexdigest(), hashlib.sha512(second.encode()).hexdigest()
    if stated != found:
        raise ValueError(f"ImprontaPdV: expected {found[0]} and {found[1]}, found {stated[0]} and {stated[1]}")
